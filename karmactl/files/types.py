"""Fields of native kinds that have a type which the API server refuses, all of them, each with its path.

The table of types is `core.native_types`. A field that the table does not know is no fault, since the server may be
newer: it is told as a warning, with the nearest name. Source: kubectl's `--validate=strict`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TypeAlias

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.native_types import NATIVE_TYPES
from karmactl.core.shape import find_misshapen, shape_of

__all__ = ["Misfit", "find_misfits"]

# The versions that the table describes; a kind of another version is not looked at.
_VERSIONS: Mapping[str, str] = {
    "v1": "PersistentVolume PersistentVolumeClaim Pod Service",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "batch/v1": "CronJob Job",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "networking.k8s.io/v1": "Ingress",
    "policy/v1": "PodDisruptionBudget",
}
_KNOWN = {(version, kind) for version, kinds in _VERSIONS.items() for kind in kinds.split()}
_WORDS: Mapping[str, str] = {
    "string": "a text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "quantity": "a quantity such as 500m or 2Gi",
    "intOrString": "an integer or a text",
    "time": "a time as in 2026-01-31T12:00:00Z",
    "bytes": "base64",
}

_PLAIN: Mapping[str, type] = {"string": str, "int": int, "bool": bool}

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A field of a wrong type (`expected` says the right one), or an unknown one (`suggestion`: the nearest name)."""

    path: Path
    value: JSONValue
    expected: str = ""
    suggestion: str = ""

    @property
    def is_unknown(self) -> bool:
        """Whether the type has no such field."""
        return not self.expected


def find_misfits(manifest: Manifest) -> list[Misfit]:
    """Every misfit in a manifest of a native kind, in the order of its fields; none for other kinds.

    Null fits everywhere, and a whole float fits an integer, as for the API server.
    """
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    if not isinstance(kind, str) or (version, kind) not in _KNOWN:
        return []
    return list(_misfits(manifest, kind))


@cache
def _fields(name: str) -> Mapping[str, str]:
    return {key.rstrip("?!"): expression.removeprefix("*") for key, expression in NATIVE_TYPES[name].items()}


def _misfits(value: JSONValue, expression: str) -> Iterator[Misfit]:
    expression = expression.removeprefix("*")
    if value is None:
        return
    if expression in NATIVE_TYPES:
        yield from _struct_misfits(value, _fields(expression))
    elif expression.startswith("[]"):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _below(index, item, expression[2:])
        else:
            yield Misfit(path=(), value=value, expected="a list")
    elif expression.startswith("map["):
        if isinstance(value, dict):
            for key, item in value.items():
                yield from _below(key, item, expression[4:-1])
        else:
            yield Misfit(path=(), value=value, expected="a mapping")
    elif find_misshapen(value, shape_of(expression)):
        yield Misfit(path=(), value=value, expected=_WORDS[expression])


def _struct_misfits(value: JSONValue, fields: Mapping[str, str]) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield Misfit(path=(), value=value, expected="a mapping")
        return
    for key, item in value.items():
        expression = fields.get(key)
        if expression is not None:
            # Most fields are scalars that fit: the generator is saved for them.
            if type(item) is _PLAIN.get(expression):
                continue
            yield from _below(key, item, expression)
        else:
            near = get_close_matches(key.lower(), [name.lower() for name in fields], n=1, cutoff=0.6)
            suggestion = next((name for name in fields if near and name.lower() == near[0]), "")
            yield Misfit(path=(key,), value=item, suggestion=suggestion)


def _below(step: str | int, value: JSONValue, expression: str) -> Iterator[Misfit]:
    for misfit in _misfits(value, expression):
        yield Misfit(
            path=(step, *misfit.path), value=misfit.value, expected=misfit.expected, suggestion=misfit.suggestion
        )
