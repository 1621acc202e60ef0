"""The plan's format: a plan as one JSON value, and its canonical form (what its id digests).

The shapes are those of docs/schemas/plan.json; the envelope around them is made where documents are written. The
canonical form leaves out what may differ between two looks at the same world: times, ages, resourceVersions, the id
itself. It also leaves out traces and measured capacity: both explain the placements, which are in it, and a digest
knows no tolerance: with them every pod that starts somewhere would make every saved plan stale (I2, I9).
"""

from __future__ import annotations

from typing import Final

from karmactl.core.digest import digest
from karmactl.core.encode import encode
from karmactl.core.impact import Impact, changes_of, impact_of
from karmactl.core.model.binding import ClusterVerdict, TargetCluster
from karmactl.core.model.change import Action, Change, FieldChange, FieldHolder, Guard, Masked, RetainedField, Unknown
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.counterfactual import WhyNot
from karmactl.core.model.manifest import JSONValue, ResourceRef, as_list, as_mapping
from karmactl.core.model.plan import Decision, FleetMember, Plan, Standing
from karmactl.core.model.reason import Reason
from karmactl.core.model.work import FieldOrigin
from karmactl.errors import Location

__all__ = [
    "change_json",
    "changes_json",
    "field_json",
    "group_ids",
    "location_json",
    "placement_json",
    "plan_body",
    "plan_canonical",
    "reason_json",
    "ref_json",
    "summary_of",
    "unknown_json",
    "why_not_json",
]

_JSON = dict[str, JSONValue]


def plan_body(plan: Plan) -> _JSON:
    """The plan as JSON, without the envelope: keys as in docs/schemas/plan.json, everything in a fixed order."""
    return {
        "id": plan.id,
        **_frame_json(plan),
        "fleet": [_member_json(member) for member in plan.fleet],
        "placements": [placement_json(decision) for decision in plan.decisions],
        "changes": [*changes_json(plan)],
        "impact": _impact_json(impact_of(plan)),
        "retained": [
            _retained_json(change_set.cluster, entry)
            for change_set in plan.change_sets
            for entry in change_set.retained
        ],
        "unknowns": [unknown_json(entry) for change_set in plan.change_sets for entry in change_set.unknowns],
    }


def _frame_json(plan: Plan) -> _JSON:
    """The parts of a plan that its canonical form has whole."""
    return {
        "set": plan.set_name,
        "generation": plan.generation,
        "inputs": [{"path": entry.path, "digest": entry.digest, "kinds": encode(entry.kinds)} for entry in plan.files],
        "options": encode(plan.options),
        "waves": [{"number": number, "name": name, "changes": list(ids)} for number, name, ids in plan.waves],
        "guards": [_guard_json(guard) for guard in plan.guards],
        "leftovers": [
            {"cluster": change_set.cluster, "resource": ref_json(ref)}
            for change_set in plan.change_sets
            for ref in change_set.leftovers
        ],
    }


def plan_canonical(plan: Plan) -> JSONValue:
    """What the plan's id is the SHA-256 of, in the one byte form of `core.digest.canonical`.

    Of `plan_body` it leaves out: `id` and `impact` (made from the rest), `retained` (an autoscaler's next step would
    make every saved plan stale); of members `context`, `error`, `capacity` and `factsAgeSeconds`; of placements
    `trace`; of changes the resourceVersion, the messages of servers (they quote times and versions), and the times of
    drift and conflict; and all places in files (a comment moves them).
    """
    return {
        **_frame_json(plan),
        "fleet": [_without(_member_json(member), _NOT_IN_MEMBER) for member in plan.fleet],
        "placements": [_canonical_placement(_decision_json(decision)) for decision in plan.decisions],
        "changes": [_canonical_change(change) for change in changes_json(plan)],
        "unknowns": [
            _without(unknown_json(entry), _NOT_IN_UNKNOWN)
            for change_set in plan.change_sets
            for entry in change_set.unknowns
        ],
    }


_NOT_IN_MEMBER: Final = frozenset({"context", "error", "capacity", "factsAgeSeconds"})
_NOT_IN_UNKNOWN: Final = frozenset({"message"})
_PLACES: Final = frozenset({"location"})
_NOT_IN_HOLDER: Final = frozenset({"time"})


def _without(value: JSONValue, names: frozenset[str]) -> JSONValue:
    if not isinstance(value, dict) or not names:
        return value
    return {key: item for key, item in value.items() if key not in names}


def _canonical_change(change: _JSON) -> JSONValue:
    return {
        **change,
        "params": _without(change["params"], frozenset({"message"})),
        "live": _without(change["live"], frozenset({"resourceVersion"})),
        "fields": [_canonical_field(entry) for entry in as_list(change["fields"])],
    }


def _canonical_field(entry: JSONValue) -> JSONValue:
    left_out = {"drift": _NOT_IN_HOLDER, "conflict": _NOT_IN_HOLDER, "origin": _PLACES}
    return {key: _without(value, left_out.get(key, frozenset())) for key, value in as_mapping(entry).items()}


def _canonical_placement(placement: _JSON) -> JSONValue:
    return {key: _without(value, _PLACES) for key, value in placement.items() if key not in _PLACES}


def group_ids(plan: Plan) -> dict[str, str]:
    """Change id to group id: changes of several clusters that are equal but for the cluster share one (`g1`, ...)."""
    ids: dict[str, str] = {}
    known: dict[tuple[Action, tuple[str, str, str, str]], list[tuple[tuple[FieldChange, ...], str]]] = {}
    number = 0
    for change in changes_of(plan):
        groups = known.setdefault((change.action, change.resource.identity), [])
        group = next((group for fields, group in groups if fields == change.fields), None)
        if group is None:
            number += 1
            group = f"g{number}"
            groups.append((change.fields, group))
        ids[change.id] = group
    return ids


def changes_json(plan: Plan) -> list[_JSON]:
    """Every change as JSON, cluster by cluster; changes of one group share the value of `fields`."""
    groups = group_ids(plan)
    fields_by_group: dict[str, list[JSONValue]] = {}
    entries = []
    for change in changes_of(plan):
        group = groups[change.id]
        fields = fields_by_group.get(group)
        if fields is None:
            fields = fields_by_group[group] = [field_json(entry) for entry in change.fields]
        entries.append(_change_json(change, group, fields))
    return entries


def ref_json(ref: ResourceRef) -> _JSON:
    """A reference as JSON."""
    return {
        "group": ref.group,
        "version": ref.version,
        "kind": ref.kind,
        "namespace": ref.namespace,
        "name": ref.name,
    }


def unknown_json(unknown: Unknown) -> _JSON:
    """What could not be looked at, as JSON; `resource` null speaks of the whole cluster."""
    return {
        "cluster": unknown.cluster,
        "resource": unknown.resource or None,
        "code": unknown.code,
        "message": unknown.message,
    }


def location_json(location: Location | None) -> JSONValue:
    """A place in a file as JSON, null for none."""
    if location is None:
        return None
    return {"file": location.file, "line": location.line, "column": location.column}


def reason_json(reason: Reason) -> _JSON:
    """A reason as JSON."""
    return {"code": reason.code, "subject": reason.subject, "params": encode(reason.params)}


def change_json(change: Change, group: str) -> _JSON:
    """One change as JSON."""
    return _change_json(change, group, [field_json(entry) for entry in change.fields])


def _change_json(change: Change, group: str, fields: list[JSONValue]) -> _JSON:
    return {
        "id": change.id,
        "cluster": change.cluster,
        "action": change.action.value,
        "reason": change.reason.code,
        "params": encode(change.reason.params),
        "resource": ref_json(change.resource),
        "wave": change.wave,
        "group": group,
        "after": list(change.after),
        "live": {"uid": change.live_uid, "resourceVersion": change.live_resource_version} if change.live_uid else None,
        "unverified": change.unverified or None,
        "forced": change.is_forced,
        "ownedDigest": change.owned_digest or None,
        "fields": fields,
    }


def field_json(entry: FieldChange) -> _JSON:
    """One field of a change as JSON; sensitive values are masked, with whether both are the same."""
    is_same = isinstance(entry.before, Masked) and entry.before == entry.after
    value: _JSON = {
        "path": entry.path,
        "op": entry.op,
        "before": _value_json(entry.before, is_same=is_same),
        "after": _value_json(entry.after, is_same=is_same),
        "sensitive": entry.is_sensitive,
        "origin": _origin_json(entry.origin),
    }
    if entry.drift is not None:
        value["drift"] = _holder_json(entry.drift)
    if entry.conflict is not None:
        value["conflict"] = _holder_json(entry.conflict)
    return value


def _value_json(value: JSONValue | Masked, *, is_same: bool) -> JSONValue:
    return {"masked": True, "same": is_same} if isinstance(value, Masked) else value


def _origin_json(origin: FieldOrigin | None) -> JSONValue:
    if origin is None:
        return None
    return {
        "type": origin.type,
        "source": origin.source,
        "rule": origin.rule_index,
        "location": location_json(origin.location),
    }


def _holder_json(holder: FieldHolder) -> _JSON:
    return {"manager": holder.manager, "time": holder.time or None}


def _retained_json(cluster: str, entry: RetainedField) -> _JSON:
    return {
        "cluster": cluster,
        "resource": None if entry.resource is None else ref_json(entry.resource),
        "path": entry.path,
        "rule": entry.rule,
        "by": entry.by or None,
    }


def _guard_json(guard: Guard) -> _JSON:
    return {
        "name": guard.name,
        "verdict": guard.verdict.value,
        "cluster": guard.cluster,
        "measured": guard.measured,
        "limit": guard.limit,
        "flag": guard.flag,
        "detail": guard.detail,
    }


def _member_json(member: FleetMember) -> _JSON:
    facts = member.facts
    return {
        "name": member.name,
        "context": member.context,
        "uid": member.uid,
        "version": member.version,
        "reachable": member.is_reachable,
        "errorCode": member.error_code,
        "error": member.error,
        "factsAgeSeconds": member.facts_age_seconds,
        "facts": None if facts is None else _facts_json(facts),
        "capacity": None if facts is None or facts.resource_summary is None else encode(facts.resource_summary),
    }


def _facts_json(facts: Cluster) -> _JSON:
    """The facts that a plan pins, as digests: a plan file need not hold a list of every API."""
    apis = None
    if facts.api_enablements is not None:
        served = {
            f"{item.group_version} {resource.kind}" for item in facts.api_enablements for resource in item.resources
        }
        apis = digest([*sorted(served)])
    return {
        "apis": apis,
        "labels": digest(encode(facts.labels)),
        "taints": digest([{"key": t.key, "value": t.value, "effect": t.effect} for t in facts.taints]),
        "place": [facts.provider, facts.region, list(facts.zones)],
    }


def placement_json(decision: Decision) -> _JSON:
    """One decision as JSON, with its trace."""
    return {**_decision_json(decision), "trace": _trace_json(decision)}


def _decision_json(decision: Decision) -> _JSON:
    match = decision.match
    winner = match.winner.policy if match.winner else None
    previous = {target.name: target for target in decision.previous}
    targets = {target.name: target for target in decision.targets}
    result = decision.result
    return {
        "resource": ref_json(decision.ref),
        "location": location_json(decision.template.location),
        "standing": decision.standing.value,
        "policy": None
        if winner is None
        else {
            "kind": winner.kind,
            "namespace": winner.namespace,
            "name": winner.name,
            "location": location_json(winner.location),
        },
        "affinity": result.affinity if result else "",
        "clusters": [
            _target_json(decision, name, targets.get(name), previous.get(name))
            for name in sorted({*targets, *previous})
        ],
        "error": None
        if result is None or result.error is None
        else {"reason": result.error.reason.value, "message": result.error.message},
        "notes": [reason_json(note) for note in decision.notes],
    }


def _target_json(decision: Decision, name: str, target: TargetCluster | None, previous: TargetCluster | None) -> _JSON:
    """One cluster of a placement; null where the template is not there (afterwards, or before)."""
    return {
        "name": name,
        "replicas": None if target is None else _replicas_of(decision, target),
        "previous": None if previous is None else _replicas_of(decision, previous),
    }


def _replicas_of(decision: Decision, target: TargetCluster) -> int:
    """What follows a workload is bound with the workload's number, as in Karmada, and has none of its own."""
    return target.replicas if decision.has_replicas else 0


def _trace_json(decision: Decision) -> _JSON:
    result = decision.result
    verdicts: tuple[ClusterVerdict, ...] = result.verdicts if result else ()
    steps = result.steps if result else ()
    return {
        "trigger": result.trigger.value if result else None,
        "strategy": result.strategy if result else "",
        "losers": [
            {"policy": f"{loser.policy.namespace}/{loser.policy.name}".lstrip("/"), **reason_json(reason)}
            for loser, reason in decision.match.losers
        ],
        "filters": [
            {"cluster": verdict.cluster, "refused": [reason_json(reason) for reason in verdict.filters]}
            for verdict in verdicts
            if verdict.filters
        ],
        "exempt": [
            {"cluster": verdict.cluster, "passed": [reason_json(reason) for reason in verdict.exempt_filters]}
            for verdict in verdicts
            if verdict.exempt_filters
        ],
        "scores": [
            {
                "cluster": verdict.cluster,
                "score": verdict.score,
                "available": verdict.available,
                "previous": verdict.previous,
                "weight": verdict.weight,
                "replicas": verdict.replicas,
            }
            for verdict in verdicts
            if verdict.score is not None
        ],
        "spread": [reason_json(step) for step in steps if step.code.startswith("spread-")],
        "division": [reason_json(step) for step in steps if step.code == "division"],
        "terms": [reason_json(step) for step in steps if step.code == "affinity-term"],
    }


def why_not_json(decision: Decision, answer: WhyNot) -> _JSON:
    """What keeps a cluster from an object, and what would change that, as JSON."""
    return {
        "resource": ref_json(decision.ref),
        "cluster": answer.cluster,
        "isTarget": answer.is_target,
        "obstacles": [reason_json(reason) for reason in answer.obstacles],
        "remedies": [
            {
                "changes": [reason_json(change) for change in remedy.changes],
                "after": [
                    {"name": target.name, "replicas": _replicas_of(decision, target)} for target in remedy.targets
                ],
            }
            for remedy in answer.remedies
        ],
        "sizeTried": answer.size_tried,
        "questions": answer.questions,
        "cutShort": answer.is_cut_short,
    }


def summary_of(plan: Plan) -> _JSON:
    """Counts: changes by action (only those that occur), and what is unchanged, left over, unknown or not placed."""
    counts: dict[str, JSONValue] = {}
    for action in Action:
        number = sum(change.action is action for change in changes_of(plan))
        if number:
            counts[action.value] = number
    standings = [decision.standing for decision in plan.decisions]
    return {
        "changes": counts,
        "unchanged": sum(change_set.unchanged for change_set in plan.change_sets),
        "leftovers": sum(len(change_set.leftovers) for change_set in plan.change_sets),
        "unknowns": sum(len(change_set.unknowns) for change_set in plan.change_sets),
        "templates": len(standings),
        "unplaceable": standings.count(Standing.UNPLACEABLE),
        "unmatched": standings.count(Standing.UNMATCHED),
    }


def _impact_json(impact: Impact) -> _JSON:
    drop = impact.largest_drop
    return {
        "objects": impact.objects,
        "clusters": impact.clusters,
        "namespaces": impact.namespaces,
        "workloadsRestarted": impact.workloads_restarted,
        "podsRestarted": impact.pods_restarted,
        "replicasMoved": impact.replicas_moved,
        "moves": [
            {"resource": ref_json(move.resource), "from": list(move.left), "to": list(move.gained)}
            for move in impact.moves
        ],
        "largestDrop": None
        if drop is None
        else {
            "resource": ref_json(drop.resource),
            "cluster": drop.cluster,
            "before": drop.before,
            "after": drop.after,
        },
    }
