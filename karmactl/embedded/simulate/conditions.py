"""Conditions as controllers write them: one per type, with transition times that move only with the status."""

from karmactl.embedded.values import Object, dig, now


def set_condition(status: Object, kind: str, value: str, reason: str, message: str, *, updates: bool = False) -> None:
    """Sets one condition of a status in place; `updates` keeps a lastUpdateTime as Deployments do."""
    conditions = status.get("conditions") or []
    status["conditions"] = conditions
    for condition in conditions:
        if condition["type"] != kind:
            continue
        if (condition["status"], condition.get("reason"), condition.get("message")) == (value, reason, message):
            return
        if condition["status"] != value:
            condition["lastTransitionTime"] = now()
        if updates:
            condition["lastUpdateTime"] = now()
        condition.update(status=value, reason=reason, message=message)
        return
    condition = {"type": kind, "status": value, "lastTransitionTime": now(), "reason": reason, "message": message}
    if updates:
        condition["lastUpdateTime"] = now()
    conditions.append(condition)


def is_true(obj: Object, kind: str) -> bool:
    """Whether a condition of an object's status is True."""
    return any(c["type"] == kind and c["status"] == "True" for c in dig(obj, "status", "conditions") or ())
