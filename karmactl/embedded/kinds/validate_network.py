"""Validation of Ingresses, NetworkPolicies, EndpointSlices and Endpoints."""

import ipaddress

from karmactl.embedded.kinds.rules import (
    CIDR_RULE,
    IP_RULE,
    Errors,
    domain_path,
    duplicate,
    endpoint_ip,
    forbidden,
    immutable,
    invalid,
    is_cidr,
    is_ip,
    label_faults,
    label_selector,
    name_errors,
    one_of,
    port_faults,
    port_name_faults,
    required,
    segment_faults,
    subdomain_faults,
    too_long,
    too_many,
    unsupported,
    wildcard_faults,
)
from karmactl.embedded.kinds.validate_services import balancer_host
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_PROTOCOLS = ("SCTP", "TCP", "UDP")


# ---- Ingress

_CLASS = "kubernetes.io/ingress.class"


def new_ingress(obj: Object) -> Errors:
    """The faults in a new Ingress."""
    old, named = (obj["metadata"].get("annotations") or {}).get(_CLASS), obj["spec"].get("ingressClassName")
    if old is None or named is None or old == named:
        return ingress(obj)
    text = "must match `ingressClassName` when both are specified"
    return [*ingress(obj), invalid(f"annotations.{_CLASS}", old, text)]


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
    for index, tls in enumerate(spec.get("tls") or ()):
        where, secret = f"spec.tls[{index}]", tls.get("secretName") or ""
        for number, host in enumerate(tls.get("hosts") or ()):
            out += _host(host, f"{where}.hosts[{number}]")
        out += name_errors(f"{where}.secretName", secret, subdomain_faults(secret)) if secret else []
    name = spec.get("ingressClassName")
    return out if name is None else out + name_errors("spec.ingressClassName", name, subdomain_faults(name))


def _host(host: str, where: str) -> Errors:
    return name_errors(where, host, wildcard_faults(host) if "*" in host else subdomain_faults(host))


def _rule(rule: Object, where: str) -> Errors:
    out: Errors = []
    host, http = rule.get("host") or "", rule.get("http")
    if host and is_ip(host):
        out.append(invalid(f"{where}.host", host, "must be a DNS name, not an IP address"))
    if host:
        out += _host(host, f"{where}.host")
    if http is None:
        return out
    if not http.get("paths"):
        out.append(required(f"{where}.http.paths"))
    for index, path in enumerate(http.get("paths") or ()):
        out += _path(path, f"{where}.http.paths[{index}]")
    return out


_BAD_PARTS, _BAD_ENDS = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")


def _path(path: Object, where: str) -> Errors:
    kind, text = path.get("pathType"), path.get("path") or ""
    if kind is None:
        return [required(f"{where}.pathType", "pathType must be specified")]
    out: Errors = []
    known = ("Exact", "ImplementationSpecific", "Prefix")
    if kind not in known:
        out.append(unsupported(f"{where}.pathType", kind, known))
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        out.append(invalid(f"{where}.path", text, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        out += [invalid(f"{where}.path", text, f"must not contain '{p}'") for p in _BAD_PARTS if p in text]
        out += [invalid(f"{where}.path", text, f"cannot end with '{e}'") for e in _BAD_ENDS if text.endswith(e)]
    return out + _backend(path.get("backend") or {}, f"{where}.backend")


def _backend(backend: Object, where: str) -> Errors:
    target, resource = backend.get("service"), backend.get("resource")
    if target is not None and resource is not None:
        return [invalid(where, "", "cannot set both resource and service backends")]
    if resource is not None:
        return _reference(resource, f"{where}.resource")
    if target is None:
        return [invalid(where, "", "resource or service backend is required")]
    name, port = target.get("name") or "", target.get("port") or {}
    here = f"{where}.service.name"
    out = name_errors(here, name, label_faults(name)) if name else [required(here)]
    if port.get("name") and port.get("number"):
        out.append(invalid(where, "", "cannot set both port name & port number"))
    elif port.get("name"):
        out += name_errors(f"{where}.service.port.name", port["name"], port_name_faults(port["name"]))
    elif port.get("number"):
        out += name_errors(f"{where}.service.port.number", port["number"], port_faults(port["number"]))
    else:
        out.append(required(where, "port name or number is required"))
    return out


def _reference(ref: Object, where: str) -> Errors:
    out: Errors = []
    if ref.get("apiGroup") is not None:
        out += name_errors(f"{where}.apiGroup", ref["apiGroup"], subdomain_faults(ref["apiGroup"]))
    for field in ("kind", "name"):
        text, here = ref.get(field) or "", f"{where}.{field}"
        out += name_errors(here, text, segment_faults(text)) if text else [required(here)]
    return out


def ingress_status(new: Object, old: Object) -> Errors:
    """The faults in the status of an Ingress."""
    out: Errors = []
    for index, entry in enumerate(dig(new, "status", "loadBalancer", "ingress") or ()):
        where, ip = f"status.loadBalancer.ingress[{index}]", entry.get("ip") or ""
        if ip and not is_ip(ip):
            out.append(invalid(f"{where}.ip", ip, IP_RULE))
        out += balancer_host(entry, where)
    return out


def ingress_class(obj: Object) -> Errors:
    """The faults in an IngressClass."""
    spec = obj.get("spec") or {}
    controller, parameters = spec.get("controller") or "", spec.get("parameters")
    out = [too_long("spec.controller", 250)] if len(controller) > 250 else []
    out += domain_path("spec.controller", controller)
    if parameters is None:
        return out
    where, scope, namespace = "spec.parameters", parameters.get("scope"), parameters.get("namespace")
    out += _reference(parameters, where)
    if scope is None:
        return [*out, required(f"{where}.scope")]
    if scope == "Namespace" and namespace is None:
        out.append(required(f"{where}.namespace", "`parameters.scope` is set to 'Namespace'"))
    elif scope == "Namespace":
        out += name_errors(f"{where}.namespace", namespace, label_faults(namespace))
    elif scope == "Cluster" and namespace is not None:
        out.append(forbidden(f"{where}.namespace", "`parameters.scope` is set to 'Cluster'"))
    elif scope != "Cluster":
        out.append(unsupported(f"{where}.scope", scope, ("Cluster", "Namespace")))
    return out


def ingress_class_update(new: Object, old: Object) -> Errors:
    """The faults in a changed IngressClass: its controller stays."""
    mine, theirs = (dig(o, "spec", "controller") or "" for o in (new, old))
    return immutable("spec.controller", mine, theirs) + ingress_class(new)


# ---- NetworkPolicy


def network_policy(obj: Object) -> Errors:
    """The faults in a NetworkPolicy."""
    spec = obj["spec"]
    out = label_selector("spec.podSelector", spec.get("podSelector"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            where = f"spec.{direction}[{index}]"
            for number, port in enumerate(rule.get("ports") or ()):
                out += _policy_port(port, f"{where}.ports[{number}]")
            for number, peer in enumerate(rule.get(peers) or ()):
                out += _peer(peer, f"{where}.{peers}[{number}]")
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        return [*out, invalid("spec.policyTypes", types, "may not specify more than two policyTypes")]
    for index, kind in enumerate(types):
        out += one_of(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))
    return out


def _policy_port(found: Object, where: str) -> Errors:
    out: Errors = []
    protocol, port, end = found.get("protocol"), found.get("port"), found.get("endPort")
    if protocol is not None:
        out += one_of(f"{where}.protocol", protocol, ("TCP", "UDP", "SCTP"))
    if isinstance(port, str):
        if end is not None:
            out.append(invalid(f"{where}.endPort", end, "may not be specified when `port` is non-numeric"))
        return out + name_errors(f"{where}.port", port, port_name_faults(port))
    if port is None:
        text = "may not be specified when `port` is not specified"
        return out if end is None else [*out, invalid(f"{where}.endPort", end, text)]
    out += name_errors(f"{where}.port", port, port_faults(port))
    if end is not None:
        if end < port:
            out.append(invalid(f"{where}.endPort", port, "must be greater than or equal to `port`"))
        out += name_errors(f"{where}.endPort", end, port_faults(end))
    return out


def _peer(peer: Object, where: str) -> Errors:
    block = peer.get("ipBlock")
    given = [k for k in ("podSelector", "namespaceSelector") if peer.get(k) is not None]
    out = [fault for k in given for fault in label_selector(f"{where}.{k}", peer[k])]
    if block is not None:
        out += _block(block, f"{where}.ipBlock")
    if block is None and not given:
        out.append(required(where, "must specify a peer"))
    elif block is not None and given:
        out.append(forbidden(where, "may not specify both ipBlock and another peer"))
    return out


def _block(block: Object, where: str) -> Errors:
    cidr = block.get("cidr") or ""
    if not cidr:
        return [required(f"{where}.cidr")]
    if not is_cidr(cidr):
        return [invalid(f"{where}.cidr", cidr, CIDR_RULE)]
    out: Errors = []
    for index, text in enumerate(block.get("except") or ()):
        here = f"{where}.except[{index}]"
        if not is_cidr(text):
            out.append(invalid(here, text, CIDR_RULE))
            continue
        inner, outer = ipaddress.ip_network(text, strict=False), ipaddress.ip_network(cidr, strict=False)
        if inner.version != outer.version or not inner.subnet_of(outer) or inner == outer:  # type: ignore[arg-type]
            out.append(invalid(here, text, "must be a strict subset of `cidr`"))
    return out


# ---- EndpointSlices and Endpoints


def endpoint_slice(obj: Object) -> Errors:
    """The faults in an EndpointSlice."""
    kind, ports = obj.get("addressType") or "", obj.get("ports") or []
    out = one_of("addressType", kind, ("FQDN", "IPv4", "IPv6")) if kind else [required("addressType")]
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"ports[{index}]", port.get("name") or ""
        if name:
            out += name_errors(f"{where}.name", name, label_faults(name))
        if name in names:
            out.append(duplicate(f"{where}.name", name))
        names.add(name)
        protocol = port.get("protocol")
        known = one_of(f"{where}.protocol", protocol, _PROTOCOLS)
        out += [required(f"{where}.protocol")] if protocol is None else known
        if port.get("appProtocol") is not None:
            out += name_errors(f"{where}.appProtocol", port["appProtocol"], key_faults(port["appProtocol"]))
    endpoints = obj.get("endpoints") or []
    if len(endpoints) > 1000:
        return [*out, too_many("endpoints", len(endpoints), 1000)]
    for index, endpoint in enumerate(endpoints):
        out += _endpoint(endpoint, kind, f"endpoints[{index}]")
    return out


def _endpoint(endpoint: Object, kind: str, where: str) -> Errors:
    addresses, field = endpoint.get("addresses") or [], f"{where}.addresses"
    out: Errors = []
    if not addresses:
        out.append(required(field, "must contain at least 1 address"))
    elif len(addresses) > 100:
        out.append(too_many(field, len(addresses), 100))
    for index, address in enumerate(addresses):
        here = f"{field}[{index}]"
        if kind == "FQDN":
            out += _full_name(address, here)
        elif kind in ("IPv4", "IPv6"):
            version = ipaddress.ip_address(address).version if is_ip(address) else None
            if version is not None and kind != f"IPv{version}":
                out.append(invalid(field, address, f"must be an {kind} address"))
            out += endpoint_ip(here, address)
    if endpoint.get("nodeName") is not None:
        out += name_errors(f"{where}.nodeName", endpoint["nodeName"], subdomain_faults(endpoint["nodeName"]))
    if endpoint.get("hostname") is not None:
        out += name_errors(f"{where}.hostname", endpoint["hostname"], label_faults(endpoint["hostname"]))
    return out


def _full_name(name: str, where: str) -> Errors:
    if not name:
        return [required(where)]
    bare = name.removesuffix(".")
    faults = subdomain_faults(bare)
    if faults:
        return name_errors(where, bare, faults)
    if len(bare.split(".")) < 2:
        return [invalid(where, bare, "should be a domain with at least two segments separated by dots")]
    return [fault for label in bare.split(".") for fault in name_errors(where, label, label_faults(label))]


def endpoint_slice_update(new: Object, old: Object) -> Errors:
    """The faults in a changed EndpointSlice."""
    return endpoint_slice(new) + immutable("addressType", new.get("addressType"), old.get("addressType"))


def endpoints(obj: Object) -> Errors:
    """The faults in Endpoints."""
    out: Errors = []
    for index, subset in enumerate(obj.get("subsets") or ()):
        where, ports = f"subsets[{index}]", subset.get("ports") or []
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            out.append(required(where, "must specify `addresses` or `notReadyAddresses`"))
        for field in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(field) or ()):
                out += _address(address, f"{where}.{field}[{number}]")
        for number, port in enumerate(ports):
            out += _endpoint_port(port, f"{where}.ports[{number}]", named=len(ports) > 1)
    return out


def _address(address: Object, where: str) -> Errors:
    ip, host, node = address.get("ip") or "", address.get("hostname"), address.get("nodeName")
    out = [] if is_ip(ip) else [invalid(f"{where}.ip", ip, IP_RULE)]
    if host:
        out += name_errors(f"{where}.hostname", host, label_faults(host))
    if node is not None:
        out += name_errors(f"{where}.nodeName", node, subdomain_faults(node))
    if not is_ip(ip):
        return [*out, invalid(f"{where}.ip", ip, "must be a valid IP address")]
    return out + endpoint_ip(f"{where}.ip", ip)


def _endpoint_port(port: Object, where: str, named: bool) -> Errors:
    name, protocol = port.get("name") or "", port.get("protocol") or ""
    out: Errors = []
    if name:
        out += name_errors(f"{where}.name", name, label_faults(name))
    elif named:
        out.append(required(f"{where}.name"))
    out += name_errors(f"{where}.port", port.get("port") or 0, port_faults(port.get("port")))
    out += one_of(f"{where}.protocol", protocol, _PROTOCOLS) if protocol else [required(f"{where}.protocol")]
    if port.get("appProtocol") is not None:
        out += name_errors(f"{where}.appProtocol", port["appProtocol"], key_faults(port["appProtocol"]))
    return out
