"""Plans without a cluster: what would be where, and what a change of the files does to it, from decisions alone.

`plan_offline` holds every object as one that nobody compared; `compare_offline` sets two decisions against each other.
Neither asks a member, so there are no guards, no waves and no drift, and the plan says that no member was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from karmactl.core.compare import change_id, compare_works
from karmactl.core.digest import plan_digest
from karmactl.core.facts import facts_age_seconds
from karmactl.core.model.change import Action, Change, ChangeSet
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.fleet import Member
from karmactl.core.model.input import InputFile
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.plan import FleetMember, Plan
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import Record, Revision
from karmactl.core.model.work import Work
from karmactl.core.pipeline import Decided
from karmactl.core.plan_format import plan_canonical
from karmactl.engine.faults import refuse_faults

__all__ = ["as_recorded", "compare_offline", "offline_members", "plan_offline"]

_NEVER = "1970-01-01T00:00:00Z"
_NO_REVISION = Revision(generation=1, applied_at=_NEVER, applied_by="")


def offline_members(members: Sequence[Member], facts: Sequence[Cluster], now: datetime) -> tuple[FleetMember, ...]:
    """The members of a plan that asked none of them; the age of their facts where their file says when it was seen."""
    by_name = {cluster.name: cluster for cluster in facts}
    return tuple(_offline_member(member, by_name.get(member.name, member.cluster), now) for member in members)


def _offline_member(member: Member, facts: Cluster, now: datetime) -> FleetMember:
    return FleetMember(
        name=member.name,
        context=member.context,
        uid=facts.uid,
        version=facts.kubernetes_version,
        is_reachable=None,
        facts=facts,
        facts_age_seconds=facts_age_seconds(facts, now),
    )


def plan_offline(
    decided: Decided,
    fleet: tuple[FleetMember, ...],
    *,
    set_name: str,
    files: tuple[InputFile, ...],
    only_clusters: Collection[str] = (),
    options: Mapping[str, JSONValue] | None = None,
) -> Plan:
    """What would be in every cluster, each object as a create that nobody verified.

    `only_clusters` narrows the objects, never the decisions. Raises as `refuse_faults` does.
    """
    names = _chosen(fleet, only_clusters)
    refuse_faults(decided, names)
    change_sets = [
        ChangeSet(cluster=name, changes=tuple(sorted(_unverified(name, decided), key=lambda change: change.resource)))
        for name in names
    ]
    return _plan(decided, change_sets, fleet, set_name, files, {**(options or {}), "dryRun": "client"})


def _unverified(cluster: str, decided: Decided) -> Iterator[Change]:
    for work in _works(decided, cluster):
        yield Change(
            id=change_id(cluster, work.resource),
            cluster=cluster,
            action=Action.HELD if work.is_suspended else Action.CREATE,
            resource=work.resource,
            reason=Reason(code="suspended" if work.is_suspended else "new"),
            unverified="no-access",
        )


def _works(decided: Decided, cluster: str) -> Iterator[Work]:
    return (work for work in decided.works(cluster) if isinstance(work, Work))


def as_recorded(decided: Decided) -> Record:
    """The record as it would be had the decision been applied: from there a later decision starts, as it will."""
    return decided.next_record(
        now=_NEVER, clusters=(), revision=Revision(generation=1, applied_at=_NEVER, applied_by="")
    )


def compare_offline(
    before: Decided,
    after: Decided,
    fleet: tuple[FleetMember, ...],
    *,
    against: str,
    set_name: str,
    files: tuple[InputFile, ...],
    only_clusters: Collection[str] = (),
    options: Mapping[str, JSONValue] | None = None,
) -> Plan:
    """What changes from one decision to the other, object by object, also in clusters that left the fleet.

    `after` was decided with `as_recorded(before)`, so that it says what becomes of what lost its place. Raises as
    `refuse_faults` does; what could not be made on the earlier side counts as not there.
    """
    templates = {decision.ref.identity: decision.template for decision in after.decisions}
    former = {decision.ref.identity: decision.targets for decision in before.decisions}
    left = sorted({cluster.name for cluster in before.clusters} - {member.name for member in fleet})
    names = [*_chosen(fleet, only_clusters), *(name for name in left if not only_clusters or name in only_clusters)]
    refuse_faults(after, names)
    change_sets = [
        compare_works(
            name,
            _works(before, name),
            _works(after, name),
            templates=templates,
            former=former.keys(),
            leaver=partial(after.leaver, name),
        )
        for name in names
    ]
    decisions = tuple(replace(decision, previous=former.get(decision.ref.identity, ())) for decision in after.decisions)
    plan = _plan(
        after, change_sets, fleet, set_name, files, {**(options or {}), "dryRun": "client", "against": against}
    )
    return replace(plan, decisions=decisions)


def _chosen(fleet: Sequence[FleetMember], only: Collection[str]) -> list[str]:
    return [member.name for member in fleet if not only or member.name in only]


def _plan(
    decided: Decided,
    change_sets: Sequence[ChangeSet],
    fleet: tuple[FleetMember, ...],
    set_name: str,
    files: tuple[InputFile, ...],
    options: Mapping[str, JSONValue],
) -> Plan:
    plan = Plan(
        id="",
        set_name=set_name,
        decisions=decided.decisions,
        change_sets=tuple(change_sets),
        fleet=fleet,
        files=files,
        warnings=decided.warnings,
        options=options,
    )
    return replace(plan, id=plan_digest(plan_canonical(plan)))
