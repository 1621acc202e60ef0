"""Validation of Pods and Pod templates (pkg/apis/core/validation); their parts have modules of their own."""

import re

from karmactl.embedded.kinds.rules import (
    IP_RULE,
    Errors,
    domain_label_faults,
    duplicate,
    forbidden,
    invalid,
    is_ip,
    label_faults,
    label_map,
    name_errors,
    one_of,
    required,
    subdomain_faults,
    too_long,
    unsupported,
    validate_annotations,
)
from karmactl.embedded.kinds.validate_containers import (
    MAX_ID,
    app_armor,
    containers,
    ephemeral_containers,
    identifier,
    resources,
    seccomp,
)
from karmactl.embedded.kinds.validate_nodes import affinity, scheduling_gates, spreading, validate_tolerations
from karmactl.embedded.kinds.validate_volumes import volumes
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_CLAIMED: Object = {"persistentVolumeClaim": {}}
_POLICIES = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_SYSCTL = re.compile(r"([a-z0-9][-_a-z0-9]*[a-z0-9]|[a-z0-9])([./]([a-z0-9][-_a-z0-9]*[a-z0-9]|[a-z0-9]))*")
_SYSCTL_RULE = (
    "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*"
    "[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
)


def validate_template(template: Object, field: str, claims: tuple[str, ...] = ()) -> Errors:
    """The faults in a Pod template; `claims` names the volumes that its owner will put into it."""
    meta = template.get("metadata") or {}
    out = label_map(f"{field}.labels", meta.get("labels"))
    out += validate_annotations(f"{field}.annotations", meta.get("annotations"))
    out += _annotations(meta, template["spec"], f"{field}.annotations")
    out += validate_spec(template["spec"], f"{field}.spec", claims)
    if template["spec"].get("ephemeralContainers"):
        text = "ephemeral containers not allowed in pod template"
        out.append(forbidden(f"{field}.spec.ephemeralContainers", text))
    return out


def validate_pod(pod: Object) -> Errors:
    """The faults in a Pod."""
    spec, meta = pod["spec"], pod["metadata"]
    out = _annotations(meta, spec, "metadata.annotations")
    out += validate_spec(spec, "spec", pod=meta.get("name") or "")
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            image = container.get("image") or ""
            if image != image.strip():
                text = "must not have leading or trailing whitespace"
                out.append(invalid(f"spec.{kind}[{index}].image", image, text))
    return out


def validate_new_pod(pod: Object) -> Errors:
    """The faults in a Pod that is created."""
    out = validate_pod(pod)
    if pod["spec"].get("ephemeralContainers"):
        out.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if pod["spec"].get("nodeName") and pod["spec"].get("schedulingGates"):
        out.append(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
    return out


def _annotations(meta: Object, spec: Object, field: str) -> Errors:
    found = meta.get("annotations") or {}
    out: Errors = []
    mirror, cost = "kubernetes.io/config.mirror", "controller.kubernetes.io/pod-deletion-cost"
    if mirror in found and not spec.get("nodeName"):
        text = "must set spec.nodeName if mirror pod annotation is set"
        out.append(invalid(f"{field}[{mirror}]", found[mirror], text))
    if cost in found and not re.fullmatch(r"0|-?[1-9][0-9]{0,9}", found[cost]):
        out.append(invalid(f"{field}[{cost}]", found[cost], "must be a 32bit integer"))
    return out


def validate_spec(spec: Object, field: str, claims: tuple[str, ...] = (), pod: str = "") -> Errors:
    """The faults in a Pod spec, in the order in which upstream looks."""
    out, sound = volumes(spec.get("volumes") or [], f"{field}.volumes", pod)
    mountable = {**dict.fromkeys(claims, _CLAIMED), **sound}
    out += containers(spec, field, mountable)
    out += ephemeral_containers(spec, field, mountable)
    out += _host_network(spec, field, is_pod=bool(pod))
    out += one_of(f"{field}.restartPolicy", spec.get("restartPolicy"), _POLICIES)
    out += one_of(f"{field}.dnsPolicy", spec.get("dnsPolicy"), _DNS)
    out += label_map(f"{field}.nodeSelector", spec.get("nodeSelector"))
    out += _security(spec, f"{field}.securityContext")
    out += affinity(spec.get("affinity") or {}, f"{field}.affinity")
    out += _dns(spec, f"{field}.dnsConfig")
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        name = gate.get("conditionType") or ""
        out += name_errors(f"{field}.readinessGates[{index}].conditionType", name, key_faults(name))
    out += scheduling_gates(spec.get("schedulingGates") or [], f"{field}.schedulingGates")
    out += spreading(spec.get("topologySpreadConstraints") or [], f"{field}.topologySpreadConstraints")
    if spec.get("hostUsers") is False:
        out += [forbidden(f"{field}.{f[0].upper()}{f[1:]}", "when `hostUsers` is false") for f in _HOST if spec.get(f)]
    return out + _names(spec, field) + _rest(spec, field)


_HOST = ("hostPID", "hostIPC")


def _names(spec: Object, field: str) -> Errors:
    """The faults in what a Pod is called, runs as, and runs on."""
    out: Errors = []
    override = spec.get("hostnameOverride")
    if override is not None:
        where = f"{field}.hostnameOverride"
        if spec.get("setHostnameAsFQDN"):
            out.append(forbidden(where, "may not be specified when setHostnameAsFQDN is true"))
        if spec.get("hostNetwork"):
            out.append(forbidden(where, "may not be specified when hostNetwork is true"))
        if len(override) > 64:
            out.append(too_long(where, 64))
        out += name_errors(where, override, subdomain_faults(override))
    for name in ("serviceAccountName", "nodeName"):
        if spec.get(name):
            out += name_errors(f"{field}.{name}", spec[name], subdomain_faults(spec[name]))
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 1 <= seconds <= MAX_ID:
        text = f"must be between 1 and {MAX_ID}, inclusive"
        out.append(invalid(f"{field}.activeDeadlineSeconds", seconds, text))
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            out += name_errors(f"{field}.{name}", spec[name], label_faults(spec[name]))
    return out


def _rest(spec: Object, field: str) -> Errors:
    out = validate_tolerations(spec.get("tolerations") or [], f"{field}.tolerations")
    out += _host_aliases(spec.get("hostAliases") or [], f"{field}.hostAliases")
    for name in ("priorityClassName", "runtimeClassName"):
        if spec.get(name):
            out += name_errors(f"{field}.{name}", spec[name], subdomain_faults(spec[name]))
    policy = spec.get("preemptionPolicy")
    if policy is not None:
        out += one_of(f"{field}.preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))
    if spec.get("overhead"):
        out += resources({"limits": spec["overhead"]}, f"{field}.overhead")
    if spec.get("os") is not None:
        name = spec["os"].get("name") or ""
        if not name:
            out.append(required(f"{field}.os.name"))
        elif name not in ("linux", "windows"):
            out.append(unsupported(f"{field}.os", name, ("linux", "windows")))
        elif name == "linux" and dig(spec, "securityContext", "windowsOptions") is not None:
            text = "windows options cannot be set for a linux pod"
            out.append(forbidden(f"{field}.securityContext.windowsOptions", text))
    return out


def _host_network(spec: Object, field: str, is_pod: bool) -> Errors:
    out: Errors = []
    for index, container in enumerate(spec.get("containers") or () if spec.get("hostNetwork") else ()):
        for number, port in enumerate(container.get("ports") or ()):
            host = port.get("hostPort") or 0
            if (is_pod or host) and host != port.get("containerPort"):
                where = f"{field}.containers[{index}].ports[{number}].hostPort"
                out.append(invalid(where, host, "must match `containerPort` when `hostNetwork` is true"))
    return out


def _security(spec: Object, where: str) -> Errors:
    context = spec.get("securityContext") or {}
    out: Errors = []
    for name in ("fsGroup", "runAsUser", "runAsGroup"):
        out += identifier(f"{where}.{name}", context.get(name))
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        out += identifier(f"{where}.supplementalGroups[{index}]", group)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        text = "ShareProcessNamespace and HostPID cannot both be enabled"
        out.append(invalid(f"{where}.shareProcessNamespace", True, text))
    names: set[str] = set()
    for index, setting in enumerate(context.get("sysctls") or ()):
        here, name = f"{where}.sysctls[{index}].name", setting.get("name") or ""
        if not name:
            out.append(required(here))
        elif len(name) > 253 or not _SYSCTL.fullmatch(name):
            out.append(invalid(here, name, _SYSCTL_RULE))
        elif name in names:
            out.append(duplicate(here, name))
        names.add(name)
    for name, known in (
        ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
        ("supplementalGroupsPolicy", ("Merge", "Strict")),
        ("seLinuxChangePolicy", ("MountOption", "Recursive")),
    ):
        if context.get(name) is not None:
            out += one_of(f"{where}.{name}", context[name], known)
    out += seccomp(context.get("seccompProfile"), f"{where}.seccompProfile")
    return out + app_armor(context.get("appArmorProfile"), f"{where}.appArmorProfile")


# ---- names that the Pod resolves


def _host_aliases(aliases: list[Object], field: str) -> Errors:
    out: Errors = []
    for index, alias in enumerate(aliases):
        if not is_ip(alias.get("ip") or ""):
            out.append(invalid(f"{field}[{index}].ip", alias.get("ip") or "", IP_RULE))
        for number, name in enumerate(alias.get("hostnames") or ()):
            out += name_errors(f"{field}[{index}].hostnames[{number}]", name, subdomain_faults(name))
    return out


def _dns(spec: Object, field: str) -> Errors:
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            return [required(field, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not config.get("nameservers"):
            text = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(f"{field}.nameservers", text)]
    if config is None:
        return []
    out: Errors = []
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if len(servers) > 3:
        out.append(invalid(f"{field}.nameservers", servers, "must not have more than 3 nameservers"))
    for index, server in enumerate(servers):
        if not is_ip(server):
            out.append(invalid(f"{field}.nameservers[{index}]", server, IP_RULE))
    if len(searches) > 32:
        out.append(invalid(f"{field}.searches", searches, "must not have more than 32 search paths"))
    if len(" ".join(searches)) > 2048:
        text = "must not have more than 2048 characters (including spaces) in the search list"
        out.append(invalid(f"{field}.searches", searches, text))
    for index, search in enumerate(searches):
        if search != ".":
            name = search.removesuffix(".")
            out += name_errors(f"{field}.searches[{index}]", name, domain_label_faults(name))
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            out.append(required(f"{field}.options[{index}]", "must not be empty"))
    return out
