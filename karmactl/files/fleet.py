"""The members that files and flags declare, merged: karmactl.yaml, Cluster files, `--context`.

A fact may be written in several files if it is the same everywhere; written differently it is an error that names both
places, since either could be the wrong one. Nothing is looked up here: contexts are names until somebody connects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from karmactl.core.facts import join_facts
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.fleet import Member
from karmactl.core.model.settings import ClusterSettings
from karmactl.errors import InputError, Location, UsageError
from karmactl.files.faults import fault_group
from karmactl.files.settings import SettingsFile
from karmactl.files.yaml import pointer_step

__all__ = ["declare_fleet"]

_Facts = Mapping[str, Location]


def declare_fleet(
    settings: SettingsFile | None,
    clusters: Sequence[Cluster] = (),
    cluster_facts: Sequence[_Facts] = (),
    contexts: Mapping[str, str] | None = None,
) -> tuple[Member, ...]:
    """The members, sorted by name.

    `clusters` and `cluster_facts` are those of the InputSet. `contexts` is what `--context` says, member name to
    context: where files name members it chooses among them (by member name or by context), else it is the fleet. A
    member of a Cluster file is reached by the context of its own name unless karmactl.yaml or a flag says otherwise. In
    files that `clusters snapshot` wrote nothing is declared: what they say is joined last.

    Raises an ExceptionGroup of InputError (`cluster-fact-twice`, `context-twice`) or UsageError
    (`context-not-in-fleet`).
    """
    contexts = contexts or {}
    faults: list[InputError] = []
    members: dict[str, Member] = {}
    if settings is not None:
        for index, entry in enumerate(settings.settings.clusters):
            members[entry.name] = _from_settings(entry, f"/clusters/{index}", settings)
    # What was observed comes last, over all that is declared.
    for cluster, facts in sorted(zip(clusters, cluster_facts, strict=True), key=lambda pair: bool(pair[0].observed_at)):
        if cluster.observed_at:
            members[cluster.name] = _observed(members.get(cluster.name), cluster)
            continue
        location = min(facts.values(), default=None)
        member = Member(name=cluster.name, context=cluster.name, cluster=cluster, facts=facts, location=location)
        known = members.get(cluster.name)
        members[cluster.name] = _merge(known, member, faults) if known else member
    chosen = _choose(members, contexts)
    faults += _same_context(chosen)
    if faults:
        raise fault_group(faults)
    return tuple(chosen)


def _from_settings(entry: ClusterSettings, pointer: str, settings: SettingsFile) -> Member:
    facts = {f"labels/{key}": settings.place(f"{pointer}/labels{pointer_step(key)}") for key in sorted(entry.labels)}
    zones = entry.zones or ((entry.zone,) if entry.zone else ())
    declared = {
        "provider": (entry.provider, "provider"),
        "region": (entry.region, "region"),
        "zones": (zones, "zones" if entry.zones else "zone"),
        "taints": (entry.taints, "taints"),
        "syncMode": (entry.sync_mode, "syncMode"),
    }
    facts |= {fact: settings.place(f"{pointer}/{key}") for fact, (value, key) in declared.items() if value}
    cluster = Cluster(
        name=entry.name,
        labels=entry.labels,
        provider=entry.provider,
        region=entry.region,
        zones=zones,
        taints=entry.taints,
        sync_mode=entry.sync_mode or "Push",
    )
    context = entry.context or entry.name
    return Member(name=entry.name, context=context, cluster=cluster, facts=facts, location=settings.place(pointer))


def _observed(declared: Member | None, cluster: Cluster) -> Member:
    """A member with what `clusters snapshot` wrote down of it; it may be all that is known."""
    if declared is None:
        return Member(name=cluster.name, context=cluster.name, cluster=cluster)
    joined = join_facts(declared.cluster, cluster, None)
    models = declared.cluster.resource_models or cluster.resource_models
    return replace(declared, cluster=replace(joined, resource_models=models, observed_at=cluster.observed_at))


def _merge(first: Member, second: Member, faults: list[InputError]) -> Member:
    """One member of two declarations; the second is the Cluster file, whose other fields (models, status) stay."""
    for fact in sorted(first.facts.keys() & second.facts.keys()):
        one, other = _value(first.cluster, fact), _value(second.cluster, fact)
        if one != other:
            message = (
                f"{fact} of the cluster {first.name!r} is {_text(one)} here, and {_text(other)} in {second.facts[fact]}"
            )
            hint = "write it in one place only"
            faults.append(InputError("cluster-fact-twice", message, hint=hint, location=first.facts[fact]))
    only_first = first.facts.keys() - second.facts.keys()
    cluster = replace(
        second.cluster,
        labels={**first.cluster.labels, **second.cluster.labels},
        provider=first.cluster.provider if "provider" in only_first else second.cluster.provider,
        region=first.cluster.region if "region" in only_first else second.cluster.region,
        zones=first.cluster.zones if "zones" in only_first else second.cluster.zones,
        taints=first.cluster.taints if "taints" in only_first else second.cluster.taints,
        sync_mode=first.cluster.sync_mode if "syncMode" in only_first else second.cluster.sync_mode,
    )
    return replace(first, cluster=cluster, facts={**second.facts, **first.facts})


def _value(cluster: Cluster, fact: str) -> object:
    if fact.startswith("labels/"):
        return cluster.labels.get(fact.removeprefix("labels/"))
    if fact == "zones":
        # Their order has no meaning.
        return tuple(sorted(cluster.zones))
    return {
        "provider": cluster.provider,
        "region": cluster.region,
        "taints": cluster.taints,
        "syncMode": cluster.sync_mode,
    }[fact]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) if all(isinstance(item, str) for item in value) else f"{len(value)} taints"
    return repr(value)


def _choose(members: Mapping[str, Member], contexts: Mapping[str, str]) -> list[Member]:
    if not members:
        return [
            Member(name=name, context=context, cluster=Cluster(name=name)) for name, context in sorted(contexts.items())
        ]
    if not contexts:
        return [members[name] for name in sorted(members)]
    by_context = {member.context: member for member in members.values()}
    chosen = {}
    for name, context in sorted(contexts.items()):
        member = members.get(name)
        member = replace(member, context=context) if member else by_context.get(context)
        if member is None:
            names = ", ".join(sorted(members))
            message = f"the context {context!r} belongs to no member of the fleet"
            raise UsageError("context-not-in-fleet", message, hint=f"members: {names}")
        chosen[member.name] = member
    return [chosen[name] for name in sorted(chosen)]


def _same_context(members: Sequence[Member]) -> list[InputError]:
    faults = []
    first: dict[str, Member] = {}
    for member in members:
        other = first.setdefault(member.context, member)
        if other is not member:
            message = f"the members {other.name!r} and {member.name!r} have the same context {member.context!r}"
            hint = "one cluster twice would count twice in every division"
            faults.append(InputError("context-twice", message, hint=hint, location=member.location))
    return faults
