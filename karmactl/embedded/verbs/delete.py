"""DELETE: one object or a collection, with preconditions, propagation policies, grace and finalizers."""

from typing import Any

from karmactl.embedded.body import BodyError
from karmactl.embedded.call import Call, dry_run_errors
from karmactl.embedded.encode import respond
from karmactl.embedded.http import Response
from karmactl.embedded.kinds.registry import strategy_of
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import read_body
from karmactl.embedded.refusals import ApiError, FieldError, bad_request, conflict, forbidden, invalid, success
from karmactl.embedded.schema import builtin
from karmactl.embedded.schema.codec import DecodeError, decode
from karmactl.embedded.values import Object, copy, dig, later, now
from karmactl.embedded.verbs.options import list_options
from karmactl.embedded.verbs.read import LIST_FORMS, OBJECT_FORMS, list_value, page_of, render, selection
from karmactl.embedded.verbs.write import find_live

_POLICIES = ("Foreground", "Background", "Orphan")
DEFAULT_POD_GRACE = 30
_JOB_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)


def read_options(call: Call) -> Object:
    """The DeleteOptions of body or query; raises ApiError 400 and 422."""
    options: Object = {}
    if call.request.body.strip():
        try:
            value = read_body(call.request).value
        except BodyError as exc:
            raise bad_request(f"couldn't get version/kind; json parse error: {exc}") from exc
        try:
            options = _typed(value) if isinstance(value, dict) else {}
        except DecodeError as exc:
            raise bad_request(str(exc)) from exc
        kind = options.get("kind")
        if kind and kind != "DeleteOptions":
            version = options.get("apiVersion", "v1")
            raise bad_request(
                f'no kind "{kind}" is registered for version "{version}" in scheme '
                '"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"'
            )
    else:
        for name in ("propagationPolicy", "gracePeriodSeconds", "orphanDependents"):
            if call.request.has_param(name):
                options[name] = _param(name, call.request.param(name))
    dry = options.get("dryRun") or [v for k, v in call.request.query if k == "dryRun"]
    errors = dry_run_errors(list(dry)) + _option_errors(options)
    if errors:
        raise invalid("DeleteOptions", "meta.k8s.io", "", errors)
    if dry:
        options["dryRun"] = ["All"]
    return options


def _typed(value: Object) -> Object:
    """The options as their type takes them; nothing stays nothing."""
    decoded, _ = decode(builtin.node_of(f"{builtin.META}DeleteOptions"), value)
    return {k: v for k, v in decoded.items() if v is not None}


def _param(name: str, text: str) -> Any:
    if name == "gracePeriodSeconds":
        try:
            return int(text)
        except ValueError as exc:
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from exc
    if name == "orphanDependents":
        return text.lower() not in ("false", "0")
    return text


def _option_errors(options: Object) -> list[FieldError]:
    policy, orphan = options.get("propagationPolicy"), options.get("orphanDependents")
    out: list[FieldError] = []
    if policy is not None and orphan is not None:
        out.append(
            FieldError(
                field="propagationPolicy",
                reason="FieldValueInvalid",
                text=f'Invalid value: "{policy}": orphanDependents and deletionPropagation cannot be both set',
            )
        )
    elif policy is not None and policy not in _POLICIES:
        out.append(
            FieldError(
                field="propagationPolicy",
                reason="FieldValueNotSupported",
                text=f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"',
            )
        )
    return out


def _check_preconditions(call: Call, options: Object, live: Object) -> None:
    wanted = options.get("preconditions") or {}
    meta = live["metadata"]
    kind, name = call.resource.kind, meta["name"]
    from karmactl.embedded.refusals import GroupResource

    subject = GroupResource(group="", resource=kind)
    uid, version = wanted.get("uid"), wanted.get("resourceVersion")
    if uid is not None and uid != meta["uid"]:
        raise conflict(
            subject,
            name,
            f"the UID in the precondition ({uid}) does not match the UID in record ({meta['uid']}). "
            "The object might have been deleted and then recreated",
        )
    if version is not None and version != meta["resourceVersion"]:
        raise conflict(
            subject,
            name,
            f"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record "
            f"({meta['resourceVersion']}). The object might have been modified",
        )


def _finalizers(call: Call, options: Object, live: Object) -> list[str]:
    """The object's finalizers after the propagation policy had its say."""
    found = [f for f in live["metadata"].get("finalizers") or () if f not in ("orphan", "foregroundDeletion")]
    had = set(live["metadata"].get("finalizers") or ())
    policy = options.get("propagationPolicy")
    orphan_wish = options.get("orphanDependents")
    if policy == "Orphan" or orphan_wish is True:
        extra = ["orphan"]
    elif policy == "Foreground":
        extra = ["foregroundDeletion"]
    elif policy == "Background" or orphan_wish is False:
        extra = []
    elif "orphan" in had:
        extra = ["orphan"]
    elif "foregroundDeletion" in had:
        extra = ["foregroundDeletion"]
    elif strategy_of(call.resource).orphans_by_default:
        extra = ["orphan"]
    else:
        extra = []
    return [*found, *extra]


def _grace(call: Call, options: Object, live: Object) -> int:
    """Seconds between the wish and the end: only Pods have any."""
    if call.resource.table != ("", "pods"):
        return 0
    if not dig(live, "spec", "nodeName") or dig(live, "status", "phase") in ("Succeeded", "Failed"):
        return 0
    wanted = options.get("gracePeriodSeconds")
    if wanted is None:
        wanted = dig(live, "spec", "terminationGracePeriodSeconds")
        wanted = DEFAULT_POD_GRACE if wanted is None else wanted
    return max(int(wanted), 1) if int(wanted) < 0 else int(wanted)


def delete_one(call: Call, options: Object, live: Object) -> tuple[Object, bool]:
    """Deletes or marks one object; gives it and whether it is gone; raises ApiError."""
    store, table = call.cluster.store, call.resource.table
    _check_preconditions(call, options, live)
    if table == ("", "namespaces"):
        return _delete_namespace(call, options, live)
    dry = bool(options.get("dryRun"))
    key = (live["metadata"].get("namespace") or "", live["metadata"]["name"])
    finalizers = _finalizers(call, options, live)
    grace = _grace(call, options, live)
    before = live["metadata"].get("deletionGracePeriodSeconds")
    if before is not None and "deletionTimestamp" in live["metadata"]:
        grace = min(grace, before)
    if not finalizers and grace == 0:
        if dry:
            return live, True
        return store.remove(table, key), True
    new = copy(live)
    _mark(call, new, finalizers, grace)
    if new == live or dry:
        return new, False
    return store.put(table, key, new), False


def _mark(call: Call, new: Object, finalizers: list[str], grace: int) -> None:
    meta = new["metadata"]
    if finalizers:
        meta["finalizers"] = finalizers
    else:
        meta.pop("finalizers", None)
    if "deletionTimestamp" not in meta:
        meta["deletionTimestamp"] = now() if grace == 0 else later(grace)
        meta["deletionGracePeriodSeconds"] = grace
        if "generation" in meta:
            meta["generation"] += 1
    elif grace < meta.get("deletionGracePeriodSeconds", 0):
        meta["deletionGracePeriodSeconds"] = grace
        meta["deletionTimestamp"] = now() if grace == 0 else later(grace)


PROTECTED_NAMESPACES = ("default", "kube-system", "kube-public")


def _delete_namespace(call: Call, options: Object, live: Object) -> tuple[Object, bool]:
    """A namespace first becomes Terminating; its own finalizer goes when it is empty."""
    store, name = call.cluster.store, live["metadata"]["name"]
    if name in PROTECTED_NAMESPACES:
        raise forbidden(call.resource.group_resource, name, "this namespace may not be deleted")
    finalizers = _finalizers(call, options, live)
    empty = "deletionTimestamp" in live["metadata"] and not (live.get("spec") or {}).get("finalizers")
    if empty and not finalizers:
        return (live, True) if options.get("dryRun") else (store.remove(call.resource.table, ("", name)), True)
    new = copy(live)
    if "deletionTimestamp" not in new["metadata"]:
        new["metadata"]["deletionTimestamp"] = now()
        new.setdefault("status", {})["phase"] = "Terminating"
    if options.get("dryRun"):
        return new, False
    if new == live:
        return live, False
    return store.put(call.resource.table, ("", name), new), False


def delete(call: Call) -> Response:
    """Deletes the object that the path names; raises ApiError."""
    accepted = accept(call.request, OBJECT_FORMS)
    options = read_options(call)
    live = find_live(call)
    if call.resource.table == ("batch", "jobs") and not ({"propagationPolicy", "orphanDependents"} & set(options)):
        call.warn(_JOB_WARNING)
    obj, gone = delete_one(call, options, live)
    if gone and call.resource.table == ("", "pods") and "deletionTimestamp" not in obj["metadata"]:
        meta = {**obj["metadata"], "deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}
        if "generation" in meta:
            meta["generation"] += 1
        obj = {**obj, "metadata": meta}
    if gone and not strategy_of(call.resource).answers_deleted:
        details: Object = {"name": live["metadata"]["name"]}
        if call.resource.group:
            details["group"] = call.resource.group
        details["kind"] = call.resource.plural
        details["uid"] = live["metadata"]["uid"]
        return respond(200, success(details), accepted, call.warnings)
    return render(call, obj, accepted=accepted)


async def delete_collection(call: Call) -> Response:
    """Deletes all objects that the selectors name (one page of them with a limit) and shows them."""
    accepted = accept(call.request, LIST_FORMS)
    options = read_options(call)
    selected = selection(call)
    page = await page_of(call, selected, list_options(call, is_watch=False))
    for obj in page.items:
        try:
            delete_one(call, options, obj)
        except ApiError as exc:
            if exc.code != 404:
                raise
    meta: Object = {"resourceVersion": str(page.version)}
    if page.token:
        meta["continue"] = page.token
    elif call.resource.is_custom:
        meta["continue"] = ""
    if page.remaining is not None:
        meta["remainingItemCount"] = page.remaining
    return respond(200, list_value(call, page.items, meta, accepted), accepted, call.warnings)
