"""Validation of the containers of a Pod: ports, probes, resources and security (pkg/apis/core/validation)."""

from collections.abc import Callable

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    NOT_NEGATIVE,
    Errors,
    duplicate,
    forbidden,
    invalid,
    label_faults,
    name_errors,
    not_found,
    not_negative,
    one_of,
    port_faults,
    port_name_faults,
    required,
    too_long,
    too_many,
    unsupported,
)
from karmactl.embedded.kinds.validate_paths import descending
from karmactl.embedded.kinds.validate_sources import environment, environment_from
from karmactl.embedded.kinds.validate_volumes import devices, mounts
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

MAX_ID = 2147483647
_PULL = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_NOT_EPHEMERAL = (
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    *_PROBES,
    "lifecycle",
)


def containers(spec: Object, field: str, volumes: dict[str, Object]) -> Errors:
    """The faults in the containers and init containers of a Pod spec."""
    found = spec.get("containers") or []
    if not found:
        return [required(f"{field}.containers"), *_init_containers(spec, field, volumes)]
    out: Errors = []
    names: set[str] = set()
    for index, container in enumerate(found):
        where = f"{field}.containers[{index}]"
        out += _common(container, where, volumes, spec)
        name = container.get("name") or ""
        if name in names:
            out.append(duplicate(f"{where}.name", name))
        names.add(name)
        out += _hooks(container, where, spec)
        out += _restart_rules(container, where)
    return out + _host_ports(found, f"{field}.containers") + _init_containers(spec, field, volumes)


def _init_containers(spec: Object, field: str, volumes: dict[str, Object]) -> Errors:
    out: Errors = []
    names = {c.get("name") or "" for c in spec.get("containers") or ()}
    for index, container in enumerate(spec.get("initContainers") or ()):
        where = f"{field}.initContainers[{index}]"
        out += _common(container, where, volumes, spec)
        out += _restart_rules(container, where)
        name = container.get("name") or ""
        if name in names:
            out.append(duplicate(f"{where}.name", name))
        names.add(name)
        out += _host_ports([container], f"{field}.initContainers")
        if container.get("restartPolicy") == "Always":
            out += _hooks(container, where, spec)
            continue
        text = "may not be set for init containers without restartPolicy=Always"
        out += [forbidden(f"{where}.{f}", text) for f in ("lifecycle", *_PROBES) if container.get(f) is not None]
    return out


def ephemeral_containers(spec: Object, field: str, volumes: dict[str, Object]) -> Errors:
    """The faults in containers that somebody adds to a running Pod to look at it."""
    others = {c.get("name") or "" for kind in ("containers", "initContainers") for c in spec.get(kind) or ()}
    names = set(others)
    out: Errors = []
    text = "cannot be set for an Ephemeral Container"
    for index, container in enumerate(spec.get("ephemeralContainers") or ()):
        where = f"{field}.ephemeralContainers[{index}]"
        out += _common(container, where, volumes, spec)
        name, target = container.get("name") or "", container.get("targetContainerName") or ""
        if name in names:
            out.append(duplicate(f"{where}.name", name))
        names.add(name)
        if target and target not in others:
            out.append(not_found(f"{where}.targetContainerName", target))
        out += [forbidden(f"{where}.{f}", text) for f in _NOT_EPHEMERAL if container.get(f)]
        for number, mount in enumerate(container.get("volumeMounts") or ()):
            at = f"{where}.volumeMounts[{number}]"
            out += [forbidden(f"{at}.{f}", text) for f in ("subPath", "subPathExpr") if mount.get(f)]
    return out


def _common(container: Object, where: str, volumes: dict[str, Object], spec: Object) -> Errors:
    name = container.get("name") or ""
    out = name_errors(f"{where}.name", name, label_faults(name)) if name else [required(f"{where}.name")]
    if not container.get("image"):
        out.append(required(f"{where}.image"))
    policies = ("File", "FallbackToLogsOnError")
    out += _set_one_of(f"{where}.terminationMessagePolicy", container.get("terminationMessagePolicy"), policies)
    out += _ports(container.get("ports") or [], f"{where}.ports")
    out += environment(container.get("env") or [], f"{where}.env")
    out += environment_from(container.get("envFrom") or [], f"{where}.envFrom")
    out += mounts(container, where, volumes)
    out += devices(container, where, volumes)
    out += _set_one_of(f"{where}.imagePullPolicy", container.get("imagePullPolicy"), _PULL)
    claims = [c.get("name") for c in spec.get("resourceClaims") or ()]
    out += resources(container.get("resources") or {}, f"{where}.resources", claims)
    out += _resize(container.get("resizePolicy") or [], f"{where}.resizePolicy", spec.get("restartPolicy"))
    host_users = spec.get("hostUsers") is not False
    return out + _security(container.get("securityContext"), f"{where}.securityContext", host_users)


def _set_one_of(field: str, value: str | None, known: tuple[str, ...]) -> Errors:
    return one_of(field, value, known) if value else [required(field)]


def _ports(ports: list[Object], field: str) -> Errors:
    out: Errors = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"{field}[{index}]", port.get("name")
        if name:
            faults = port_name_faults(name)
            out += name_errors(f"{where}.name", name, faults)
            if not faults and name in names:
                out.append(duplicate(f"{where}.name", name))
            names.add(name)
        number = port.get("containerPort") or 0
        if number == 0:
            out.append(required(f"{where}.containerPort"))
        else:
            out += name_errors(f"{where}.containerPort", number, port_faults(number))
        if port.get("hostPort"):
            out += name_errors(f"{where}.hostPort", port["hostPort"], port_faults(port["hostPort"]))
        out += _set_one_of(f"{where}.protocol", port.get("protocol"), _PROTOCOLS)
    return out


def _host_ports(found: list[Object], field: str) -> Errors:
    out: Errors = []
    seen: set[str] = set()
    for index, container in enumerate(found):
        for number, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            text = f"{port.get('protocol', 'TCP')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if text in seen:
                out.append(duplicate(f"{field}[{index}].ports[{number}].hostPort", text))
            seen.add(text)
    return out


def _restart_rules(container: Object, where: str) -> Errors:
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or []
    out: Errors = []
    if policy is None and rules:
        out.append(required(f"{where}.restartPolicy", "must specify restartPolicy when restart rules are used"))
    elif policy is not None:
        out += one_of(f"{where}.restartPolicy", policy, ("Always", "Never", "OnFailure"))
    if len(rules) > 20:
        out.append(too_many(f"{where}.restartPolicyRules", len(rules), 20))
    for index, rule in enumerate(rules):
        here, codes = f"{where}.restartPolicyRules[{index}]", rule.get("exitCodes")
        out += one_of(f"{here}.action", rule.get("action") or "", ("Restart", "RestartAllContainers"))
        if codes is None:
            out.append(required(f"{here}.exitCodes", "must be specified"))
            continue
        out += one_of(f"{here}.exitCodes.operator", codes.get("operator") or "", ("In", "NotIn"))
        if len(codes.get("values") or ()) > 255:
            out.append(too_many(f"{here}.exitCodes.values", len(codes["values"]), 255))
    return out


# ---- resources


def resources(found: Object, field: str, claims: list[str | None] | None = None) -> Errors:
    """The faults in what a container asks for and is limited to; `claims` are the names of the Pod's claims."""
    out: Errors = []
    requests, limits = found.get("requests") or {}, found.get("limits") or {}
    for name, text in sorted(limits.items()):
        out += _resource(name, text, f"{field}.limits[{name}]")
    for name, text in sorted(requests.items()):
        out += _resource(name, text, f"{field}.requests[{name}]")
        overcommits = _is_native(name) and not name.startswith("hugepages-")
        if name not in limits:
            if not overcommits:
                out.append(required(f"{field}.limits", "Limit must be set for non overcommitable resources"))
            continue
        asked, most = quantity.value(text), quantity.value(limits[name])
        if asked != most and not overcommits:
            out.append(invalid(f"{field}.requests", text, f"must be equal to {name} limit of {limits[name]}"))
        elif asked > most:
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            out.append(invalid(f"{field}.requests", text, why))
    named = {*limits, *requests}
    if any(n.startswith("hugepages-") for n in named) and not named & {"cpu", "memory"}:
        out.append(forbidden(field, "HugePages require cpu or memory"))
    for index, claim in enumerate(found.get("claims") or ()):
        name = claim.get("name") or ""
        if claims is not None and name not in claims:
            text = "must be one of the names in pod.spec.resourceClaims"
            where = f"{field}.claims[{index}]"
            out.append(invalid(where, name, text) if name else required(where))
    return out


def _is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _resource(name: str, text: str, where: str) -> Errors:
    out = name_errors(where, name, key_faults(name))
    standard = name in ("cpu", "memory", "ephemeral-storage") or name.startswith("hugepages-")
    extended = not _is_native(name) and not name.startswith("requests.")
    if "/" not in name and not standard:
        if not out and name != "storage":
            out.append(invalid(where, name, "must be a standard resource type or fully qualified"))
        out.append(invalid(where, name, "must be a standard resource for containers"))
    elif not _is_native(name) and (not extended or key_faults(f"requests.{name}")):
        out.append(invalid(where, name, "doesn't follow extended resource name standard"))
    number = quantity.value(text)
    if number < 0:
        out.append(invalid(where, text, NOT_NEGATIVE))
    if extended and number != number.to_integral_value():
        out.append(invalid(where, text, "must be an integer"))
    return out


def _resize(policies: list[Object], field: str, restart: str | None) -> Errors:
    out: Errors = []
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        name, how = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            out.append(duplicate(f"{field}[{index}]", name))
        seen.add(name)
        out += _set_one_of(field, name, ("cpu", "memory"))
        out += _set_one_of(field, how, ("NotRequired", "RestartContainer"))
        if restart == "Never" and how != "NotRequired":
            out.append(invalid(field, how, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
    return out


# ---- security


def identifier(field: str, number: int | None) -> Errors:
    """The faults in the number of a user or group."""
    if number is None or 0 <= number <= MAX_ID:
        return []
    return [invalid(field, number, f"must be between 0 and {MAX_ID}, inclusive")]


def _security(context: Object | None, where: str, host_users: bool) -> Errors:
    if context is None:
        return []
    out = identifier(f"{where}.runAsUser", context.get("runAsUser"))
    out += identifier(f"{where}.runAsGroup", context.get("runAsGroup"))
    mount = context.get("procMount")
    if mount is not None:
        out += one_of(f"{where}.procMount", mount, ("Default", "Unmasked"))
        if host_users and mount == "Unmasked":
            out.append(invalid(f"{where}.procMount", mount, "`hostUsers` must be false to use `Unmasked`"))
    out += seccomp(context.get("seccompProfile"), f"{where}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        shown = internal("core.SecurityContext", context)
        text = "cannot set `allowPrivilegeEscalation` to false and"
        if context.get("privileged"):
            out.append(invalid(where, shown, f"{text} `privileged` to true"))
        if "CAP_SYS_ADMIN" in (dig(context, "capabilities", "add") or ()):
            out.append(invalid(where, shown, f"{text} `capabilities.Add` CAP_SYS_ADMIN"))
    return out + app_armor(context.get("appArmorProfile"), f"{where}.appArmorProfile")


def seccomp(profile: Object | None, where: str) -> Errors:
    """The faults in a seccomp profile."""
    if profile is None:
        return []
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    out = one_of(f"{where}.type", kind, _PROFILES)
    if not kind:
        out = [required(f"{where}.type", "type is required when seccompProfile is set")]
    if kind == "Localhost":
        if local is None:
            return [*out, required(f"{where}.localhostProfile", "must be set when seccomp type is Localhost")]
        return out + descending(f"{where}.localhostProfile", local)
    if local is not None:
        shown = internal("core.SeccompProfile", profile)
        out.append(invalid(f"{where}.localhostProfile", shown, "can only be set when seccomp type is Localhost"))
    return out


def app_armor(profile: Object | None, where: str) -> Errors:
    """The faults in an AppArmor profile."""
    if profile is None:
        return []
    kind, local, field = profile.get("type") or "", profile.get("localhostProfile"), f"{where}.localhostProfile"
    if not kind:
        return [required(f"{where}.type", "type is required when appArmorProfile is set")]
    if kind not in _PROFILES:
        return [unsupported(f"{where}.type", kind, _PROFILES)]
    if kind != "Localhost":
        text = "can only be set when AppArmor type is Localhost"
        return [] if local is None else [invalid(field, local, text)]
    if not local:
        return [required(field, "must be set when AppArmor type is Localhost")]
    out = [invalid(field, local, "must not be padded with whitespace")] if local != local.strip() else []
    return out + ([too_long(field, 4095)] if len(local) > 4095 else [])


# ---- probes and hooks


def _hooks(container: Object, where: str, spec: Object) -> Errors:
    out: Errors = []
    grace = spec.get("terminationGracePeriodSeconds")
    for hook in ("postStart", "preStop"):
        handler = dig(container, "lifecycle", hook)
        if handler is not None:
            out += _handler(handler, f"{where}.lifecycle.{hook}", grace)
    for kind in _PROBES:
        if container.get(kind) is not None:
            out += _probe(container[kind], f"{where}.{kind}", kind, grace)
    return out


def _probe(probe: Object, where: str, kind: str, grace: int | None) -> Errors:
    out = _handler(probe, where, grace)
    for field in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        out += not_negative(f"{where}.{field}", probe.get(field))
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        out.append(invalid(f"{where}.terminationGracePeriodSeconds", seconds, "must be greater than 0"))
    if kind == "readinessProbe":
        if seconds is not None:
            text = "must not be set for readinessProbes"
            out.append(invalid(f"{where}.terminationGracePeriodSeconds", seconds, text))
    elif probe.get("successThreshold", 1) != 1:
        out.append(invalid(f"{where}.successThreshold", probe["successThreshold"], "must be 1"))
    return out


def _handler(handler: Object, where: str, grace: int | None) -> Errors:
    given = [kind for kind in (*_HANDLERS, "sleep") if handler.get(kind) is not None]
    if not given:
        return [required(where, "must specify a handler type")]
    kind = given[0]
    if kind == "sleep":
        out = _sleep(handler[kind], f"{where}.sleep", grace)
    else:
        out = _HANDLERS[kind](handler[kind], f"{where}.{kind}")
    return out + [forbidden(f"{where}.{k}", "may not specify more than 1 handler type") for k in given[1:]]


def _exec(action: Object, where: str) -> Errors:
    return [] if action.get("command") else [required(f"{where}.command")]


def _http(action: Object, where: str) -> Errors:
    out = [] if action.get("path") else [required(f"{where}.path")]
    out += port_or_name(f"{where}.port", action.get("port"))
    out += one_of(f"{where}.scheme", action.get("scheme") or "", ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        if not name or not all(c.isascii() and (c.isalnum() or c in "-") for c in name):
            text = (
                "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used "
                "for validation is '[-A-Za-z0-9]+')"
            )
            out.append(invalid(f"{where}.httpHeaders", name, text))
    return out


def _tcp(action: Object, where: str) -> Errors:
    return port_or_name(f"{where}.port", action.get("port"))


def _sleep(action: Object, where: str, grace: int | None) -> Errors:
    seconds = action.get("seconds") or 0
    if grace is None or 0 <= seconds <= grace:
        return []
    return [invalid(where, seconds, f"must be non-negative and less than terminationGracePeriodSeconds ({grace})")]


def port_or_name(field: str, port: int | str | None) -> Errors:
    """The faults in a port that may be named."""
    if isinstance(port, str):
        return name_errors(field, port, port_name_faults(port))
    return name_errors(field, port or 0, port_faults(port or 0))


_HANDLERS: dict[str, Callable[[Object, str], Errors]] = {
    "exec": _exec,
    "httpGet": _http,
    "tcpSocket": _tcp,
    "grpc": _tcp,
}
