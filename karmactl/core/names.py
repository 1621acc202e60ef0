"""Names that Karmada derives from an object's own: of bindings, Works and execution namespaces.

Source: Karmada pkg/util/names/names.go, pkg/util/hash/hash.go; k8s.io/apimachinery/pkg/util/rand (SafeEncodeString).
"""

from __future__ import annotations

from typing import Final

__all__ = ["EXECUTION_NAMESPACE_PREFIX", "binding_name", "execution_namespace", "work_name"]

EXECUTION_NAMESPACE_PREFIX: Final = "karmada-es-"

_FNV_OFFSET: Final = 0x811C9DC5
_FNV_PRIME: Final = 0x01000193
_SAFE_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"


def binding_name(kind: str, name: str) -> str:
    """The name of a template's binding; the group is no part of it, so two kinds of one name meet."""
    return f"{name.replace(':', '.')}-{kind}".lower()


def work_name(kind: str, name: str, namespace: str) -> str:
    """The name of an object's Work, for example `nginx-687f7fb96f` for the Deployment default/nginx."""
    name = name.replace(":", ".").lower()
    whole = f"{namespace}-{name}-{kind}" if namespace else f"{name}-{kind}"
    return f"{name}-{_hash_suffix(whole.lower())}"


def execution_namespace(cluster: str) -> str:
    """The namespace of a cluster's Works."""
    return EXECUTION_NAMESPACE_PREFIX + cluster


def _hash_suffix(text: str) -> str:
    """The 32-bit FNV-1a hash in decimal, each digit as a letter that makes no words."""
    digest = _FNV_OFFSET
    for byte in text.encode():
        digest = (digest ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return "".join(_SAFE_LETTERS[ord(digit) % len(_SAFE_LETTERS)] for digit in str(digest))
