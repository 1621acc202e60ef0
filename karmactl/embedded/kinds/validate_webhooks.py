"""Validation of admission webhooks and policies (pkg/apis/admissionregistration), and of APIServices.

CEL expressions have to parse, and their types to fit (`embedded/cel`).
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from karmactl.embedded import cel
from karmactl.embedded.kinds.rules import (
    Errors,
    duplicate,
    forbidden,
    invalid,
    label_1035_faults,
    label_selector,
    name_errors,
    one_of,
    port_faults,
    required,
    segment_faults,
    subdomain_faults,
    too_many,
)
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object

_POLICIES, _MATCHES = ("Fail", "Ignore"), ("Equivalent", "Exact")
_EFFECTS = ("None", "NoneOnDryRun")
_VERSIONS = ("v1", "v1beta1")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")


def webhooks(obj: Object) -> Errors:
    """The faults in a configuration of webhooks, validating or mutating."""
    out: Errors = []
    names: set[str] = set()
    for index, hook in enumerate(obj.get("webhooks") or ()):
        where, name = f"webhooks[{index}]", hook.get("name") or ""
        out += _webhook(hook, where)
        out += _review_versions(hook.get("admissionReviewVersions") or [], f"{where}.admissionReviewVersions")
        if name in names:
            out.append(duplicate(f"{where}.name", name))
        names |= {name} if name else set()
    return out


def _webhook(hook: Object, where: str) -> Errors:
    name = hook.get("name") or ""
    out = _full_name(name, f"{where}.name")
    for index, rule in enumerate(hook.get("rules") or ()):
        out += _rule(rule, f"{where}.rules[{index}]")
    out += _optional(f"{where}.failurePolicy", hook.get("failurePolicy"), _POLICIES)
    out += _optional(f"{where}.matchPolicy", hook.get("matchPolicy"), _MATCHES)
    effects, seconds = hook.get("sideEffects"), hook.get("timeoutSeconds")
    if effects is None:
        out.append(required(f"{where}.sideEffects", f"must specify one of {', '.join(_EFFECTS)}"))
    out += _optional(f"{where}.sideEffects", effects, _EFFECTS)
    if seconds is not None and not 1 <= seconds <= 30:
        text = "the timeout value must be between 1 and 30 seconds"
        out.append(invalid(f"{where}.timeoutSeconds", seconds, text))
    for selector in ("namespaceSelector", "objectSelector"):
        out += label_selector(f"{where}.{selector}", hook.get(selector))
    out += _optional(f"{where}.reinvocationPolicy", hook.get("reinvocationPolicy"), ("IfNeeded", "Never"))
    out += _client(hook.get("clientConfig") or {}, f"{where}.clientConfig")
    return out + _conditions(hook.get("matchConditions") or [], f"{where}.matchConditions", _NAMES)


def _optional(field: str, value: str | None, known: tuple[str, ...]) -> Errors:
    return [] if value is None else one_of(field, value, known)


def _full_name(name: str, where: str) -> Errors:
    if not name:
        return [required(where)]
    faults = subdomain_faults(name)
    if faults:
        return [invalid(where, name, ",".join(faults))]
    if len(name.split(".")) < 3:
        return [invalid(where, name, "should be a domain with at least three segments separated by dots")]
    return []


def _review_versions(versions: list[str], where: str) -> Errors:
    listed = ", ".join(_VERSIONS)
    if not versions:
        return [required(where, f"must specify one of {listed}")]
    out: Errors = []
    for index, version in enumerate(versions):
        if version in versions[:index]:
            out.append(invalid(f"{where}[{index}]", version, "duplicate version"))
        else:
            out += name_errors(f"{where}[{index}]", version, label_1035_faults(version))
    if not set(versions) & set(_VERSIONS):
        out.append(invalid(where, versions, f"must include at least one of {listed}"))
    return out


def _rule(rule: Object, where: str) -> Errors:
    operations = rule.get("operations") or []
    out = [] if operations else [required(f"{where}.operations")]
    if "*" in operations and len(operations) > 1:
        text = "if '*' is present, must not specify other operations"
        out.append(invalid(f"{where}.operations", operations, text))
    for index, operation in enumerate(operations):
        out += one_of(f"{where}.operations[{index}]", operation, _OPERATIONS)
    for field, words in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(field) or []
        if not values:
            out.append(required(f"{where}.{field}"))
        if "*" in values and len(values) > 1:
            out.append(invalid(f"{where}.{field}", values, f"if '*' is present, must not specify other {words}"))
    versions = rule.get("apiVersions") or []
    out += [required(f"{where}.apiVersions[{i}]") for i, v in enumerate(versions) if not v]
    out += _resources(rule.get("resources") or [], f"{where}.resources")
    return out + _optional(f"{where}.scope", rule.get("scope"), ("*", "Cluster", "Namespaced"))


def _resources(found: list[str], where: str) -> Errors:
    out = [] if found else [required(where)]
    all_below: set[str] = set()
    above_all: set[str] = set()
    for index, text in enumerate(found):
        here = f"{where}[{index}]"
        if not text:
            out.append(required(here))
        resource, slash, sub = text.partition("/")
        if not slash:
            continue
        if resource in all_below:
            out.append(invalid(here, text, f"if '{resource}/*' is present, must not specify {text}"))
        if sub in above_all:
            out.append(invalid(here, text, f"if '*/{sub}' is present, must not specify {text}"))
        all_below |= {resource} if sub == "*" else set()
        above_all |= {sub} if resource == "*" else set()
    if "*/*" in found and len(found) > 1:
        out.append(invalid(where, found, "if '*/*' is present, must not specify other resources"))
    plain = [text for text in found if text and "/" not in text]
    if "*" in found and plain[-1:] != ["*"]:
        text = "if '*' is present, must not specify other resources without subresources"
        out.append(invalid(where, found, text))
    return out


def _client(client: Object, where: str) -> Errors:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        return [required(where, "exactly one of url or service is required")]
    return _service(service, f"{where}.service") if service is not None else _url(url or "", f"{where}.url")


def _url(text: str, where: str) -> Errors:
    form = "; desired format: https://host[/path]"
    try:
        url = urlsplit(text)
    except ValueError as exc:
        return [required(where, f"url must be a valid URL: {exc}{form}")]
    out: Errors = []
    if url.scheme != "https":
        out.append(invalid(where, url.scheme, f"'https' is the only allowed URL scheme{form}"))
    user, _, host = url.netloc.rpartition("@")
    if not host:
        out.append(invalid(where, host, f"host must be specified{form}"))
    if user:
        out.append(invalid(where, user, "user information is not permitted in the URL"))
    if url.fragment:
        out.append(invalid(where, url.fragment, "fragments are not permitted in the URL"))
    if url.query:
        out.append(invalid(where, url.query, "query parameters are not permitted in the URL"))
    return out


def _service(service: Object, where: str) -> Errors:
    # upstream hands over name and namespace the wrong way round, so a missing one is called the other
    out = [required(f"{where}.{f}") for f, g in (("name", "namespace"), ("namespace", "name")) if not service.get(g)]
    port, path = service.get("port", 443), service.get("path")
    faults = port_faults(port)
    if faults:
        out.append(invalid(f"{where}.port", port, f"port is not valid: {', '.join(faults)}"))
    if path in (None, "", "/"):
        return out
    if path == "//":
        return [*out, invalid(f"{where}.path", path, "segment[0] may not be empty")]
    if not path.startswith("/"):
        out.append(invalid(f"{where}.path", path, "must start with a '/'"))
    for index, step in enumerate(path[1:].removesuffix("/").split("/")):
        why = ["may not be empty"] if not step else []
        out += [invalid(f"{where}.path", path, f"segment[{index}] {text}") for text in why]
        faults = subdomain_faults(step) if step else []
        out += [invalid(f"{where}.path", path, f"segment[{index}]: {text}") for text in faults]
    return out


_NAMES = dict.fromkeys(("object", "oldObject", "request", "namespaceObject", "authorizer"), cel.DYN)


def _expression(text: str, where: str, names: Mapping[str, cel.Type], wanted: cel.Type | None) -> Errors:
    fault = cel.fault_of(text, names, wanted, f"must evaluate to {wanted}")
    return [invalid(where, text, fault)] if fault else []


def _conditions(conditions: list[Object], where: str, names_known: Mapping[str, cel.Type]) -> Errors:
    out = [too_many(where, len(conditions), 64)] if len(conditions) > 64 else []
    names: set[str] = set()
    for index, condition in enumerate(conditions):
        here, name = f"{where}[{index}]", condition.get("name") or ""
        expression = (condition.get("expression") or "").strip()
        if not expression:
            out.append(required(f"{here}.expression"))
        else:
            out += _expression(expression, f"{here}.expression", names_known, cel.BOOL)
        out += name_errors(f"{here}.name", name, key_faults(name)) if name else [required(f"{here}.name")]
        if name in names:
            out.append(duplicate(f"{here}.name", name))
        names |= {name} if name else set()
    return out


# ---- admission policies


def admission_policy(obj: Object) -> Errors:
    """The faults in a ValidatingAdmissionPolicy."""
    spec = obj.get("spec") or {}
    failure, kind, constraints = spec.get("failurePolicy"), spec.get("paramKind"), spec.get("matchConstraints")
    out = [required("spec.failurePolicy")] if failure is None else one_of("spec.failurePolicy", failure, _POLICIES)
    out += _parameter_kind(kind, "spec.paramKind") if kind is not None else []
    if constraints is None:
        out.append(required("spec.matchConstraints"))
    else:
        out += _match_resources(constraints, "spec.matchConstraints")
        if not constraints.get("resourceRules"):
            out.append(required("spec.matchConstraints.resourceRules"))
    names = {**_NAMES, "params": cel.DYN} if kind is not None else _NAMES
    out += _conditions(spec.get("matchConditions") or [], "spec.matchConditions", names)
    names = {**names, "variables": cel.DYN} if spec.get("variables") else names
    for index, variable in enumerate(spec.get("variables") or ()):
        for field in ("name", "expression"):
            if not (variable.get(field) or "").strip():
                out.append(required(f"spec.variables[{index}].{field}", f"{field} is not specified"))
            elif field == "expression":
                out += _expression(variable[field], f"spec.variables[{index}].expression", names, None)
    checks, notes = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not checks and not notes:
        text = "validations or auditAnnotations must contain at least one item"
        out += [required(f"spec.{f}", text) for f in ("validations", "auditAnnotations")]
    for index, check in enumerate(checks):
        out += _check(check, f"spec.validations[{index}]", names)
    keys = [note.get("key") or "" for note in notes]
    return out + [duplicate(f"spec.auditAnnotations[{i}].key", k) for i, k in enumerate(keys) if k in keys[:i]]


def _check(check: Object, where: str, names: Mapping[str, cel.Type]) -> Errors:
    message, expression = check.get("message") or "", check.get("messageExpression") or ""
    out: Errors = []
    if not (check.get("expression") or "").strip():
        out.append(required(f"{where}.expression", "expression is not specified"))
    else:
        out += _expression(check["expression"], f"{where}.expression", names, cel.BOOL)
    if expression and not expression.strip():
        out.append(invalid(f"{where}.messageExpression", expression, "must be non-empty if specified"))
    elif expression:
        out += _expression(expression, f"{where}.messageExpression", names, cel.STRING)
    if message and not message.strip():
        out.append(invalid(f"{where}.message", message, "must be non-empty if specified"))
    elif "\n" in message.strip():
        out.append(invalid(f"{where}.message", message, "must not contain line breaks"))
    known = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
    return out + _optional(f"{where}.reason", check.get("reason"), known)


def _parameter_kind(kind: Object, where: str) -> Errors:
    api_version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    group, _, version = api_version.rpartition("/")
    out: Errors = []
    if not api_version:
        out.append(required(f"{where}.apiVersion"))
    for part, faults in ((group, subdomain_faults(group)), (version, label_1035_faults(version))):
        if part and faults:
            out.append(invalid(f"{where}.apiVersion", part, ",".join(faults)))
    faults = label_1035_faults(name.lower())
    if not name:
        out.append(required(f"{where}.kind"))
    elif faults:
        text = f"may have mixed case, but should otherwise match: {','.join(faults)}"
        out.append(invalid(f"{where}.kind", name, text))
    return out


def _match_resources(match: Object, where: str) -> Errors:
    policy = match.get("matchPolicy")
    out = [required(f"{where}.matchPolicy")] if policy is None else one_of(f"{where}.matchPolicy", policy, _MATCHES)
    for field in ("namespaceSelector", "objectSelector"):
        selector, here = match.get(field), f"{where}.{field}"
        out += [required(here)] if selector is None else label_selector(here, selector)
    for field in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(match.get(field) or ()):
            here, names = f"{where}.{field}[{index}]", rule.get("resourceNames") or []
            for number, name in enumerate(names):
                out += name_errors(f"{here}.resourceNames[{number}]", name, segment_faults(name))
                if name in names[:number]:
                    out.append(duplicate(f"{here}.resourceNames[{number}]", name))
            out += _rule(rule, here)
    return out


def admission_binding(obj: Object) -> Errors:
    """The faults in a ValidatingAdmissionPolicyBinding."""
    spec = obj.get("spec") or {}
    name, ref, actions = spec.get("policyName") or "", spec.get("paramRef"), spec.get("validationActions") or []
    out = name_errors("spec.policyName", name, subdomain_faults(name)) if name else [required("spec.policyName")]
    out += _parameter_ref(ref, "spec.paramRef") if ref is not None else []
    if spec.get("matchResources") is not None:
        out += _match_resources(spec["matchResources"], "spec.matchResources")
    where = "spec.validationActions"
    for index, action in enumerate(actions):
        out += one_of(f"{where}[{index}]", action, ("Audit", "Deny", "Warn"))
        if action in actions[:index]:
            out.append(duplicate(f"{where}[{index}]", action))
    if {"Deny", "Warn"} <= set(actions):
        text = "must not contain both Deny and Warn (repeating the same validation failure information in the API"
        out.append(invalid(where, actions, f"{text} response and headers serves no purpose)"))
    return out if actions else [*out, required(where, "at least one validation action is required")]


def _parameter_ref(ref: Object, where: str) -> Errors:
    name, selector, action = ref.get("name") or "", ref.get("selector"), ref.get("parameterNotFoundAction")
    out = name_errors(f"{where}.name", name, segment_faults(name))
    both = "name and selector are mutually exclusive"
    if name and selector is not None:
        out.append(forbidden(f"{where}.name", both))
    out += label_selector(f"{where}.selector", selector)
    if name and selector is not None:
        out.append(forbidden(f"{where}.selector", both))
    if not name and selector is None:
        out.append(required(where, "one of name or selector must be specified"))
    here = f"{where}.parameterNotFoundAction"
    return out + (one_of(here, action, ("Deny", "Allow")) if action else [required(here)])


# ---- aggregation


def api_service(obj: Object) -> Errors:
    """The faults in an APIService."""
    spec, name = obj["spec"], obj["metadata"].get("name") or ""
    group, version, service = spec.get("group") or "", spec.get("version") or "", spec.get("service")
    out: Errors = []
    if name and not segment_faults(name) and name != f"{version}.{group}":
        text = f'must be `spec.version+"."+spec.group`: "{version}.{group}"'
        out.append(invalid("metadata.name", name, text))
    if not group and version != "v1":
        out.append(required("spec.group", "only v1 may have an empty group and it better be legacy kube"))
    out += name_errors("spec.group", group, subdomain_faults(group)) if group else []
    out += name_errors("spec.version", version, label_1035_faults(version))
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        number = spec.get(field) or 0
        if not 0 < number <= most:
            out.append(invalid(f"spec.{field}", number, f"must be positive and less than {most}"))
    insecure, where = bool(spec.get("insecureSkipTLSVerify")), "spec.insecureSkipTLSVerify"
    if service is None:
        if insecure:
            out.append(invalid(where, True, "local APIServices may not have insecureSkipTLSVerify"))
        return out
    out += [required(f"spec.service.{f}") for f in ("namespace", "name") if not service.get(f)]
    port = service.get("port", 443)
    if port_faults(port):
        out.append(invalid("spec.service.port", port, f"port is not valid: {', '.join(port_faults(port))}"))
    if insecure and spec.get("caBundle"):
        out.append(invalid(where, True, "may not be true if caBundle is present"))
    return out
