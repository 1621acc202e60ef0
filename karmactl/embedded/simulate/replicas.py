"""ReplicaSets (and ReplicationControllers): as many Pods as asked for."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers, controller_reference, of_table, owner_uid, owners_in
from karmactl.embedded.simulate.pods import PODS, is_active, is_ready
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import Object, copy, dig

REPLICA_SETS = ("apps", "replicasets")
REPLICATION_CONTROLLERS = ("", "replicationcontrollers")
BURST = 500
RETRY_SECONDS = 0.25


def pod_of(owner: Object, template: Object, api_version: str, kind: str) -> Object:
    """A Pod after a template, owned; without a name of its own."""
    meta = template.get("metadata") or {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": owner["metadata"]["name"] + "-",
            "namespace": owner["metadata"]["namespace"],
            **{k: copy(meta[k]) for k in ("labels", "annotations", "finalizers") if meta.get(k)},
            "ownerReferences": [controller_reference(owner, api_version, kind)],
        },
        "spec": copy(template["spec"]),
    }


def pods_of(controllers: Controllers, owner: Object) -> list[Object]:
    """The Pods that an object controls."""
    uid = owner["metadata"]["uid"]
    return [p for p in controllers.dependents.of(uid, PODS) if owner_uid(p) == uid]


class Replicas:
    """The controller of ReplicaSets or of ReplicationControllers."""

    def __init__(self, controllers: Controllers, table: Table, api_version: str, kind: str) -> None:
        """A controller for one of the two kinds."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)
        self._table, self._api_version, self._kind = table, api_version, kind
        self._component = "replicaset-controller" if kind == "ReplicaSet" else "replication-controller"

    def concerns(self, change: Change) -> Iterable[Key]:
        """Sets that changed, and sets whose Pods did."""
        return [*of_table(change, self._table), *owners_in(change, PODS, self._kind)]

    def reconcile(self, key: Key) -> None:
        """Creates or deletes Pods, and reports."""
        owner = self._client.get(self._table, *key)
        if owner is None:
            return
        pods = pods_of(self._controllers, owner)
        active = [p for p in pods if is_active(p)]
        if "deletionTimestamp" not in owner["metadata"]:
            self._scale(owner, active)
        self._report(owner)

    def _scale(self, owner: Object, active: list[Object]) -> None:
        wanted = owner["spec"].get("replicas", 1)
        missing = min(wanted - len(active), BURST)
        if missing > 0:
            template = owner["spec"].get("template") or {"spec": {"containers": []}}
            pod = pod_of(owner, template, self._api_version, self._kind)
            made = self._client.create_alike(PODS, pod, missing)
            for name in made:
                self._tell(owner, "SuccessfulCreate", f"Created pod: {name}")
            if len(made) < missing:
                self._refused(owner)
        if len(active) > wanted:
            # what does not serve goes first, then the youngest
            active.sort(key=lambda p: (is_ready(p), -_age(p), p["metadata"]["name"]))
            for pod in active[: len(active) - wanted]:
                self._client.delete(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
                self._tell(owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")

    def _tell(self, owner: Object, reason: str, message: str, *, warning: bool = False) -> None:
        self._controllers.events.tell(self._component, owner, reason, message, warning=warning)

    def _refused(self, owner: Object) -> None:
        """Says that the server takes no (more) Pods, such as past a quota, and tries again."""
        self._tell(owner, "FailedCreate", f"Error creating: {self._client.refusal}", warning=True)
        self._controllers.again(self, (owner["metadata"]["namespace"], owner["metadata"]["name"]), RETRY_SECONDS)

    def _report(self, owner: Object) -> None:
        fresh = self._client.get(self._table, owner["metadata"]["namespace"], owner["metadata"]["name"])
        if fresh is None:
            return
        active = [p for p in pods_of(self._controllers, fresh) if is_active(p)]
        ready = sum(1 for p in active if is_ready(p))
        new = copy(fresh)
        status: Object = {
            k: v for k, v in (new.get("status") or {}).items() if k not in ("readyReplicas", "availableReplicas")
        }
        status["replicas"] = len(active)
        labels = dig(fresh, "spec", "template", "metadata", "labels") or {}
        full = sum(1 for p in active if labels.items() <= (p["metadata"].get("labels") or {}).items())
        status.pop("fullyLabeledReplicas", None)
        if full:
            status["fullyLabeledReplicas"] = full
        if ready:
            status["readyReplicas"] = status["availableReplicas"] = ready
        status["observedGeneration"] = fresh["metadata"].get("generation", 1)
        new["status"] = status
        self._client.update_status(self._table, new)


def _age(pod: Object) -> int:
    return int(pod["metadata"].get("resourceVersion") or 0)
