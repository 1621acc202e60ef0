"""ClusterRoles that are made of others: their rules are those of all roles that their selectors find."""

from collections.abc import Iterable

from karmactl.embedded.selectors import matches_selector
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import Object, copy, equal

ROLES: Table = ("rbac.authorization.k8s.io", "clusterroles")


class Aggregation:
    """The controller behind `aggregationRule`."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's ClusterRoles."""
        self._client = Client(controllers.cluster, "clusterrole-aggregation-controller")

    def concerns(self, change: Change) -> Iterable[Key]:
        """All aggregated roles, whenever some role changes."""
        if change.table != ROLES:
            return []
        return [("", r["metadata"]["name"]) for r in self._client.list(ROLES) if r.get("aggregationRule")]

    def reconcile(self, key: Key) -> None:
        """Gathers the rules of one role."""
        role = self._client.get(ROLES, *key)
        selectors = (role or {}).get("aggregationRule", {}).get("clusterRoleSelectors") or []
        if role is None or not selectors:
            return
        rules: list[Object] = []
        for other in sorted(self._client.list(ROLES), key=lambda r: str(r["metadata"]["name"])):
            labels = other["metadata"].get("labels") or {}
            if other["metadata"]["name"] == key[1] or not any(matches_selector(s, labels) for s in selectors):
                continue
            rules += [copy(r) for r in other.get("rules") or () if not any(equal(r, known) for known in rules)]
        if not equal(role.get("rules") or [], rules):
            self._client.update(ROLES, {**copy(role), "rules": rules})
