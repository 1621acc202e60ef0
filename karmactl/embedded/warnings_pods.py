"""Warnings about Pods and Pod templates (pkg/api/pod/warnings.go): deprecated fields, and what is likely a mistake.

Field paths begin at the object: `spec.containers[0]` in a Pod, `spec.template.spec.containers[0]` in a Deployment.
"""

from collections.abc import Iterator

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import address_warnings
from karmactl.embedded.selectors import value_faults
from karmactl.embedded.values import Object, dig, go_quote

_NULL_SELECTOR = "a null labelSelector results in matching no pod"
NODE_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}
VOLUME_SOURCES = {
    "photonPersistentDisk": ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    "gitRepo": ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    "scaleIO": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "flocker": ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "quobyte": ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_POD_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"


def template_warnings(template: Object, field: str) -> list[str]:
    """The warnings for a Pod (`field` empty) or a Pod template under a field path."""
    spec = template.get("spec") or {}
    annotations = dig(template, "metadata", "annotations") or {}
    base = f"{field}." if field else ""
    where = f"{base}spec"
    out = _placement(spec, where)
    out += [f"{base}metadata.annotations[{k}]: {text}" for k, text in _ANNOTATIONS.items() if k in annotations]
    out += _volumes(spec, where)
    out += _doubles(spec, where)
    out += _fractions(spec.get("overhead") or {}, f"{where}.overhead")
    if dig(spec, "securityContext", "seccompProfile") is None and _POD_SECCOMP in annotations:
        out.append(f"{base}metadata.annotations[{_POD_SECCOMP}]: {_SECCOMP}")
    for container, here in _containers(spec, where):
        out += _container(container, here, annotations, base)
    out += _ports(spec, where) + _port_names(spec, where)
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        text = "must be >= 0; negative values are invalid and will be treated as 1"
        out.append(f"{where}.terminationGracePeriodSeconds: {text}")
    out += _affinity_terms(spec, where)
    for index, server in enumerate(dig(spec, "dnsConfig", "nameservers") or ()):
        out += address_warnings(f"{where}.dnsConfig.nameservers[{index}]", server)
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        out += address_warnings(f"{where}.hostAliases[{index}].ip", alias.get("ip") or "")
    return out


def _containers(spec: Object, where: str) -> Iterator[tuple[Object, str]]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            yield container, f"{where}.{kind}[{index}]"


def node_term_warnings(term: Object, where: str, check_values: bool) -> list[str]:
    """The warnings for one term of a node selector."""
    out: list[str] = []
    for index, rule in enumerate(term.get("matchExpressions") or ()):
        here = f"{where}.matchExpressions[{index}]"
        key = rule.get("key") or ""
        if key in NODE_LABELS:
            out.append(f"{here}.key: {key} is {NODE_LABELS[key]}")
        if check_values:
            for number, value in enumerate(rule.get("values") or ()):
                out += [f"{here}.values[{number}]: {value} is invalid, {fault}" for fault in value_faults(value)]
    return out


def _placement(spec: Object, where: str) -> list[str]:
    labels = spec.get("nodeSelector") or {}
    out = [f"{where}.nodeSelector[{k}]: {NODE_LABELS[k]}" for k in labels if k in NODE_LABELS]
    affinity = dig(spec, "affinity", "nodeAffinity") or {}
    here = f"{where}.affinity.nodeAffinity"
    needed = "requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(dig(affinity, needed, "nodeSelectorTerms") or ()):
        out += node_term_warnings(term, f"{here}.{needed}.nodeSelectorTerms[{index}]", False)
    wished = "preferredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(affinity.get(wished) or ()):
        out += node_term_warnings(term.get("preference") or {}, f"{here}.{wished}[{index}].preference", True)
    for index, spread in enumerate(spec.get("topologySpreadConstraints") or ()):
        here = f"{where}.topologySpreadConstraints[{index}]"
        key = spread.get("topologyKey") or ""
        if key in NODE_LABELS:
            out.append(f"{here}.topologyKey: {key} is {NODE_LABELS[key]}")
        if spread.get("labelSelector") is None:
            out.append(f"{here}.labelSelector: {_NULL_SELECTOR}")
    return out


def _volumes(spec: Object, where: str) -> list[str]:
    out: list[str] = []
    for index, volume in enumerate(spec.get("volumes") or ()):
        here = f"{where}.volumes[{index}]"
        for source, (shown, text) in VOLUME_SOURCES.items():
            if volume.get(source) is not None:
                out.append(f"{here}.{shown}: {text}")
        claim = dig(volume, "ephemeral", "volumeClaimTemplate", "spec")
        if claim is not None:
            out += claim_warnings(claim, f"{here}.ephemeral.volumeClaimTemplate.spec")
    for volume in spec.get("volumes") or ():
        out += _overlaps(volume)
    return out


def claim_warnings(spec: Object, where: str) -> list[str]:
    """The warnings for the spec of a claim: sizes that are no whole number of bytes."""
    out: list[str] = []
    for kind in ("requests", "limits"):
        size = dig(spec, "resources", kind, "storage")
        if size is not None and _is_fraction(size):
            out.append(_fraction(f"{where}.resources.{kind}[storage]", size))
    return out


def _is_fraction(size: str) -> bool:
    number = quantity.value(size)
    return number != number.to_integral_value()


def _fraction(where: str, size: str) -> str:
    return f"{where}: fractional byte value {go_quote(size)} is invalid, must be an integer"


def _fractions(resources: Object, where: str) -> list[str]:
    names = ("memory", "ephemeral-storage")
    return [_fraction(f"{where}[{n}]", resources[n]) for n in names if n in resources and _is_fraction(resources[n])]


def _doubles(spec: Object, where: str) -> list[str]:
    """Entries of lists that are maps only when merged."""
    out: list[str] = []
    for field, key in (("hostAliases", "ip"), ("imagePullSecrets", "name")):
        seen: set[str] = set()
        for index, item in enumerate(spec.get(field) or ()):
            text = item.get(key) or ""
            if text in seen:
                out.append(f"{where}.{field}[{index}].{key}: duplicate {key} {go_quote(text)}")
            seen.add(text)
    for index, item in enumerate(spec.get("imagePullSecrets") or ()):
        if not item.get("name"):
            out.append(f'{where}.imagePullSecrets[{index}].name: invalid empty name ""')
    return out


def _container(container: Object, where: str, annotations: Object, base: str) -> list[str]:
    out: list[str] = []
    name, context = container.get("name") or "", container.get("securityContext") or {}
    if context.get("seccompProfile") is None and _CONTAINER_SECCOMP + name in annotations:
        out.append(f"{base}metadata.annotations[{_CONTAINER_SECCOMP}{name}]: {_SECCOMP}")
    if base and context.get("appArmorProfile") is None and _APP_ARMOR + name in annotations:
        text = 'deprecated since v1.30; use the "appArmorProfile" field instead'
        out.append(f"{base}metadata.annotations[{_APP_ARMOR}{name}]: {text}")
    resources = container.get("resources") or {}
    for resource in ("memory", "ephemeral-storage"):
        for kind in ("limits", "requests"):
            size = dig(resources, kind, resource)
            if size is not None and _is_fraction(size):
                out.append(_fraction(f"{where}.resources.{kind}[{resource}]", size))
    return out + _environment(container, where)


def _environment(container: Object, where: str) -> list[str]:
    seen: set[str] = set()
    out: list[str] = []
    for index, entry in enumerate(container.get("env") or ()):
        name, value = entry.get("name") or "", entry.get("value") or ""
        reference = f"$({name})"
        extends = entry.get("valueFrom") is None and reference in value and value != reference
        if name in seen and not extends:
            text = f"hides previous definition of {go_quote(name)}, which may be dropped when using apply"
            out.append(f"{where}.env[{index}]: {text}")
        seen.add(name)
    return out


def _ports(spec: Object, where: str) -> list[str]:
    out: list[str] = []
    known: dict[tuple[object, object], list[tuple[str, Object]]] = {}
    for container, here in _containers(spec, where):
        for number, port in enumerate(container.get("ports") or ()):
            place = f"{here}.ports[{number}]"
            others = known.setdefault((port.get("containerPort"), port.get("protocol")), [])
            out += [f"{place}: {word} port definition with {at}" for at, p in others if (word := _clash(port, p))]
            others.append((place, port))
    return out


def _clash(port: Object, other: Object) -> str:
    ip, host = port.get("hostIP") or "", port.get("hostPort") or 0
    other_ip, other_host = other.get("hostIP") or "", other.get("hostPort") or 0
    if (ip, host) == (other_ip, other_host):
        return "duplicate"
    if not host or not other_host:
        return "overlapping"
    return "dangerously ambiguous" if host == other_host and bool(ip) != bool(other_ip) else ""


def _port_names(spec: Object, where: str) -> list[str]:
    out: list[str] = []
    known: dict[str, str] = {}
    for container, here in _containers(spec, where):
        for number, port in enumerate(container.get("ports") or ()):
            name, place = port.get("name"), f"{here}.ports[{number}]"
            if not name:
                continue
            if name in known:
                first = known[name]
                text = f"duplicate port name {go_quote(name)} with {first}, services and probes that select ports"
                out.append(f"{place}: {text} by name will use {first}")
            known.setdefault(name, place)
    return out


def _affinity_terms(spec: Object, where: str) -> list[str]:
    out: list[str] = []
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = dig(spec, "affinity", kind) or {}
        needed, wished = (f"{w}DuringSchedulingIgnoredDuringExecution" for w in ("required", "preferred"))
        for index, term in enumerate(affinity.get(needed) or ()):
            if term.get("labelSelector") is None:
                out.append(f"{where}.affinity.{kind}.{needed}[{index}].labelSelector: {_NULL_SELECTOR}")
        for index, term in enumerate(affinity.get(wished) or ()):
            if dig(term, "podAffinityTerm", "labelSelector") is None:
                here = f"{where}.affinity.{kind}.{wished}[{index}].podAffinityTerm.labelSelector"
                out.append(f"{here}: {_NULL_SELECTOR}")
    return out


# ---- files of volumes that overwrite each other

_Placed = tuple[str, str]  # path, and where it comes from


def _overlaps(volume: Object) -> list[str]:
    name = volume.get("name") or ""
    out: list[str] = []
    for kind, shown, key in (
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
        ("downwardAPI", "DownwardAPI", ""),
    ):
        source = volume.get(kind)
        if source is not None:
            label = f"{shown} {go_quote(source.get(key) or '')}" if key else shown
            out += _colliding(name, label, [(i.get("path") or "", "") for i in source.get("items") or ()])
    if volume.get("projected") is not None:
        placed: list[_Placed] = []
        for source in volume["projected"].get("sources") or ():
            if not source:
                out.append(f"volume {go_quote(name)} (Projected) has no sources provided")
            placed += _projected(source)
        out += _colliding(name, "Projected", placed)
    return out


def _projected(source: Object) -> list[_Placed]:
    for kind, shown in (("configMap", "ConfigMap"), ("secret", "Secret"), ("downwardAPI", "DownwardAPI")):
        items = dig(source, kind, "items")
        if items is not None:
            label = shown if kind == "downwardAPI" else f"{shown} {go_quote(source[kind].get('name') or '')}"
            return [(i.get("path") or "", label) for i in items]
    if source.get("serviceAccountToken") is not None:
        return [(source["serviceAccountToken"].get("path") or "", "ServiceAccountToken")]
    bundle = source.get("clusterTrustBundle")
    if bundle is not None:
        name = bundle.get("name") or bundle.get("signerName") or ""
        return [(bundle.get("path") or "", f"ClusterTrustBundle {go_quote(name)}")]
    return []


def _colliding(volume: str, label: str, placed: list[_Placed]) -> list[str]:
    out: list[str] = []
    seen: list[_Placed] = []
    for path, origin in placed:
        mine = (path.rstrip("/"), origin)
        for other in seen:
            nested = other[0] and (f"{other[0]}/".startswith(f"{mine[0]}/") or f"{mine[0]}/".startswith(f"{other[0]}/"))
            if mine[0] and nested:
                text = f"overlapping paths: {_show_path(mine)} with {_show_path(other)}"
                out.append(f"volume {go_quote(volume)} ({label}): {text}")
        seen.append(mine)
    return out


def _show_path(placed: _Placed) -> str:
    return f"{go_quote(placed[0])} ({placed[1]})" if placed[1] else go_quote(placed[0])
