"""Pods: their phase and quality of service, and the account name that stands in two fields."""

from typing import TYPE_CHECKING

from karmactl.embedded import quantity
from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object, dig

if TYPE_CHECKING:
    from karmactl.embedded.call import Call


def sync_account(spec: Object) -> None:
    """`serviceAccount` is the old name of `serviceAccountName`; both are always there, or neither."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def sync_template(obj: Object, *path: str) -> None:
    """The same for the Pod template under a path."""
    spec = dig(obj, *path, "spec")
    if isinstance(spec, dict):
        sync_account(spec)


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
    sync_account(pod["spec"])
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


def prepare_update(call: "Call", new: Object, old: Object) -> None:
    """What follows from a changed Pod."""
    sync_account(new["spec"])


def prepare_status(call: "Call", new: Object, old: Object) -> None:
    """The quality of service stays what it was."""
    if dig(old, "status", "qosClass") and isinstance(new.get("status"), dict):
        new["status"].setdefault("qosClass", old["status"]["qosClass"])


STRATEGY = Strategy(
    generation=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
)
