"""Validation of Jobs and CronJobs (pkg/apis/batch/validation)."""

import re
import zoneinfo

from karmactl.embedded.kinds.rules import (
    Errors,
    domain_path,
    duplicate,
    immutable,
    invalid,
    label_selector,
    not_negative,
    one_of,
    quoted,
    required,
    too_long,
    too_many,
    unsupported,
)
from karmactl.embedded.kinds.validate_pods import validate_template
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import key_faults, matches_selector
from karmactl.embedded.values import Object, copy, dig, equal

_UID, _NAME = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"
_GENERATED = (("controller-uid", "uid"), ("job-name", "name"), (_UID, "uid"), (_NAME, "name"))
_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MANY, _MANY_WITH_LIMITS = 100_000, 10_000
_MAX_RULES, _MAX_EXIT_CODES, _MAX_MANAGER = 20, 255, 63


def job_spec(spec: Object, field: str) -> Errors:
    """The faults in the spec of a Job or of a CronJob's template."""
    out: Errors = []
    for name in _COUNTS:
        out += not_negative(f"{field}.{name}", spec.get(name))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        out.append(required(f"{field}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    if spec.get("managedBy") is not None:
        out += domain_path(f"{field}.managedBy", spec["managedBy"])
        if len(spec["managedBy"]) > _MAX_MANAGER:
            out.append(too_long(f"{field}.managedBy", _MAX_MANAGER))
    out += _completion(spec, field)
    if spec.get("podFailurePolicy") is not None:
        out += _failure_policy(spec, f"{field}.podFailurePolicy")
    if spec.get("successPolicy") is not None:
        out += _success_policy(spec, f"{field}.successPolicy")
    replacement = spec.get("podReplacementPolicy")
    if replacement is not None:
        known = ("Failed",) if spec.get("podFailurePolicy") is not None else ("Failed", "TerminatingOrFailed")
        out += one_of(f"{field}.podReplacementPolicy", replacement, known)
    out += validate_template(spec["template"], f"{field}.template")
    return out + _restart_policy(spec, f"{field}.template.spec.restartPolicy")


def _restart_policy(spec: Object, where: str) -> Errors:
    policy = spec["template"]["spec"].get("restartPolicy")
    if policy in ("", "Always", None):
        return [required(where, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [unsupported(where, policy, ("OnFailure", "Never"))]
    if spec.get("podFailurePolicy") is not None and policy != "Never":
        return [invalid(where, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    return []


def _completion(spec: Object, field: str) -> Errors:
    """The faults in how a Job counts its Pods."""
    mode, completions = spec.get("completionMode"), spec.get("completions")
    parallelism, failed = spec.get("parallelism") or 0, spec.get("maxFailedIndexes")
    per_index = spec.get("backoffLimitPerIndex")
    out: Errors = []
    if mode not in (None, "NonIndexed", "Indexed"):
        out.append(unsupported(f"{field}.completionMode", mode, ("NonIndexed", "Indexed")))
    if mode == "Indexed":
        if completions is None:
            out.append(required(f"{field}.completions", "when completion mode is Indexed"))
        out += _at_most(f"{field}.parallelism", parallelism, _MANY, " when completion mode is Indexed")
        if completions is not None and failed is not None and failed > completions:
            out.append(invalid(f"{field}.maxFailedIndexes", failed, "must be less than or equal to completions"))
        out += _at_most(f"{field}.maxFailedIndexes", failed, _MANY, "")
        if completions is not None and completions > _MANY and per_index is not None:
            if failed is None:
                text = f"must be specified when completions is above {_MANY}"
                out.append(required(f"{field}.maxFailedIndexes", text))
            why = f" when completions are above {_MANY} and used with backoff limit per index"
            out += _at_most(f"{field}.parallelism", parallelism, _MANY_WITH_LIMITS, why)
            out += _at_most(f"{field}.maxFailedIndexes", failed, _MANY_WITH_LIMITS, why)
    if mode in (None, "NonIndexed"):
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                out.append(invalid(f"{field}.{name}", spec[name], "requires indexed completion mode"))
    return out


def _at_most(field: str, value: int | None, most: int, why: str) -> Errors:
    over = value is not None and value > most
    return [invalid(field, value, f"must be less than or equal to {most}{why}")] if over else []


def _failure_policy(spec: Object, field: str) -> Errors:
    rules = spec["podFailurePolicy"].get("rules") or []
    out = [too_many(f"{field}.rules", len(rules), _MAX_RULES)] if len(rules) > _MAX_RULES else []
    pod = spec["template"]["spec"]
    names = [c.get("name") for kind in ("containers", "initContainers") for c in pod.get(kind) or ()]
    actions = ("Count", "FailIndex", "FailJob", "Ignore")
    for index, rule in enumerate(rules):
        where = f"{field}.rules[{index}]"
        action = rule.get("action") or ""
        if not action:
            out.append(required(f"{where}.action", f"valid values: {quoted(actions)}"))
        elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            out.append(invalid(f"{where}.action", action, "requires the backoffLimitPerIndex to be set"))
        else:
            out += one_of(f"{where}.action", action, actions)
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
        if codes is not None:
            out += _exit_codes(codes, f"{where}.onExitCodes", names)
        out += _pod_conditions(conditions, f"{where}.onPodConditions")
        text = "OnExitCodes and OnPodConditions is"
        if codes is not None and conditions:
            out.append(invalid(where, ..., f"specifying both {text} not supported"))
        if codes is None and not conditions:
            out.append(invalid(where, ..., f"specifying one of {text} required"))
    return out


def _exit_codes(codes: Object, field: str, names: list[str | None]) -> Errors:
    out: Errors = []
    operator, values = codes.get("operator") or "", codes.get("values") or []
    if not operator:
        out.append(required(f"{field}.operator", f"valid values: {quoted(('In', 'NotIn'))}"))
    else:
        out += one_of(f"{field}.operator", operator, ("In", "NotIn"))
    name = codes.get("containerName")
    if name is not None and name not in names:
        text = "must be one of the container or initContainer names in the pod template"
        out.append(invalid(f"{field}.containerName", name, text))
    if not values:
        out.append(invalid(f"{field}.values", codes.get("values"), "at least one value is required"))
    elif len(values) > _MAX_EXIT_CODES:
        out.append(too_many(f"{field}.values", len(values), _MAX_EXIT_CODES))
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            out.append(invalid(f"{field}.values[{index}]", value, "must not be 0 for the In operator"))
        if value in values[:index]:
            out.append(duplicate(f"{field}.values[{index}]", value))
    if values != sorted(values):
        out.append(invalid(f"{field}.values", values, "must be ordered"))
    return out


def _pod_conditions(conditions: list[Object], field: str) -> Errors:
    out = [too_many(field, len(conditions), _MAX_RULES)] if len(conditions) > _MAX_RULES else []
    known = ("False", "True", "Unknown")
    for index, condition in enumerate(conditions):
        kind, status = condition.get("type") or "", condition.get("status") or ""
        out += [invalid(f"{field}[{index}].type", kind, fault) for fault in key_faults(kind)]
        if not status:
            out.append(required(f"{field}[{index}].status", f"valid values: {quoted(known)}"))
        else:
            out += one_of(f"{field}[{index}].status", status, known)
    return out


def _success_policy(spec: Object, field: str) -> Errors:
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        return [invalid(field, internal("batch.SuccessPolicy", policy), "requires indexed completion mode")]
    rules = policy.get("rules") or []
    out: Errors = []
    if not rules:
        text = "at least one rules must be specified when the successPolicy is specified"
        out.append(required(f"{field}.rules", text))
    if len(rules) > _MAX_RULES:
        out.append(too_many(f"{field}.rules", len(rules), _MAX_RULES))
    for index, rule in enumerate(rules):
        where = f"{field}.rules[{index}]"
        count, completions = rule.get("succeededCount"), spec.get("completions") or 0
        if count is None and rule.get("succeededIndexes") is None:
            out.append(required(where, "at least one of succeededCount or succeededIndexes must be specified"))
        if count is not None:
            out += not_negative(f"{where}.succeededCount", count)
            why = " (the number of specified completions)"
            out += _at_most(f"{where}.succeededCount", count, completions, why)
    return out


def job(obj: Object, prefixed: bool = True) -> Errors:
    """The faults in a Job; `prefixed` asks for the generated labels with a domain too."""
    spec, meta = obj["spec"], obj["metadata"]
    out = _generated_selector(obj, prefixed) + _selected_spec(spec)
    completions, name = spec.get("completions") or 0, meta.get("name") or ""
    if spec.get("completionMode") == "Indexed" and completions > 0:
        host = f"{name}-{completions - 1}"
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", host):
            text = f"will not able to create pod with invalid DNS label: {host}"
            out.append(invalid("metadata.name", name, text))
    return out


def _generated_selector(obj: Object, prefixed: bool) -> Errors:
    spec, meta = obj["spec"], obj["metadata"]
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return []
    labels = dig(spec, "template", "metadata", "labels") or {}
    out: Errors = []
    expected: Object = {}
    for key, source in _GENERATED if prefixed else _GENERATED[:2]:
        wanted = expected[key] = meta.get(source) or ""
        where = f"spec.template.metadata.labels[{key}]"
        if key not in labels:
            out.append(required(where, f"must be '{wanted}'"))
        elif labels[key] != wanted:
            out.append(invalid(where, labels, f"must be '{wanted}'"))
    if not matches_selector(selector, expected):
        out.append(invalid("spec.selector", selector, "`selector` not auto-generated"))
    return out


def _selected_spec(spec: Object) -> Errors:
    """The faults in a Job's spec, its selector included."""
    out = job_spec(spec, "spec")
    selector, labels = spec.get("selector"), dig(spec, "template", "metadata", "labels")
    if selector is None:
        out.append(required("spec.selector"))
    else:
        out += label_selector("spec.selector", selector)
    if selector is None or not matches_selector(selector, labels or {}):
        out.append(invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"))
    return out


def job_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Job: upstream looks at its spec twice, and then at what may not change."""
    had = dig(old, "spec", "template", "metadata", "labels") or {}
    mine, theirs = new["spec"], old["spec"]
    out = job(new, prefixed=_UID in had and _NAME in had) + _selected_spec(mine)
    if mine.get("completionMode") != "Indexed":
        out += immutable("spec.completions", mine.get("completions"), theirs.get("completions"))
    elif mine.get("completions") not in (None, theirs.get("completions"), mine.get("parallelism")):
        text = "can only be modified in tandem with spec.parallelism"
        out.append(invalid("spec.completions", mine["completions"], text))
    out += immutable("spec.selector", mine.get("selector"), theirs.get("selector"))
    out += _template(mine, theirs, _may_change_template(old))
    for name in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        out += immutable(f"spec.{name}", mine.get(name), theirs.get(name))
    return out


def _may_change_template(job: Object) -> bool:
    status = job.get("status") or {}
    conditions = status.get("conditions") or ()
    stopped = any(c.get("type") == "Suspended" and c.get("status") == "True" for c in conditions)
    idle = status.get("startTime") is None or stopped
    return bool(job["spec"].get("suspend")) and idle and not status.get("active")


def _template(new: Object, old: Object, lenient: bool) -> Errors:
    """A template stays, but a suspended Job may get other scheduling directives, labels and resources."""
    mine, theirs = new["template"], copy(old["template"])
    if lenient:
        theirs["metadata"] = mine.get("metadata") or {}
        for field in ("nodeSelector", "tolerations", "schedulingGates"):
            theirs["spec"].pop(field, None)
            if field in mine["spec"]:
                theirs["spec"][field] = mine["spec"][field]
        _adopt_node_affinity(theirs["spec"], mine["spec"])
    if not old.get("suspend"):
        if equal(mine, theirs):
            return []
        return [invalid("spec.template", internal("core.PodTemplateSpec", mine), "field is immutable")]
    for kind in ("containers", "initContainers") if lenient else ():
        pairs = (mine["spec"].get(kind) or [], theirs["spec"].get(kind) or [])
        for container, before in zip(*pairs, strict=False):
            if container.get("name") == before.get("name"):
                before["resources"] = container.get("resources")
    if equal(mine["spec"], theirs["spec"]):
        return []
    return [invalid("spec.template.spec", internal("core.PodSpec", mine["spec"]), "field is immutable")]


def _adopt_node_affinity(old: Object, new: Object) -> None:
    affinity = {k: v for k, v in (old.get("affinity") or {}).items() if k != "nodeAffinity"}
    wanted = dig(new, "affinity", "nodeAffinity")
    if wanted is not None:
        affinity["nodeAffinity"] = wanted
    if affinity or new.get("affinity") is not None:
        old["affinity"] = affinity
    else:
        old.pop("affinity", None)


# ---- CronJobs

_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


def _schedule(text: str) -> str | None:
    """Why a text is no schedule (robfig/cron), or None."""
    if text.startswith("@"):
        return None
    parts = text.split()
    if len(parts) != 5:
        return f"expected exactly 5 fields, found {len(parts)}: [{' '.join(parts)}]"
    for part, (low, high) in zip(parts, _LIMITS, strict=True):
        for piece in part.split(","):
            span = piece.partition("/")[0]
            if span in ("*", "?") or re.fullmatch(r"[A-Za-z]{3}(-[A-Za-z]{3})?", span):
                continue
            ends = span.split("-")
            if not all(e.isdigit() for e in ends) or len(ends) > 2:
                return f"failed to parse int from {span}: strconv.Atoi: parsing {span!r}: invalid syntax".replace(
                    "'", '"'
                )
            first, last = int(ends[0]), int(ends[-1])
            if first < low:
                return f"beginning of range ({first}) below minimum ({low}): {span}"
            if last > high:
                return f"end of range ({last}) above maximum ({high}): {span}"
            if first > last:
                return f"beginning of range ({first}) beyond end of range ({last}): {span}"
    return None


def cron_job(obj: Object) -> Errors:
    """The faults in a new CronJob."""
    out = _cron_spec(obj["spec"], None)
    name = obj["metadata"].get("name") or ""
    if len(name) > 52:
        out.append(invalid("metadata.name", name, "must be no more than 52 characters"))
    return out


def cron_job_update(new: Object, old: Object) -> Errors:
    """The faults in a changed CronJob; its name may be longer than new ones may."""
    return _cron_spec(new["spec"], old["spec"])


def _cron_spec(spec: Object, old: Object | None) -> Errors:
    out: Errors = []
    schedule, zone = spec.get("schedule") or "", spec.get("timeZone")
    if not schedule:
        out.append(required("spec.schedule"))
    else:
        if fault := _schedule(schedule):
            out.append(invalid("spec.schedule", schedule, fault))
        had = old is not None and "TZ" in (old.get("schedule") or "")
        if had and "TZ" in schedule and zone is not None:
            text = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
            out.append(invalid("spec.schedule", schedule, text))
        elif not had and "TZ" in schedule:
            text = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            out.append(invalid("spec.schedule", schedule, text))
    out += not_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    if zone is not None and (old is None or old.get("timeZone") != zone):
        out += _zone(zone)
    policy = spec.get("concurrencyPolicy") or ""
    if not policy:
        out.append(required("spec.concurrencyPolicy"))
    else:
        out += one_of("spec.concurrencyPolicy", policy, ("Allow", "Forbid", "Replace"))
    inner = spec["jobTemplate"]["spec"]
    out += job_spec(inner, "spec.jobTemplate.spec")
    if inner.get("selector") is not None:
        text = "`selector` will be auto-generated"
        out.append(invalid("spec.jobTemplate.spec.selector", inner["selector"], text))
    if inner.get("manualSelector"):
        out.append(unsupported("spec.jobTemplate.spec.manualSelector", True, ("nil", "false")))
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        out += not_negative(f"spec.{field}", spec.get(field))
    return out


def _zone(zone: str) -> Errors:
    if not zone:
        return [invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")]
    parts = zone.split("/")
    sound = all(p not in (".", "..") and re.fullmatch(r"[A-Za-z0-9_+][A-Za-z0-9_+-]*", p) for p in parts)
    if sound and zone.lower() == "local":
        text = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [invalid("spec.timeZone", zone, text)]
    if not sound or zone not in zoneinfo.available_timezones():
        return [invalid("spec.timeZone", zone, f"unknown time zone {zone}")]
    return []
