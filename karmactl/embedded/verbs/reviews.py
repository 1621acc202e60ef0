"""Reviews: questions to the server that are asked by creating an object which is not stored."""

from karmactl.embedded.authn import User
from karmactl.embedded.call import Call, check_write_options, ensure_namespace
from karmactl.embedded.encode import go_dumps, respond
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import KindVersions, decode_body, empty
from karmactl.embedded.refusals import FieldError, aggregate, bad_request, invalid
from karmactl.embedded.values import Object, dig, go_quote, now
from karmactl.embedded.verbs.read import METADATA_ORDER, OBJECT_FORMS

_OPERATORS = {"In", "NotIn", "Exists", "DoesNotExist"}


def create(call: Call) -> Response:
    """Answers the review that the request carries; raises ApiError."""
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "CreateOptions")
    obj = decode_body(call)
    ensure_namespace(call, obj)
    actor = Actor(name=call.manager, version=call.resource.api_version)
    obj = track_update(KindVersions(call=call), empty(call.resource), obj, actor)
    return respond(201, _ANSWERS[call.resource.plural](call, obj), accepted, call.warnings)


def _user_json(user: User) -> Object:
    out: Object = {"username": user.name}
    if user.uid:
        out["uid"] = user.uid
    if user.groups:
        out["groups"] = list(user.groups)
    if user.extra:
        out["extra"] = user.extra
    return out


def _decide(call: Call, user: User, spec: Object) -> Object:
    authorizer = call.cluster.authorizer
    resource = spec.get("resourceAttributes")
    if resource is not None:
        name = resource.get("resource") or ""
        if resource.get("subresource"):
            name = f"{name}/{resource['subresource']}"
        allowed, reason = authorizer.allows(
            user,
            resource.get("verb") or "",
            resource.get("group") or "",
            name,
            resource.get("namespace") or "",
            resource.get("name") or "",
        )
    else:
        path = spec.get("nonResourceAttributes") or {}
        allowed, reason = authorizer.allows_path(user, path.get("verb") or "", path.get("path") or "")
    out: Object = {"allowed": allowed}
    unread = _unread_selectors(spec)
    if unread:
        out["evaluationError"] = aggregate(unread)
    if reason:
        out["reason"] = reason
    return out


def _unread_selectors(spec: Object) -> list[str]:
    """Selectors of a question that nobody can read, and that are therefore overlooked."""
    out = []
    for name in ("fieldSelector", "labelSelector"):
        for one in dig(spec, "resourceAttributes", name, "requirements") or ():
            if one.get("operator") not in _OPERATORS:
                out.append(f"spec.resourceAttributes.{name} ignored due to parse error")
                break
    return out


def _check_attributes(spec: Object) -> list[FieldError]:
    errors = []
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        text = f"{_shown_path(path)}: cannot be specified in combination with resourceAttributes"
        errors.append(_fault("spec.nonResourceAttributes", text))
    if resource is None and path is None:
        text = "null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        errors.append(_fault("spec.resourceAttributes", text))
    return errors


def _check_metadata(obj: Object, allowed: tuple[str, ...] = ()) -> list[FieldError]:
    """A review is no object: but for its managed fields, it has no metadata."""
    meta = {k: v for k, v in obj["metadata"].items() if v not in (None, "", [], {})}
    if not set(meta) - {"managedFields", *allowed}:
        return []
    order = [*METADATA_ORDER, *meta]
    shown = {k: meta[k] for k in sorted(meta, key=order.index)}
    if "managedFields" in shown:
        entry_order = ("manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource")
        shown["managedFields"] = [{k: e[k] for k in entry_order if k in e} for e in shown["managedFields"]]
    rule = "must be empty except for namespace" if allowed else "must be empty"
    return [_fault("metadata", f"{go_dumps(shown)}: {rule}")]


def _fault(field: str, text: str) -> FieldError:
    return FieldError(field=field, reason="FieldValueInvalid", text=f"Invalid value: {text}")


def _shown_path(path: Object) -> str:
    return go_dumps({"Path": path.get("path") or "", "Verb": path.get("verb") or ""})


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise invalid("", "authorization.k8s.io", "", errors)


def _self_access(call: Call, obj: Object) -> Object:
    spec = obj["spec"]
    _refuse(_check_attributes(spec) + _selector_faults(spec) + _check_metadata(obj))
    return {**obj, "status": _decide(call, call.user, spec)}


def _access(call: Call, obj: Object) -> Object:
    spec = obj["spec"]
    errors = _check_attributes(spec)
    if not spec.get("user") and not spec.get("groups"):
        errors.append(_fault("spec.user", '"": at least one of user or group must be specified'))
    errors += _selector_faults(spec)
    if call.resource.plural == "localsubjectaccessreviews":
        errors += _check_metadata(obj, ("namespace",)) + _check_local(call, spec)
    else:
        errors += _check_metadata(obj)
    _refuse(errors)
    user = User(name=spec.get("user") or "", uid=spec.get("uid") or "", groups=tuple(spec.get("groups") or ()))
    return {**obj, "status": _decide(call, user, spec)}


def _check_local(call: Call, spec: Object) -> list[FieldError]:
    """A review below a namespace is about this namespace."""
    errors = []
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and (resource.get("namespace") or "") != call.namespace:
        shown = go_quote(resource.get("namespace") or "")
        errors.append(_fault("spec.resourceAttributes.namespace", f"{shown}: must match metadata.namespace"))
    if path is not None:
        errors.append(_fault("spec.nonResourceAttributes", f"{_shown_path(path)}: disallowed on this kind of request"))
    return errors


def _selector_faults(spec: Object) -> list[FieldError]:
    """A selector says what it selects in one of two forms."""
    errors = []
    for name in ("fieldSelector", "labelSelector"):
        selector = dig(spec, "resourceAttributes", name)
        if selector is None:
            continue
        at = f"spec.resourceAttributes.{name}"
        raw, requirements = selector.get("rawSelector") or "", selector.get("requirements") or []
        if raw and requirements:
            text = f"{go_quote(raw)}: may not specified at the same time as requirements"
            errors.append(_fault(f"{at}.rawSelector", text))
        if not raw and not requirements:
            text = f"Required value: when {at} is specified, requirements or rawSelector is required"
            errors.append(FieldError(field=f"{at}.requirements", reason="FieldValueRequired", text=text))
    return errors


def _self_rules(call: Call, obj: Object) -> Object:
    namespace = dig(obj, "spec", "namespace") or ""
    if not namespace:
        raise bad_request("no namespace on request")
    problems: list[str] = []
    rules = list(call.cluster.authorizer.rules(call.user, namespace, problems))
    status: Object = {
        "resourceRules": _listed(rules, "resources", ("verbs", "apiGroups", "resources", "resourceNames")),
        "nonResourceRules": _listed(rules, "nonResourceURLs", ("verbs", "nonResourceURLs")),
        "incomplete": False,
    }
    if problems:
        status["evaluationError"] = aggregate(problems)
    # the answer is a new object: nothing of what was asked is in it
    return {**obj, "metadata": {}, "spec": {}, "status": status}


def _listed(rules: list[Object], about: str, keys: tuple[str, ...]) -> list[Object]:
    return [{k: r[k] for k in keys if r.get(k)} for r in rules if r.get(about)]


def _self_subject(call: Call, obj: Object) -> Object:
    obj["metadata"]["creationTimestamp"] = now()
    return {**obj, "status": {"userInfo": _user_json(call.user)}}


def _token(call: Call, obj: Object) -> Object:
    token = dig(obj, "spec", "token") or ""
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    user = call.cluster.user_of(token)
    if user is None:
        return {**obj, "status": {"user": {}, "error": "[invalid bearer token, unknown]"}}
    return {**obj, "status": {"authenticated": True, "user": _user_json(user)}}


_ANSWERS = {
    "selfsubjectaccessreviews": _self_access,
    "subjectaccessreviews": _access,
    "localsubjectaccessreviews": _access,
    "selfsubjectrulesreviews": _self_rules,
    "selfsubjectreviews": _self_subject,
    "tokenreviews": _token,
}


def is_review(plural: str) -> bool:
    """Whether a resource is a question and no object."""
    return plural in _ANSWERS
