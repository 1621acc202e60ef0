"""Claims and volumes: a claim gets a volume that fits, or one made for it, at once or when the first Pod uses it."""

from collections.abc import Iterable
from typing import Any

from karmactl.embedded import quantity
from karmactl.embedded.selectors import matches_selector
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
_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"


class Claims:
    """The volume controller and its provisioner."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's claims."""
        self._client = Client(controllers.cluster)
        self._events = controllers.events

    def concerns(self, change: Change) -> Iterable[Key]:
        """Claims that changed, those that a changed Pod uses, and those that wait, when there is a volume."""
        if change.table == PODS:
            pod = change.new or change.old
            assert pod is not None
            return [(change.key[0], name) for name in claims_of(pod)]
        if change.table == VOLUMES:
            waiting = (c["metadata"] for c in self._client.list(CLAIMS) if dig(c, "status", "phase") == "Pending")
            return [(m["namespace"], m["name"]) for m in waiting] if change.new is not None else []
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
        if (storage_class or {}).get("volumeBindingMode") == "WaitForFirstConsumer" and not users:
            told = "waiting for first consumer to be created before binding"
            self._events.tell(_BINDER, claim, "WaitForFirstConsumer", told)
            return
        found = min((v for v in self._client.list(VOLUMES) if _fits(v, claim)), key=_preference, default=None)
        if found is not None:
            self._take(claim, found)
        elif storage_class is not None:
            self._provision(claim, storage_class)

    def _take(self, claim: Object, volume: Object) -> None:
        """Binds a claim to a volume that was there before."""
        new = copy(volume)
        if not dig(volume, "spec", "claimRef", "uid"):
            if not dig(volume, "spec", "claimRef"):
                new["metadata"].setdefault("annotations", {})[_BY_CONTROLLER] = "yes"
            new["spec"]["claimRef"] = _reference(claim)
            new = self._client.update(VOLUMES, new) or new
        self._client.update_status(VOLUMES, {**copy(new), "status": {**(new.get("status") or {}), "phase": "Bound"}})
        self._bound(claim, volume["metadata"]["name"], volume["spec"])

    def _bound(self, claim: Object, volume: str, spec: Object) -> None:
        new, meta = copy(claim), claim["metadata"]
        annotations = new["metadata"].setdefault("annotations", {})
        annotations["pv.kubernetes.io/bind-completed"] = "yes"
        if not claim["spec"].get("volumeName"):
            annotations[_BY_CONTROLLER] = "yes"
        new["spec"]["volumeName"] = volume
        new["status"] = {"phase": "Bound", "accessModes": copy(spec["accessModes"]), "capacity": copy(spec["capacity"])}
        # the spec of a claim is otherwise immutable; the binder's write is upstream's own exception
        self._client.cluster.store.put(CLAIMS, (meta["namespace"], meta["name"]), new)

    def _provision(self, claim: Object, storage_class: Object) -> None:
        """Binds a claim to a volume made for it."""
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
                        "claimRef": _reference(claim),
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
        self._bound(claim, volume, {"accessModes": claim["spec"].get("accessModes"), "capacity": capacity})


def _reference(claim: Object) -> Object:
    meta = claim["metadata"]
    found = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
    return found | {k: meta[k] for k in ("namespace", "name", "uid")}


def _fits(volume: Object, claim: Object) -> bool:
    """Whether a claim may have a volume."""
    spec, wanted, meta = volume["spec"], claim["spec"], claim["metadata"]
    ref = spec.get("claimRef") or {}
    mine = (ref.get("namespace"), ref.get("name")) == (meta["namespace"], meta["name"])
    if (ref and not (mine and ref.get("uid") in (None, "", meta["uid"]))) or "deletionTimestamp" in volume["metadata"]:
        return False
    if wanted.get("volumeName", volume["metadata"]["name"]) != volume["metadata"]["name"]:
        return False
    asked = dig(wanted, "resources", "requests", "storage")
    return (
        (spec.get("storageClassName") or "") == (wanted.get("storageClassName") or "")
        and (spec.get("volumeMode") or "Filesystem") == (wanted.get("volumeMode") or "Filesystem")
        and set(wanted.get("accessModes") or ()) <= set(spec.get("accessModes") or ())
        and quantity.value(dig(spec, "capacity", "storage")) >= quantity.value(asked)
        and (
            wanted.get("selector") is None
            or matches_selector(wanted["selector"], volume["metadata"].get("labels") or {})
        )
    )


def _preference(volume: Object) -> tuple[bool, Any, str]:
    """Volumes that wait for the claim come first, then the smallest."""
    spec = volume["spec"]
    return (not spec.get("claimRef"), quantity.value(dig(spec, "capacity", "storage")), volume["metadata"]["name"])


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
        elif not ref and dig(volume, "status", "phase") == "Pending":
            new = copy(volume)
            new["status"] = {**(volume.get("status") or {}), "phase": "Available"}
            self._client.update_status(VOLUMES, new)
        elif orphaned and dig(volume, "status", "phase") == "Bound":
            if dig(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
                self._client.delete(VOLUMES, "", volume["metadata"]["name"])
            else:
                new = copy(volume)
                new["status"] = {**(volume.get("status") or {}), "phase": "Released"}
                self._client.update_status(VOLUMES, new)
