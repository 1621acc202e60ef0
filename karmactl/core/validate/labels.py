"""What Kubernetes asks of label keys, label values and annotations; one sentence for each fault.

Source: k8s.io/apimachinery/pkg/util/validation (IsQualifiedName, IsValidLabelValue), pkg/api/validation
(ValidateAnnotations).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from karmactl.core.model.manifest import JSONValue, as_str

__all__ = ["annotation_faults", "label_faults", "label_key_faults"]

_NAME: Final = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_SUBDOMAIN: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_NAME_LENGTH: Final = 63
_SUBDOMAIN_LENGTH: Final = 253
_ANNOTATIONS_SIZE: Final = 256 * 1024


def label_key_faults(key: str) -> list[str]:
    """What is wrong with a label's key."""
    *prefixes, name = key.split("/")
    if len(prefixes) > 1:
        return [f"{key!r} has more than one '/'"]
    faults = []
    for prefix in prefixes:
        if not prefix:
            faults.append("prefix part must be non-empty")
        elif len(prefix) > _SUBDOMAIN_LENGTH:
            faults.append(f"prefix part must be no more than {_SUBDOMAIN_LENGTH} characters")
        if prefix and not _SUBDOMAIN.fullmatch(prefix):
            faults.append("prefix part must be a lowercase DNS subdomain")
    if not name:
        faults.append("name part must be non-empty")
    elif len(name) > _NAME_LENGTH:
        faults.append(f"name part must be no more than {_NAME_LENGTH} characters")
    if not _NAME.fullmatch(name):
        faults.append("name part must consist of alphanumeric characters, '-', '_' or '.', and begin and end with one")
    return faults


def label_faults(labels: Mapping[str, JSONValue]) -> list[str]:
    """What is wrong with labels, keys and values."""
    faults = []
    for key, value in sorted(labels.items()):
        faults += label_key_faults(key)
        text = as_str(value)
        if len(text) > _NAME_LENGTH:
            faults.append(f"{text!r} must be no more than {_NAME_LENGTH} characters")
        if text and not _NAME.fullmatch(text):
            faults.append(f"{text!r} must consist of alphanumeric characters, '-', '_' or '.', or be empty")
    return faults


def annotation_faults(annotations: Mapping[str, JSONValue]) -> list[str]:
    """What is wrong with annotations: keys (in any case), and their size together."""
    faults = [fault for key in sorted(annotations) for fault in label_key_faults(key.lower())]
    size = sum(len(key.encode()) + len(as_str(value).encode()) for key, value in annotations.items())
    if size > _ANNOTATIONS_SIZE:
        faults.append(f"may not be more than {_ANNOTATIONS_SIZE} bytes")
    return faults
