"""Validation of Services (pkg/apis/core/validation)."""

from typing import Any

from karmactl.embedded.kinds.rules import (
    CIDR_RULE,
    IP_RULE,
    Errors,
    duplicate,
    endpoint_ip,
    forbidden,
    immutable,
    invalid,
    is_cidr,
    is_ip,
    label_faults,
    label_map,
    name_errors,
    one_of,
    port_faults,
    required,
    subdomain_faults,
)
from karmactl.embedded.kinds.validate_containers import port_or_name
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_FAMILIES = ("IPv4", "IPv6")
_MAX_AFFINITY = 86400
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_BALANCED_ONLY = "may only be used when `type` is 'LoadBalancer'"


def service(obj: Object) -> Errors:
    """The faults in a Service."""
    spec, annotations = obj["spec"], obj["metadata"].get("annotations") or {}
    kind, headless = spec.get("type") or "", spec.get("clusterIP") == "None"
    out: Errors = []
    if annotations.get(_HINTS, annotations.get(_MODE)) != annotations.get(_MODE, annotations.get(_HINTS)):
        text = f"must match annotations[{_HINTS}] when both are specified"
        out.append(invalid(f"metadata.annotations[{_MODE}]", annotations[_MODE], text))
    if not spec.get("ports") and not headless and kind != "ExternalName":
        out.append(required("spec.ports"))
    if kind in ("LoadBalancer", "NodePort") and headless:
        out.append(invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services"))
    if kind == "ExternalName":
        out += _external_name(spec)
    out += _ports(spec)
    out += label_map("spec.selector", spec.get("selector"))
    out += _affinity(spec)
    out += [] if kind == "ExternalName" else address_faults(spec)
    for index, ip in enumerate(spec.get("externalIPs") or ()):
        out += endpoint_ip(f"spec.externalIPs[{index}]", ip)
    out += one_of("spec.type", kind, _TYPES) if kind else [required("spec.type")]
    out += _numbers(spec)
    out += _ranges(spec, annotations)
    return out + _balancer(spec) + _traffic(spec)


def _external_name(spec: Object) -> Errors:
    out: Errors = []
    for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(field):
            out.append(forbidden(f"spec.{field}", "may not be set for ExternalName services"))
    name = (spec.get("externalName") or "").removesuffix(".")
    if not name:
        return [*out, required("spec.externalName")]
    return out + name_errors("spec.externalName", name, subdomain_faults(name))


def _ports(spec: Object) -> Errors:
    out: Errors = []
    ports = spec.get("ports") or []
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"spec.ports[{index}]", port.get("name") or ""
        if not name and len(ports) > 1:
            out.append(required(f"{where}.name"))
        elif name:
            out += name_errors(f"{where}.name", name, label_faults(name))
            if name in names:
                out.append(duplicate(f"{where}.name", name))
            names.add(name)
        out += name_errors(f"{where}.port", port.get("port") or 0, port_faults(port.get("port")))
        protocol = port.get("protocol") or ""
        known = ("SCTP", "TCP", "UDP")
        out += one_of(f"{where}.protocol", protocol, known) if protocol else [required(f"{where}.protocol")]
        out += port_or_name(f"{where}.targetPort", port.get("targetPort"))
        if port.get("appProtocol") is not None:
            out += name_errors(f"{where}.appProtocol", port["appProtocol"], key_faults(port["appProtocol"]))
    return out


def _numbers(spec: Object) -> Errors:
    """The faults in the ports as a whole: none twice, and no node ports without a node."""
    out: Errors = []
    ports = spec.get("ports") or []
    if spec.get("type") == "ClusterIP":
        text = "may not be used when `type` is 'ClusterIP'"
        out += [forbidden(f"spec.ports[{i}].nodePort", text) for i, p in enumerate(ports) if p.get("nodePort")]
    pairs: list[Any] = [(p.get("protocol"), p.get("nodePort")) for p in ports]
    for index, pair in enumerate(pairs):
        if pair[1] and pair in pairs[:index]:
            out.append(duplicate(f"spec.ports[{index}].nodePort", pair[1]))
    pairs = [(p.get("protocol"), p.get("port")) for p in ports]
    for index, (protocol, port) in enumerate(pairs):
        if (protocol, port) in pairs[:index]:
            shown = internal("core.ServicePort", {"protocol": protocol, "port": port})
            out.append(duplicate(f"spec.ports[{index}]", shown))
    return out


def _affinity(spec: Object) -> Errors:
    kind, config, where = spec.get("sessionAffinity") or "", spec.get("sessionAffinityConfig"), "spec.sessionAffinity"
    if not kind:
        return [required(where)]
    if kind == "None":
        text = "must not be set when session affinity is None"
        return [] if config is None else [forbidden(f"{where}Config", text)]
    if kind != "ClientIP":
        return one_of(where, kind, ("ClientIP", "None"))
    text = "when session affinity type is ClientIP"
    if config is None:
        return [required(f"{where}Config", text)]
    if config.get("clientIP") is None:
        return [required(f"{where}Config.clientIP", text)]
    seconds, field = config["clientIP"].get("timeoutSeconds"), f"{where}Config.clientIP.timeoutSeconds"
    if seconds is None:
        return [required(field, text)]
    fits = 0 < seconds <= _MAX_AFFINITY
    return [] if fits else [invalid(field, seconds, f"must be greater than 0 and less than {_MAX_AFFINITY}")]


def address_faults(spec: Object) -> Errors:
    """The faults in the addresses and address families of a Service."""
    out: Errors = []
    ip, ips = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    if ip and not ips:
        out.append(required("spec.clusterIPs"))
    elif ip and ips[0] != ip:
        out.append(invalid("spec.clusterIPs", ips, "first value must match `clusterIP`"))
    elif not ip and ips:
        out.append(invalid("spec.clusterIPs", ips, "must be empty when `clusterIP` is not specified"))
    families = spec.get("ipFamilies") or []
    for index, family in enumerate(families):
        where = f"spec.ipFamilies[{index}]"
        out += one_of(where, family, _FAMILIES)
        if family in families[:index]:
            out.append(duplicate(where, family))
        if family == "IPv6":
            out.append(invalid(where, family, "not configured on this cluster"))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None:
        out += one_of("spec.ipFamilyPolicy", policy, ("PreferDualStack", "RequireDualStack", "SingleStack"))
    for index, address in enumerate(ips):
        if index == 0 and address == "None":
            if len(ips) > 1:
                out.append(invalid("spec.clusterIPs", ips, "'None' must be the first and only value"))
        elif not is_ip(address):
            out.append(invalid(f"spec.clusterIPs[{index}]", address, IP_RULE))
    if len(ips) > 2:
        out.append(invalid("spec.clusterIPs", ips, "may only hold up to 2 values"))
    if policy == "RequireDualStack" and ip != "None":
        text = "this cluster is not configured for dual-stack services"
        out.append(invalid("spec.ipFamilyPolicy", "RequireDualStack", text))
    return out


def _ranges(spec: Object, annotations: Object) -> Errors:
    out: Errors = []
    ranges, field = spec.get("loadBalancerSourceRanges") or [], "spec.LoadBalancerSourceRanges"  # upstream's path
    balanced = spec.get("type") == "LoadBalancer"
    if ranges and not balanced:
        out.append(forbidden(field, _BALANCED_ONLY))
    for index, cidr in enumerate(ranges):
        if not is_cidr(cidr.strip()):
            out.append(invalid(f"{field}[{index}]", cidr.strip(), CIDR_RULE))
    if ranges or _RANGES not in annotations:
        return out
    where = f"metadata.annotations[{_RANGES}]"
    if not balanced:
        out.append(forbidden(where, _BALANCED_ONLY))
    text = annotations[_RANGES].strip()
    parts = [part.strip() for part in text.split(",")] if text else []
    return out + [invalid(where, part, CIDR_RULE) for part in parts if not is_cidr(part)]


def _balancer(spec: Object) -> Errors:
    out: Errors = []
    balanced, name = spec.get("type") == "LoadBalancer", spec.get("loadBalancerClass")
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balanced:
        out.append(forbidden("spec.allocateLoadBalancerNodePorts", _BALANCED_ONLY))
    if name is None:
        return out
    if not balanced:
        return [*out, forbidden("spec.loadBalancerClass", _BALANCED_ONLY)]
    return out + name_errors("spec.loadBalancerClass", name, key_faults(name))


def _is_reachable(spec: Object) -> bool:
    outside = bool(spec.get("externalIPs")) and spec.get("type") == "ClusterIP"
    return spec.get("type") in ("NodePort", "LoadBalancer") or outside


def _needs_health_check(spec: Object) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _traffic(spec: Object) -> Errors:
    out: Errors = []
    external, field = spec.get("externalTrafficPolicy") or "", "spec.externalTrafficPolicy"
    if not _is_reachable(spec):
        if external:
            out.append(invalid(field, external, "may only be set for externally-accessible services"))
    elif not external:
        out.append(required(field))
    else:
        out += one_of(field, external, ("Cluster", "Local"))
    number, field = spec.get("healthCheckNodePort") or 0, "spec.healthCheckNodePort"
    if _needs_health_check(spec):
        out += name_errors(field, number, port_faults(number)) if number else [required(field)]
    elif number:
        text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        out.append(invalid(field, number, text))
    within = spec.get("internalTrafficPolicy")
    if within is None and spec.get("type") in ("NodePort", "LoadBalancer", "ClusterIP"):
        out.append(required("spec.internalTrafficPolicy"))
    elif within is not None:
        out += one_of("spec.internalTrafficPolicy", within, ("Cluster", "Local"))
    wish = spec.get("trafficDistribution")
    if wish is not None:
        out += one_of("spec.trafficDistribution", wish, ("PreferClose", "PreferSameZone", "PreferSameNode"))
    return out


def service_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Service: addresses and classes stay as long as its type needs them."""
    mine, theirs = new["spec"], old["spec"]
    out: Errors = []
    if "ExternalName" not in (mine.get("type"), theirs.get("type")):
        out += _kept_addresses(mine, theirs)
    if mine.get("type") == theirs.get("type") == "LoadBalancer":
        before, after = theirs.get("loadBalancerClass"), mine.get("loadBalancerClass")
        if before != after:
            out.append(invalid("spec.loadBalancerClass", after, "may not change once set"))
    if _needs_health_check(mine) and _needs_health_check(theirs):
        field = "healthCheckNodePort"
        if immutable(field, mine.get(field), theirs.get(field)):
            out.append(forbidden(f"spec.{field}", "field is immutable"))
    return out + service(new)


def _kept_addresses(new: Object, old: Object) -> Errors:
    before, after = old.get("clusterIPs") or [], new.get("clusterIPs") or []
    if before == after == ["None"]:
        return []
    if before and not after:
        return [invalid("spec.clusterIPs[0]", new.get("clusterIPs"), "primary clusterIP can not be unset")]
    count = len(before) if len(before) == len(after) else 1
    text = "may not change once set"
    pairs = list(zip(before, after, strict=False))[:count]
    out = [invalid(f"spec.clusterIPs[{i}]", after, text) for i, (a, b) in enumerate(pairs) if a != b]
    families, wished = old.get("ipFamilies") or [], new.get("ipFamilies") or []
    headless = (old.get("clusterIP") == "None", new.get("clusterIP") == "None")
    if not any(headless) and families and wished and families[0] != wished[0]:
        out.append(invalid("spec.ipFamilies[0]", wished, text))
    return out


def service_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a Service: where its load balancer is reached."""
    found = dig(new, "status", "loadBalancer", "ingress") or []
    field = "status.loadBalancer.ingress"
    if found and new["spec"].get("type") != "LoadBalancer":
        return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
    out: Errors = []
    for index, entry in enumerate(found):
        where, ip, mode = f"{field}[{index}]", entry.get("ip") or "", entry.get("ipMode")
        if ip and not is_ip(ip):
            out.append(invalid(f"{where}.ip", ip, IP_RULE))
        if mode is None and ip:
            out.append(required(f"{where}.ipMode", "must be specified when `ip` is set"))
        elif mode is not None and not ip:
            out.append(forbidden(f"{where}.ipMode", "may not be specified when `ip` is not set"))
        elif mode is not None:
            out += one_of(f"{where}.ipMode", mode, ("Proxy", "VIP"))
        out += balancer_host(entry, where)
    return out


def balancer_host(entry: Object, where: str) -> Errors:
    """The faults in the name under which a load balancer is reached."""
    host = entry.get("hostname") or ""
    if not host:
        return []
    out = name_errors(f"{where}.hostname", host, subdomain_faults(host))
    return [*out, invalid(f"{where}.hostname", host, "must be a DNS name, not an IP address")] if is_ip(host) else out
