"""The status of Pods: what their containers are in, and the conditions that follow from it.

Everything here changes a copy of a Pod in place; when which of it happens is the kubelet's to decide.
"""

from typing import Any

from karmactl.embedded.simulate.conditions import set_condition
from karmactl.embedded.values import Object, copy, now

_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
FIRST_BACK_OFF, LAST_BACK_OFF = 10, 300


def creating(pod: Object) -> None:
    """The containers are being made."""
    first = "PodInitializing" if _one_time(pod) else "ContainerCreating"
    _set(pod, {"waiting": {"reason": first}}, phase="Pending", is_initialized=not _one_time(pod))


def without_image(pod: Object, reason: str, message: str) -> None:
    """The containers wait for an image that cannot be had."""
    image = pod["spec"]["containers"][0].get("image") or ""
    _set(pod, {"waiting": {"reason": reason, "message": message.format(image=image)}}, phase="Pending")


def crashing(pod: Object, crashes: int, exit_code: int) -> None:
    """The containers ended for the n-th time and will be started again after a while."""
    meta = pod["metadata"]
    wait = go_duration(min(FIRST_BACK_OFF * 2 ** (crashes - 1), LAST_BACK_OFF))
    name = pod["spec"]["containers"][0]["name"]
    told = f"back-off {wait} restarting failed container={name} pod={meta['name']}_{meta['namespace']}({meta['uid']})"
    _set(pod, {"waiting": {"reason": "CrashLoopBackOff", "message": told}}, phase="Running")
    reason = "Error" if exit_code else "Completed"
    for container in pod["status"]["containerStatuses"]:
        container["restartCount"] = max(crashes - 1, container["restartCount"])
        container["lastState"] = _ended(exit_code, reason)


def running(pod: Object, *, is_ready: bool) -> None:
    """The containers run."""
    _set(pod, {"running": {"startedAt": now()}}, phase="Running", is_ready=is_ready)


def finished(pod: Object, exit_code: int) -> None:
    """The containers ended, for good."""
    reason = "Completed" if exit_code == 0 else "Error"
    phase, why = ("Succeeded", "PodCompleted") if exit_code == 0 else ("Failed", "PodFailed")
    _set(pod, _ended(exit_code, reason), phase=phase, reason=why)


def restarts(pod: Object) -> int:
    """How often the Pod's containers were started again."""
    status = pod.get("status") or {}
    return sum(c["restartCount"] for c in status.get("containerStatuses") or ())


def go_duration(seconds: int) -> str:
    """Whole seconds as Go writes a duration: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _ended(exit_code: int, reason: str) -> Object:
    return {"terminated": {"exitCode": exit_code, "reason": reason, "startedAt": now(), "finishedAt": now()}}


def _set(
    pod: Object, state: Object, *, phase: str, reason: str = "", is_ready: bool = False, is_initialized: bool = True
) -> None:
    status = pod["status"]
    status["phase"] = phase
    known = {c["name"]: c for c in status.get("containerStatuses") or ()}
    containers = pod["spec"]["containers"]
    status["containerStatuses"] = [_container(c, state, is_ready, known.get(c["name"])) for c in containers]
    if pod["spec"].get("initContainers"):
        status["initContainerStatuses"] = _init_statuses(pod, phase, is_initialized)
    names = " ".join(c["name"] for c in containers)
    for kind in _CONDITIONS:
        good = is_ready or (kind == "Initialized" and is_initialized)
        if kind == "PodReadyToStartContainers":
            good = phase != "Succeeded"
        why, told = "", ""
        if not good:
            why = reason or "ContainersNotReady"
            told = "" if reason == "PodCompleted" else f"containers with unready status: [{names}]"
        set_condition(status, kind, "True" if good else "False", why, told)
    for condition in status["conditions"]:
        for field in ("reason", "message"):
            if not condition.get(field):
                condition.pop(field, None)


def _container(container: Object, state: Object, ready: bool, before: Object | None) -> Object:
    """The status of one container; what it was in before goes on where it is still in it."""
    state = copy(state)
    if before is not None and set(before["state"]) == set(state):
        state = before["state"] if "running" in state else {**before["state"], **state}
    ran = "waiting" not in state
    image = container.get("image") or ""
    return {
        "name": container["name"],
        "state": state,
        "lastState": before["lastState"] if before is not None else {},
        "ready": ready,
        "restartCount": before["restartCount"] if before is not None else 0,
        "image": image,
        "imageID": f"sandbox://{image}" if ran else "",
        "started": "running" in state,
    }


def _one_time(pod: Object) -> list[Any]:
    """The init containers that end before the others begin: all but sidecars."""
    return [c for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") != "Always"]


def _init_statuses(pod: Object, phase: str, is_initialized: bool) -> list[Object]:
    known = {c["name"]: c for c in pod["status"].get("initContainerStatuses") or ()}
    out = []
    for container in pod["spec"]["initContainers"]:
        is_sidecar = container.get("restartPolicy") == "Always"
        if not is_initialized:
            state: Object = {"waiting": {"reason": "PodInitializing"}}
        elif is_sidecar and phase in ("Running", "Pending"):
            state = {"running": {"startedAt": now()}}
        else:
            state = _ended(0, "Completed")
        before = known.get(container["name"])
        if before is not None and set(before["state"]) == set(state):
            out.append(before)
        else:
            out.append(_container(container, state, is_initialized, before))
    return out
