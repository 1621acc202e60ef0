"""Reasons in words: the one table from codes to sentences.

A row is a template; `{name}` takes a parameter of the reason, `{subject}` its subject. Karmada's own texts are quoted
where its users know them (`{text}`). A code without a row is shown with its parameters, so that nothing is ever lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping
from karmactl.core.model.reason import Reason
from karmactl.render.names import counted, value_text

__all__ = ["FILTER_COLUMNS", "REASONS", "UNVERIFIED", "say", "say_code", "say_shortly"]

# What a row says is read after the thing it is about: "deploy/frontend: new".
REASONS: Final[Mapping[str, str]] = {
    # Which policy won.
    "namespaced-wins": "{winner} wins: a namespaced policy goes before a cluster-wide one",
    "lower-priority": "{winner} wins: its priority is {winnerValue}, not {value}",
    "less-specific": "{winner} wins: it names the object more precisely",
    "name-order": "{winner} wins: everything else is equal, and its name comes first",
    "dependent-override-missing": "its policy waits for override policy {subject}, which does not exist",
    # Why a template stands as it does.
    "kept-recorded": "as recorded: nothing asks for a new decision",
    "held-unreachable": "held as recorded: {subject} does not answer",
    "kept-after-error": "as recorded, because a new decision failed: {message}",
    "kept-lazy": "{subject} is Lazy: its new placement waits until the template changes, the recorded one counts",
    "namespace-follows": "goes where its objects go",
    "claim-not-sticky": "{former} claimed it before and still matches: on a control plane claims are sticky, it would "
    "keep it and {winner} would wait",
    # Which override has the last word.
    "override-later-rule": "{winner}, rule {winnerRule}, has the last word over an earlier rule of the same policy",
    "override-namespaced-last": "{winner} has the last word over {subject}: namespaced policies come after "
    "cluster-wide ones",
    "override-more-precise": "{winner} has the last word over {subject}: it selects by {winnerBy}, the other by {by}",
    "override-name-order": "{winner} has the last word over {subject}: both select alike, and its name comes later",
    # What a change is for.
    "new": "new",
    "newly-placed": "newly placed here",
    "vanished": "gone from the member, made again",
    "changed": "changed in the files",
    "ownership": "fields become ours, values stay",
    "drift": "changed in the member since, put back",
    "placement": "no longer placed here",
    "no-longer-needed": "nothing needs it any more",
    "left-the-files": "left the files",
    "no-policy": "no policy matches it any more",
    "nothing-left-in-it": "nothing of the set is left in it",
    "delete": "the set is deleted",
    "kept": "stays: --keep says so",
    "holds-what-stays": "stays: something of this set stays that would go with it",
    "preserved": "stays: the policy says preserveResourcesOnDeletion",
    "immutable": "made anew, for these cannot be changed in place: {fields}",
    "adopted": "taken over with the fields of its former managers",
    "overwrite": "taken over: the policy says conflictResolution: Overwrite",
    "suspended": "suspended by the policy",
    # Warnings.
    "unknown-cluster": "{policy} names the cluster {subject}, which is not in the fleet",
    "fleet-shrank": "{subject} was in the fleet at the last run and is not now: replicas are divided without it",
    # What is missing in what a member said.
    "identity-unknown": "neither kube-system nor the inventory's namespace may be read: who it is is unknown",
    "discovery-incomplete": "these API groups did not answer: {groups}",
    "nodes-unreadable": "nodes may not be read: region, zones and provider are unknown unless files declare them",
    "capacity-unreadable": "nodes or pods may not be read: free capacity is unknown",
    "region-ambiguous": "its nodes name several regions, so it has none: {regions}",
    "provider-ambiguous": "its nodes name several providers, so it has none: {providers}",
    # Why a change cannot be.
    "field-conflict": "another manager holds fields that are new in the files; --force-conflicts takes them",
    "foreign-object": "the object is there and is not ours (held by {managers}); `karmactl import --from live "
    "--adopt`, or conflictResolution: Overwrite in the policy, takes it over",
    "inventory-lost": "it carries this set's label, but the inventory of the member does not know it",
    "live-karmada": "the object belongs to a live Karmada; see karmactl import --from karmada",
    "other-set": "the object belongs to another set",
    "list-failed": "not known: {message}",
    "kind-not-served": "the member does not serve {apiVersion}",
    "server-rejected": "server said: {message}",
    "inventory-namespace": "it would lie in {namespace}, the inventory's own namespace",
    "namespace-missing": "namespace {namespace} is neither in the files nor in the member; --create-namespace makes it",
    # Filters: plugin names of Karmada's scheduler, with Karmada's texts.
    "APIEnablement": "{text}",
    "TaintToleration": "{text}",
    "ClusterAffinity": "{text}",
    "SpreadConstraint": "{text}",
    "ClusterEviction": "{text}",
    "WorkloadAffinity": "{text}",
    "WorkloadAntiAffinity": "{text}",
    "cluster-deleting": "the cluster is being deleted",
    "member-unreachable": "{text}",
    # Steps of a decision.
    "affinity-term": "affinity term {subject}: {outcome}",
    "spread-constraint-used": "spread by {subject}: {minGroups} to {maxGroups} groups",
    "spread-constraint-unused": "spread by {subject} has no effect",
    "spread-region": "region {subject} scores {score}",
    # What of an affinity a cluster does not meet.
    "cluster-excluded": "it is excluded by name",
    "cluster-not-named": "it is not among the cluster names {clusterNames}",
    # What else keeps a cluster from an object.
    "unmatched": "no policy selects it, of {policies} in the files",
    "reserved-namespace": "the namespace {namespace} is reserved: Karmada never looks at it",
    "not-chosen": "it passed every filter with score {score} and {available}, and {chosen} came first",
    "no-weight": "no weight falls to it",
    "no-share": "its weight is too small for one of {replicas} replicas",
    "follows": "it goes where these go, and they do not go there: {objects}",
    "decision-failed": "no decision, {reason}: {message}",
    # What would change that.
    "tolerate-taint": "tolerate the taint {taint} in {subject}",
    "remove-taint": "remove the taint {taint} from {subject}",
    "serve-api": "serve {kind} of {apiVersion} in {subject}",
    "set-label": "label {subject} {label}={value}",
    "remove-label": "take the label {label}={has} from {subject}, or change its value",
    "add-cluster-name": "add {cluster} to the cluster names of {subject}",
    "remove-exclude": "take {cluster} out of the excluded names of {subject}",
    "set-property": "give {subject} the {property} {value}",
    "change-property": "give {subject} another {property} than {has}",
    "raise-max-groups": "raise maxGroups by {field} from {from} to {to} in {subject}",
    "lower-min-groups": "lower minGroups by {field} from {from} to {to} in {subject}",
    "raise-min-groups": "raise minGroups by {field} from {from} to {to} in {subject}",
    "add-weight": "give {cluster} a static weight of {to} in {subject}",
    "raise-weight": "raise the static weight of {cluster} from {from} to {to} in {subject}",
    "more-room": "make room in {subject} for {to}",
    "more-replicas": "ask for {to} replicas in {subject}, not for {from}",
    "fewer-replicas": "ask for {to} in {subject}, not for {from}",
    "term-first": "try the affinity term {term} before {used} in {subject}",
    "reschedule": "place it afresh (--reschedule): it stays in {recorded} as recorded",
    "end-eviction": "end the eviction of it from {subject}",
    "let-answer": "let {subject} answer again",
    "keep-cluster": "stop deleting {subject}",
    "select-template": "select {template} in {subject}",
    "raise-priority": "raise the priority of {subject} from {from} to {to}, so that it claims the object",
    "create-override": "create the {subject}",
}

_UNUSED_SPREAD: Final = {
    "static-weight": "static weights take every member that fits",
    "filters-only": "only region and cluster choose; it acts as a filter",
}

# A filter that refuses, in a word or two; `text` is Karmada's.
_SHORT_FILTERS: Final = {
    "APIEnablement": "API not served",
    "ClusterAffinity": "affinity",
    "SpreadConstraint": "no such property",
    "ClusterEviction": "being evicted",
    "WorkloadAffinity": "affinity group",
    "WorkloadAntiAffinity": "anti-affinity group",
    "cluster-deleting": "being deleted",
    "member-unreachable": "does not answer",
}

# Of labels and fields the key says it.
_SHORT_MISMATCHES: Final = {"cluster-excluded": "excluded", "cluster-not-named": "not named"}

# The columns of `why`, in the order in which Karmada's filters are best read.
FILTER_COLUMNS: Final = (
    ("APIEnablement", "API"),
    ("TaintToleration", "TAINTS"),
    ("ClusterAffinity", "AFFINITY"),
    ("SpreadConstraint", "SPREAD"),
    ("ClusterEviction", "EVICTION"),
    ("WorkloadAffinity", "TOGETHER"),
    ("WorkloadAntiAffinity", "APART"),
    ("cluster-deleting", "DELETING"),
    ("member-unreachable", "REACH"),
)

# Why the server could not check a change beforehand.
UNVERIFIED: Final[Mapping[str, str]] = {
    "crd-not-there-yet": "its CRD comes with this run",
    "namespace-not-there-yet": "its namespace comes with this run",
    "webhook-without-dry-run": "a webhook refuses dry runs",
    "changed-while-looking": "it changed while we looked",
    "no-access": "planned without access to the member",
}


def say(reason: Reason) -> str:
    """The reason as a sentence without a full stop."""
    special = _SPECIAL.get(reason.code)
    if special is not None:
        return special(reason)
    template = REASONS.get(reason.code)
    text = _filled(template, reason) if template is not None else ""
    return text or _bare(reason)


def say_shortly(reason: Reason) -> str:
    """A filter's refusal in a word or two, for a table: the taint itself, or what is wrong."""
    text = str(reason.params.get("text", ""))
    if reason.code == "TaintToleration" and "{" in text:
        return text.partition("{")[2].rpartition("}")[0]
    mismatch = next(map(as_mapping, as_list(reason.params.get("mismatches"))), {})
    if mismatch:
        return _SHORT_MISMATCHES.get(str(mismatch.get("code")), str(mismatch.get("subject")))
    return _SHORT_FILTERS.get(reason.code) or say(reason)


def say_code(code: str) -> str:
    """A code alone in words."""
    return UNVERIFIED.get(code) or say(Reason(code=code))


def _filled(template: str, reason: Reason) -> str:
    """The template with its parameters; "" where one of them is missing. Values are never read as templates."""
    parts: list[str] = []
    rest = template
    while rest:
        before, brace, after = rest.partition("{")
        parts.append(before)
        if not brace:
            break
        name, _, rest = after.partition("}")
        value = reason.subject if name == "subject" else reason.params.get(name)
        if value is None or value == "":
            return ""
        parts.append(_param_text(value))
    return "".join(parts)


def _param_text(value: JSONValue) -> str:
    if isinstance(value, list):
        return ", ".join(_param_text(item) for item in value)
    return value if isinstance(value, str) else value_text(value)


def _bare(reason: Reason) -> str:
    """Code, subject and parameters, for what has no row."""
    details = ", ".join(f"{name}: {_param_text(value)}" for name, value in sorted(reason.params.items()))
    head = f"{reason.code} {reason.subject}".strip()
    return f"{head} ({details})" if details else head


# --- Sentences that depend on more than one parameter ---------------------------------------------------------------


def _unused_spread(reason: Reason) -> str:
    why = str(reason.params.get("why", ""))
    return f"{_filled(REASONS[reason.code], reason)}: {_UNUSED_SPREAD.get(why, why)}".rstrip(": ")


def _used_spread(reason: Reason) -> str:
    text = _filled(REASONS[reason.code], reason)
    feasible, chosen = reason.params.get("feasible"), reason.params.get("chosen")
    return text if feasible is None else f"{text}; {chosen} of {feasible} chosen"


def _unknown_cluster(reason: Reason) -> str:
    text = _filled(REASONS[reason.code], reason)
    nearest = reason.params.get("nearest")
    return f"{text}; did you mean {nearest}?" if nearest else text


def _affinity_term(reason: Reason) -> str:
    text = _filled(REASONS[reason.code], reason)
    message = reason.params.get("message")
    return f"{text}: {message}" if message else text


def _affinity(reason: Reason) -> str:
    """Karmada's text, and which part of the affinity it was."""
    details = [
        say(Reason(code=str(row.get("code")), subject=str(row.get("subject")), params=as_mapping(row.get("params"))))
        for row in map(as_mapping, as_list(reason.params.get("mismatches")))
    ]
    text = _filled("{text}", reason)
    return f"{text}: {', '.join(details)}" if details else text


def _taints(reason: Reason) -> str:
    """Karmada's text names the first taint alone."""
    text = _filled("{text}", reason)
    others = [_param_text(taint) for taint in as_list(reason.params.get("taints"))[1:]]
    return f"{text}, and {', '.join(others)}" if others else text


def _mismatch(reason: Reason) -> str:
    name = f"label {reason.subject}" if reason.code == "label-mismatch" else reason.subject
    has = reason.params.get("has")
    values = _param_text(reason.params.get("values"))
    wanted = {
        "In": values if "," not in values else f"one of {values}",
        "NotIn": f"none of {values}",
        "Exists": "any value",
        "DoesNotExist": "no such label",
    }.get(str(reason.params.get("operator")), f"{reason.params.get('operator')} {values}")
    return f"{name} is {'missing' if has in (None, '', []) else _param_text(has)}, wanted {wanted}"


def _property(reason: Reason) -> str:
    """`any` stands for a value that nothing depends on."""
    if reason.params.get("value") == "any":
        return f"give {reason.subject} a {reason.params.get('property')}"
    return _filled(REASONS[reason.code], reason)


def _not_chosen(reason: Reason) -> str:
    chosen = as_list(reason.params.get("chosen"))
    others = f"{len(chosen)} others" if len(chosen) > _MOST_CHOSEN else _param_text(chosen)
    room = reason.params.get("available")
    known = "room that nobody knows" if room is None else f"room for {room}"
    return _filled(
        REASONS[reason.code], replace(reason, params={**reason.params, "available": known, "chosen": others})
    )


def _more_room(reason: Reason) -> str:
    to, before = reason.params.get("to"), reason.params.get("from")
    params = {**reason.params, "to": counted(to, "replica") if isinstance(to, int) else to}
    text = _filled(REASONS[reason.code], replace(reason, params=params))
    return text if before is None else f"{text}; it has room for {before}"


def _no_replicas(reason: Reason) -> str:
    """Chosen, and no replica fell to it."""
    weights, replicas = as_mapping(reason.params.get("weights")), reason.params.get("replicas")
    if reason.code == "no-share":
        total = sum(weight for weight in weights.values() if isinstance(weight, int))
        return f"its weight {reason.params.get('weight')} of {total} in all is too small for one of {replicas} replicas"
    if reason.params.get("strategy") == "StaticWeight":
        return f"no static weight matches it; {', '.join(weights)} have all of it"
    room = reason.params.get("available")
    return f"the {replicas} replicas fit {', '.join(weights)}, which came first; it has room for {room}"


_MOST_CHOSEN: Final = 8
_SPECIAL: Final[Mapping[str, Callable[[Reason], str]]] = {
    "spread-constraint-unused": _unused_spread,
    "spread-constraint-used": _used_spread,
    "unknown-cluster": _unknown_cluster,
    "affinity-term": _affinity_term,
    "ClusterAffinity": _affinity,
    "TaintToleration": _taints,
    "label-mismatch": _mismatch,
    "field-mismatch": _mismatch,
    "set-property": _property,
    "not-chosen": _not_chosen,
    "more-room": _more_room,
    "no-weight": _no_replicas,
    "no-share": _no_replicas,
}
