"""Status: what the record says should run where, and how it is there now. Nothing is decided and nothing written.

It needs no files: placements come from the record, objects from one LIST per kind and member, and drift from the
inventory's digests. A list that failed makes its cells unknown, never missing (I4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from karmactl.core.diff import FIELD_MANAGER, is_sensitive_resource, live_digest
from karmactl.core.fieldset import applied_fields, held_fields, holders_of, server_paths, value_at
from karmactl.core.model.change import FieldChange, FieldHolder, Masked, Unknown
from karmactl.core.model.manifest import Manifest, ResourceRef, ref_of
from karmactl.core.model.plan import FleetMember
from karmactl.core.model.ports import APIKind
from karmactl.core.model.state import InventoryRow, TemplateRecord
from karmactl.core.model.status import DriftSeen, FleetStatus, Health, Orphan, StatusCell, WorkloadStatus
from karmactl.core.readiness import ReadyState, is_waited_for, readiness
from karmactl.core.state import PART_OF_LABEL, applyset_id
from karmactl.engine.members import FleetView, MemberPorts, MemberView
from karmactl.errors import ClusterError

__all__ = ["read_status"]

# The field manager of HorizontalPodAutoscalers' controller.
_AUTOSCALER = "kube-controller-manager"
_HEALTH = {
    ReadyState.READY: Health.READY,
    ReadyState.PROGRESSING: Health.PROGRESSING,
    ReadyState.FAILED: Health.FAILED,
}


@dataclass(slots=True)
class _MemberLook:
    """What one member holds of the set: live objects by identity, and kinds that could not be listed."""

    live: dict[tuple[str, str, str, str], Manifest] = field(default_factory=dict)
    failed_kinds: dict[tuple[str, str], str] = field(default_factory=dict)


async def read_status(
    members: Sequence[MemberPorts], view: FleetView, *, set_name: str, namespace: str, contexts: Mapping[str, str]
) -> FleetStatus:
    """The status of a set, from a survey of the fleet."""
    ports = {member.name: member for member in members}
    set_id = applyset_id(set_name, namespace)
    names = sorted(view.views)
    looks = dict(
        zip(names, await asyncio.gather(*(_look(ports[name], view.views[name], set_id) for name in names)), strict=True)
    )
    record = view.record
    last = record.revisions[-1] if record.revisions else None
    workloads = [entry for entry in record.templates if is_waited_for(entry.resource.group, entry.resource.kind)]
    placed = {
        entry.resource.identity: frozenset(target.name for target in entry.clusters) for entry in record.templates
    }
    return FleetStatus(
        set_name=set_name,
        generation=record.generation,
        applied_at=last.applied_at if last else "",
        applied_by=last.applied_by if last else "",
        git_commit=last.git_commit if last else "",
        fleet=tuple(_fleet_member(member.name, view, contexts) for member in members),
        workloads=tuple(_workload(entry, view, looks) for entry in workloads),
        other_objects=_count_others(record.templates),
        drift=tuple(
            drift
            for name in names
            for row in view.views[name].state.inventory.rows
            for drift in _drift(name, row, looks[name], view.views[name].state.key)
        ),
        orphans=tuple(
            Orphan(cluster=name, resource=row.resource)
            for name in names
            for row in view.views[name].state.inventory.rows
            if name not in placed.get(row.resource.identity, frozenset()) and row.resource.identity in looks[name].live
        ),
        pending=record.pending,
        unknowns=_unknowns(view, looks),
        is_paused=record.is_paused,
    )


async def _look(ports: MemberPorts, view: MemberView, set_id: str) -> _MemberLook:
    look = _MemberLook()
    served = {(kind.api_version, kind.kind): kind for kind in view.discovery.kinds}
    rows = view.state.inventory.rows
    keys = sorted({(row.resource.api_version, row.resource.kind) for row in rows})
    versions = {row.resource.identity: row.resource.api_version for row in rows}

    async def list_kind(key: tuple[str, str], kind: APIKind) -> None:
        try:
            for item in await ports.reader.list(kind, label_selector=f"{PART_OF_LABEL}={set_id}"):
                # A kind in two versions is listed twice: each object counts in the version that it was sent in.
                ref = ref_of(item)
                if versions.get(ref.identity, ref.api_version) == ref.api_version:
                    look.live[ref.identity] = item
        except ClusterError as error:
            look.failed_kinds[key] = f"{error.code}: {error.message}"

    await asyncio.gather(*(list_kind(key, served[key]) for key in keys if key in served))
    for key in keys:
        if key not in served:
            look.failed_kinds[key] = "kind-not-served: the cluster does not serve this kind any more"
    return look


def _fleet_member(name: str, view: FleetView, contexts: Mapping[str, str]) -> FleetMember:
    seen, failure = view.views.get(name), view.failures.get(name)
    recorded = next((entry.uid for entry in view.record.clusters if entry.name == name), "")
    return FleetMember(
        name=name,
        context=contexts.get(name, ""),
        uid=seen.uid if seen else recorded,
        version=seen.discovery.version if seen else "",
        is_reachable=seen is not None,
        error_code=failure.code if failure else "",
        error=failure.message if failure else "",
    )


def _workload(entry: TemplateRecord, view: FleetView, looks: Mapping[str, _MemberLook]) -> WorkloadStatus:
    return WorkloadStatus(
        resource=entry.resource,
        policy=entry.policy,
        cells=tuple(_cell(entry.resource, target.name, view, looks) for target in entry.clusters),
    )


def _cell(ref: ResourceRef, cluster: str, view: FleetView, looks: Mapping[str, _MemberLook]) -> StatusCell:
    look = looks.get(cluster)
    if look is None:
        failure = view.failures.get(cluster)
        return StatusCell(cluster=cluster, health=Health.UNKNOWN, message=failure.code if failure else "no member")
    failed = look.failed_kinds.get((ref.api_version, ref.kind))
    if failed:
        return StatusCell(cluster=cluster, health=Health.UNKNOWN, message=failed)
    live = look.live.get(ref.identity)
    if live is None:
        return StatusCell(cluster=cluster, health=Health.MISSING, message="not there")
    state = readiness(live)
    return StatusCell(
        cluster=cluster, health=_HEALTH[state.state], ready=state.ready, wanted=state.wanted, message=state.message
    )


def _count_others(templates: Sequence[TemplateRecord]) -> int:
    return sum(
        len(entry.clusters) for entry in templates if not is_waited_for(entry.resource.group, entry.resource.kind)
    )


def _drift(cluster: str, row: InventoryRow, look: _MemberLook, key: bytes) -> list[DriftSeen]:
    """Fields that were sent last time and that somebody else changed since."""
    live = look.live.get(row.resource.identity)
    if live is None or not row.live or row.live == live_digest(live, row.resource, key):
        return []
    ours = set(server_paths(applied_fields(live, FIELD_MANAGER)))
    sent = set(server_paths(orjson.loads(row.fields))) if row.fields else set()
    lost = sorted(path for path in sent - ours if not _is_scaled(live, path))
    if not lost and sent - ours:
        return []
    return [
        DriftSeen(
            cluster=cluster,
            resource=row.resource,
            field=FieldChange(
                path=path,
                keyed_path=path.lstrip("."),
                op="replace",
                before=Masked() if is_sensitive_resource(row.resource) else value_at(live, path),
                drift=holders_of(live, path, besides=FIELD_MANAGER) or FieldHolder(manager=""),
            ),
        )
        for path in lost or [""]
    ]


def _is_scaled(live: Manifest, path: str) -> bool:
    """Whether an autoscaler owns the field: its controller writes replicas through the subresource."""
    return path == ".spec.replicas" and any(
        entry.subresource == "scale" and entry.manager == _AUTOSCALER and entry.holds("/spec/replicas")
        for entry in held_fields(live)
    )


def _unknowns(view: FleetView, looks: Mapping[str, _MemberLook]) -> tuple[Unknown, ...]:
    unknowns = [
        Unknown(cluster=name, code=failure.code, message=failure.message)
        for name, failure in sorted(view.failures.items())
    ]
    for name, look in sorted(looks.items()):
        unknowns += [
            Unknown(cluster=name, code="list-failed", message=message, resource=f"{kind} ({api_version})")
            for (api_version, kind), message in sorted(look.failed_kinds.items())
        ]
    return tuple(unknowns)
