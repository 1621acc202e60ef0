"""Rows of what clusters keep about themselves: flow control, policies, addresses, devices, attachments."""

from collections.abc import Callable
from typing import Any

from karmactl.embedded.cells import NONE, UNSET, age_of, name_of
from karmactl.embedded.values import Object, dig

__all__ = ["PRINTERS"]


def _component_status(obj: Object) -> list[Any]:
    found: Object = next((c for c in obj.get("conditions") or () if c.get("type") == "Healthy"), {})
    health = "Unknown" if not found else "Healthy" if found.get("status") == "True" else "Unhealthy"
    return [name_of(obj), health, found.get("message") or "", found.get("error") or ""]


def _address(obj: Object) -> list[Any]:
    parent = dig(obj, "spec", "parentRef")
    text = NONE
    if parent:
        group, resource = parent.get("group") or "", parent.get("resource") or ""
        parts = [f"{resource}.{group}".lower() if group else resource.lower(), parent.get("namespace"), parent["name"]]
        text = "/".join(part for part in parts if part)
    return [name_of(obj), text, age_of(obj)]


def _service_cidr(obj: Object) -> list[Any]:
    return [name_of(obj), ",".join(dig(obj, "spec", "cidrs") or ()), age_of(obj)]


def _attachment(obj: Object) -> list[Any]:
    spec = obj["spec"]
    return [
        name_of(obj),
        spec.get("attacher") or "",
        dig(spec, "source", "persistentVolumeName") or "",
        spec.get("nodeName") or "",
        dig(obj, "status", "attached") is True,
        age_of(obj),
    ]


def _attributes_class(obj: Object) -> list[Any]:
    return [name_of(obj), obj.get("driverName") or "", age_of(obj)]


def _claim(obj: Object) -> list[Any]:
    states = ["deleted"] if "deletionTimestamp" in obj["metadata"] else []
    if dig(obj, "status", "allocation") is not None:
        states += ["allocated", "reserved"] if dig(obj, "status", "reservedFor") else ["allocated"]
    elif not states:
        states.append("pending")
    return [name_of(obj), ",".join(states), age_of(obj)]


def _slice(obj: Object) -> list[Any]:
    spec = obj["spec"]
    pool = dig(spec, "pool", "name") or ""
    return [name_of(obj), spec.get("nodeName") or "", spec.get("driver") or "", pool, age_of(obj)]


def _flow_schema(obj: Object) -> list[Any]:
    spec = obj["spec"]
    dangling = next((c for c in dig(obj, "status", "conditions") or () if c.get("type") == "Dangling"), None)
    return [
        name_of(obj),
        dig(spec, "priorityLevelConfiguration", "name") or "",
        spec.get("matchingPrecedence", 0),
        dig(spec, "distinguisherMethod", "type") or NONE,
        age_of(obj),
        "?" if dangling is None else dangling.get("status") or "",
    ]


def _priority_level(obj: Object) -> list[Any]:
    spec = obj["spec"]
    limited: Object | None = spec.get("limited")
    queuing: Object | None = dig(limited, "limitResponse", "queuing")
    shares = NONE if limited is None else limited.get("nominalConcurrencyShares")
    sizes = [NONE if queuing is None else queuing.get(k, 0) for k in ("queues", "handSize", "queueLengthLimit")]
    return [name_of(obj), spec.get("type") or "", shares, *sizes, age_of(obj)]


def _policy(rules: str) -> Callable[[Object], list[Any]]:
    def row(obj: Object) -> list[Any]:
        kind = dig(obj, "spec", "paramKind")
        text = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET
        return [name_of(obj), len(dig(obj, "spec", rules) or ()), text, age_of(obj)]

    return row


def _go_selector(selector: Object) -> str:
    """A selector as Go prints the struct, which upstream does here."""
    labels = "".join(f"{k}: {v}," for k, v in sorted((selector.get("matchLabels") or {}).items()))
    rules = "".join(
        f"{{{e.get('key', '')} {e.get('operator', '')} [{' '.join(e.get('values') or ())}]}},"
        for e in selector.get("matchExpressions") or ()
    )
    expressions = f"MatchExpressions:[]LabelSelectorRequirement{{{rules}}}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},{expressions},}}"


def _policy_binding(obj: Object) -> list[Any]:
    ref = dig(obj, "spec", "paramRef")
    text = UNSET
    if ref and ref.get("name"):
        text = f"{ref.get('namespace') or '*'}/{ref['name']}"
    elif ref and ref.get("selector") is not None:
        text = _go_selector(ref["selector"])
    return [name_of(obj), dig(obj, "spec", "policyName") or "", text, age_of(obj)]


PRINTERS: dict[tuple[str, str], Callable[[Object], list[Any]]] = {
    ("", "componentstatuses"): _component_status,
    ("networking.k8s.io", "ipaddresses"): _address,
    ("networking.k8s.io", "servicecidrs"): _service_cidr,
    ("storage.k8s.io", "volumeattachments"): _attachment,
    ("storage.k8s.io", "volumeattributesclasses"): _attributes_class,
    ("resource.k8s.io", "resourceclaims"): _claim,
    ("resource.k8s.io", "resourceslices"): _slice,
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): _flow_schema,
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): _priority_level,
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): _policy("mutations"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): _policy_binding,
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): _policy("validations"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): _policy_binding,
}
