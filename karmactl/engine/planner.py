"""One cluster's plan: wanted Works against what the member holds, as a ChangeSet. Nothing is written.

One LIST per kind answers most: where the two digests of an inventory row are equal there is nothing to do. Only what
differs is asked of the server (`engine.compare`). A list that failed makes its objects unknown, and never evidence of
absence (I4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from karmactl.core.diff import Standing, classify
from karmactl.core.model.change import Action, ChangeSet, Leaver, Unknown
from karmactl.core.model.manifest import Manifest, ResourceRef, annotations_of, field, labels_of, ref_of, uid_of
from karmactl.core.model.ports import APIKind
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import InventoryRow
from karmactl.core.model.work import Work, WorkFault
from karmactl.core.pipeline import NOT_SELECTED
from karmactl.core.state import PART_OF_LABEL
from karmactl.engine.autoscalers import AUTOSCALER, live_autoscalers, wanted_autoscalers
from karmactl.engine.compare import LIVE_KARMADA, ClusterPlan, Job, PlanOptions, compare
from karmactl.engine.kinds import wanted_kinds
from karmactl.engine.listing import list_owned
from karmactl.engine.members import NAMESPACE_KIND, MemberPorts, MemberView
from karmactl.errors import ClusterError, Conflict, InputError, NotFound, Unauthorized, Unreachable

__all__ = ["ClusterPlan", "Decisions", "PlanOptions", "plan_cluster"]

_CONCURRENCY = 4
_LEFT = "left-the-files"
_DELETION_PROTECTED = "resourcetemplate.karmada.io/deletion-protected"


class Decisions(Protocol):
    """What a plan asks of the decisions (`core.pipeline.Decided`)."""

    def works(self, cluster: str, *, kind: str = "") -> Iterator[Work | WorkFault]:
        """The objects that a cluster shall have."""
        ...

    def resources(self, cluster: str) -> Iterator[ResourceRef]:
        """What `works` speaks of, without making it."""
        ...

    def leaver(self, cluster: str, ref: ResourceRef) -> Leaver:
        """What becomes of an inventory row that no Work wants."""
        ...

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether the run may touch what has these labels."""
        ...


async def plan_cluster(
    member: MemberPorts, view: MemberView, decisions: Decisions, options: PlanOptions
) -> tuple[ClusterPlan, tuple[WorkFault, ...]]:
    """The plan of one cluster, and the objects that could not be made.

    Raises ClusterError only where the member stopped answering altogether.
    """
    rows = view.state.inventory.by_identity()
    wanted = {ref.identity: ref for ref in decisions.resources(member.name)}
    leavers = {identity: row for identity, row in rows.items() if identity not in wanted}
    left = [row.resource for row in leavers.values()]
    crds = _manifests(decisions.works(member.name, kind="CustomResourceDefinition"))
    job = Job(
        member=member,
        options=options,
        rows=rows,
        kinds=wanted_kinds(wanted.values(), left, view.discovery, crds),
        discovery=view.discovery,
        autoscalers=wanted_autoscalers(_manifests(decisions.works(member.name, kind=AUTOSCALER))),
        new_namespaces=set(),
    )
    job.leaving = frozenset(
        row.resource.identity
        for row in leavers.values()
        if row.resource.kind == AUTOSCALER and decisions.leaver(member.name, row.resource).action is not None
    )
    await _list_live(job, [*wanted.values(), *left])
    job.new_namespaces = await _new_namespaces(job, wanted.values())
    if any("autoscaler" in row.retained and not job.autoscaler_of(row.resource) for row in rows.values()):
        await _find_autoscalers(job)
    faults = await _compare_works(job, decisions.works(member.name))
    fates = {identity: decisions.leaver(member.name, row.resource) for identity, row in leavers.items()}
    staying = [row.resource for identity, row in leavers.items() if fates[identity].action is None]
    for identity, row in sorted(leavers.items()):
        # An override may have given an object another name: then that one is wanted, too.
        if identity not in job.seen:
            await _settle_leaver(job, row, _fate(row.resource, fates[identity], staying), decisions)
    return _cluster_plan(job), faults


def _manifests(works: Iterable[Work | WorkFault]) -> list[Manifest]:
    return [work.manifest for work in works if isinstance(work, Work)]


def _cluster_plan(job: Job) -> ClusterPlan:
    return ClusterPlan(
        change_set=ChangeSet(
            cluster=job.cluster,
            changes=tuple(sorted(job.changes, key=lambda change: change.resource)),
            unchanged=job.unchanged,
            leftovers=tuple(sorted(job.leftovers)),
            unknowns=tuple(sorted(job.unknowns, key=lambda unknown: unknown.resource)),
            retained=tuple(sorted(job.retained, key=lambda entry: (str(entry.resource), entry.path))),
        ),
        rows=job.kept,
        wishes=job.wishes,
        kinds=job.kinds.kinds,
        is_listed_completely=not job.unknowns,
    )


async def _list_live(job: Job, refs: Iterable[ResourceRef]) -> None:
    """All objects of the set, one LIST per kind."""
    gate = asyncio.Semaphore(_CONCURRENCY)
    refs_by_kind: dict[tuple[str, str], list[ResourceRef]] = {}
    for ref in refs:
        refs_by_kind.setdefault((ref.api_version, ref.kind), []).append(ref)

    async def list_kind(key: tuple[str, str], kind: APIKind) -> None:
        async with gate:
            try:
                found = await list_owned(job.member.reader, kind, refs_by_kind[key], job.options.set_id)
            except ClusterError as error:
                if job.rows or not isinstance(error, NotFound):
                    job.failed_kinds[key] = error.message
                return
        # A kind in two versions is listed twice: each object counts in the version that it is wanted in.
        wanted = {ref.identity for ref in refs_by_kind[key]}
        for item in found:
            if (identity := ref_of(item).identity) in wanted:
                job.live[identity] = item

    listed = {key: job.kinds.find(key) for key in refs_by_kind if key not in job.kinds.new}
    await asyncio.gather(*(list_kind(key, kind) for key, kind in sorted(listed.items()) if kind is not None))
    for api_version, kind in refs_by_kind:
        if (api_version, kind) in job.kinds.unknown:
            job.failed_kinds[(api_version, kind)] = "the cluster could not say whether it serves this group"
    for key, message in sorted(job.failed_kinds.items()):
        job.unknowns.append(
            Unknown(cluster=job.cluster, code="list-failed", message=message, resource=f"{key[1]} ({key[0]})")
        )


async def _new_namespaces(job: Job, wanted: Iterable[ResourceRef]) -> set[str]:
    """The Namespaces that only this run brings: what lies in them cannot be tried beforehand.

    One that is there without our label is somebody else's, and so may be what lies in it.
    """
    names = {ref.name for ref in wanted if (ref.group, ref.kind) == ("", "Namespace") and ref.identity not in job.live}
    found: set[str] = set()
    for name in sorted(names):
        try:
            if await job.member.reader.get(NAMESPACE_KIND, "", name) is None:
                found.add(name)
        except (Unreachable, Unauthorized):
            raise
        except ClusterError:
            found.add(name)
    return found


async def _compare_works(job: Job, works: Iterable[Work | WorkFault]) -> tuple[WorkFault, ...]:
    """Settle what the LIST answers, and ask the server about the rest, a few at a time."""
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def ask(work: Work) -> None:
        async with gate:
            try:
                await compare(job, work)
            except (Unreachable, Unauthorized):
                raise
            except (Conflict, NotFound) as error:
                # It came, went or changed between two looks.
                job.note_passing(work.resource, error)
            except (ClusterError, InputError) as error:
                job.note(work.resource, Action.UNKNOWN, Reason(code=error.code, params={"message": error.message}))

    faults: list[WorkFault] = []
    questions: list[Work] = []
    for made in works:
        if isinstance(made, WorkFault):
            faults.append(made)
            continue
        ref = ref_of(made.manifest)
        work = made if ref == made.resource else replace(made, resource=ref)
        job.seen.add(ref.identity)
        if not _settle_without_asking(job, work):
            questions.append(work)
    if any(work.resource.identity in job.live and _has_replicas(work) for work in questions):
        await _find_autoscalers(job)
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in questions:
                tasks.create_task(ask(work))
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    return tuple(faults)


async def _find_autoscalers(job: Job) -> None:
    """Learn of autoscalers that only the member has; those that this run takes away scale nothing any more."""
    if not job.is_asked_for_autoscalers:
        job.is_asked_for_autoscalers = True
        found = await live_autoscalers(job.member.reader, job.discovery, besides=job.leaving)
        job.autoscalers = {**found, **job.autoscalers}


def _settle_without_asking(job: Job, work: Work) -> bool:
    """Whether the LIST already answered: unchanged, held, or not to be known."""
    ref = work.resource
    key = (ref.api_version, ref.kind)
    row = job.rows.get(ref.identity)
    if row is not None:
        job.kept[ref.identity] = row
    if key in job.failed_kinds:
        job.note(ref, Action.UNKNOWN, Reason(code="list-failed", params={"message": job.failed_kinds[key]}))
        return True
    if ref.namespace and ref.namespace == job.options.inventory_namespace:
        job.note(ref, Action.UNKNOWN, Reason(code="inventory-namespace", params={"namespace": ref.namespace}))
        return True
    if job.kinds.find(key) is None:
        job.note(ref, Action.UNKNOWN, Reason(code="kind-not-served", params={"apiVersion": ref.api_version}))
        return True
    live = job.live.get(ref.identity)
    if row is not None and _is_as_it_was(job, work, row, live):
        job.unchanged += 1
        if autoscaler := job.autoscaler_of(ref):
            job.note_retained(ref, job.options.retainer.fit(work.manifest, live or {}, autoscaler=autoscaler).retained)
        return True
    if work.is_suspended:
        job.note(ref, Action.HELD, Reason(code="suspended"), live=live)
        return True
    return False


def _is_as_it_was(job: Job, work: Work, row: InventoryRow, live: Manifest | None) -> bool:
    """Whether both digests of a row are as they were, and what was left to the member still is."""
    ref = work.resource
    if classify(work.manifest, ref, row, live, job.options.key) is not Standing.UNCHANGED:
        return False
    return not row.retained or not job.options.retainer.is_due(
        row.retained, work.manifest, autoscaler=job.autoscaler_of(ref)
    )


def _has_replicas(work: Work) -> bool:
    return field(work.manifest, "spec", "replicas") is not None


def _fate(ref: ResourceRef, leaver: Leaver, staying: Iterable[ResourceRef]) -> Leaver:
    """What becomes of a row: a Namespace or a definition stays where something of ours stays that would go with it."""
    if any(_goes_with(other, ref) for other in staying):
        return Leaver(action=None, reason=Reason(code="holds-what-stays"))
    return leaver


def _goes_with(other: ResourceRef, ref: ResourceRef) -> bool:
    if (ref.group, ref.kind) == ("", "Namespace"):
        return other.namespace == ref.name
    is_definition = (ref.group, ref.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")
    return is_definition and bool(other.group) and other.group == ref.name.partition(".")[2]


async def _settle_leaver(job: Job, row: InventoryRow, leaver: Leaver, decisions: Decisions) -> None:
    """An inventory row that no Work wants: withdrawn, pruned, kept, or forgotten because it is gone already."""
    ref = row.resource
    key = (ref.api_version, ref.kind)
    if key in job.failed_kinds or leaver.reason.code == NOT_SELECTED:
        job.kept[ref.identity] = row
        return
    kind = job.kinds.find(key)
    if kind is None:
        # The cluster said everything that it serves, and this is not among it: no such object can be there.
        return
    live = job.live.get(ref.identity)
    if live is None:
        await _settle_unlisted(job, row, kind)
        return
    if row.uid and uid_of(live) != row.uid:
        return
    job.kept[ref.identity] = row
    if leaver.reason.code == _LEFT and not decisions.selects(labels_of(live)):
        return  # What is outside the selection is never taken for gone.
    if leaver.action is None:
        job.leftovers.append(ref)
    elif any(name.startswith(LIVE_KARMADA) for name in annotations_of(live)):
        job.note(ref, Action.CONFLICT, Reason(code="live-karmada"), live=live)
    else:
        is_protected = labels_of(live).get(_DELETION_PROTECTED) == "Always"
        params = {**leaver.reason.params, **({"deletionProtected": True} if is_protected else {})}
        job.note(ref, leaver.action, replace(leaver.reason, params=params), live=live)


async def _settle_unlisted(job: Job, row: InventoryRow, kind: APIKind) -> None:
    """A row whose object the LIST did not show: gone, or somebody took our label away; then it is ours to keep only."""
    ref = row.resource
    if not row.uid:
        return
    try:
        live = await job.member.reader.get(kind, ref.namespace, ref.name)
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        job.kept[ref.identity] = row
        job.unknowns.append(Unknown(cluster=job.cluster, code="list-failed", message=error.message, resource=str(ref)))
        return
    if live is not None and uid_of(live) == row.uid and PART_OF_LABEL not in labels_of(live):
        job.kept[ref.identity] = row
        job.leftovers.append(ref)
