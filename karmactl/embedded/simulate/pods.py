"""Kubelets: Pods that have a node start, become ready, or fail as their annotations say.

Annotations on a Pod (usually from its template), all with the prefix `sandbox.karmactl.io/`:

    image-missing: "true"       the image cannot be pulled: ErrImagePull, then ImagePullBackOff
    crash-loop: "true"          the containers exit again and again: CrashLoopBackOff
    not-ready: "true"           the readiness probe never succeeds
    not-live: "true"            the liveness probe never succeeds: the containers are killed again and again
    ready-after: "2.5"          seconds until ready, in place of the cluster's own
    run-for: "1"                seconds after which the containers exit (of Jobs: 0 unless said)
    exit-code: "1"              with which code they exit

`containers` has what each of it looks like in a status, `scheduler` how a Pod gets its node.
"""

import time
from collections.abc import Iterable

from karmactl.embedded.simulate import containers
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.conditions import is_true
from karmactl.embedded.simulate.loop import Controllers, owner_of
from karmactl.embedded.simulate.occupancy import PODS, is_active
from karmactl.embedded.simulate.scheduler import CLAIMS, NODES, Scheduler
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig, now

PREFIX = "sandbox.karmactl.io/"
KUBELET = "kubelet"
LEAST_STEP = 0.05  # seconds between two states of a Pod that comes up at once
MOST_CRASHES = 12
KILLED = 137


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


class Kubelet:
    """Moves Pods through their lives."""

    def __init__(self, controllers: Controllers) -> None:
        """The kubelets of all of the cluster's nodes, with the scheduler that gives them their Pods."""
        self._controllers = controllers
        self._scheduler = Scheduler(controllers)
        self._client = Client(controllers.cluster, KUBELET)
        self._occupancy = controllers.occupancy
        self._addresses = len(self._client.list(PODS))
        self._starts: dict[str, float] = {}
        self._ending: set[str] = set()
        self._news: list[tuple[str, str, bool]] = []  # of the Pod in hand: told if its status has changed

    def concerns(self, change: Change) -> Iterable[Key]:
        """Pods that changed; all unscheduled ones when nodes or claims change or room is made."""
        if change.table == PODS:
            if change.new is None:
                self._forget(change.old)
                return self._pending()
            return [change.key]
        is_news = change.table == NODES or (change.table == CLAIMS and change.old is None)
        return self._pending() if is_news else []

    def _forget(self, pod: Object | None) -> None:
        uid = pod["metadata"]["uid"] if pod is not None else ""
        self._starts.pop(uid, None)
        self._ending.discard(uid)

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
            if not pod["spec"].get("schedulingGates"):
                self._scheduler.schedule(pod)
        elif dig(pod, "status", "phase") in (None, "", "Pending", "Running"):
            self._run(key, pod)

    # ---- the end

    def _end(self, key: Key, pod: Object) -> None:
        """A Pod that is asked to go goes soon: its processes have nothing to finish."""
        uid = pod["metadata"]["uid"]
        if pod["metadata"].get("finalizers") or uid in self._ending:
            return
        self._ending.add(uid)
        if _is_running(pod):
            for container in pod["spec"]["containers"]:
                told = f"Stopping container {container['name']}"
                self._controllers.events.tell(KUBELET, pod, "Killing", told)
        # not at once: kubectl looks at what it deletes before it waits, and a successor in between would fool it
        self._controllers.cluster.later(max(self._delay(pod) / 3, LEAST_STEP), self._remove, key, uid)

    def _remove(self, key: Key, uid: str) -> None:
        store = self._controllers.cluster.store
        pod = store.get(PODS, key)
        if pod is not None and pod["metadata"]["uid"] == uid and not pod["metadata"].get("finalizers"):
            store.remove(PODS, key)

    # ---- running

    def _delay(self, pod: Object) -> float:
        return _number(wish(pod, "ready-after"), self._controllers.cluster.spec.ready_after)

    def _started(self, pod: Object, delay: float) -> float:
        """When the Pod came to its node; one that ran before this process did is long past its start."""
        clock = time.monotonic()
        ran = dig(pod, "status", "phase") == "Running"
        return self._starts.setdefault(pod["metadata"]["uid"], clock - delay if ran else clock)

    def _run(self, key: Key, pod: Object) -> None:
        delay = self._delay(pod)
        # a timer may come a little early
        age = time.monotonic() - self._started(pod, delay) + 0.005
        new = copy(pod)
        self._news.clear()
        self._settle_in(new)
        if age < delay:
            containers.creating(new)
            wait: float | None = delay - age
        elif wish(pod, "image-missing") == "true":
            wait = self._without_image(new, age - delay)
        elif wish(pod, "crash-loop") == "true":
            wait = self._crash(new, age - delay, int(_number(wish(pod, "exit-code"), 1)))
        elif wish(pod, "not-live") == "true":
            wait = self._crash(new, age - delay, KILLED)
        else:
            wait = self._work(new, age - delay)
        if self._client.update_status(PODS, new) is not pod:
            for reason, message, is_warning in self._news:
                self._controllers.events.tell(KUBELET, pod, reason, message, warning=is_warning)
        if wait is not None:
            self._controllers.again(self, key, wait)

    def _settle_in(self, pod: Object) -> None:
        """What a Pod has as soon as a kubelet knows it: a start time and addresses."""
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
            status["podIP"] = f"10.{244 + index // 62500 % 10}.{index // 250 % 250}.{index % 250 + 2}"
            status["podIPs"] = [{"ip": status["podIP"]}]

    def _work(self, pod: Object, since: float) -> float | None:
        """The containers run, to their end if they have one; seconds until there is more to do."""
        if not _is_running(pod):
            self._tell_start(pod)
        end = self._end_of_run(pod)
        if end is None or since < end:
            is_ready = wish(pod, "not-ready") != "true"
            containers.running(pod, is_ready=is_ready)
            if not is_ready:
                self._tell("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", True)
            return None if end is None else end - since
        code, policy = int(_number(wish(pod, "exit-code"), 0)), pod["spec"].get("restartPolicy")
        if policy == "Always" or (policy == "OnFailure" and code != 0):
            return self._crash(pod, since - end, code)
        containers.finished(pod, code)
        return None

    def _end_of_run(self, pod: Object) -> float | None:
        """Seconds for which the containers run, or None for ever."""
        text = wish(pod, "run-for")
        if not text and owner_of(pod, "Job") is None:
            return None
        return _number(text, 0.0)

    def _step(self, pod: Object) -> float:
        return max(self._delay(pod), LEAST_STEP)

    def _without_image(self, pod: Object, since: float) -> float | None:
        image = pod["spec"]["containers"][0].get("image") or ""
        step = self._step(pod)
        if since < step:
            missing = f'Failed to pull image "{image}": failed to resolve reference "{image}": not found'
            self._tell("Pulling", f'Pulling image "{image}"')
            self._tell("Failed", missing, True)
            self._tell("Failed", "Error: ErrImagePull", True)
            containers.without_image(pod, "ErrImagePull", missing)
            return step - since
        self._tell("BackOff", f'Back-off pulling image "{image}"')
        self._tell("Failed", "Error: ImagePullBackOff", True)
        containers.without_image(pod, "ImagePullBackOff", 'Back-off pulling image "{image}"')
        return None

    def _crash(self, pod: Object, since: float, code: int) -> float | None:
        """The containers ended once more: the n-th time after twice as long a wait as the time before."""
        step, crashes, next_crash = self._step(pod), 1, self._step(pod)
        while next_crash <= since and crashes < MOST_CRASHES:
            step, crashes = step * 2, crashes + 1
            next_crash += step
        if crashes == 1:
            self._tell_start(pod)
        if code == KILLED:
            self._tell("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503", True)
        meta, name = pod["metadata"], pod["spec"]["containers"][0]["name"]
        where = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        self._tell("BackOff", f"Back-off restarting failed container {name} in pod {where}", True)
        containers.crashing(pod, crashes, code)
        return next_crash - since if crashes < MOST_CRASHES else None

    # ---- events

    def _tell(self, reason: str, message: str, is_warning: bool = False) -> None:
        self._news.append((reason, message, is_warning))

    def _tell_start(self, pod: Object) -> None:
        for container in pod["spec"]["containers"]:
            name, image = container["name"], container.get("image") or ""
            self._tell("Pulled", f'Container image "{image}" already present on machine')
            self._tell("Created", f"Created container: {name}")
            self._tell("Started", f"Started container {name}")


def _is_running(pod: Object) -> bool:
    return any("running" in c["state"] for c in dig(pod, "status", "containerStatuses") or ())


__all__ = ["NODES", "PODS", "Kubelet", "is_active", "is_ready", "wish"]
