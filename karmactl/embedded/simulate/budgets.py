"""PodDisruptionBudgets: how many Pods serve, how many have to, and so how many may be evicted."""

from collections.abc import Iterable

from karmactl.embedded.selectors import matches_selector
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.conditions import set_condition
from karmactl.embedded.simulate.deployments import share
from karmactl.embedded.simulate.loop import Controllers, of_table, owner_uid
from karmactl.embedded.simulate.pods import PODS, is_active, is_ready
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import Object, copy, dig

BUDGETS: Table = ("policy", "poddisruptionbudgets")


class Budgets:
    """The disruption controller."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's budgets."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """Budgets that changed, and those that select a changed Pod."""
        if change.table != PODS:
            return of_table(change, BUDGETS)
        pods = [p for p in (change.old, change.new) if p is not None]
        return [
            (change.key[0], budget["metadata"]["name"])
            for budget in self._client.list(BUDGETS, change.key[0])
            if any(_selects(budget, p) for p in pods)
        ]

    def reconcile(self, key: Key) -> None:
        """Counts, and reports."""
        budget = self._client.get(BUDGETS, *key)
        if budget is None:
            return
        pods = [p for p in self._client.list(PODS, key[0]) if _selects(budget, p) and is_active(p)]
        expected, desired = self._wanted(budget, pods)
        healthy = sum(1 for p in pods if is_ready(p))
        allowed = max(healthy - desired, 0) if expected else 0
        new = copy(budget)
        status = new["status"] = {
            "conditions": copy(dig(budget, "status", "conditions") or []),
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "disruptionsAllowed": allowed,
            "expectedPods": expected,
            "observedGeneration": budget["metadata"].get("generation", 1),
        }
        reason = "SufficientPods" if allowed else "InsufficientPods"
        set_condition(status, "DisruptionAllowed", "True" if allowed else "False", reason, "")
        for condition in status["conditions"]:
            condition["observedGeneration"] = status["observedGeneration"]
        self._client.update_status(BUDGETS, new)

    def _wanted(self, budget: Object, pods: list[Object]) -> tuple[int, int]:
        """How many Pods there should be, and how many of them have to serve."""
        least, most = dig(budget, "spec", "minAvailable"), dig(budget, "spec", "maxUnavailable")
        if most is not None:
            expected = self._expected(pods)
            return expected, max(expected - share(most, expected, round_up=True), 0)
        if isinstance(least, str):
            expected = self._expected(pods)
            return expected, share(least, expected, round_up=True)
        return len(pods), int(least or 0)

    def _expected(self, pods: list[Object]) -> int:
        """The replicas that the owners of the Pods ask for; a Pod without an owner counts for itself."""
        replicas: dict[str, int] = {}
        for pod in pods:
            uid = owner_uid(pod) or ""
            owner = self._owner(uid)
            if owner is not None:
                # of a rollout's ReplicaSets it is the Deployment that says how many there are
                owner = self._owner(owner_uid(owner) or "") or owner
                replicas[owner["metadata"]["uid"]] = dig(owner, "spec", "replicas") or 1
            else:
                replicas[pod["metadata"]["uid"]] = 1
        return sum(replicas.values())

    def _owner(self, uid: str) -> Object | None:
        place = self._controllers.dependents.place(uid)
        return self._controllers.cluster.store.get(*place) if place is not None else None


def _selects(budget: Object, pod: Object) -> bool:
    return matches_selector(dig(budget, "spec", "selector"), pod["metadata"].get("labels") or {})
