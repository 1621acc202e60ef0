"""Services: addresses and node ports, given out from the cluster's ranges and kept while the type allows."""

import ipaddress
import random
from typing import TYPE_CHECKING, Any

from karmactl.embedded.kinds.rules import segment_faults
from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.kinds.validate_services import address_faults
from karmactl.embedded.refusals import FieldError, invalid
from karmactl.embedded.values import Object, dig, go_quote

if TYPE_CHECKING:
    from karmactl.embedded.call import Call

SERVICES = ("", "services")
RANGE = ipaddress.ip_network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def _others(call: "Call", obj: Object) -> list[Object]:
    uid = obj["metadata"].get("uid")
    return [s for s in call.cluster.store.objects(SERVICES) if s["metadata"]["uid"] != uid]


def _used_addresses(call: "Call", obj: Object) -> set[str]:
    return {ip for s in _others(call, obj) for ip in s["spec"].get("clusterIPs") or () if ip != "None"}


def _used_ports(call: "Call", obj: Object) -> set[tuple[int, str]]:
    out: set[tuple[int, str]] = set()
    for service in _others(call, obj):
        for port in service["spec"].get("ports") or ():
            if port.get("nodePort"):
                out.add((port["nodePort"], port.get("protocol", "TCP")))
        if service["spec"].get("healthCheckNodePort"):
            out.add((service["spec"]["healthCheckNodePort"], "TCP"))
    return out


def _needs_address(spec: Object) -> bool:
    return spec.get("type") != "ExternalName"


def _refuse(call: "Call", obj: Object, field: str, value: Any, why: str) -> None:
    error = FieldError(field=field, reason="FieldValueInvalid", text=f"Invalid value: {value}: {why}")
    raise invalid("Service", "", obj["metadata"].get("name") or "", [error])


def _allocate_address(call: "Call", obj: Object) -> None:
    spec = obj["spec"]
    if not _needs_address(spec):
        return
    wanted = spec.get("clusterIP") or (spec.get("clusterIPs") or [""])[0]
    if wanted == "None":
        spec["clusterIP"], spec["clusterIPs"] = "None", ["None"]
        if not spec.get("ipFamilies"):
            spec["ipFamilies"] = ["IPv4"]
        spec.setdefault("ipFamilyPolicy", "SingleStack" if spec.get("selector") else "RequireDualStack")
        return
    used = _used_addresses(call, obj)
    _check_owner(call, obj, wanted)
    if wanted:
        _check_address(call, obj, wanted, used)
    else:
        wanted = _free_address(used)
    spec["clusterIP"], spec["clusterIPs"] = wanted, [wanted]
    spec["ipFamilies"] = spec.get("ipFamilies") or ["IPv4"]
    spec.setdefault("ipFamilyPolicy", "SingleStack")


def _check_owner(call: "Call", obj: Object, wanted: str) -> None:
    """An address is an object that names its Service, so a name that no path can hold is refused there first."""
    faults = segment_faults(obj["metadata"].get("name") or "")
    if faults and not call.dry_run:
        name, address = obj["metadata"]["name"], wanted or _free_address(set())
        why = f"spec.parentRef.name: Invalid value: {go_quote(name)}: {faults[0]}"
        whole = f'failed to allocate IP: IPAddress.networking.k8s.io "{address}" is invalid: {why}'
        _refuse(call, obj, "spec.clusterIPs", f'["{wanted}"]', whole)


def _check_address(call: "Call", obj: Object, wanted: str, used: set[str]) -> None:
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError:
        return  # validation says so
    shown = f'["{wanted}"]'
    if address not in RANGE or address == RANGE.network_address:
        _refuse(
            call,
            obj,
            "spec.clusterIPs",
            shown,
            f"failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid "
            f"IPs is {RANGE}",
        )
    if wanted in used:
        _refuse(
            call, obj, "spec.clusterIPs", shown, f"failed to allocate IP {wanted}: provided IP is already allocated"
        )


def _free_address(used: set[str]) -> str:
    """An address above the part of the range that is kept for those who ask for one by name."""
    while True:
        found = str(RANGE[random.randrange(257, RANGE.num_addresses - 1)])
        if found not in used:
            return found


def _free_port(used: set[tuple[int, str]], protocol: str) -> int:
    while True:
        found = random.choice(NODE_PORTS)
        if (found, protocol) not in used:
            return found


def _allocate_ports(call: "Call", obj: Object, old: Object | None = None) -> None:
    spec = obj["spec"]
    if spec.get("type") not in _WITH_NODE_PORTS:
        return
    if spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
        return
    used = _used_ports(call, obj)
    shared: dict[int, int] = {}  # one number for the same port over several protocols
    for index, port in enumerate(spec.get("ports") or ()):
        protocol = port.get("protocol", "TCP")
        given = port.get("nodePort")
        if given:
            if given not in NODE_PORTS:
                _refuse(
                    call,
                    obj,
                    f"spec.ports[{index}].nodePort",
                    given,
                    "provided port is not in the valid range. The range of valid ports is "
                    f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}",
                )
            if (given, protocol) in used and not _had(old, given):
                _refuse(call, obj, f"spec.ports[{index}].nodePort", given, "provided port is already allocated")
            shared.setdefault(port["port"], given)
        else:
            number = shared.get(port["port"])
            if number is None or (number, protocol) in used:
                number = _free_port(used, protocol)
            port["nodePort"] = number
            shared[port["port"]] = number
        used.add((port["nodePort"], protocol))
    local = spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
    if local and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = _free_port(used, "TCP")


def _had(old: Object | None, number: int) -> bool:
    return old is not None and any(p.get("nodePort") == number for p in old["spec"].get("ports") or ())


def prepare_create(call: "Call", obj: Object) -> None:
    """Gives a new Service its addresses and ports."""
    obj["status"] = {"loadBalancer": {}}
    _normalise(obj["spec"], None)
    _check_families(obj)
    _allocate_address(call, obj)
    _allocate_ports(call, obj)


def _check_families(obj: Object) -> None:
    """What is wrong with addresses and families is said before all else, since nothing can be given out then."""
    errors = address_faults(obj["spec"]) if _needs_address(obj["spec"]) else []
    if errors:
        raise invalid("Service", "", obj["metadata"].get("name") or "", errors)


def _normalise(spec: Object, old: Object | None) -> None:
    """`clusterIP` and `clusterIPs` say the same; whichever the client gave decides."""
    before = (old or {}).get("clusterIP"), (old or {}).get("clusterIPs")
    ip, ips = spec.get("clusterIP"), spec.get("clusterIPs")
    if ip and not ips:
        spec["clusterIPs"] = [ip]
    elif old is not None and ip != before[0] and ips == before[1]:
        if ip:
            spec["clusterIPs"] = [ip]
        else:
            spec.pop("clusterIPs", None)


def prepare_update(call: "Call", new: Object, old: Object) -> None:
    """Keeps what an update left out and the type still needs, and gives back what it does not."""
    spec, before = new["spec"], old["spec"]
    _patch_allocated(spec, before)
    _normalise(spec, before)
    if before.get("type") != "ExternalName" and spec.get("type") == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            if spec.get(field) == before.get(field):
                spec.pop(field, None)
    if before.get("type") in _WITH_NODE_PORTS and spec.get("type") not in _WITH_NODE_PORTS:
        numbers = {p.get("nodePort") for p in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            if port.get("nodePort") in numbers:
                port.pop("nodePort", None)
    is_local = spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
    if not is_local and spec.get("healthCheckNodePort") == before.get("healthCheckNodePort"):
        spec.pop("healthCheckNodePort", None)
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        if spec.get("allocateLoadBalancerNodePorts") == before.get("allocateLoadBalancerNodePorts"):
            spec.pop("allocateLoadBalancerNodePorts", None)
        if spec.get("loadBalancerClass") == before.get("loadBalancerClass"):
            spec.pop("loadBalancerClass", None)
        new["status"] = {"loadBalancer": {}}
    external = spec.get("type") in _WITH_NODE_PORTS or spec.get("externalIPs")
    if not external and spec.get("externalTrafficPolicy") == before.get("externalTrafficPolicy"):
        spec.pop("externalTrafficPolicy", None)
    _check_families(new)
    if not spec.get("clusterIPs") and _needs_address(spec):
        _allocate_address(call, new)
    _allocate_ports(call, new, old)


def _patch_allocated(spec: Object, before: Object) -> None:
    """What a PUT leaves out stays (pkg/registry/core/service/storage, patchAllocatedValues)."""
    if before.get("type") != "ExternalName" and spec.get("type") != "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if not spec.get(field) and before.get(field):
                spec[field] = before[field]
    if before.get("type") in _WITH_NODE_PORTS and spec.get("type") in _WITH_NODE_PORTS:
        known = {p.get("name"): p.get("nodePort") for p in before.get("ports") or ()}
        taken = {p.get("nodePort") for p in spec.get("ports") or ()}
        for port in spec.get("ports") or ():
            number = known.get(port.get("name"))
            if not port.get("nodePort") and number and number not in taken:
                port["nodePort"] = number
    keeps = spec.get("type") == before.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
    if keeps and not spec.get("healthCheckNodePort") and before.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before["healthCheckNodePort"]


STRATEGY = Strategy(
    create_on_update=True,
    answers_deleted=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    name="label",
)
__all__ = ["RANGE", "STRATEGY", "dig"]
