"""Deployments: a ReplicaSet per template, rolled over within maxSurge and maxUnavailable, with conditions."""

import hashlib
import math
import time
from collections.abc import Iterable
from typing import Any

import orjson

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.conditions import set_condition
from karmactl.embedded.simulate.loop import Controllers, controller_reference, of_table, owner_uid, owners_in
from karmactl.embedded.simulate.replicas import REPLICA_SETS
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig

DEPLOYMENTS = ("apps", "deployments")
HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


def template_hash(template: Object) -> str:
    """Ten characters that stand for a Pod template."""
    plain = copy(template)
    (dig(plain, "metadata", "labels") or {}).pop(HASH_LABEL, None)
    digest = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()
    return "".join(_SAFE[b % len(_SAFE)] for b in digest[:10])


def share(value: Any, of: int, *, round_up: bool) -> int:
    """A count, or a percentage of one."""
    if isinstance(value, str) and value.endswith("%"):
        exact = of * int(value[:-1]) / 100
        return math.ceil(exact) if round_up else math.floor(exact)
    return int(value or 0)


class Deployments:
    """The Deployment controller."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's Deployments."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)
        self._progress: dict[str, tuple[Any, float]] = {}

    def concerns(self, change: Change) -> Iterable[Key]:
        """Deployments that changed, and those whose ReplicaSets did."""
        return [*of_table(change, DEPLOYMENTS), *owners_in(change, REPLICA_SETS, "Deployment")]

    def reconcile(self, key: Key) -> None:
        """Takes the rollout a step further, and reports."""
        deployment = self._client.get(DEPLOYMENTS, *key)
        if deployment is None or "deletionTimestamp" in deployment["metadata"]:
            return
        sets = self._sets(deployment)
        hashed = template_hash(deployment["spec"]["template"])
        current = next((s for s in sets if (s["metadata"].get("labels") or {}).get(HASH_LABEL) == hashed), None)
        if not deployment["spec"].get("paused"):
            if current is None:
                current = self._create(deployment, hashed, sets)
            if current is not None:
                current = self._revise(deployment, current, sets)
                old = [s for s in sets if s["metadata"]["uid"] != current["metadata"]["uid"]]
                self._roll(deployment, current, old)
                self._forget(deployment, old)
        elif len(serving := [s for s in sets if _asked(s)] or sets) == 1:
            # a rollout that is paused does not move, but what there is can be scaled
            self._scale(deployment, serving[0], deployment["spec"]["replicas"])
        self._report(key, current)

    def _sets(self, deployment: Object) -> list[Object]:
        uid = deployment["metadata"]["uid"]
        return [s for s in self._controllers.dependents.of(uid, REPLICA_SETS) if owner_uid(s) == uid]

    def _create(self, deployment: Object, hashed: str, sets: list[Object]) -> Object | None:
        meta, spec = deployment["metadata"], deployment["spec"]
        template = copy(spec["template"])
        template.setdefault("metadata", {}).setdefault("labels", {})[HASH_LABEL] = hashed
        selector = copy(spec["selector"])
        selector.setdefault("matchLabels", {})[HASH_LABEL] = hashed
        annotations = {
            k: v
            for k, v in (meta.get("annotations") or {}).items()
            if k not in (REVISION, "kubectl.kubernetes.io/last-applied-configuration")
        }
        revision = max([_revision(s) for s in sets], default=0) + 1
        replicas = _first_replicas(deployment, sets)
        made = self._client.create(
            REPLICA_SETS,
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{meta['name']}-{hashed}",
                    "namespace": meta["namespace"],
                    "labels": dict(template["metadata"]["labels"]),
                    "annotations": {**annotations, **_marks(deployment, revision)},
                    "ownerReferences": [controller_reference(deployment, "apps/v1", "Deployment")],
                },
                "spec": {
                    "replicas": replicas,
                    "selector": selector,
                    "template": template,
                    **({"minReadySeconds": spec["minReadySeconds"]} if spec.get("minReadySeconds") else {}),
                },
            },
        )
        if made is not None and replicas:
            self._tell_scaling(deployment, made, 0, replicas)
        return made

    def _tell_scaling(self, deployment: Object, replica_set: Object, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        told = f"Scaled {way} replica set {replica_set['metadata']['name']} from {before} to {after}"
        self._controllers.events.tell("deployment-controller", deployment, "ScalingReplicaSet", told)

    def _forget(self, deployment: Object, old: list[Object]) -> None:
        """Old sets without Pods go, the oldest first, beyond as many as the history keeps."""
        idle = [s for s in old if not s["spec"].get("replicas") and not (s.get("status") or {}).get("replicas")]
        limit = deployment["spec"].get("revisionHistoryLimit", 10)
        for each in sorted(idle, key=_revision)[: max(len(idle) - limit, 0)]:
            self._client.delete(REPLICA_SETS, each["metadata"]["namespace"], each["metadata"]["name"])

    def _revise(self, deployment: Object, current: Object, sets: list[Object]) -> Object:
        """The current set has the highest revision."""
        others = [s for s in sets if s["metadata"]["uid"] != current["metadata"]["uid"]]
        marks = _marks(deployment, max([_revision(current), *(_revision(s) + 1 for s in others)]))
        if all((current["metadata"].get("annotations") or {}).get(k) == v for k, v in marks.items()):
            return current
        new = copy(current)
        new["metadata"].setdefault("annotations", {}).update(marks)
        return self._client.update(REPLICA_SETS, new) or current

    def _roll(self, deployment: Object, current: Object, old: list[Object]) -> None:
        spec = deployment["spec"]
        wanted = spec["replicas"]
        if dig(spec, "strategy", "type") == "Recreate":
            for each in old:
                self._scale(deployment, each, 0)
            if all((s.get("status") or {}).get("replicas", 0) == 0 for s in old):
                self._scale(deployment, current, wanted)
            return
        rolling = dig(spec, "strategy", "rollingUpdate") or {}
        surge = share(rolling.get("maxSurge", "25%"), wanted, round_up=True)
        unavailable = share(rolling.get("maxUnavailable", "25%"), wanted, round_up=False)
        if surge == 0 and unavailable == 0:
            unavailable = 1
        total_old = sum(s["spec"].get("replicas", 0) for s in old)
        room = wanted + surge - total_old - current["spec"].get("replicas", 0)
        target = min(wanted, current["spec"].get("replicas", 0) + max(room, 0))
        current = self._scale(deployment, current, target if current["spec"].get("replicas", 0) <= wanted else wanted)
        self._shrink(deployment, old, current, wanted - unavailable)

    def _shrink(self, deployment: Object, old: list[Object], current: Object, least: int) -> None:
        """Takes old Pods away, those that do not serve first, as far as at least so many serve for sure.

        Upstream: `reconcileOldReplicaSets` in pkg/controller/deployment/rolling.go. What is asked for counts, not what
        a set reports, which may be behind.
        """
        old = sorted(old, key=_revision)
        coming = _asked(current) - _available(current)
        spare = sum(_asked(s) for s in [current, *old]) - least - coming
        for index, each in enumerate(old):
            idle = min(_asked(each) - _available(each), spare)
            if idle > 0:
                old[index] = self._scale(deployment, each, _asked(each) - idle)
                spare -= idle
        surplus = min(sum(_available(s) for s in [current, *old]) - least, spare)
        for each in old:
            cut = min(_asked(each), surplus)
            if cut > 0:
                self._scale(deployment, each, _asked(each) - cut)
                surplus -= cut

    def _scale(self, deployment: Object, replica_set: Object, replicas: int) -> Object:
        before = replica_set["spec"].get("replicas", 0)
        if before == replicas:
            return replica_set
        new = copy(replica_set)
        new["spec"]["replicas"] = replicas
        scaled = self._client.update(REPLICA_SETS, new)
        if scaled is None:
            return replica_set
        self._tell_scaling(deployment, scaled, before, replicas)
        return scaled

    # ---- status

    def _report(self, key: Key, current: Object | None) -> None:
        deployment = self._client.get(DEPLOYMENTS, *key)
        if deployment is None:
            return
        sets = self._sets(deployment)
        if current is not None:
            current = next((s for s in sets if s["metadata"]["uid"] == current["metadata"]["uid"]), None)

        def count(objects: list[Object], field: str) -> int:
            return sum((s.get("status") or {}).get(field, 0) for s in objects)

        wanted = deployment["spec"]["replicas"]
        total, ready, available = (count(sets, f) for f in ("replicas", "readyReplicas", "availableReplicas"))
        updated = count([current], "replicas") if current is not None else 0
        new = {**deployment, "metadata": dict(deployment["metadata"])}
        if current is not None and _revision(current):
            # the revision goes with the status, in one write, as upstream has it
            annotations = {**(deployment["metadata"].get("annotations") or {}), REVISION: str(_revision(current))}
            new["metadata"]["annotations"] = annotations
        status: Object = {"conditions": copy(dig(deployment, "status", "conditions") or [])}
        status["observedGeneration"] = deployment["metadata"].get("generation", 1)
        if dig(deployment, "status", "collisionCount"):
            status["collisionCount"] = deployment["status"]["collisionCount"]
        for field, number in (
            ("replicas", total),
            ("updatedReplicas", updated),
            ("readyReplicas", ready),
            ("availableReplicas", available),
            ("unavailableReplicas", max(wanted - available, 0) if total or wanted else 0),
        ):
            if number:
                status[field] = number
        self._conditions(key, deployment, status, current, (total, updated, available))
        if not status["conditions"]:
            del status["conditions"]
        new["status"] = status
        self._client.update_status(DEPLOYMENTS, new)

    def _conditions(
        self, key: Key, deployment: Object, status: Object, current: Object | None, counts: tuple[int, int, int]
    ) -> None:
        wanted = deployment["spec"]["replicas"]
        total, updated, available = counts
        rolling = dig(deployment, "spec", "strategy", "rollingUpdate") or {}
        unavailable = share(rolling.get("maxUnavailable", 0), wanted, round_up=False)
        if available >= wanted - unavailable:
            set_condition(
                status,
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
                updates=True,
            )
        else:
            set_condition(
                status,
                "Available",
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
                updates=True,
            )
        if current is None:
            return
        name = current["metadata"]["name"]
        if updated == wanted and total == wanted and available >= wanted:
            set_condition(
                status,
                "Progressing",
                "True",
                "NewReplicaSetAvailable",
                f'ReplicaSet "{name}" has successfully progressed.',
                updates=True,
            )
            self._progress.pop(deployment["metadata"]["uid"], None)
            return
        deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
        clock = time.monotonic()
        uid = deployment["metadata"]["uid"]
        seen, since = self._progress.get(uid, (None, clock))
        state = (counts, name)
        if seen != state:
            since = clock
            self._progress[uid] = (state, since)
            self._controllers.again(self, key, deadline + 0.05)
        if clock - since >= deadline:
            set_condition(
                status,
                "Progressing",
                "False",
                "ProgressDeadlineExceeded",
                f'ReplicaSet "{name}" has timed out progressing.',
                updates=True,
            )
        else:
            set_condition(
                status, "Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.', updates=True
            )


def _asked(replica_set: Object) -> int:
    return int(replica_set["spec"].get("replicas", 0))


def _available(replica_set: Object) -> int:
    """How many Pods of a set serve, of those that it will keep."""
    return min(int(dig(replica_set, "status", "availableReplicas") or 0), _asked(replica_set))


def _revision(replica_set: Object) -> int:
    text = (replica_set["metadata"].get("annotations") or {}).get(REVISION) or "0"
    return int(text) if text.isdigit() else 0


def _marks(deployment: Object, revision: int) -> dict[str, str]:
    """What the current ReplicaSet's annotations say: its revision, and how many replicas there shall and may be."""
    replicas = deployment["spec"]["replicas"]
    surge = share(dig(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"), replicas, round_up=True)
    return {REVISION: str(revision), DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}


def _first_replicas(deployment: Object, old: list[Object]) -> int:
    """With how many replicas a new ReplicaSet begins: as many as the surge leaves room for."""
    wanted: int = deployment["spec"]["replicas"]
    total: int = sum(s["spec"].get("replicas", 0) for s in old)
    if dig(deployment, "spec", "strategy", "type") == "Recreate":
        return 0 if total else wanted
    surge = share(dig(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"), wanted, round_up=True)
    return max(0, min(wanted, wanted + surge - total))
