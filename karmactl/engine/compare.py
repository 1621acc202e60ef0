"""One wanted object against the live one: create, update, adopt, or refuse; the server is asked by dry run.

Refused are objects that we did not make (I3): of a live Karmada, of another set, of somebody's hand. What the dry run
cannot answer because this run itself brings the Namespace or the CRD is planned unverified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karmactl.core.adopt import former_managers
from karmactl.core.diff import (
    FIELD_MANAGER,
    Standing,
    classify,
    is_sensitive_resource,
    live_digest,
    sent_digest,
)
from karmactl.core.digest import canonical, digest
from karmactl.core.fieldset import applied_fields
from karmactl.core.model.change import Action, Change, ChangeSet, FieldChange, RetainedField, Unknown
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    ResourceRef,
    annotations_of,
    as_list,
    as_str,
    copy_manifest,
    labels_of,
    metadata_of,
    uid_of,
)
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import APIKind, Discovery
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import InventoryRow
from karmactl.core.model.work import Work
from karmactl.core.retain import Retainer
from karmactl.core.state import PART_OF_LABEL
from karmactl.engine.kinds import KindTable
from karmactl.engine.members import NAMESPACE_KIND, MemberPorts
from karmactl.engine.predict import Contested, Wish, predict, who_changed
from karmactl.engine.recreate import as_new, immutable_fields, recreation
from karmactl.errors import ClusterError, Conflict, InternalError, NotFound, Rejected

__all__ = [
    "ADOPTABLE",
    "CREATE_ONLY_VERSION",
    "INVENTORY_LOST",
    "LIVE_KARMADA",
    "ClusterPlan",
    "Job",
    "PlanOptions",
    "compare",
    "row_of",
]

# No object has this version, so an apply that carries it can only create (a foreign object answers 409).
CREATE_ONLY_VERSION = "1"
LIVE_KARMADA = "work.karmada.io/"
# Our label without our row: the inventory of this member was lost, and a label proves nothing.
INVENTORY_LOST = "inventory-lost"
# Whose objects a user may say to take over; another set's are never.
ADOPTABLE = frozenset({"foreign-object", INVENTORY_LOST, "live-karmada"})
# Refusals that pass: they say nothing about the object.
_PASSING = frozenset({429, 503, 504})

Rows = Mapping[tuple[str, str, str, str], InventoryRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What changes the comparison: the set's id and key, where its state lies, and whether conflicts are forced.

    `adopts` says whose objects are taken over (codes of ADOPTABLE). `is_key_kept`: the key lies in the members already,
    so that digests under it mean the same in the next run.
    """

    set_id: str
    key: bytes
    inventory_namespace: str = ""
    force_conflicts: bool = False
    create_namespaces: bool = False
    is_key_kept: bool = True
    retainer: Retainer = field(default_factory=Retainer)
    adopts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlan:
    """One cluster's ChangeSet and what carrying it out needs.

    `rows` are the inventory rows as they stay until something is sent; `wishes` what to send, by resource; `kinds` the
    API kinds by (apiVersion, kind).
    """

    change_set: ChangeSet
    rows: Rows = field(default_factory=dict)
    wishes: Mapping[ResourceRef, Wish] = field(default_factory=dict)
    kinds: Mapping[tuple[str, str], APIKind] = field(default_factory=dict)
    is_listed_completely: bool = True


@dataclass(slots=True, kw_only=True)
class Job:
    """The working state of one cluster's plan. `kept` are the rows that stay, `seen` what Works want.

    `autoscalers` names the autoscaler of an object by (kind, namespace, name); those `leaving` go in this run.
    """

    member: MemberPorts
    options: PlanOptions
    rows: Rows
    kinds: KindTable
    discovery: Discovery
    new_namespaces: set[str]
    live: dict[tuple[str, str, str, str], Manifest] = field(default_factory=dict)
    failed_kinds: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: set[tuple[str, str, str, str]] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    leftovers: list[ResourceRef] = field(default_factory=list)
    kept: dict[tuple[str, str, str, str], InventoryRow] = field(default_factory=dict)
    wishes: dict[ResourceRef, Wish] = field(default_factory=dict)
    autoscalers: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    is_asked_for_autoscalers: bool = False
    leaving: frozenset[tuple[str, str, str, str]] = frozenset()
    retained: list[RetainedField] = field(default_factory=list)
    unchanged: int = 0

    @property
    def cluster(self) -> str:
        """The member's name."""
        return self.member.name

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
        """Add a change."""
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
                owned_digest=self._owned_digest(ref, live),
            )
        )

    def _owned_digest(self, ref: ResourceRef, live: Manifest | None) -> str:
        wish = self.wishes.get(ref)
        if is_sensitive_resource(ref) and not self.options.is_key_kept:
            return ""
        sent = sent_digest(wish.body, ref, self.options.key) if wish is not None else ""
        held = live_digest(live, ref, self.options.key) if live is not None else ""
        return digest([sent, held])

    def autoscaler_of(self, ref: ResourceRef) -> str:
        """Who scales an object, "" where nobody is known to."""
        return self.autoscalers.get((ref.kind, ref.namespace, ref.name), "")

    def note_retained(self, ref: ResourceRef, retained: Iterable[RetainedField]) -> None:
        """Add fields that keep the member's value."""
        self.retained += [replace(entry, resource=ref) for entry in retained]

    def note_passing(self, ref: ResourceRef, error: ClusterError, *, live: Manifest | None = None) -> None:
        """Add an object about which nothing could be learnt now, though the next look may."""
        self.note(ref, Action.UNKNOWN, Reason(code="list-failed", params={"message": error.message}), live=live)
        self.unknowns.append(Unknown(cluster=self.cluster, code=error.code, message=error.message, resource=str(ref)))


def row_of(wish: Wish, live: Manifest) -> InventoryRow:
    """The inventory row of an object that is as `wish` says."""
    fields = applied_fields(live, FIELD_MANAGER)
    return InventoryRow(
        resource=wish.ref,
        uid=uid_of(live),
        sent=sent_digest(wish.body, wish.ref, wish.key),
        live=live_digest(live, wish.ref, wish.key),
        fields=canonical(dict(fields)).decode() if fields is not None else "",
        retained=wish.rules,
    )


async def compare(job: Job, work: Work) -> None:
    """Note what is to be done about one wanted object. Raises ClusterErrors that are no answer about it."""
    ref = work.resource
    row = job.rows.get(ref.identity)
    live = job.live.get(ref.identity)
    wish = Wish(
        ref=ref,
        kind=job.kinds.kinds[(ref.api_version, ref.kind)],
        body=work.manifest,
        row=row,
        key=job.options.key,
        takes_over=job.options.force_conflicts or work.conflict_resolution == "overwrite",
        origins=work.origins,
        retainer=job.options.retainer,
        autoscaler=job.autoscaler_of(ref),
    )
    standing = classify(work.manifest, ref, row, live, job.options.key)
    if live is None:
        await _plan_create(job, work, wish, "vanished" if standing is Standing.VANISHED else "new")
    elif standing is Standing.FOREIGN:
        await _plan_foreign(job, work, wish, live)
    else:
        await _plan_update(job, wish, live)


async def _plan_create(job: Job, work: Work, wish: Wish, code: str) -> None:
    ref, reason = work.resource, Reason(code=code)
    job.wishes[ref] = wish
    if (ref.api_version, ref.kind) in job.kinds.new:
        job.note(ref, Action.CREATE, reason, unverified="crd-not-there-yet")
        return
    if ref.namespace in job.new_namespaces:
        job.note(ref, Action.CREATE, reason, unverified="namespace-not-there-yet")
        return
    body = copy_manifest(work.manifest)
    metadata_of(body)["resourceVersion"] = CREATE_ONLY_VERSION
    try:
        await job.member.dry_runner.apply(wish.kind, body)
    except Conflict:
        await _plan_unlisted(job, work, wish, reason)
    except NotFound as error:
        await _plan_missing_namespace(job, ref, reason, error)
    except Rejected as error:
        _note_refusal(job, ref, error)
    else:
        job.note(ref, Action.CREATE, reason)


async def _plan_unlisted(job: Job, work: Work, wish: Wish, reason: Reason) -> None:
    """Something is there that the LIST by our label did not show: a stranger, or ours without its label."""
    ref = work.resource
    live = await job.member.reader.get(wish.kind, ref.namespace, ref.name)
    if live is None:
        job.note(ref, Action.CREATE, reason, unverified="changed-while-looking")
    elif wish.row is not None and _is_of_row(wish.row, live, job.options.set_id):
        await _plan_update(job, wish, live)
    else:
        await _plan_foreign(job, work, wish, live)


def _is_of_row(row: InventoryRow, live: Manifest, set_id: str) -> bool:
    """Whether a live object is the row's: of its UID; of our label where the row is the intent of a create."""
    return row.uid == uid_of(live) if row.uid else labels_of(live).get(PART_OF_LABEL) == set_id


async def _plan_missing_namespace(job: Job, ref: ResourceRef, reason: Reason, error: NotFound) -> None:
    if ref.namespace and await job.member.reader.get(NAMESPACE_KIND, "", ref.namespace) is None:
        if job.options.create_namespaces:
            job.note(ref, Action.CREATE, reason, unverified="namespace-not-there-yet")
        else:
            job.note(ref, Action.UNKNOWN, Reason(code="namespace-missing", params={"namespace": ref.namespace}))
        return
    job.note(ref, Action.UNKNOWN, Reason(code="server-rejected", params={"message": error.message}))


def _note_refusal(job: Job, ref: ResourceRef, error: Rejected, live: Manifest | None = None) -> None:
    """A refusal of the object is for the user to mend; one that passes only makes it unknown."""
    if error.status in _PASSING:
        job.note_passing(ref, error, live=live)
    else:
        job.note(ref, Action.UNKNOWN, Reason(code="server-rejected", params={"message": error.message}), live=live)


async def _plan_foreign(job: Job, work: Work, wish: Wish, live: Manifest) -> None:
    """An object is there that we did not make: adopt it where the user or the policy says so, else refuse it (I3)."""
    code = _whose(live, job.options.set_id)
    if code in job.options.adopts:
        await _plan_adoption(job, wish, live, Reason(code="adopted", params={"managers": [*former_managers(live)]}))
    elif code == "foreign-object" and work.conflict_resolution == "overwrite":
        await _plan_adoption(job, wish, live, Reason(code="overwrite"))
    else:
        await _note_foreign(job, wish, live, code)


async def _note_foreign(job: Job, wish: Wish, live: Manifest, code: str) -> None:
    """Refuse an object of others, with the fields that an adoption would change and who holds them."""
    fields = await _contested_fields(job, wish, live) if code in ADOPTABLE else ()
    managers = sorted(
        {as_str(field_at(entry, "manager")) for entry in as_list(field_at(live, "metadata", "managedFields"))}
    )
    job.note(wish.ref, Action.CONFLICT, Reason(code=code, params={"managers": [*managers]}), fields=fields, live=live)


async def _contested_fields(job: Job, wish: Wish, live: Manifest) -> tuple[FieldChange, ...]:
    """What an adoption would change, with the holders; nothing where the server would refuse it anyway."""
    try:
        found = await predict(job.member, replace(wish, takes_over=True, adopts=True), live)
    except Rejected:
        return ()
    # What would be new is held by nobody.
    return tuple(
        entry if entry.op == "add" else replace(entry, conflict=who_changed(found.live, entry))
        for entry in found.fields
    )


def _whose(live: Manifest, set_id: str) -> str:
    """Whose an object is that our inventory does not know, as a reason code."""
    if any(key.startswith(LIVE_KARMADA) for key in annotations_of(live)):
        return "live-karmada"
    label = labels_of(live).get(PART_OF_LABEL)
    if label == set_id:
        return INVENTORY_LOST
    return "other-set" if label is not None else "foreign-object"


async def _plan_adoption(job: Job, wish: Wish, live: Manifest, reason: Reason) -> None:
    wish = replace(wish, takes_over=True, adopts=True)
    try:
        found = await predict(job.member, wish, live)
    except Rejected as error:
        _note_refusal(job, wish.ref, error, live)
        return
    live = found.live
    if isinstance(found, Contested):
        raise InternalError("internal", f"a forced dry run of {wish.ref} met a conflict", cluster=job.cluster)
    job.note_retained(wish.ref, found.retained)
    seen = live_digest(live, wish.ref, wish.key)
    job.wishes[wish.ref] = replace(wish, seen=seen, fitted=found.body, rules=found.rules)
    job.note(wish.ref, Action.ADOPT, reason, fields=found.fields, live=live, is_forced=True)


async def _plan_update(job: Job, wish: Wish, live: Manifest) -> None:
    ref, row = wish.ref, wish.row
    whose = _whose(live, job.options.set_id)
    if whose in ("live-karmada", "other-set"):
        job.note(ref, Action.CONFLICT, Reason(code=whose), live=live)
        return
    try:
        found = await predict(job.member, wish, live)
    except Rejected as error:
        await _plan_recreation(job, wish, live, error)
        return
    live = found.live
    if isinstance(found, Contested):
        reason = Reason(code="field-conflict", params={"message": found.message})
        job.note(ref, Action.CONFLICT, reason, fields=found.fields, live=live)
        return
    job.note_retained(ref, found.retained)
    if found.is_nothing:
        job.unchanged += 1
        job.kept[ref.identity] = row_of(replace(wish, rules=found.rules), live)
        return
    job.wishes[ref] = replace(wish, seen=live_digest(live, ref, wish.key), fitted=found.body, rules=found.rules)
    is_drift = row is not None and bool(row.uid) and wish.is_as_sent
    code = "drift" if is_drift else "changed" if found.fields else "ownership"
    job.note(ref, Action.UPDATE, Reason(code=code), fields=found.fields, live=live, is_forced=bool(found.taken))


async def _plan_recreation(job: Job, wish: Wish, live: Manifest, refused: Rejected) -> None:
    """The server does not change the object so: make it anew where that helps (a guard asks), else it is a refusal."""
    fields = await recreation(job.member, wish, live, refused)
    if fields is None:
        _note_refusal(job, wish.ref, refused, live)
        return
    job.wishes[wish.ref] = replace(wish, fitted=as_new(wish, live), seen=live_digest(live, wish.ref, wish.key))
    named: list[JSONValue] = [*immutable_fields(refused, fields)]
    job.note(wish.ref, Action.REPLACE, Reason(code="immutable", params={"fields": named}), fields=fields, live=live)
