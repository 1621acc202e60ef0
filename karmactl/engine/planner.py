"""One cluster's plan: wanted Works against what the member holds, as a ChangeSet. Nothing is written.

One LIST per kind answers most: where the two digests of an inventory row are equal there is nothing to do. Only what
differs is asked of the server as a dry run, by the very path that `apply` takes. A list that failed makes its objects
unknown, and never evidence of absence (I4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from karmactl.core.diff import (
    FIELD_MANAGER,
    Standing,
    classify,
    diff_objects,
    live_digest,
    sent_digest,
)
from karmactl.core.fieldset import applied_fields, holders_of, server_paths
from karmactl.core.model.change import Action, Change, ChangeSet, FieldChange, FieldHolder, Leaver, Unknown
from karmactl.core.model.manifest import (
    Manifest,
    ResourceRef,
    annotations_of,
    as_list,
    as_str,
    copy_manifest,
    labels_of,
    metadata_of,
    ref_of,
    uid_of,
)
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import APIKind, Discovery, DryRunner, Reader
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import Inventory, InventoryRow
from karmactl.core.model.work import Work
from karmactl.core.state import PART_OF_LABEL
from karmactl.engine.members import NAMESPACE_KIND
from karmactl.errors import ClusterError, Conflict, Forbidden, NotFound, Rejected

__all__ = ["CREATE_ONLY_VERSION", "ClusterPlan", "PlanOptions", "kind_of_crd", "plan_cluster"]

# No object has this version, so an apply that carries it can only create (a foreign object answers 409).
CREATE_ONLY_VERSION = "1"
_CONCURRENCY = 4
_LIVE_KARMADA = "work.karmada.io/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What changes the comparison: the set's id, its key, and whether conflicts are forced."""

    set_id: str
    key: bytes
    force_conflicts: bool = False
    create_namespaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlan:
    """One cluster's ChangeSet and what carrying it out needs.

    `rows` are the inventory rows of what is unchanged; `bodies` the objects to send by resource; `kinds` the API kinds
    of all changed resources; `stale_rows` rows whose object is gone and wanted by nobody.
    """

    change_set: ChangeSet
    rows: Mapping[tuple[str, str, str, str], InventoryRow] = field(default_factory=dict)
    bodies: Mapping[ResourceRef, Manifest] = field(default_factory=dict)
    kinds: Mapping[tuple[str, str], APIKind] = field(default_factory=dict)
    is_listed_completely: bool = True


@dataclass(slots=True)
class _Job:
    """The working state of one cluster's plan."""

    cluster: str
    reader: Reader
    dry_runner: DryRunner
    options: PlanOptions
    rows: Mapping[tuple[str, str, str, str], InventoryRow]
    kinds: dict[tuple[str, str], APIKind]
    new_namespaces: set[str]
    new_kinds: set[tuple[str, str]]
    live: dict[tuple[str, str, str, str], Manifest] = field(default_factory=dict)
    failed_kinds: dict[tuple[str, str], str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    leftovers: list[ResourceRef] = field(default_factory=list)
    kept: dict[tuple[str, str, str, str], InventoryRow] = field(default_factory=dict)
    bodies: dict[ResourceRef, Manifest] = field(default_factory=dict)
    unchanged: int = 0

    def note(
        self,
        ref: ResourceRef,
        action: Action,
        reason: Reason,
        *,
        fields: Sequence[FieldChange] = (),
        live: Manifest | None = None,
        unverified: str = "",
        is_forced: bool = False,
    ) -> None:
        metadata = metadata_of(live) if live is not None else {}
        self.changes.append(
            Change(
                id=f"{self.cluster}/{ref.kind}.{ref.group}/{ref.namespace}/{ref.name}",
                cluster=self.cluster,
                action=action,
                resource=ref,
                reason=reason,
                fields=tuple(fields),
                live_uid=as_str(metadata.get("uid")),
                live_resource_version=as_str(metadata.get("resourceVersion")),
                unverified=unverified,
                is_forced=is_forced,
            )
        )


async def plan_cluster(
    *,
    cluster: str,
    reader: Reader,
    dry_runner: DryRunner,
    discovery: Discovery,
    inventory: Inventory,
    works: Callable[[], Iterator[Work]],
    leaver: Callable[[ResourceRef], Leaver],
    options: PlanOptions,
) -> ClusterPlan:
    """The plan of one cluster.

    `works` gives the wanted objects (twice: once for their kinds, once to compare); `leaver` says what becomes of an
    inventory row that no Work wants. Raises ClusterError only where the member stopped answering altogether.
    """
    kinds, new_kinds, namespaces, new_namespaces = _kinds_wanted(works, inventory, discovery)
    job = _Job(
        cluster=cluster,
        reader=reader,
        dry_runner=dry_runner,
        options=options,
        rows=inventory.by_identity(),
        kinds=kinds,
        new_namespaces=new_namespaces,
        new_kinds=new_kinds,
    )
    await _list_live(job, namespaces)
    wanted: set[tuple[str, str, str, str]] = set()
    gate = asyncio.Semaphore(_CONCURRENCY)
    questions = []
    for work in works():
        wanted.add(work.resource.identity)
        if not _settle_without_asking(job, work):
            questions.append(_gated(gate, _ask_server(job, work)))
    await asyncio.gather(*questions)
    for identity, row in job.rows.items():
        if identity not in wanted:
            _settle_leaver(job, row, leaver(row.resource))
    return ClusterPlan(
        change_set=ChangeSet(
            cluster=cluster,
            changes=tuple(sorted(job.changes, key=lambda change: change.resource)),
            unchanged=job.unchanged,
            leftovers=tuple(sorted(job.leftovers)),
            unknowns=tuple(sorted(job.unknowns, key=lambda unknown: unknown.resource)),
        ),
        rows=job.kept,
        bodies=job.bodies,
        kinds=job.kinds,
        is_listed_completely=not job.failed_kinds,
    )


async def _gated(gate: asyncio.Semaphore, work: Awaitable[None]) -> None:
    async with gate:
        await work


def kind_of_crd(crd: Manifest, version: str) -> APIKind | None:
    """The API kind that a CustomResourceDefinition will serve in `version`; None where it does not serve it."""
    spec = field_at(crd, "spec")
    served = {
        as_str(field_at(item, "name")) for item in as_list(field_at(spec, "versions")) if field_at(item, "served")
    }
    if version not in served:
        return None
    return APIKind(
        group=as_str(field_at(spec, "group")),
        version=version,
        kind=as_str(field_at(spec, "names", "kind")),
        resource=as_str(field_at(spec, "names", "plural")),
        is_namespaced=field_at(spec, "scope") != "Cluster",
    )


def _kinds_wanted(
    works: Callable[[], Iterator[Work]], inventory: Inventory, discovery: Discovery
) -> tuple[dict[tuple[str, str], APIKind], set[tuple[str, str]], dict[tuple[str, str], set[str]], set[str]]:
    """API kinds by (apiVersion, kind), those that only this run brings, namespaces by kind, namespaces of this run."""
    kinds: dict[tuple[str, str], APIKind] = {}
    namespaces: dict[tuple[str, str], set[str]] = {}
    crds: list[Manifest] = []
    new_namespaces: set[str] = set()
    served = {(entry.api_version, entry.kind): entry for entry in discovery.kinds}
    refs: list[ResourceRef] = [row.resource for row in inventory.rows]
    for work in works():
        refs.append(work.resource)
        if work.resource.kind == "CustomResourceDefinition":
            crds.append(work.manifest)
        elif (work.resource.group, work.resource.kind) == ("", "Namespace"):
            new_namespaces.add(work.resource.name)
    new_kinds: set[tuple[str, str]] = set()
    for ref in refs:
        key = (ref.api_version, ref.kind)
        namespaces.setdefault(key, set()).add(ref.namespace)
        if key in kinds:
            continue
        if key in served:
            kinds[key] = served[key]
        else:
            coming = [kind_of_crd(crd, ref.version) for crd in crds]
            match = next((kind for kind in coming if kind and (kind.group, kind.kind) == (ref.group, ref.kind)), None)
            if match is not None:
                kinds[key] = match
                new_kinds.add(key)
    return kinds, new_kinds, namespaces, new_namespaces


async def _list_live(job: _Job, namespaces: Mapping[tuple[str, str], set[str]]) -> None:
    """All objects of the set, one LIST per kind; by namespace where a cluster-wide list is refused."""
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def list_kind(key: tuple[str, str], kind: APIKind) -> None:
        async with gate:
            try:
                found = await _list_of(job, kind, namespaces.get(key, set()))
            except ClusterError as error:
                if job.rows or not isinstance(error, NotFound):
                    job.failed_kinds[key] = f"{error.message}"
                return
        for item in found:
            job.live[ref_of(item).identity] = item

    await asyncio.gather(*(list_kind(key, kind) for key, kind in job.kinds.items() if key not in job.new_kinds))
    for key, message in sorted(job.failed_kinds.items()):
        job.unknowns.append(
            Unknown(cluster=job.cluster, code="list-failed", message=message, resource=f"{key[1]} ({key[0]})")
        )


async def _list_of(job: _Job, kind: APIKind, namespaces: Iterable[str]) -> Sequence[Manifest]:
    selector = f"{PART_OF_LABEL}={job.options.set_id}"
    try:
        return await job.reader.list(kind, label_selector=selector)
    except Forbidden:
        if not kind.is_namespaced:
            raise
    found: list[Manifest] = []
    for namespace in sorted(namespaces):
        found.extend(await job.reader.list(kind, namespace=namespace, label_selector=selector))
    return found


def _settle_without_asking(job: _Job, work: Work) -> bool:
    """Whether the LIST already answered: unchanged, held, or not to be known."""
    ref = work.resource
    key = (ref.api_version, ref.kind)
    row = job.rows.get(ref.identity)
    if key in job.failed_kinds:
        job.note(ref, Action.UNKNOWN, Reason(code="list-failed", params={"message": job.failed_kinds[key]}))
        if row is not None:
            job.kept[ref.identity] = row
        return True
    if key not in job.kinds:
        job.note(ref, Action.UNKNOWN, Reason(code="kind-not-served", params={"apiVersion": ref.api_version}))
        return True
    live = job.live.get(ref.identity)
    standing = classify(work.manifest, ref, row, live, job.options.key)
    if standing is Standing.UNCHANGED and row is not None:
        job.unchanged += 1
        job.kept[ref.identity] = row
        return True
    if work.is_suspended:
        job.note(ref, Action.HELD, Reason(code="suspended"), live=live)
        if row is not None:
            job.kept[ref.identity] = row
        return True
    return False


async def _ask_server(job: _Job, work: Work) -> None:
    ref = work.resource
    row = job.rows.get(ref.identity)
    live = job.live.get(ref.identity)
    standing = classify(work.manifest, ref, row, live, job.options.key)
    job.bodies[ref] = work.manifest
    if live is None:
        await _plan_create(job, work, "vanished" if standing is Standing.VANISHED else "new")
    elif standing is Standing.FOREIGN:
        _plan_foreign(job, work, live)
    elif row is not None:
        await _plan_update(job, work, row, live)


async def _plan_create(job: _Job, work: Work, code: str) -> None:
    ref, reason = work.resource, Reason(code=code)
    kind = job.kinds[(ref.api_version, ref.kind)]
    if (ref.api_version, ref.kind) in job.new_kinds:
        job.note(ref, Action.CREATE, reason, unverified="crd-not-there-yet")
        return
    if ref.namespace in job.new_namespaces and ("", "Namespace", "", ref.namespace) not in job.live:
        job.note(ref, Action.CREATE, reason, unverified="namespace-not-there-yet")
        return
    body = copy_manifest(work.manifest)
    metadata_of(body)["resourceVersion"] = CREATE_ONLY_VERSION
    try:
        await job.dry_runner.apply(kind, body)
    except Conflict:
        live = await job.reader.get(kind, ref.namespace, ref.name)
        if live is None:
            job.note(ref, Action.CREATE, reason, unverified="changed-while-looking")
            return
        row = job.rows.get(ref.identity)
        if row is not None and row.uid and row.uid == uid_of(live):
            # It is ours by its UID; somebody took our label away, so the LIST did not show it.
            await _plan_update(job, work, row, live)
        else:
            _plan_foreign(job, work, live)
    except NotFound as error:
        await _plan_missing_namespace(job, ref, reason, error)
    except Rejected as error:
        job.note(ref, Action.UNKNOWN, Reason(code="server-rejected", params={"message": error.message}))
    else:
        job.note(ref, Action.CREATE, reason)


async def _plan_missing_namespace(job: _Job, ref: ResourceRef, reason: Reason, error: ClusterError) -> None:
    if ref.namespace and await job.reader.get(NAMESPACE_KIND, "", ref.namespace) is None:
        if job.options.create_namespaces:
            job.note(ref, Action.CREATE, reason, unverified="namespace-not-there-yet")
        else:
            job.note(ref, Action.UNKNOWN, Reason(code="namespace-missing", params={"namespace": ref.namespace}))
        return
    job.note(ref, Action.UNKNOWN, Reason(code="server-rejected", params={"message": error.message}))


def _plan_foreign(job: _Job, work: Work, live: Manifest) -> None:
    """An object is there that we did not make: refuse, or adopt where the policy says Overwrite (I3)."""
    ref = work.resource
    if any(key.startswith(_LIVE_KARMADA) for key in annotations_of(live)):
        code = "live-karmada"
    elif PART_OF_LABEL in labels_of(live) and labels_of(live)[PART_OF_LABEL] != job.options.set_id:
        code = "other-set"
    elif work.conflict_resolution == "overwrite":
        job.note(ref, Action.ADOPT, Reason(code="overwrite"), live=live, is_forced=True)
        return
    else:
        code = "foreign-object"
    managers = sorted(
        {as_str(field_at(entry, "manager")) for entry in as_list(field_at(live, "metadata", "managedFields"))}
    )
    job.note(ref, Action.CONFLICT, Reason(code=code, params={"managers": list(managers)}), live=live)


async def _plan_update(job: _Job, work: Work, row: InventoryRow, live: Manifest) -> None:
    ref = work.resource
    kind = job.kinds[(ref.api_version, ref.kind)]
    body = copy_manifest(work.manifest)
    metadata_of(body)["uid"] = uid_of(live)
    is_same_input = row.sent == sent_digest(work.manifest, ref, job.options.key)
    try:
        after, contested = await _predict(job, kind, body, row, is_same_input=is_same_input, work=work)
    except Rejected as error:
        job.note(ref, Action.UNKNOWN, Reason(code="server-rejected", params={"message": error.message}), live=live)
        job.kept[ref.identity] = row
        return
    except Conflict as error:
        fields = tuple(
            FieldChange(path=path, keyed_path=path.lstrip("."), op="replace", conflict=_holder(live, path))
            for path, _ in error.causes
        )
        reason = Reason(code="field-conflict", params={"message": error.message})
        job.note(ref, Action.CONFLICT, reason, fields=fields, live=live)
        job.kept[ref.identity] = row
        return
    fields = diff_objects(live, after, ref, work.origins)
    if is_same_input:
        fields = tuple(replace(change, drift=_who_changed(live, change, contested)) for change in fields)
    ownership_moves = applied_fields(live, FIELD_MANAGER) != applied_fields(after, FIELD_MANAGER)
    if not fields and not ownership_moves:
        job.unchanged += 1
        job.kept[ref.identity] = replace(
            row,
            uid=uid_of(live),
            sent=sent_digest(work.manifest, ref, job.options.key),
            live=live_digest(live, ref, job.options.key),
        )
        return
    code = "drift" if is_same_input and row.uid else "changed" if fields else "ownership"
    job.note(ref, Action.UPDATE, Reason(code=code), fields=fields, live=live, is_forced=bool(contested))


async def _predict(
    job: _Job, kind: APIKind, body: Manifest, row: InventoryRow, *, is_same_input: bool, work: Work
) -> tuple[Manifest, tuple[str, ...]]:
    """The object as the apply would leave it, and the fields that need force because others took them since.

    A field that we sent last time is ours: whoever changed it made drift, not a conflict. Raises Conflict for
    fields that we newly claim, unless the user or the policy says to take them.
    """
    try:
        return await job.dry_runner.apply(kind, body), ()
    except Conflict as conflict:
        contested = tuple(path for path, _ in conflict.causes)
        ours = frozenset() if is_same_input else _paths_of(row)
        is_drift = bool(contested) and all(is_same_input or path in ours for path in contested)
        is_taken = job.options.force_conflicts or work.conflict_resolution == "overwrite"
        if not (is_drift or (contested and is_taken)):
            raise
        return await job.dry_runner.apply(kind, body, force=True), contested


def _paths_of(row: InventoryRow) -> frozenset[str]:
    return frozenset(server_paths(orjson.loads(row.fields))) if row.fields else frozenset()


def _holder(live: Manifest, path: str) -> FieldHolder:
    return holders_of(live, path, besides=FIELD_MANAGER) or FieldHolder(manager="unknown")


def _who_changed(live: Manifest, change: FieldChange, contested: Sequence[str]) -> FieldHolder:
    """Who changed a field that we had applied: the manager that holds it now, or the last one to touch the object."""
    dotted = "." + change.keyed_path
    for path in contested:
        if path == dotted or path.rpartition(".")[2] == dotted.rpartition(".")[2]:
            return _holder(live, path)
    return holders_of(live, dotted, besides=FIELD_MANAGER) or FieldHolder(manager="unknown")


def _settle_leaver(job: _Job, row: InventoryRow, leaver: Leaver) -> None:
    """An inventory row that no Work wants: withdrawn, pruned, kept, or forgotten because it is gone already."""
    ref = row.resource
    key = (ref.api_version, ref.kind)
    if key in job.failed_kinds or key not in job.kinds:
        job.kept[ref.identity] = row
        if key in job.failed_kinds:
            job.unknowns.append(
                Unknown(cluster=job.cluster, code="list-failed", message=job.failed_kinds[key], resource=str(ref))
            )
        return
    live = job.live.get(ref.identity)
    if live is None or (row.uid and uid_of(live) != row.uid):
        return
    job.kept[ref.identity] = row
    if leaver.action is None:
        job.leftovers.append(ref)
    else:
        job.note(ref, leaver.action, leaver.reason, live=live)
