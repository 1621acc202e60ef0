"""The scheduler: a Pod gets the emptiest node that it tolerates, fits and has room on, or says why there is none."""

from collections.abc import Iterable

from karmactl.embedded import quantity
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.conditions import set_condition
from karmactl.embedded.simulate.loop import Controllers
from karmactl.embedded.simulate.occupancy import PODS, Amounts, requests_of
from karmactl.embedded.store import Table
from karmactl.embedded.values import Object, copy, dig

NODES: Table = ("", "nodes")
CLAIMS: Table = ("", "persistentvolumeclaims")
SCHEDULER = "default-scheduler"


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


def claims_of(pod: Object) -> list[str]:
    """The names of the claims that a Pod mounts."""
    found = (dig(v, "persistentVolumeClaim", "claimName") for v in dig(pod, "spec", "volumes") or ())
    return [name for name in found if name]


class Scheduler:
    """Binds Pods to nodes."""

    def __init__(self, controllers: Controllers) -> None:
        """A scheduler for the cluster's Pods."""
        self._controllers = controllers
        self._client = Client(controllers.cluster, "kube-scheduler")
        self._occupancy = controllers.occupancy

    def schedule(self, pod: Object) -> None:
        """Gives a Pod a node, or the reason why it gets none."""
        nodes = self._client.list(NODES)
        missing = self._missing_claim(pod)
        node, why = (None, missing) if missing else self._find_node(pod, nodes)
        new = copy(pod)
        if node is None:
            set_condition(new["status"], "PodScheduled", "False", "Unschedulable", why)
            if self._client.update_status(PODS, new) is not pod:
                self._controllers.events.tell(SCHEDULER, pod, "FailedScheduling", why, warning=True)
            return
        new["spec"]["nodeName"] = node
        set_condition(new["status"], "PodScheduled", "True", "", "")
        for condition in new["status"]["conditions"]:
            if condition["type"] == "PodScheduled":
                condition.pop("reason", None)
                condition.pop("message", None)
        # binding is a write of its own upstream, too; it bypasses what clients may not change
        meta = pod["metadata"]
        self._controllers.cluster.store.put(PODS, (meta["namespace"], meta["name"]), new)
        told = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node}"
        self._controllers.events.tell(SCHEDULER, pod, "Scheduled", told)

    def _missing_claim(self, pod: Object) -> str:
        """Why no node will do: a claim that the Pod uses is not there; empty where all are."""
        for name in claims_of(pod):
            if self._client.get(CLAIMS, pod["metadata"]["namespace"], name) is None:
                count = len(self._client.list(NODES))
                return f'0/{count} nodes are available: persistentvolumeclaim "{name}" not found.'
        return ""

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
