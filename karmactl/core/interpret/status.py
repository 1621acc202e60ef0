"""What of a member's status goes back to the control plane, for native kinds.

Workloads send numbers and generations, so that the template's status can say whether all members have seen the latest
template; kinds without a rule send the whole status. Source: Karmada
pkg/resourceinterpreter/default/native/{reflectstatus,status_type}.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from karmactl.core.interpret.form import interpret_failed, number_at
from karmactl.core.model.manifest import JSONValue, Manifest, annotations_of, field, kind_of
from karmactl.core.shape import Struct, find_misshapen, normalize

__all__ = ["GENERATION_ANNOTATION", "reflect_load_balancer", "reflect_selected", "reflect_whole", "reflect_workload"]

GENERATION_ANNOTATION: Final = "resourcetemplate.karmada.io/generation"
_INT64: Final = range(-(2**63), 2**63)


def reflect_whole(manifest: Manifest) -> JSONValue:
    """The status as it is."""
    return _status_of(manifest)


def reflect_workload(keys: Sequence[str]) -> Callable[[Manifest], JSONValue]:
    """A rule that takes these fields, the generation and the template's generation from the annotation."""

    def reflect(manifest: Manifest) -> JSONValue:
        status = _status_of(manifest)
        if status is None:
            return None
        selected = _select(manifest, status, keys)
        generations = {
            "generation": number_at(manifest, "metadata", "generation"),
            "resourceTemplateGeneration": _template_generation(manifest),
        }
        # Generations are left out where they are 0; nothing at all means that the member has not answered yet.
        return {key: number for key, number in generations.items() if number} | selected or None

    return reflect


def reflect_selected(keys: Sequence[str]) -> Callable[[Manifest], JSONValue]:
    """A rule that takes these fields."""

    def reflect(manifest: Manifest) -> JSONValue:
        status = _status_of(manifest)
        return None if status is None else _select(manifest, status, keys)

    return reflect


def reflect_load_balancer(manifest: Manifest) -> JSONValue:
    """The addresses of a Service, if it is a LoadBalancer."""
    if field(manifest, "spec", "type") != "LoadBalancer":
        return None
    status = _status_of(manifest)
    return None if status is None else _select(manifest, status, ("loadBalancer",))


def _status_of(manifest: Manifest) -> Manifest | None:
    if "status" not in manifest:
        return None
    status = manifest["status"]
    if not isinstance(status, dict):
        raise interpret_failed(manifest, "/status is no mapping")
    return status


def _select(manifest: Manifest, status: Manifest, keys: Sequence[str]) -> dict[str, JSONValue]:
    shape = Struct(f"{kind_of(manifest)}Status")
    if fault := find_misshapen(status, shape, "/status"):
        raise interpret_failed(manifest, fault)
    selected = normalize({key: status[key] for key in keys if key in status}, shape)
    assert isinstance(selected, dict)
    return selected


def _template_generation(manifest: Manifest) -> int:
    text = annotations_of(manifest).get(GENERATION_ANNOTATION, "")
    digits = text.removeprefix("-").removeprefix("+") if isinstance(text, str) else ""
    if not (digits.isascii() and digits.isdigit()) or int(text) not in _INT64:
        raise interpret_failed(manifest, f"annotation {GENERATION_ANNOTATION} is {text!r}, not an integer")
    return int(text)
