"""Namespaces: what every one has from the start, and how one is emptied before it goes."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, now

NAMESPACES = ("", "namespaces")
ACCOUNTS, CONFIG_MAPS = ("", "serviceaccounts"), ("", "configmaps")
ROOT_CA = "kube-root-ca.crt"
_LAST = (("", "pods"), ("", "events"), ("events.k8s.io", "events"))


class Namespaces:
    """The namespace, service account and root CA controllers."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's namespaces."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """Namespaces that changed; those on their way out, when something in them goes; those that lost a fixture."""
        if change.table == NAMESPACES:
            return [change.key]
        if change.new is not None or not change.key[0]:
            return []
        namespace = self._client.get(NAMESPACES, "", change.key[0])
        if namespace is None:
            return []
        going = "deletionTimestamp" in namespace["metadata"]
        fixture = change.key[1] in ("default", ROOT_CA) and change.table in (ACCOUNTS, CONFIG_MAPS)
        return [("", change.key[0])] if going or fixture else []

    def reconcile(self, key: Key) -> None:
        """Furnishes or empties one namespace."""
        namespace = self._client.get(NAMESPACES, *key)
        if namespace is None:
            return
        if "deletionTimestamp" in namespace["metadata"]:
            self._empty(namespace)
        else:
            self._furnish(key[1])

    def _furnish(self, name: str) -> None:
        if self._client.get(ACCOUNTS, name, "default") is None:
            meta: Object = {"name": "default", "namespace": name}
            self._client.create(ACCOUNTS, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
        if self._client.get(CONFIG_MAPS, name, ROOT_CA) is None:
            meta = {
                "name": ROOT_CA,
                "namespace": name,
                "annotations": {"kubernetes.io/description": "The CA of this cluster's API server."},
            }
            data = {"ca.crt": self._controllers.cluster.ca_text}
            self._client.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})

    def _empty(self, namespace: Object) -> None:
        """Deletes everything in the namespace; when nothing is left, takes the namespace's own finalizer away."""
        name, store = namespace["metadata"]["name"], self._controllers.cluster.store
        left: dict[str, int] = {}
        finalizers: dict[str, int] = {}
        for table in [t for t in store.tables if t not in _LAST] + [t for t in _LAST if t in store.tables]:
            for obj in store.objects(table, name):
                self._client.delete(table, name, obj["metadata"]["name"])
                live = store.get(table, (name, obj["metadata"]["name"]))
                if live is not None:
                    shown = f"{table[1]}.{table[0]}"
                    left[shown] = left.get(shown, 0) + 1
                    for finalizer in live["metadata"].get("finalizers") or ():
                        finalizers[finalizer] = finalizers.get(finalizer, 0) + 1
        if left:
            self._report(namespace, left, finalizers)
            return
        fresh = self._client.get(NAMESPACES, "", name)
        if fresh is None:
            return
        own = [f for f in fresh["spec"].get("finalizers") or () if f != "kubernetes"]
        if not own and not fresh["metadata"].get("finalizers"):
            store.remove(NAMESPACES, ("", name))
        elif own != (fresh["spec"].get("finalizers") or []):
            new = copy(fresh)
            new["spec"] = {"finalizers": own} if own else {}
            store.put(NAMESPACES, ("", name), new)

    def _report(self, namespace: Object, left: dict[str, int], finalizers: dict[str, int]) -> None:
        remaining = ", ".join(f"{kind} has {count} resource instances" for kind, count in sorted(left.items()))
        blocking = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(finalizers.items()))
        rows = [
            (
                "NamespaceDeletionDiscoveryFailure",
                "False",
                "ResourcesDiscovered",
                "All resources successfully discovered",
            ),
            (
                "NamespaceDeletionGroupVersionParsingFailure",
                "False",
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
            ),
            (
                "NamespaceDeletionContentFailure",
                "False",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
            (
                "NamespaceContentRemaining",
                "True",
                "SomeResourcesRemain",
                f"Some resources are remaining: {remaining}",
            ),
            (
                "NamespaceFinalizersRemaining",
                "True" if finalizers else "False",
                "SomeFinalizersRemain" if finalizers else "ContentHasNoFinalizers",
                f"Some content in the namespace has finalizers remaining: {blocking}"
                if finalizers
                else "All content-preserving finalizers finished",
            ),
        ]
        new = copy(namespace)
        known = {c["type"]: c for c in (new.get("status") or {}).get("conditions") or ()}
        conditions = []
        for kind, status, reason, message in rows:
            before = known.get(kind)
            since = before["lastTransitionTime"] if before is not None and before["status"] == status else now()
            conditions.append(
                {"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
            )
        new["status"] = {**(new.get("status") or {}), "conditions": conditions}
        self._client.update_status(NAMESPACES, new)
