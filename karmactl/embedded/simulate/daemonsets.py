"""DaemonSets: one Pod on every node that admits it."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.deployments import share, template_hash
from karmactl.embedded.simulate.loop import Controllers, of_table, owners_in
from karmactl.embedded.simulate.pods import PODS, is_active, is_ready
from karmactl.embedded.simulate.replicas import RETRY_SECONDS, pod_of, pods_of
from karmactl.embedded.simulate.revisions import LABEL, keep_revision
from karmactl.embedded.simulate.scheduler import NODES, fits_labels, tolerates
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig

DAEMON_SETS = ("apps", "daemonsets")
_TOLERATIONS = tuple(
    {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": effect}
    for name, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    )
)


class DaemonSets:
    """The DaemonSet controller."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's DaemonSets."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """DaemonSets that changed, those whose Pods did, and all when nodes change."""
        if change.table == NODES:
            return [(d["metadata"]["namespace"], d["metadata"]["name"]) for d in self._client.list(DAEMON_SETS)]
        return [*of_table(change, DAEMON_SETS), *owners_in(change, PODS, "DaemonSet")]

    def reconcile(self, key: Key) -> None:
        """Places and replaces Pods, and reports."""
        daemon = self._client.get(DAEMON_SETS, *key)
        if daemon is None:
            return
        if "deletionTimestamp" not in daemon["metadata"]:
            self._place(daemon)
        self._report(key)

    def _eligible(self, daemon: Object) -> list[str]:
        spec = dict(daemon["spec"]["template"]["spec"])
        spec["tolerations"] = [*(spec.get("tolerations") or ()), *_TOLERATIONS]
        return [
            n["metadata"]["name"]
            for n in self._client.list(NODES)
            if tolerates(spec, dig(n, "spec", "taints") or (), ("NoSchedule", "NoExecute")) and fits_labels(spec, n)
        ]

    def _place(self, daemon: Object) -> None:
        hashed = template_hash(daemon["spec"]["template"])
        keep_revision(self._controllers, self._client, daemon, "DaemonSet", hashed, hashed)
        wanted = self._eligible(daemon)
        pods = [p for p in pods_of(self._controllers, daemon) if is_active(p)]
        by_node: dict[str, Object] = {}
        for pod in pods:
            node = _node_of(pod)
            if node in by_node or node not in wanted:
                self._delete(daemon, pod)
            else:
                by_node[node] = pod
        for node in wanted:
            if node not in by_node:
                self._create(daemon, node, hashed)
        if dig(daemon, "spec", "updateStrategy", "type") != "OnDelete":
            self._replace(daemon, by_node, hashed)

    def _replace(self, daemon: Object, by_node: dict[str, Object], hashed: str) -> None:
        most = share(
            dig(daemon, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable") or 1, len(by_node), round_up=True
        )
        broken = sum(1 for p in by_node.values() if not is_ready(p))
        for pod in by_node.values():
            if (pod["metadata"].get("labels") or {}).get(LABEL) == hashed:
                continue
            if is_ready(pod):
                if broken >= max(most, 1):
                    continue
                broken += 1
            self._delete(daemon, pod)

    def _create(self, daemon: Object, node: str, hashed: str) -> None:
        pod = pod_of(daemon, daemon["spec"]["template"], "apps/v1", "DaemonSet")
        pod["metadata"].setdefault("labels", {})[LABEL] = hashed
        pod["metadata"]["labels"]["pod-template-generation"] = str(daemon["metadata"].get("generation", 1))
        pod["spec"]["nodeName"] = node
        pod["spec"].setdefault("tolerations", []).extend(copy(list(_TOLERATIONS)))
        made = self._client.create(PODS, pod)
        if made is not None:
            self._tell(daemon, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        else:
            self._tell(daemon, "FailedCreate", f"Error creating: {self._client.refusal}", warning=True)
            key = (daemon["metadata"]["namespace"], daemon["metadata"]["name"])
            self._controllers.again(self, key, RETRY_SECONDS)

    def _tell(self, daemon: Object, reason: str, message: str, *, warning: bool = False) -> None:
        self._controllers.events.tell("daemonset-controller", daemon, reason, message, warning=warning)

    def _delete(self, daemon: Object, pod: Object) -> None:
        self._client.delete(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
        self._tell(daemon, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")

    def _report(self, key: Key) -> None:
        daemon = self._client.get(DAEMON_SETS, *key)
        if daemon is None:
            return
        hashed = template_hash(daemon["spec"]["template"])
        wanted = self._eligible(daemon)
        pods = [p for p in pods_of(self._controllers, daemon) if is_active(p)]
        right = [p for p in pods if _node_of(p) in wanted]
        ready = sum(1 for p in right if is_ready(p))
        updated = sum(1 for p in right if (p["metadata"].get("labels") or {}).get(LABEL) == hashed)
        status: Object = {
            "currentNumberScheduled": len(right),
            "numberMisscheduled": len(pods) - len(right),
            "desiredNumberScheduled": len(wanted),
            "numberReady": ready,
            "observedGeneration": daemon["metadata"].get("generation", 1),
        }
        for field, number in (
            ("updatedNumberScheduled", updated),
            ("numberAvailable", ready),
            ("numberUnavailable", len(wanted) - ready),
        ):
            if number:
                status[field] = number
        new = copy(daemon)
        new["status"] = status
        self._client.update_status(DAEMON_SETS, new)


def _node_of(pod: Object) -> str:
    return str(pod["spec"].get("nodeName") or "")
