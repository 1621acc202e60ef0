"""Claims and volumes: a claim is bound to a volume made for it, at once or when the first Pod uses it."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers, of_table
from karmactl.embedded.simulate.pods import PODS
from karmactl.embedded.simulate.scheduler import claims_of
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig

CLAIMS, VOLUMES = ("", "persistentvolumeclaims"), ("", "persistentvolumes")
CLASSES = ("storage.k8s.io", "storageclasses")
_BINDER = "persistentvolume-controller"
PROTECTION = "kubernetes.io/pvc-protection"


class Claims:
    """The volume controller and its provisioner."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's claims."""
        self._client = Client(controllers.cluster)
        self._events = controllers.events

    def concerns(self, change: Change) -> Iterable[Key]:
        """Claims that changed, and those that a changed Pod uses."""
        if change.table == PODS:
            pod = change.new or change.old
            assert pod is not None
            return [(change.key[0], name) for name in claims_of(pod)]
        return of_table(change, CLAIMS)

    def reconcile(self, key: Key) -> None:
        """Binds one claim, or lets it go."""
        claim = self._client.get(CLAIMS, *key)
        if claim is None:
            return
        users = [p for p in self._client.list(PODS, key[0]) if key[1] in claims_of(p)]
        if "deletionTimestamp" in claim["metadata"]:
            if not users and PROTECTION in (claim["metadata"].get("finalizers") or ()):
                new = copy(claim)
                new["metadata"]["finalizers"].remove(PROTECTION)
                self._client.update(CLAIMS, new)
            return
        if dig(claim, "status", "phase") == "Bound":
            return
        name = claim["spec"].get("storageClassName")
        storage_class = self._client.get(CLASSES, "", name) if name else None
        if storage_class is None:
            return
        if storage_class.get("volumeBindingMode") == "WaitForFirstConsumer" and not users:
            told = "waiting for first consumer to be created before binding"
            self._events.tell(_BINDER, claim, "WaitForFirstConsumer", told)
            return
        self._bind(claim, storage_class)

    def _bind(self, claim: Object, storage_class: Object) -> None:
        meta = claim["metadata"]
        volume = claim["spec"].get("volumeName") or f"pvc-{meta['uid']}"
        capacity = {"storage": dig(claim, "spec", "resources", "requests", "storage") or "1Gi"}
        if self._client.get(VOLUMES, "", volume) is None:
            made = self._client.create(
                VOLUMES,
                {
                    "apiVersion": "v1",
                    "kind": "PersistentVolume",
                    "metadata": {
                        "name": volume,
                        "annotations": {"pv.kubernetes.io/provisioned-by": storage_class["provisioner"]},
                    },
                    "spec": {
                        "capacity": capacity,
                        "accessModes": copy(claim["spec"].get("accessModes") or ["ReadWriteOnce"]),
                        "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
                        "storageClassName": storage_class["metadata"]["name"],
                        "claimRef": {
                            "apiVersion": "v1",
                            "kind": "PersistentVolumeClaim",
                            "namespace": meta["namespace"],
                            "name": meta["name"],
                            "uid": meta["uid"],
                        },
                        "csi": {"driver": storage_class["provisioner"], "volumeHandle": volume},
                    },
                },
            )
            if made is not None:
                told = f"Successfully provisioned volume {volume}"
                self._events.tell(storage_class["provisioner"], claim, "ProvisioningSucceeded", told)
                bound = copy(made)
                bound["status"] = {"phase": "Bound"}
                self._client.update_status(VOLUMES, bound)
        new = copy(claim)
        new["spec"]["volumeName"] = volume
        new["metadata"].setdefault("annotations", {})["pv.kubernetes.io/bind-completed"] = "yes"
        new["status"] = {"phase": "Bound", "accessModes": copy(claim["spec"].get("accessModes")), "capacity": capacity}
        # the spec of a claim is otherwise immutable; the binder's write is upstream's own exception
        self._client.cluster.store.put(CLAIMS, (meta["namespace"], meta["name"]), new)


class Volumes:
    """Lets volumes go, and deletes those whose claim is gone."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's volumes."""
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """Volumes that changed, and the volume of a claim that did."""
        if change.table == CLAIMS and change.old is not None:
            volume = dig(change.old, "spec", "volumeName")
            return [("", volume)] if volume else []
        return of_table(change, VOLUMES)

    def reconcile(self, key: Key) -> None:
        """Deletes or releases a volume without claim, and takes the protection off one that is going."""
        volume = self._client.get(VOLUMES, *key)
        if volume is None:
            return
        ref = dig(volume, "spec", "claimRef") or {}
        claim = self._client.get(CLAIMS, ref.get("namespace", ""), ref.get("name", "")) if ref else None
        orphaned = bool(ref) and (claim is None or claim["metadata"]["uid"] != ref.get("uid"))
        finalizer = "kubernetes.io/pv-protection"
        if "deletionTimestamp" in volume["metadata"] and (orphaned or not ref):
            if finalizer in (volume["metadata"].get("finalizers") or ()):
                new = copy(volume)
                new["metadata"]["finalizers"].remove(finalizer)
                self._client.update(VOLUMES, new)
        elif orphaned and dig(volume, "status", "phase") == "Bound":
            if dig(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
                self._client.delete(VOLUMES, "", volume["metadata"]["name"])
            else:
                new = copy(volume)
                new["status"] = {**(volume.get("status") or {}), "phase": "Released"}
                self._client.update_status(VOLUMES, new)
