"""All checks of one policy, in the order in which Karmada's API server would make them."""

from __future__ import annotations

from karmactl.core.decode import Fault, decode_override_policy, decode_propagation_policy
from karmactl.core.defaults import default_policy
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, kind_of, namespace_of
from karmactl.core.model.manifest import field as field_at
from karmactl.core.validate.override import check_override_spec
from karmactl.core.validate.problem import Problem, Stage
from karmactl.core.validate.propagation import check_propagation_spec
from karmactl.core.validate.schema import check_schema

__all__ = ["validate_policy"]

_PROPAGATION_KINDS = ("PropagationPolicy", "ClusterPropagationPolicy")


def validate_policy(manifest: Manifest, old: Manifest | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a policy; empty where Karmada would take it.

    `old` is the stored policy that this one would replace. A kind that is no policy has no problems here.
    """
    if faults := _decode_faults(manifest):
        return tuple(
            Problem(stage=Stage.DECODE, field=_field_of(fault), type="FieldValueTypeInvalid", detail=fault.message)
            for fault in faults
        )
    defaulted = default_policy(manifest)
    spec = as_mapping(defaulted.get("spec"))
    problems = [*check_schema(defaulted)]
    if kind_of(manifest) in _PROPAGATION_KINDS:
        # The webhook looks no further at an update that it may not make.
        problems += _check_update(defaulted, old) or check_propagation_spec(spec, namespace_of(defaulted))
    else:
        problems += check_override_spec(spec, namespace_of(defaulted))
    return tuple(problems)


def _decode_faults(manifest: Manifest) -> tuple[Fault, ...]:
    if kind_of(manifest) in _PROPAGATION_KINDS:
        return decode_propagation_policy(manifest)[1]
    return decode_override_policy(manifest)[1]


def _check_update(policy: Manifest, old: Manifest | None) -> list[Problem]:
    if old is None or _scheduler(policy) == _scheduler(default_policy(old)):
        return []
    return [Problem(stage=Stage.WEBHOOK, field="", type="Forbidden", detail="the schedulerName should not be updated")]


def _scheduler(policy: Manifest) -> JSONValue:
    return field_at(policy, "spec", "schedulerName")


def _field_of(fault: Fault) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.path).removeprefix(".")
