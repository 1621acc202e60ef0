"""Scheduler and kubelet: Pods get a node that has room, start, become ready, or fail as their annotations say.

Annotations on a Pod (usually from its template), all with the prefix `sandbox.karmactl.io/`:

    image-missing: "true"       the image cannot be pulled: ErrImagePull, then ImagePullBackOff
    crash-loop: "true"          the containers exit again and again: CrashLoopBackOff
    not-ready: "true"           the readiness probe never succeeds
    ready-after: "2.5"          seconds until ready, in place of the cluster's own
    run-for: "1"                seconds after which the containers exit (of Jobs: 0 unless said)
    exit-code: "1"              with which code they exit
"""

import time
from collections.abc import Iterable

from karmactl.embedded import quantity
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.conditions import is_true, set_condition
from karmactl.embedded.simulate.loop import Controllers, owner_of
from karmactl.embedded.simulate.occupancy import PODS, Amounts, is_active, requests_of
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig, now, parse_time

NODES = ("", "nodes")
PREFIX = "sandbox.karmactl.io/"


def wish(pod: Object, name: str) -> str:
    """The value of a sandbox annotation, empty when absent."""
    return str((pod["metadata"].get("annotations") or {}).get(PREFIX + name) or "")


def _number(text: str, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


def is_ready(pod: Object) -> bool:
    """Whether the Pod serves."""
    return is_true(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def tolerates(pod_spec: Object, taints: Iterable[Object], effects: tuple[str, ...]) -> bool:
    """Whether the tolerations cover all taints of these effects."""
    tolerations = pod_spec.get("tolerations") or ()
    return all(any(_covers(t, taint) for t in tolerations) for taint in taints if taint.get("effect") in effects)


def _covers(toleration: Object, taint: Object) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    if not toleration.get("key") and toleration.get("operator") != "Exists":
        return False
    return toleration.get("operator") == "Exists" or (toleration.get("value") or "") == (taint.get("value") or "")


def fits_labels(pod_spec: Object, node: Object) -> bool:
    """Whether nodeSelector and required node affinity admit the node."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(k) != v for k, v in (pod_spec.get("nodeSelector") or {}).items()):
        return False
    terms = dig(
        pod_spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    )
    return terms is None or any(_term_fits(term, labels) for term in terms)


def _term_fits(term: Object, labels: dict[str, str]) -> bool:
    for rule in term.get("matchExpressions") or ():
        value, values = labels.get(rule["key"]), rule.get("values") or ()
        operator = rule["operator"]
        if operator == "In" and value not in values:
            return False
        if operator == "NotIn" and value in values:
            return False
        if operator == "Exists" and value is None:
            return False
        if operator == "DoesNotExist" and value is not None:
            return False
    return True


class Kubelet:
    """Moves Pods through their lives."""

    def __init__(self, controllers: Controllers) -> None:
        """A scheduler and kubelets for the cluster's nodes."""
        self._controllers = controllers
        self._scheduler = Client(controllers.cluster, "kube-scheduler")
        self._client = Client(controllers.cluster, "kubelet")
        self._occupancy = controllers.occupancy
        self._addresses = 0
        self._starts: dict[str, float] = {}

    def concerns(self, change: Change) -> Iterable[Key]:
        """Pods that changed; all unscheduled ones when nodes change or room is made."""
        if change.table == PODS:
            if change.new is None:
                self._starts.pop(change.old["metadata"]["uid"] if change.old else "", None)
                return self._pending()
            return [change.key]
        return self._pending() if change.table == NODES else []

    def _pending(self) -> list[Key]:
        return sorted(self._occupancy.pending)

    def reconcile(self, key: Key) -> None:
        """Takes one Pod a step further."""
        pod = self._client.get(PODS, *key)
        if pod is None:
            return
        if "deletionTimestamp" in pod["metadata"]:
            self._end(key, pod)
        elif not pod["spec"].get("nodeName"):
            self._schedule(pod)
        elif dig(pod, "status", "phase") in (None, "", "Pending", "Running"):
            self._run(key, pod)

    def _end(self, key: Key, pod: Object) -> None:
        """A Pod that is asked to go goes soon: its processes have nothing to finish."""
        if pod["metadata"].get("finalizers"):
            return
        self._controllers.cluster.later(self._delay(pod) / 3, self._remove, key, pod["metadata"]["uid"])

    def _remove(self, key: Key, uid: str) -> None:
        store = self._controllers.cluster.store
        pod = store.get(PODS, key)
        if pod is not None and pod["metadata"]["uid"] == uid and not pod["metadata"].get("finalizers"):
            store.remove(PODS, key)

    # ---- scheduling

    def _schedule(self, pod: Object) -> None:
        nodes = self._client.list(NODES)
        node, why = self._find_node(pod, nodes)
        new = copy(pod)
        if node is None:
            set_condition(new["status"], "PodScheduled", "False", "Unschedulable", why)
            self._scheduler.update_status(PODS, new)
            return
        new["spec"]["nodeName"] = node
        set_condition(new["status"], "PodScheduled", "True", "", "")
        for condition in new["status"]["conditions"]:
            if condition["type"] == "PodScheduled":
                condition.pop("reason", None)
                condition.pop("message", None)
        # binding is a write of its own upstream, too; it bypasses what clients may not change
        store = self._controllers.cluster.store
        store.put(PODS, (pod["metadata"]["namespace"], pod["metadata"]["name"]), new)

    def _find_node(self, pod: Object, nodes: list[Object]) -> tuple[str | None, str]:
        if not nodes:
            return None, "no nodes available to schedule pods"
        wanted = requests_of(pod)
        reasons: dict[str, int] = {}
        best: tuple[int, str] | None = None
        for node in nodes:
            reason, pods = self._obstacle(pod, node, wanted)
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
            elif best is None or (pods, node["metadata"]["name"]) < best:
                best = (pods, node["metadata"]["name"])
        if best is not None:
            return best[1], ""
        listed = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        return None, f"0/{len(nodes)} nodes are available: {listed}."

    def _obstacle(self, pod: Object, node: Object, wanted: Amounts) -> tuple[str, int]:
        """Why a node cannot take the Pod (empty: it can), and how many Pods it has."""
        name = node["metadata"]["name"]
        there = self._occupancy.count(name)
        if dig(node, "spec", "unschedulable"):
            return "node(s) were unschedulable", there
        taints = dig(node, "spec", "taints") or ()
        if not tolerates(pod["spec"], taints, ("NoSchedule", "NoExecute")):
            return "node(s) had untolerated taint(s)", there
        if not fits_labels(pod["spec"], node):
            return "node(s) didn't match Pod's node affinity/selector", there
        allocatable = dig(node, "status", "allocatable") or {}
        if there + 1 > quantity.value(allocatable.get("pods", "110")):
            return "Too many pods", there
        for resource, amount in wanted.items():
            if self._occupancy.used(name, resource) + amount > quantity.value(allocatable.get(resource, "0")):
                return f"Insufficient {resource}", there
        return "", there

    # ---- running

    def _delay(self, pod: Object) -> float:
        return _number(wish(pod, "ready-after"), self._controllers.cluster.spec.ready_after)

    def _run(self, key: Key, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        clock = time.monotonic()
        started = self._starts.setdefault(uid, clock)
        age, delay = clock - started, self._delay(pod)
        new = copy(pod)
        if age < delay * 0.99:
            self._creating(new)
            self._controllers.again(self, key, delay - age)
        elif wish(pod, "image-missing") == "true":
            self._waiting(new, "ImagePullBackOff", 'Back-off pulling image "{image}"')
        elif wish(pod, "crash-loop") == "true":
            self._crashing(new)
        else:
            end = self._end_of_run(pod)
            if end is not None and age >= (delay + end) * 0.99:
                self._finished(new)
            else:
                self._running(new, ready=wish(pod, "not-ready") != "true")
                if end is not None:
                    self._controllers.again(self, key, delay + end - age)
        self._client.update_status(PODS, new)

    def _end_of_run(self, pod: Object) -> float | None:
        """Seconds for which the containers run, or None for ever."""
        text = wish(pod, "run-for")
        if not text and owner_of(pod, "Job") is None:
            return None
        return _number(text, 0.0)

    def _base(self, pod: Object) -> Object:
        status: Object = pod["status"]
        status["observedGeneration"] = pod["metadata"].get("generation", 1)
        status.setdefault("startTime", now())
        node = self._client.get(NODES, "", pod["spec"]["nodeName"])
        for address in dig(node, "status", "addresses") or ():
            if address["type"] == "InternalIP":
                status["hostIP"] = address["address"]
                status["hostIPs"] = [{"ip": address["address"]}]
        if "podIP" not in status:
            self._addresses += 1
            index = self._addresses
            status["podIP"] = f"10.244.{index // 250 % 250}.{index % 250 + 2}"
            status["podIPs"] = [{"ip": status["podIP"]}]
        return status

    def _container_status(self, pod: Object, container: Object, state: Object, ready: bool, restarts: int) -> Object:
        running = "running" in state
        return {
            "name": container["name"],
            "state": state,
            "lastState": {},
            "ready": ready,
            "restartCount": restarts,
            "image": container.get("image") or "",
            "imageID": f"sandbox://{container.get('image') or ''}" if running or "terminated" in state else "",
            "started": running,
        }

    def _set(self, pod: Object, states: Object, ready: bool, phase: str, reason: str = "") -> None:
        status = self._base(pod)
        status["phase"] = phase
        known = {c["name"]: c for c in status.get("containerStatuses") or ()}
        out = []
        for container in pod["spec"]["containers"]:
            before = known.get(container["name"])
            state = copy(states)
            if before is not None and set(before["state"]) == set(state):
                state = before["state"] if "running" in state else {**before["state"], **state}
            restarts = before["restartCount"] if before is not None else 0
            out.append(self._container_status(pod, container, state, ready, restarts))
        status["containerStatuses"] = out
        names = " ".join(c["name"] for c in pod["spec"]["containers"])
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"):
            good = ready or kind in ("PodReadyToStartContainers", "Initialized")
            if phase == "Succeeded" and kind == "PodReadyToStartContainers":
                good = False
            why = "" if good else reason or "ContainersNotReady"
            message = "" if good or reason == "PodCompleted" else f"containers with unready status: [{names}]"
            set_condition(status, kind, "True" if good else "False", why, message)
        for condition in status["conditions"]:
            for field in ("reason", "message"):
                if not condition.get(field):
                    condition.pop(field, None)

    def _creating(self, pod: Object) -> None:
        self._set(pod, {"waiting": {"reason": "ContainerCreating"}}, False, "Pending")

    def _waiting(self, pod: Object, reason: str, message: str) -> None:
        image = pod["spec"]["containers"][0].get("image") or ""
        state = {"waiting": {"reason": reason, "message": message.format(image=image)}}
        self._set(pod, state, False, "Pending")

    def _crashing(self, pod: Object) -> None:
        names = pod["spec"]["containers"][0]["name"]
        message = f"back-off 10s restarting failed container={names} pod={pod['metadata']['name']}"
        self._set(pod, {"waiting": {"reason": "CrashLoopBackOff", "message": message}}, False, "Running")
        for container in pod["status"]["containerStatuses"]:
            container["restartCount"] = max(container["restartCount"], 3)
            container["lastState"] = {
                "terminated": {"exitCode": 1, "reason": "Error", "startedAt": now(), "finishedAt": now()}
            }

    def _running(self, pod: Object, ready: bool) -> None:
        self._set(pod, {"running": {"startedAt": now()}}, ready, "Running")

    def _finished(self, pod: Object) -> None:
        code = int(_number(wish(pod, "exit-code"), 0))
        state = {
            "terminated": {
                "exitCode": code,
                "reason": "Completed" if code == 0 else "Error",
                "startedAt": now(),
                "finishedAt": now(),
            }
        }
        phase = "Succeeded" if code == 0 else "Failed"
        if pod["spec"].get("restartPolicy") == "Always":
            self._crashing(pod)
            return
        self._set(pod, state, False, phase, "PodCompleted" if code == 0 else "PodFailed")


__all__ = ["NODES", "PODS", "Kubelet", "is_active", "is_ready", "parse_time", "wish"]
