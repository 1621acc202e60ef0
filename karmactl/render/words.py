"""Reasons in words: the one table from codes to sentences.

A row is a template; `{name}` takes a parameter of the reason, `{subject}` its subject. Karmada's own texts are quoted
where its users know them (`{text}`). A code without a row is shown with its parameters, so that nothing is ever lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.reason import Reason
from karmactl.render.names import value_text

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
    "namespace-follows": "goes where its objects go",
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
    "preserved": "stays: the policy says preserveResourcesOnDeletion",
    "overwrite": "taken over: the policy says conflictResolution: Overwrite",
    "suspended": "suspended by the policy",
    # Warnings.
    "unknown-cluster": "{policy} names the cluster {subject}, which is not in the fleet",
    "fleet-shrank": "{subject} was in the fleet at the last run and is not now: replicas are divided without it",
    # Why a change cannot be.
    "field-conflict": "another manager holds fields that are new in the files; --force-conflicts takes them",
    "foreign-object": "the object is there and is not ours (held by {managers}); import it, or adopt it by the policy",
    "live-karmada": "the object belongs to a live Karmada; see karmactl import",
    "other-set": "the object belongs to another set",
    "list-failed": "not known: {message}",
    "kind-not-served": "the member does not serve {apiVersion}",
    "server-rejected": "server said: {message}",
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
    if reason.code == "spread-constraint-unused":
        why = str(reason.params.get("why", ""))
        return f"{_filled(REASONS[reason.code], reason)}: {_UNUSED_SPREAD.get(why, why)}".rstrip(": ")
    if reason.code == "unknown-cluster" and reason.params.get("nearest"):
        return f"{_filled(REASONS[reason.code], reason)}; did you mean {reason.params['nearest']}?"
    if reason.code == "affinity-term" and reason.params.get("message"):
        return f"{_filled(REASONS[reason.code], reason)}: {reason.params['message']}"
    template = REASONS.get(reason.code)
    text = _filled(template, reason) if template is not None else ""
    return text or _bare(reason)


def say_shortly(reason: Reason) -> str:
    """A filter's refusal in a word or two, for a table: the taint itself, or what is wrong."""
    text = str(reason.params.get("text", ""))
    if reason.code == "TaintToleration" and "{" in text:
        return text.partition("{")[2].rpartition("}")[0]
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
