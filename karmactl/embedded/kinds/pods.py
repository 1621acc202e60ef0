"""Pods: their phase and quality of service."""

from typing import TYPE_CHECKING

from karmactl.embedded import quantity
from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object, dig

if TYPE_CHECKING:
    from karmactl.embedded.call import Call


def quality_of_service(pod: Object) -> str:
    """Guaranteed, Burstable or BestEffort (pkg/apis/core/helper/qos)."""
    requests: dict[str, list[str]] = {}
    guaranteed = True
    some = False
    for field in ("containers", "initContainers"):
        for container in pod["spec"].get(field) or ():
            resources = container.get("resources") or {}
            asked = {k: v for k, v in (resources.get("requests") or {}).items() if k in ("cpu", "memory")}
            limits = {k: v for k, v in (resources.get("limits") or {}).items() if k in ("cpu", "memory")}
            asked = {k: v for k, v in asked.items() if quantity.value(v) > 0}
            limits = {k: v for k, v in limits.items() if quantity.value(v) > 0}
            some = some or bool(asked or limits)
            for name, value in asked.items():
                requests.setdefault(name, []).append(value)
            if set(limits) != {"cpu", "memory"} or any(
                quantity.value(asked.get(k)) != quantity.value(v) for k, v in limits.items()
            ):
                guaranteed = False
    if not some:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def prepare_create(call: "Call", pod: Object) -> None:
    """A new Pod is pending."""
    pod["status"] = {"phase": "Pending", "qosClass": quality_of_service(pod)}
    gates = pod["spec"].get("schedulingGates")
    if gates:
        pod["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": None,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]


def prepare_status(call: "Call", new: Object, old: Object) -> None:
    """The quality of service stays what it was."""
    if dig(old, "status", "qosClass") and isinstance(new.get("status"), dict):
        new["status"].setdefault("qosClass", old["status"]["qosClass"])


STRATEGY = Strategy(
    generation=True,
    answers_deleted=True,
    prepare_create=prepare_create,
    prepare_status=prepare_status,
)
