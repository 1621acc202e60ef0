"""Rows of what runs Pods: the apps and batch groups."""

from collections.abc import Callable
from typing import Any

from karmactl.embedded.cells import (
    NONE,
    age,
    age_of,
    containers_of,
    human_duration,
    labels_text,
    name_of,
    number_at,
    selector_text,
)
from karmactl.embedded.values import Object, dig, parse_time, seconds_now

__all__ = ["PRINTERS"]


def _replicas(obj: Object) -> list[Any]:
    selector = obj["spec"].get("selector")
    is_map = selector is not None and "matchLabels" not in selector and "matchExpressions" not in selector
    return [
        name_of(obj),
        number_at(obj, "spec", "replicas"),
        number_at(obj, "status", "replicas"),
        number_at(obj, "status", "readyReplicas"),
        age_of(obj),
        *containers_of(obj["spec"].get("template")),
        labels_text(selector) if is_map else selector_text(selector),
    ]


def _deployment(obj: Object) -> list[Any]:
    return [
        name_of(obj),
        f"{number_at(obj, 'status', 'readyReplicas')}/{number_at(obj, 'spec', 'replicas')}",
        number_at(obj, "status", "updatedReplicas"),
        number_at(obj, "status", "availableReplicas"),
        age_of(obj),
        *containers_of(obj["spec"].get("template")),
        selector_text(obj["spec"].get("selector")),
    ]


def _stateful_set(obj: Object) -> list[Any]:
    ready = f"{number_at(obj, 'status', 'readyReplicas')}/{number_at(obj, 'spec', 'replicas')}"
    return [name_of(obj), ready, age_of(obj), *containers_of(obj["spec"].get("template"))]


def _daemon_set(obj: Object) -> list[Any]:
    counts = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [
        name_of(obj),
        *(number_at(obj, "status", c) for c in counts),
        labels_text(dig(obj, "spec", "template", "spec", "nodeSelector")),
        age_of(obj),
        *containers_of(obj["spec"].get("template")),
        selector_text(obj["spec"].get("selector")),
    ]


def _revision(obj: Object) -> list[Any]:
    owner = next((o for o in obj["metadata"].get("ownerReferences") or () if o.get("controller")), None)
    text = NONE
    if owner is not None:
        group = owner["apiVersion"].rpartition("/")[0]
        kind = owner["kind"].lower()
        text = f"{kind}.{group}/{owner['name']}" if group else f"{kind}/{owner['name']}"
    return [name_of(obj), text, obj.get("revision", 0), age_of(obj)]


def _job(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    done = status.get("succeeded", 0)
    if spec.get("completions") is not None:
        completions = f"{done}/{spec['completions']}"
    elif (spec.get("parallelism") or 0) > 1:
        completions = f"{done}/1 of {spec['parallelism']}"
    else:
        completions = f"{done}/1"
    took = ""
    start, end = parse_time(status.get("startTime") or ""), parse_time(status.get("completionTime") or "")
    if start is not None:
        took = human_duration((end.timestamp() if end is not None else seconds_now()) - start.timestamp())
    return [
        name_of(obj),
        _job_status(obj),
        completions,
        took,
        age_of(obj),
        *containers_of(spec.get("template")),
        selector_text(spec.get("selector")),
    ]


def _job_status(obj: Object) -> str:
    true = {c["type"] for c in dig(obj, "status", "conditions") or () if c["status"] == "True"}
    for kind, text in (
        ("Complete", "Complete"),
        ("Failed", "Failed"),
    ):
        if kind in true:
            return text
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for kind, text in (
        ("Suspended", "Suspended"),
        ("FailureTarget", "FailureTarget"),
        ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ):
        if kind in true:
            return text
    return "Running"


def _cron_job(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    template = dig(spec, "jobTemplate", "spec") or {}
    return [
        name_of(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or NONE,
        "True" if spec.get("suspend") else "False",
        len(status.get("active") or ()),
        age(status["lastScheduleTime"]) if status.get("lastScheduleTime") else NONE,
        age_of(obj),
        *containers_of(template.get("template")),
        selector_text(template.get("selector")),
    ]


PRINTERS: dict[tuple[str, str], Callable[[Object], list[Any]]] = {
    ("", "replicationcontrollers"): _replicas,
    ("apps", "controllerrevisions"): _revision,
    ("apps", "daemonsets"): _daemon_set,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _replicas,
    ("apps", "statefulsets"): _stateful_set,
    ("batch", "jobs"): _job,
    ("batch", "cronjobs"): _cron_job,
}
