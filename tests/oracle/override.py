"""The override set: an object after override policies, for one cluster."""

from __future__ import annotations

from typing import Any

from karmactl.core.decode import decode_cluster, decode_override_policy
from karmactl.core.model.work import WorkFault
from karmactl.core.override import OverrideSet


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """What karmactl makes of `input`, in the form of `want`."""
    cluster, _ = decode_cluster(case["cluster"])
    policies = [decode_override_policy(policy)[0] for policy in case["overridePolicies"]]
    result = OverrideSet(policies, [cluster]).match(case["object"]).apply(case["object"], cluster.name)
    if isinstance(result, WorkFault):
        return {"error": {"message": result.message}}
    applied = [{"kind": applied.kind, "name": applied.name} for applied in result.applied]
    return {"object": result.manifest, **({"applied": applied} if applied else {})}


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """An error agrees with any error; otherwise the object and the rules that were applied count."""
    if "error" in want or want.get("panics"):
        return "error" in got
    keys = ("object", "applied")
    return "error" not in got and all((got.get(key) or None) == (want.get(key) or None) for key in keys)
