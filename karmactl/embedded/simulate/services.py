"""Services: EndpointSlices for what they select, and an address for load balancers."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers, controller_reference, of_table
from karmactl.embedded.simulate.pods import PODS, is_active, is_ready
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig, equal

SERVICES, SLICES = ("", "services"), ("discovery.k8s.io", "endpointslices")
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SERVICE_NAME = "kubernetes.io/service-name"


class Services:
    """The EndpointSlice and load balancer controllers."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's Services."""
        self._client = Client(controllers.cluster)
        self._balancers = 0

    def concerns(self, change: Change) -> Iterable[Key]:
        """Services that changed, and those that select a changed Pod."""
        if change.table != PODS:
            return of_table(change, SERVICES)
        keys = []
        for service in self._client.list(SERVICES, change.key[0]):
            selector = service["spec"].get("selector")
            if selector and any(_selects(selector, p) for p in (change.old, change.new) if p is not None):
                keys.append((change.key[0], service["metadata"]["name"]))
        return keys

    def reconcile(self, key: Key) -> None:
        """Brings the Service's slice and address up to date."""
        service = self._client.get(SERVICES, *key)
        if service is None or "deletionTimestamp" in service["metadata"]:
            return
        if service["spec"].get("type") == "LoadBalancer" and not dig(service, "status", "loadBalancer", "ingress"):
            self._balancers += 1
            new = copy(service)
            address = f"172.19.{self._balancers // 250}.{self._balancers % 250 + 1}"
            new["status"] = {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}
            self._client.update_status(SERVICES, new)
        if service["spec"].get("selector") and service["spec"].get("type") != "ExternalName":
            self._slice(service)

    def _slice(self, service: Object) -> None:
        meta = service["metadata"]
        pods = [
            p
            for p in self._client.list(PODS, meta["namespace"])
            if _selects(service["spec"]["selector"], p) and dig(p, "status", "podIP") and is_active(p)
        ]
        endpoints = [_endpoint(p) for p in pods]
        ports = [_port(p, pods) for p in service["spec"].get("ports") or ()]
        existing = next(
            (
                s
                for s in self._client.list(SLICES, meta["namespace"])
                if (s["metadata"].get("labels") or {}).get(SERVICE_NAME) == meta["name"]
                and (s["metadata"].get("labels") or {}).get(MANAGED_BY)
            ),
            None,
        )
        if existing is None:
            self._client.create(SLICES, _new_slice(service, endpoints, ports))
        elif not equal(existing.get("endpoints") or [], endpoints) or not equal(existing.get("ports") or [], ports):
            new = copy(existing)
            new["endpoints"], new["ports"] = endpoints, ports
            self._client.update(SLICES, new)


def _new_slice(service: Object, endpoints: list[Object], ports: list[Object]) -> Object:
    meta = service["metadata"]
    reference = controller_reference(service, "v1", "Service")
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{meta['name']}-",
            "namespace": meta["namespace"],
            "labels": {
                **(meta.get("labels") or {}),
                SERVICE_NAME: meta["name"],
                MANAGED_BY: "endpointslice-controller.k8s.io",
            },
            "ownerReferences": [reference],
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": ports,
    }


def _selects(selector: dict[str, str], pod: Object) -> bool:
    return selector.items() <= (pod["metadata"].get("labels") or {}).items()


def _endpoint(pod: Object) -> Object:
    ready = is_ready(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "targetRef": {
            "kind": "Pod",
            "namespace": pod["metadata"]["namespace"],
            "name": pod["metadata"]["name"],
            "uid": pod["metadata"]["uid"],
        },
        "nodeName": pod["spec"]["nodeName"],
    }


def _port(port: Object, pods: list[Object]) -> Object:
    target = port.get("targetPort", port["port"])
    if isinstance(target, str):
        found = (
            p["containerPort"]
            for pod in pods
            for c in pod["spec"]["containers"]
            for p in c.get("ports") or ()
            if p.get("name") == target
        )
        target = next(found, port["port"])
    return {"name": port.get("name", ""), "protocol": port.get("protocol", "TCP"), "port": target}
