"""The smaller subresources: binding and eviction of Pods, the finalizers of namespaces."""

from karmactl.embedded.call import Call, check_write_options
from karmactl.embedded.encode import respond
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import KindVersions, decode_body
from karmactl.embedded.refusals import ApiError, GroupResource, conflict, success
from karmactl.embedded.schema import builtin
from karmactl.embedded.selectors import matches_selector
from karmactl.embedded.values import Object, copy, dig, now
from karmactl.embedded.verbs.delete import delete_one
from karmactl.embedded.verbs.read import OBJECT_FORMS, render
from karmactl.embedded.verbs.write import find_live, store_update

_BUDGETS = ("policy", "poddisruptionbudgets")
_CORE = "io.k8s.api.core.v1."


def bind(call: Call) -> Response:
    """Gives a Pod its node; raises ApiError 409 for one that has a node."""
    check_write_options(call, "CreateOptions")
    binding = decode_body(call, "Binding", builtin.node_of(_CORE + "Binding"), "v1")
    pod = find_live(call)
    node = dig(binding, "target", "name") or ""
    if dig(pod, "spec", "nodeName"):
        raise conflict(
            GroupResource(group="", resource="pods/binding"),
            call.info.name,
            f'pod {call.info.name} is already assigned to node "{pod["spec"]["nodeName"]}"',
        )
    new = copy(pod)
    new["spec"]["nodeName"] = node
    conditions = [c for c in new["status"].get("conditions") or () if c["type"] != "PodScheduled"]
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now()}
    new["status"]["conditions"] = [*conditions, scheduled]
    store_update(call, new, pod)
    return respond(201, {**success(), "code": 201}, accept(call.request), call.warnings)


def evict(call: Call) -> Response:
    """Deletes a Pod unless its PodDisruptionBudget says no; raises ApiError 429."""
    check_write_options(call, "CreateOptions")
    name = builtin.type_name("policy", "v1", "Eviction") or ""
    eviction = decode_body(call, "Eviction", builtin.node_of(name), "policy/v1")
    pod = find_live(call)
    for budget in call.cluster.store.objects(_BUDGETS, call.namespace):
        if matches_selector(dig(budget, "spec", "selector"), pod["metadata"].get("labels") or {}):
            _spend(call, budget, pod)
    delete_one(call, eviction.get("deleteOptions") or {}, pod)
    return respond(201, {**success(), "code": 201}, accept(call.request), call.warnings)


def _spend(call: Call, budget: Object, pod: Object) -> None:
    """Takes one eviction from a budget; raises ApiError 429 where nothing is left of it."""
    if dig(pod, "status", "phase") in ("Succeeded", "Failed", "Pending") or "deletionTimestamp" in pod["metadata"]:
        return
    status = budget.get("status") or {}
    desired, current = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
    is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in dig(pod, "status", "conditions") or ())
    if not is_ready and current >= desired > 0:
        return
    if (status.get("disruptionsAllowed") or 0) <= 0:
        name = budget["metadata"]["name"]
        told = f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
        message = "Cannot evict pod as it would violate the pod's disruption budget."
        causes = [{"reason": "DisruptionBudget", "message": told}]
        raise ApiError(429, "TooManyRequests", message, {"causes": causes})
    if not call.dry_run:
        new = copy(budget)
        new["status"]["disruptionsAllowed"] -= 1
        new["status"].setdefault("disruptedPods", {})[call.info.name] = now()
        call.cluster.write_status(_BUDGETS, new, "kube-apiserver")


def finalize(call: Call) -> Response:
    """Sets the finalizers in a namespace's spec; a deleted one without any is gone."""
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "UpdateOptions")
    given = decode_body(call)
    live = call.cluster.store.get(call.resource.table, ("", call.info.name))
    if live is None:
        live = find_live(call)
    new = copy(live)
    new["spec"] = given["spec"]
    if not new["spec"].get("finalizers"):
        new["spec"] = {}
    actor = Actor(name=call.manager, version="v1", subresource="finalize")
    new = track_update(KindVersions(call=call), live, new, actor)
    return render(call, store_update(call, new, live), accepted=accepted)


__all__ = ["bind", "evict", "finalize"]
