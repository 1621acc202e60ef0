"""The validate set: is a policy valid, and which defaults does it get."""

from __future__ import annotations

from typing import Any

from karmactl.core.defaults import default_policy
from karmactl.core.validate import Stage, validate_policy


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """What karmactl makes of `input`, in the form of `want`."""
    policy = case["policy"]
    problems = validate_policy(policy, case.get("oldPolicy"))
    by_stage = {stage: [problem for problem in problems if problem.stage is stage] for stage in Stage}
    if decode := by_stage[Stage.DECODE]:
        return {"valid": False, "accepted": False, "stage": "decode", "message": "; ".join(map(str, decode))}
    webhook, schema = by_stage[Stage.WEBHOOK], by_stage[Stage.SCHEMA]
    defaulted = default_policy(policy)
    got: dict[str, Any] = {
        "valid": not webhook,
        "schema": {"valid": not schema},
        "accepted": not webhook and not schema,
    }
    if defaulted != policy:
        got["defaulted"] = defaulted
    if webhook:
        got["message"] = "; ".join(map(str, webhook))
        got["fields"] = sorted(problem.field for problem in webhook if problem.field)
    return got


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Validity, acceptance, the defaults, and the fields that are wrong count."""
    if want.get("panics"):
        return got["valid"] is not True
    keys = ("valid", "accepted", "defaulted", "fields")
    return all(want.get(key) == got.get(key) for key in keys) and _schema(want) == _schema(got)


def _schema(answer: dict[str, Any]) -> Any:
    return answer.get("schema", {}).get("valid")
