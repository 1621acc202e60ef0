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
                self._roll(deployment, current, [s for s in sets if s["metadata"]["uid"] != current["metadata"]["uid"]])
        self._report(key, current["metadata"]["name"] if current is not None else None)

    def _sets(self, deployment: Object) -> list[Object]:
        uid = deployment["metadata"]["uid"]
        return [s for s in self._client.list(REPLICA_SETS, deployment["metadata"]["namespace"]) if owner_uid(s) == uid]

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
        return self._client.create(
            REPLICA_SETS,
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{meta['name']}-{hashed}",
                    "namespace": meta["namespace"],
                    "labels": dict(template["metadata"]["labels"]),
                    "annotations": {**annotations, REVISION: str(_next_revision(sets))},
                    "ownerReferences": [controller_reference(deployment, "apps/v1", "Deployment")],
                },
                "spec": {
                    "replicas": 0,
                    "selector": selector,
                    "template": template,
                    **({"minReadySeconds": spec["minReadySeconds"]} if spec.get("minReadySeconds") else {}),
                },
            },
        )

    def _revise(self, deployment: Object, current: Object, sets: list[Object]) -> Object:
        """The current set has the highest revision, and the Deployment shows it."""
        others = [s for s in sets if s["metadata"]["uid"] != current["metadata"]["uid"]]
        wanted = max([_revision(current), *(_revision(s) + 1 for s in others)])
        replicas = deployment["spec"]["replicas"]
        surge = share(dig(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"), replicas, round_up=True)
        marks = {REVISION: str(wanted), DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}
        if any((current["metadata"].get("annotations") or {}).get(k) != v for k, v in marks.items()):
            new = copy(current)
            new["metadata"].setdefault("annotations", {}).update(marks)
            current = self._client.update(REPLICA_SETS, new) or current
        if (deployment["metadata"].get("annotations") or {}).get(REVISION) != str(wanted):
            fresh = self._client.get(DEPLOYMENTS, deployment["metadata"]["namespace"], deployment["metadata"]["name"])
            if fresh is not None:
                new = copy(fresh)
                new["metadata"].setdefault("annotations", {})[REVISION] = str(wanted)
                self._client.update(DEPLOYMENTS, new)
        return current

    def _roll(self, deployment: Object, current: Object, old: list[Object]) -> None:
        spec = deployment["spec"]
        wanted = spec["replicas"]
        if dig(spec, "strategy", "type") == "Recreate":
            for each in old:
                self._scale(each, 0)
            if all((s.get("status") or {}).get("replicas", 0) == 0 for s in old):
                self._scale(current, wanted)
            return
        rolling = dig(spec, "strategy", "rollingUpdate") or {}
        surge = share(rolling.get("maxSurge", "25%"), wanted, round_up=True)
        unavailable = share(rolling.get("maxUnavailable", "25%"), wanted, round_up=False)
        if surge == 0 and unavailable == 0:
            unavailable = 1
        total_old = sum(s["spec"].get("replicas", 0) for s in old)
        room = wanted + surge - total_old - current["spec"].get("replicas", 0)
        target = min(wanted, current["spec"].get("replicas", 0) + max(room, 0))
        current = self._scale(current, target if current["spec"].get("replicas", 0) <= wanted else wanted)
        self._shrink(old, current, wanted - unavailable)

    def _shrink(self, old: list[Object], current: Object, least: int) -> None:
        """Takes old Pods away as far as enough others serve; those that do not serve go at once."""
        available = (current.get("status") or {}).get("availableReplicas", 0)
        for each in old:
            serving = (each.get("status") or {}).get("availableReplicas", 0)
            spare = each["spec"].get("replicas", 0) - serving
            if spare > 0 and (each.get("status") or {}).get("observedGeneration") == each["metadata"].get("generation"):
                self._scale(each, serving)
        total = available + sum((s.get("status") or {}).get("availableReplicas", 0) for s in old)
        for each in old:
            fresh = self._client.get(REPLICA_SETS, each["metadata"]["namespace"], each["metadata"]["name"]) or each
            count = fresh["spec"].get("replicas", 0)
            cut = min(count, max(total - least, 0))
            if cut > 0:
                self._scale(fresh, count - cut)
                total -= cut

    def _scale(self, replica_set: Object, replicas: int) -> Object:
        if replica_set["spec"].get("replicas", 0) == replicas:
            return replica_set
        new = copy(replica_set)
        new["spec"]["replicas"] = replicas
        return self._client.update(REPLICA_SETS, new) or replica_set

    # ---- status

    def _report(self, key: Key, current_name: str | None) -> None:
        deployment = self._client.get(DEPLOYMENTS, *key)
        if deployment is None:
            return
        sets = self._sets(deployment)
        current = next((s for s in sets if s["metadata"]["name"] == current_name), None)

        def count(objects: list[Object], field: str) -> int:
            return sum((s.get("status") or {}).get(field, 0) for s in objects)

        wanted = deployment["spec"]["replicas"]
        total, ready, available = (count(sets, f) for f in ("replicas", "readyReplicas", "availableReplicas"))
        updated = count([current], "replicas") if current is not None else 0
        new = copy(deployment)
        status: Object = {"conditions": copy(dig(deployment, "status", "conditions") or [])}
        status["observedGeneration"] = deployment["metadata"].get("generation", 1)
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


def _revision(replica_set: Object) -> int:
    text = (replica_set["metadata"].get("annotations") or {}).get(REVISION) or "0"
    return int(text) if text.isdigit() else 0


def _next_revision(sets: list[Object]) -> int:
    return max([_revision(s) for s in sets], default=0) + 1
