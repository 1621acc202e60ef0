"""StatefulSets: Pods with names that stay, in order, with a claim for each volume template."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.deployments import template_hash
from karmactl.embedded.simulate.loop import Controllers, of_table, owners_in
from karmactl.embedded.simulate.pods import PODS, is_ready
from karmactl.embedded.simulate.replicas import RETRY_SECONDS, pod_of, pods_of
from karmactl.embedded.simulate.revisions import LABEL, keep_revision
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig

STATEFUL_SETS = ("apps", "statefulsets")
CLAIMS = ("", "persistentvolumeclaims")
POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"


class StatefulSets:
    """The StatefulSet controller."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's StatefulSets."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """StatefulSets that changed, and those whose Pods did."""
        return [*of_table(change, STATEFUL_SETS), *owners_in(change, PODS, "StatefulSet")]

    def reconcile(self, key: Key) -> None:
        """Creates, replaces or deletes the next Pod, and reports."""
        stateful = self._client.get(STATEFUL_SETS, *key)
        if stateful is None or "deletionTimestamp" in stateful["metadata"]:
            return
        revision = self._revision(stateful)
        pods = {p["metadata"]["name"]: p for p in pods_of(self._controllers, stateful)}
        self._step(stateful, pods, revision)
        self._report(key, revision)

    def _revision(self, stateful: Object) -> str:
        """The name of the revision of the present template."""
        hashed = template_hash(stateful["spec"]["template"])
        name = f"{stateful['metadata']['name']}-{hashed}"
        return keep_revision(self._controllers, self._client, stateful, "StatefulSet", hashed, name)

    def _step(self, stateful: Object, pods: dict[str, Object], revision: str) -> None:
        spec, meta = stateful["spec"], stateful["metadata"]
        first = dig(spec, "ordinals", "start") or 0
        wanted = [f"{meta['name']}-{first + i}" for i in range(spec.get("replicas", 1))]
        ordered = spec.get("podManagementPolicy") != "Parallel"
        for name in wanted:
            pod = pods.get(name)
            if pod is None:
                self._create(stateful, name, revision)
                if ordered:
                    return
            elif ordered and not is_ready(pod) and ("deletionTimestamp" in pod["metadata"] or _has(pod, revision)):
                return
        extra = sorted(set(pods) - set(wanted), key=_ordinal, reverse=True)
        for name in extra:
            self._delete(stateful, pods[name])
            if ordered:
                return
        self._replace(stateful, pods, wanted, revision)

    def _replace(self, stateful: Object, pods: dict[str, Object], wanted: list[str], revision: str) -> None:
        """Pods of an older template go, the highest first, one at a time, down to the partition."""
        strategy = stateful["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return
        partition = dig(strategy, "rollingUpdate", "partition") or 0
        for index in range(len(wanted) - 1, partition - 1, -1):
            pod = pods.get(wanted[index])
            if pod is None or "deletionTimestamp" in pod["metadata"]:
                return
            if not _has(pod, revision):
                self._delete(stateful, pod)
                return
            if not is_ready(pod):
                return

    def _delete(self, stateful: Object, pod: Object) -> None:
        meta = pod["metadata"]
        if "deletionTimestamp" not in meta:
            self._client.delete(PODS, meta["namespace"], meta["name"])
            self._tell(stateful, "SuccessfulDelete", f"delete Pod {meta['name']} in StatefulSet {{name}} successful")

    def _tell(self, stateful: Object, reason: str, message: str, *, warning: bool = False) -> None:
        told = message.format(name=stateful["metadata"]["name"])
        self._controllers.events.tell("statefulset-controller", stateful, reason, told, warning=warning)

    def _create(self, stateful: Object, name: str, revision: str) -> None:
        meta, spec = stateful["metadata"], stateful["spec"]
        pod = pod_of(stateful, spec["template"], "apps/v1", "StatefulSet")
        pod["metadata"]["name"] = name
        labels = pod["metadata"].setdefault("labels", {})
        labels.update({POD_NAME: name, POD_INDEX: str(_ordinal(name)), LABEL: revision})
        pod["spec"]["hostname"] = name
        if spec.get("serviceName"):
            pod["spec"]["subdomain"] = spec["serviceName"]
        for template in spec.get("volumeClaimTemplates") or ():
            claim = f"{template['metadata']['name']}-{name}"
            volumes = pod["spec"].setdefault("volumes", [])
            volumes[:] = [v for v in volumes if v["name"] != template["metadata"]["name"]]
            volumes.append({"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim}})
            if self._client.get(CLAIMS, meta["namespace"], claim) is None:
                own = copy(template)
                own.update(apiVersion="v1", kind="PersistentVolumeClaim")
                own["metadata"] = {
                    **own["metadata"],
                    "name": claim,
                    "namespace": meta["namespace"],
                    "labels": {
                        **(own["metadata"].get("labels") or {}),
                        **(dig(spec, "selector", "matchLabels") or {}),
                    },
                }
                own.pop("status", None)
                if self._client.create(CLAIMS, own) is not None:
                    told = f"create Claim {claim} Pod {name} in StatefulSet {{name}} success"
                    self._tell(stateful, "SuccessfulCreate", told)
        if self._client.create(PODS, pod) is not None:
            self._tell(stateful, "SuccessfulCreate", f"create Pod {name} in StatefulSet {{name}} successful")
        else:
            error = self._client.refusal.replace("{", "{{").replace("}", "}}")
            told = f"create Pod {name} in StatefulSet {{name}} failed error: {error}"
            self._tell(stateful, "FailedCreate", told, warning=True)
            self._controllers.again(self, (meta["namespace"], meta["name"]), RETRY_SECONDS)

    def _report(self, key: Key, revision: str) -> None:
        stateful = self._client.get(STATEFUL_SETS, *key)
        if stateful is None:
            return
        pods = [p for p in pods_of(self._controllers, stateful) if "deletionTimestamp" not in p["metadata"]]
        ready = sum(1 for p in pods if is_ready(p))
        updated = sum(1 for p in pods if _has(p, revision))
        before = stateful.get("status") or {}
        wanted = stateful["spec"].get("replicas", 1)
        done = updated == len(pods) == wanted and ready == wanted
        current = revision if done or not before.get("currentRevision") else before["currentRevision"]
        status: Object = {
            "observedGeneration": stateful["metadata"].get("generation", 1),
            "replicas": len(pods),
            "availableReplicas": ready,
            "collisionCount": before.get("collisionCount", 0),
            "currentRevision": current,
            "updateRevision": revision,
        }
        for field, number in (
            ("readyReplicas", ready),
            ("updatedReplicas", updated),
            ("currentReplicas", sum(1 for p in pods if _has(p, current))),
        ):
            if number:
                status[field] = number
        new = copy(stateful)
        new["status"] = status
        self._client.update_status(STATEFUL_SETS, new)


def _has(pod: Object, revision: str) -> bool:
    return (pod["metadata"].get("labels") or {}).get(LABEL) == revision


def _ordinal(name: str) -> int:
    text = name.rpartition("-")[2]
    return int(text) if text.isdigit() else -1
