"""Reviews: questions to the server that are asked by creating an object which is not stored."""

from typing import TYPE_CHECKING

from karmactl.embedded.call import Call, check_write_options, ensure_namespace
from karmactl.embedded.encode import respond
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import KindVersions, decode_body, empty
from karmactl.embedded.refusals import FieldError, invalid
from karmactl.embedded.values import Object, dig, now
from karmactl.embedded.verbs.read import OBJECT_FORMS

if TYPE_CHECKING:
    from karmactl.embedded.authn import User


def create(call: Call) -> Response:
    """Answers the review that the request carries; raises ApiError."""
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "CreateOptions")
    obj = decode_body(call)
    ensure_namespace(call, obj)
    actor = Actor(name=call.manager, version=call.resource.api_version)
    obj = track_update(KindVersions(call=call), empty(call.resource), obj, actor)
    _ANSWERS[call.resource.plural](call, obj)
    return respond(201, obj, accepted, call.warnings)


def _user_json(user: "User") -> Object:
    out: Object = {"username": user.name}
    if user.uid:
        out["uid"] = user.uid
    if user.groups:
        out["groups"] = list(user.groups)
    if user.extra:
        out["extra"] = user.extra
    return out


def _decide(call: Call, user: "User", spec: Object) -> Object:
    authorizer = call.cluster.authorizer
    resource = spec.get("resourceAttributes")
    if resource is not None:
        name = resource.get("resource") or ""
        if resource.get("subresource"):
            name = f"{name}/{resource['subresource']}"
        allowed, problems = authorizer.allows(
            user,
            resource.get("verb") or "",
            resource.get("group") or "",
            name,
            resource.get("namespace") or "",
            resource.get("name") or "",
        )
    else:
        path = spec.get("nonResourceAttributes") or {}
        allowed, problems = authorizer.allows_path(user, path.get("verb") or "", path.get("path") or "")
    out: Object = {"allowed": allowed}
    if problems and not allowed:
        out["reason"] = "RBAC: " + (problems[0] if len(problems) == 1 else "[" + ", ".join(problems) + "]")
    return out


def _check_attributes(call: Call, spec: Object) -> list[FieldError]:
    both = spec.get("resourceAttributes") is not None, spec.get("nonResourceAttributes") is not None
    if both == (True, True):
        text = "Invalid value: null: cannot be specified in combination with resourceAttributes"
        return [FieldError(field="spec.nonResourceAttributes", reason="FieldValueInvalid", text=text)]
    if both == (False, False):
        text = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [FieldError(field="spec.resourceAttributes", reason="FieldValueInvalid", text=text)]
    return []


def _self_access(call: Call, obj: Object) -> None:
    errors = _check_attributes(call, obj["spec"])
    if errors:
        raise invalid("", "authorization.k8s.io", "", errors)
    obj["status"] = _decide(call, call.user, obj["spec"])


def _access(call: Call, obj: Object) -> None:
    from karmactl.embedded.authn import User

    spec = obj["spec"]
    errors = _check_attributes(call, spec)
    if not spec.get("user") and not spec.get("groups"):
        text = 'Invalid value: "": at least one of user or group must be specified'
        errors.append(FieldError(field="spec.user", reason="FieldValueInvalid", text=text))
    if errors:
        raise invalid("", "authorization.k8s.io", "", errors)
    user = User(name=spec.get("user") or "", uid=spec.get("uid") or "", groups=tuple(spec.get("groups") or ()))
    obj["status"] = _decide(call, user, spec)


def _self_rules(call: Call, obj: Object) -> None:
    namespace = dig(obj, "spec", "namespace") or ""
    problems: list[str] = []
    rules = list(call.cluster.authorizer.rules(call.user, namespace, problems))
    if "system:masters" in call.user.groups:
        everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        rules = [everything, {"verbs": ["*"], "nonResourceURLs": ["*"]}, *rules]
    obj["status"] = {
        "resourceRules": [
            {k: r[k] for k in ("verbs", "apiGroups", "resources", "resourceNames") if r.get(k)}
            for r in rules
            if r.get("resources")
        ],
        "nonResourceRules": [
            {k: r[k] for k in ("verbs", "nonResourceURLs") if r.get(k)} for r in rules if r.get("nonResourceURLs")
        ],
        "incomplete": False,
    }


def _self_subject(call: Call, obj: Object) -> None:
    obj["metadata"]["creationTimestamp"] = now()
    obj["status"] = {"userInfo": _user_json(call.user)}


def _token(call: Call, obj: Object) -> None:
    token = dig(obj, "spec", "token") or ""
    user = call.cluster.user_of(token)
    if user is None:
        obj["status"] = {"user": {}, "error": "[invalid bearer token, unknown]"}
    else:
        obj["status"] = {"authenticated": True, "user": _user_json(user)}


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
