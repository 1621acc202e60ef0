"""Validation of Services, Ingresses, NetworkPolicies and EndpointSlices."""

import ipaddress

from karmactl.embedded.kinds.rules import (
    CIDR_RULE,
    IP_RULE,
    Errors,
    duplicate,
    forbidden,
    immutable,
    invalid,
    is_cidr,
    is_ip,
    label_faults,
    label_map,
    label_selector,
    name_errors,
    one_of,
    port_faults,
    port_name_faults,
    required,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_MAX_AFFINITY = 86400


def service(obj: Object) -> Errors:
    """The faults in a Service."""
    spec = obj["spec"]
    kind, headless = spec.get("type"), spec.get("clusterIP") == "None"
    out: Errors = []
    if not spec.get("ports") and not headless and kind != "ExternalName":
        out.append(required("spec.ports"))
    if kind == "LoadBalancer" and headless:
        out.append(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services"))
    if kind == "NodePort" and headless:
        out.append(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"))
    if kind == "ExternalName":
        out += _external_name(spec)
    out += _ports(spec)
    out += label_map("spec.selector", spec.get("selector"))
    out += one_of("spec.sessionAffinity", spec.get("sessionAffinity"), ("ClientIP", "None"))
    out += _affinity(spec)
    out += _addresses(spec)
    for index, ip in enumerate(spec.get("externalIPs") or ()):
        if not is_ip(ip):
            out.append(invalid(f"spec.externalIPs[{index}]", ip, IP_RULE))
    if kind not in _TYPES:
        out.append(unsupported("spec.type", kind or "", _TYPES))
    for index, cidr in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        if not is_cidr(cidr):
            out.append(invalid(f"spec.LoadBalancerSourceRanges[{index}]", cidr, CIDR_RULE))
    return out + _traffic(spec)


def _external_name(spec: Object) -> Errors:
    out: Errors = []
    for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(field):
            out.append(forbidden(f"spec.{field}", "may not be set for ExternalName services"))
    name = (spec.get("externalName") or "").rstrip(".")
    if not name:
        out.append(required("spec.externalName"))
    else:
        out += name_errors("spec.externalName", name, subdomain_faults(name))
    return out


def _ports(spec: Object) -> Errors:
    out: Errors = []
    ports = spec.get("ports") or []
    names: list[str] = []
    pairs: list[tuple[object, object]] = []
    for index, port in enumerate(ports):
        where = f"spec.ports[{index}]"
        name = port.get("name") or ""
        if not name:
            if len(ports) > 1:
                out.append(required(f"{where}.name"))
        else:
            out += name_errors(f"{where}.name", name, label_faults(name))
            if name in names:
                out.append(duplicate(f"{where}.name", name))
            names.append(name)
        out += name_errors(f"{where}.port", port.get("port") or 0, port_faults(port.get("port")))
        protocol = port.get("protocol") or ""
        if not protocol:
            out.append(required(f"{where}.protocol"))
        else:
            out += one_of(f"{where}.protocol", protocol, ("SCTP", "TCP", "UDP"))
        target = port.get("targetPort")
        if isinstance(target, str):
            out += name_errors(f"{where}.targetPort", target, port_name_faults(target))
        elif target is not None:
            out += name_errors(f"{where}.targetPort", target, port_faults(target))
        if port.get("appProtocol"):
            out += name_errors(f"{where}.appProtocol", port["appProtocol"], key_faults(port["appProtocol"]))
    for index, port in enumerate(ports):
        pair = (port.get("protocol"), port.get("port"))
        if pair in pairs:
            shown = {"protocol": pair[0], "port": pair[1], "targetPort": 0}
            out.append(duplicate(f"spec.ports[{index}]", shown))
        pairs.append(pair)
    return out


def _affinity(spec: Object) -> Errors:
    seconds = dig(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds")
    if spec.get("sessionAffinity") == "ClientIP" and seconds is not None and not 0 < seconds <= _MAX_AFFINITY:
        where = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
        return [invalid(where, seconds, f"must be greater than 0 and less than {_MAX_AFFINITY}")]
    return []


def _addresses(spec: Object) -> Errors:
    out: Errors = []
    ips = spec.get("clusterIPs") or []
    if ips and spec.get("clusterIP") and ips[0] != spec["clusterIP"]:
        out.append(invalid("spec.clusterIPs", ips, "first value must match `clusterIP`"))
    for index, ip in enumerate(ips):
        if ip != "None" and not is_ip(ip):
            out.append(invalid(f"spec.clusterIPs[{index}]", ip, IP_RULE))
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in ("IPv4", "IPv6"):
            out.append(unsupported(f"spec.ipFamilies[{index}]", family, ("IPv4", "IPv6")))
        elif family == "IPv6":
            out.append(invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster"))
    if spec.get("ipFamilyPolicy") == "RequireDualStack" and spec.get("clusterIP") != "None":
        text = "this cluster is not configured for dual-stack services"
        out.append(invalid("spec.ipFamilyPolicy", "RequireDualStack", text))
    return out


def _traffic(spec: Object) -> Errors:
    out: Errors = []
    external = spec.get("externalTrafficPolicy")
    reachable = spec.get("type") in ("NodePort", "LoadBalancer") or bool(spec.get("externalIPs"))
    if external is not None and not reachable:
        text = "may only be set for externally-accessible services"
        out.append(invalid("spec.externalTrafficPolicy", external, text))
    elif external is not None and external not in ("Cluster", "Local"):
        out.append(unsupported("spec.externalTrafficPolicy", external, ("Cluster", "Local")))
    internal = spec.get("internalTrafficPolicy")
    if internal is not None and internal not in ("Cluster", "Local"):
        out.append(unsupported("spec.internalTrafficPolicy", internal, ("Cluster", "Local")))
    wish = spec.get("trafficDistribution")
    known = ("PreferClose", "PreferSameZone", "PreferSameNode")
    if wish is not None and wish not in known:
        out.append(unsupported("spec.trafficDistribution", wish, known))
    return out


def service_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Service: its first address stays as long as it needs one."""
    out: Errors = []
    mine, theirs = new["spec"], old["spec"]
    if theirs.get("type") != "ExternalName" and mine.get("type") != "ExternalName":
        before, after = theirs.get("clusterIPs") or [], mine.get("clusterIPs") or []
        if before and after and before[0] != after[0]:
            out.append(invalid("spec.clusterIPs[0]", after, "may not change once set"))
    return out + service(new)


# ---- Ingress


def ingress(obj: Object) -> Errors:
    """The faults in an Ingress."""
    spec = obj["spec"]
    out: Errors = []
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        out.append(invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified"))
    if spec.get("defaultBackend") is not None:
        out += _backend(spec["defaultBackend"], "spec.defaultBackend")
    for index, rule in enumerate(spec.get("rules") or ()):
        out += _rule(rule, f"spec.rules[{index}]")
    return out


def _rule(rule: Object, where: str) -> Errors:
    out: Errors = []
    host = rule.get("host") or ""
    if host and is_ip(host):
        out.append(invalid(f"{where}.host", host, "must be a DNS name, not an IP address"))
    elif host and not host.startswith("*."):
        out += name_errors(f"{where}.host", host, subdomain_faults(host))
    http = rule.get("http")
    if http is None:
        return out
    if not http.get("paths"):
        out.append(required(f"{where}.http.paths"))
    for index, path in enumerate(http.get("paths") or ()):
        here = f"{where}.http.paths[{index}]"
        kind = path.get("pathType")
        if kind is None:
            out.append(required(f"{here}.pathType", "pathType must be specified"))
        elif kind not in ("Exact", "ImplementationSpecific", "Prefix"):
            known = ("Exact", "ImplementationSpecific", "Prefix")
            out.append(unsupported(f"{here}.pathType", kind, known))
        elif kind in ("Exact", "Prefix") and not (path.get("path") or "").startswith("/"):
            out.append(invalid(f"{here}.path", path.get("path") or "", "must be an absolute path"))
        out += _backend(path.get("backend") or {}, f"{here}.backend")
    return out


def _backend(backend: Object, where: str) -> Errors:
    target, resource = backend.get("service"), backend.get("resource")
    if target is not None and resource is not None:
        return [invalid(where, "", "cannot set both resource and service backends")]
    if resource is not None:
        return []
    if target is None:
        return [invalid(where, "", "resource or service backend is required")]
    out: Errors = []
    name = target.get("name") or ""
    if not name:
        out.append(required(f"{where}.service.name"))
    else:
        out += name_errors(f"{where}.service.name", name, label_faults(name))
    port = target.get("port") or {}
    if port.get("name") and port.get("number"):
        out.append(invalid(where, "", "cannot set both port name & port number"))
    elif port.get("name"):
        out += name_errors(f"{where}.service.port.name", port["name"], port_name_faults(port["name"]))
    elif port.get("number"):
        out += name_errors(f"{where}.service.port.number", port["number"], port_faults(port["number"]))
    else:
        out.append(required(where, "port name or number is required"))
    return out


# ---- NetworkPolicy


def network_policy(obj: Object) -> Errors:
    """The faults in a NetworkPolicy."""
    spec = obj["spec"]
    out = label_selector("spec.podSelector", spec.get("podSelector"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            for number, peer in enumerate(rule.get(peers) or ()):
                out += _peer(peer, f"spec.{direction}[{index}].{peers}[{number}]")
    return out


def _peer(peer: Object, where: str) -> Errors:
    block = peer.get("ipBlock")
    others = [peer[k] for k in ("podSelector", "namespaceSelector") if peer.get(k) is not None]
    if block is None and not others:
        return [required(where, "must specify a peer")]
    if block is not None and others:
        return [forbidden(where, "may not specify both ipBlock and another peer")]
    if block is None:
        return []
    cidr = block.get("cidr") or ""
    if not cidr:
        return [required(f"{where}.ipBlock.cidr")]
    if not is_cidr(cidr):
        return [invalid(f"{where}.ipBlock.cidr", cidr, CIDR_RULE)]
    out: Errors = []
    for index, text in enumerate(block.get("except") or ()):
        here = f"{where}.ipBlock.except[{index}]"
        if not is_cidr(text):
            out.append(invalid(here, text, CIDR_RULE))
            continue
        inner, outer = ipaddress.ip_network(text, strict=False), ipaddress.ip_network(cidr, strict=False)
        if inner.version != outer.version or not inner.subnet_of(outer) or inner == outer:  # type: ignore[arg-type]
            out.append(invalid(here, text, "must be a strict subset of `cidr`"))
    return out


# ---- EndpointSlice


def endpoint_slice(obj: Object) -> Errors:
    """The faults in an EndpointSlice."""
    out: Errors = []
    kind = obj.get("addressType") or ""
    if not kind:
        out.append(required("addressType"))
    else:
        out += one_of("addressType", kind, ("FQDN", "IPv4", "IPv6"))
    for index, endpoint in enumerate(obj.get("endpoints") or ()):
        where = f"endpoints[{index}].addresses"
        if not endpoint.get("addresses"):
            out.append(required(where, "must contain at least 1 address"))
        for number, address in enumerate(endpoint.get("addresses") or ()):
            out += _address(address, kind, f"{where}[{number}]")
    names: list[str] = []
    for index, port in enumerate(obj.get("ports") or ()):
        name = port.get("name") or ""
        if name in names:
            out.append(duplicate(f"ports[{index}].name", name))
        names.append(name)
        if name:
            out += name_errors(f"ports[{index}].name", name, label_faults(name))
        out += one_of(f"ports[{index}].protocol", port.get("protocol"), ("SCTP", "TCP", "UDP"))
    return out


def _address(address: str, kind: str, where: str) -> Errors:
    if kind == "FQDN":
        return name_errors(where, address, subdomain_faults(address))
    if not is_ip(address):
        return [invalid(where, address, IP_RULE)]
    ip = ipaddress.ip_address(address)
    if (kind == "IPv4") is not (ip.version == 4):
        return [invalid(where, address, f"must be an {kind} address")]
    if ip.is_unspecified:
        return [invalid(where, address, "may not be unspecified (0.0.0.0 or ::)")]
    if ip.is_loopback:
        return [invalid(where, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    if ip.is_link_local:
        return [invalid(where, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    return []


def endpoint_slice_update(new: Object, old: Object) -> Errors:
    """The faults in a changed EndpointSlice."""
    return endpoint_slice(new) + immutable("addressType", new.get("addressType"), old.get("addressType"))
