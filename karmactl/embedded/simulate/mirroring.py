"""Endpoints that people keep for a Service without selector show up as EndpointSlices, too."""

import ipaddress
from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers, controller_reference, of_table
from karmactl.embedded.simulate.services import MANAGED_BY, SERVICE_NAME, SERVICES, SLICES
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import Object, copy, equal

ENDPOINTS: Table = ("", "endpoints")
_CONTROLLER = "endpointslicemirroring-controller.k8s.io"
_SKIP = "endpointslice.kubernetes.io/skip-mirror"
_LEADER = "control-plane.alpha.kubernetes.io/leader"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Mirroring:
    """The controller that mirrors Endpoints."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's Endpoints."""
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """Endpoints, and the Services of their name."""
        return [*of_table(change, ENDPOINTS), *of_table(change, SERVICES)]

    def reconcile(self, key: Key) -> None:
        """Brings the slices of one name up to date."""
        endpoints, service = (self._client.get(table, *key) for table in (ENDPOINTS, SERVICES))
        wanted = _slices(endpoints) if endpoints is not None and _is_mirrored(endpoints, service) else []
        mine = [s for s in self._client.list(SLICES, key[0]) if _is_mine(s, key[1])]
        for existing in mine:
            found = next((w for w in wanted if _same_shape(w, existing)), None)
            if found is None:
                self._client.delete(SLICES, key[0], existing["metadata"]["name"])
                continue
            wanted.remove(found)
            if not equal(existing.get("endpoints") or [], found["endpoints"]):
                self._client.update(SLICES, {**copy(existing), "endpoints": found["endpoints"]})
        for each in wanted:
            self._client.create(SLICES, each)


def _is_mirrored(endpoints: Object, service: Object | None) -> bool:
    meta = endpoints["metadata"]
    if service is None or service["spec"].get("selector") or "deletionTimestamp" in meta:
        return False
    return (meta.get("labels") or {}).get(_SKIP) != "true" and _LEADER not in (meta.get("annotations") or {})


def _is_mine(found: Object, name: str) -> bool:
    labels = found["metadata"].get("labels") or {}
    return labels.get(SERVICE_NAME) == name and labels.get(MANAGED_BY) == _CONTROLLER


def _same_shape(wanted: Object, existing: Object) -> bool:
    same = wanted["addressType"] == existing["addressType"] and equal(wanted["ports"], existing.get("ports") or [])
    return same and equal(wanted["metadata"]["labels"], existing["metadata"].get("labels"))


def _slices(endpoints: Object) -> list[Object]:
    """A slice for each family of addresses and each subset."""
    meta = endpoints["metadata"]
    labels = {**(meta.get("labels") or {}), SERVICE_NAME: meta["name"], MANAGED_BY: _CONTROLLER}
    annotations = {k: v for k, v in (meta.get("annotations") or {}).items() if k != _APPLIED}
    out: list[Object] = []
    for subset in endpoints.get("subsets") or ():
        ports = [{"name": p.get("name") or "", **p} for p in subset.get("ports") or ()]
        for family in (4, 6):
            found = [
                _endpoint(address, ready)
                for ready, kind in ((True, "addresses"), (False, "notReadyAddresses"))
                for address in subset.get(kind) or ()
                if ipaddress.ip_address(address["ip"]).version == family
            ]
            if found:
                about = {"generateName": f"{meta['name']}-", "namespace": meta["namespace"], "labels": labels}
                about |= {"annotations": annotations} if annotations else {}
                about["ownerReferences"] = [controller_reference(endpoints, "v1", "Endpoints")]
                out.append(
                    {
                        "apiVersion": "discovery.k8s.io/v1",
                        "kind": "EndpointSlice",
                        "metadata": about,
                        "addressType": f"IPv{family}",
                        "endpoints": found,
                        "ports": ports,
                    }
                )
    return out


def _endpoint(address: Object, ready: bool) -> Object:
    out: Object = {"addresses": [address["ip"]], "conditions": {"ready": ready}}
    given = {"hostname": address.get("hostname"), "nodeName": address.get("nodeName")}
    return out | {k: v for k, v in given.items() if v} | {k: copy(v) for k, v in address.items() if k == "targetRef"}
