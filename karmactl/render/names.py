"""Short forms for people: objects, values, numbers and times as one reads them in a line.

Kinds are shortened as kubectl's users type them (`deploy/frontend`); nothing is ever cut with an ellipsis.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from karmactl.core.model.change import Masked
from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.render.text import Page

__all__ = [
    "age",
    "cluster_list",
    "counted",
    "kind_name",
    "object_name",
    "one_of",
    "qualified_name",
    "seconds_text",
    "value_text",
    "when",
]

_SHORT_KINDS: Final = {
    ("apps", "Deployment"): "deploy",
    ("apps", "StatefulSet"): "sts",
    ("apps", "DaemonSet"): "ds",
    ("apps", "ReplicaSet"): "rs",
    ("autoscaling", "HorizontalPodAutoscaler"): "hpa",
    ("", "PersistentVolumeClaim"): "pvc",
    ("", "ServiceAccount"): "sa",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "crd",
    ("policy", "PodDisruptionBudget"): "pdb",
}
# Longer lists of clusters are counted, unless the page is wide.
_MOST_NAMED = 6
_MOST_LEFT_OUT = 3


def kind_name(ref: ResourceRef) -> str:
    """The kind as kubectl's users type it."""
    return _SHORT_KINDS.get((ref.group, ref.kind), ref.kind.lower())


def one_of(ref: ResourceRef) -> str:
    """`deploy/frontend`."""
    return f"{kind_name(ref)}/{ref.name}"


def object_name(ref: ResourceRef) -> str:
    """`shop deploy/frontend`; without the namespace for what has none."""
    return f"{ref.namespace} {one_of(ref)}" if ref.namespace else one_of(ref)


def qualified_name(ref: ResourceRef) -> str:
    """`deployment.apps/frontend`, as `kubectl -o name` writes it."""
    group = f".{ref.group}" if ref.group else ""
    return f"{ref.kind.lower()}{group}/{ref.name}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 cluster`, `3 clusters`, `2 policies`."""
    if number == 1:
        return f"1 {noun}"
    if not plural:
        plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {plural}"


def cluster_list(names: Sequence[str], fleet: Collection[str], page: Page) -> str:
    """The clusters by name, or how many of how many where they are many (all by name on a wide page)."""
    if page.is_wide or len(names) <= _MOST_NAMED:
        return " ".join(names)
    missing = [name for name in fleet if name not in frozenset(names)]
    if not missing:
        return f"all {len(names)} clusters"
    if len(missing) <= _MOST_LEFT_OUT:
        return f"all but {' '.join(missing)}"
    return f"{len(names)} of {len(fleet)} clusters"


def value_text(value: JSONValue | Masked) -> str:
    """A value on one line: texts as they are where that is clear, everything else as compact JSON."""
    if isinstance(value, Masked):
        return str(value)
    if isinstance(value, str) and value and value.strip() == value and value.isprintable() and not _is_ambiguous(value):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _is_ambiguous(text: str) -> bool:
    """Whether a text would read as another type of value."""
    if text in ("true", "false", "null"):
        return True
    try:
        float(text)
    except ValueError:
        return text[0] in "\"'{["
    return True


def seconds_text(seconds: float) -> str:
    """`0.4 s`, `42 s`, `1m04s`, `2h05m`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def age(seconds: float) -> str:
    """One unit: `12s`, `3m`, `2h`, `5d`."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def when(time: str, page: Page) -> str:
    """An RFC 3339 time as `3h ago` where the page knows the present, else as it is."""
    if page.now is None or not time:
        return time
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    if moment.tzinfo is None:
        return time
    return f"{age((page.now - moment).total_seconds())} ago"
