"""works: end to end, which objects end up in which cluster.

Match, bind, schedule, attach dependencies, make Works: every template for the first time, with the ids that Karmada
would draw at random fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from karmactl.core.bind import bind
from karmactl.core.decode import decode_cluster, decode_override_policy, decode_propagation_policy
from karmactl.core.defaults import default_policy
from karmactl.core.depend import attach, attached_binding
from karmactl.core.interpret import InterpreterChain, NativeInterpreter, ThirdPartyInterpreter
from karmactl.core.model.binding import Binding, PolicyMatch, TargetCluster
from karmactl.core.model.differences import NONE
from karmactl.core.model.interpreter import Interpreter
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    api_version_of,
    as_mapping,
    kind_of,
    metadata_of,
    name_of,
    namespace_of,
    ref_of,
)
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.work import Work
from karmactl.core.names import binding_name
from karmactl.core.override import OverrideSet
from karmactl.core.schedule import ScheduleOptions, Scheduler
from karmactl.core.select import match_policies
from karmactl.core.works import KarmadaMarks, WorkMaker
from karmactl.errors import InputError
from tests.oracle.protocol import JSONObject, mapping, mappings

_MARKS = KarmadaMarks(
    policy_id="00000000-0000-4000-8000-000000000001", binding_id="00000000-0000-4000-8000-0000000000bb"
)
_KARMADA_KEY = "karmada.io/"
# Of these only the fact counts that they are there.
_FACTS = ("error", "worksError", "dependencyError")


@dataclass(slots=True)
class _Row:
    """A template on its way; `row` is what is known of it, in the form of `want.templates`."""

    template: Manifest
    row: JSONObject
    policy: PropagationPolicy | None = None
    binding: Binding | None = None


def answer(given: JSONObject) -> JSONValue:
    """All templates with their decisions, and all clusters with their objects."""
    templates = mappings(given["templates"])
    interpreter: Interpreter = InterpreterChain((ThirdPartyInterpreter(), NativeInterpreter()))
    policies = [decode_propagation_policy(default_policy(policy))[0] for policy in mappings(given["policies"])]
    overrides = [decode_override_policy(default_policy(policy))[0] for policy in mappings(given["overridePolicies"])]
    clusters = tuple(decode_cluster(cluster)[0] for cluster in mappings(given["clusters"]))
    scheduler = Scheduler(clusters, options=ScheduleOptions(differences=NONE))
    matches = match_policies(templates, policies, override_policies=overrides)
    rows = [_decide(match, interpreter, scheduler) for match in matches]
    _attach_dependencies(rows, interpreter)
    maker = WorkMaker(interpreter=interpreter, overrides=OverrideSet(overrides, clusters), marks=_MARKS)
    by_cluster: dict[str, list[JSONObject]] = {}
    for row in rows:
        _make_works(row, maker, by_cluster)
    return {
        "templates": [row.row for row in rows],
        "clusters": {cluster: sorted(objects, key=_object_order) for cluster, objects in by_cluster.items()},
    }


def agrees(want: JSONValue, got: JSONValue) -> bool:
    """Everything counts; of an error that there is one."""
    return _comparable(want) == _comparable(got)


def _decide(match: PolicyMatch, interpreter: Interpreter, scheduler: Scheduler) -> _Row:
    template = match.template
    identity: JSONObject = {
        "apiVersion": api_version_of(template),
        "kind": kind_of(template),
        "name": name_of(template),
    }
    if namespace_of(template):
        identity["namespace"] = namespace_of(template)
    row = _Row(template=template, row={"template": identity})
    if match.is_skipped:
        row.row["skipped"] = True
    if match.winner is None or match.missing_overrides:
        return row
    policy = match.winner.policy
    row.policy = policy
    row.row["policy"] = {"kind": policy.kind, "name": policy.name}
    if policy.namespace:
        row.row["policy"] = {**mapping(row.row["policy"]), "namespace": policy.namespace}
    try:
        binding = bind(template, policy, interpreter)
    except InputError as exc:
        row.row["error"] = exc.message
        return row
    if binding.replicas:
        row.row["replicas"] = binding.replicas
    result = scheduler.schedule(binding)
    if result.error is not None:
        row.row["scheduleError"] = result.error.reason.value
    targets: list[JSONValue] = [_target(target) for target in result.clusters]
    row.row["clusters"] = targets
    row.binding = replace(binding, clusters=result.clusters)
    return row


def _attach_dependencies(rows: list[_Row], interpreter: Interpreter) -> None:
    scheduled = [(row.template, row.binding) for row in rows if row.binding is not None]
    attachments = attach(scheduled, [row.template for row in rows], interpreter)
    for row in rows:
        if fault := attachments.faults.get(ref_of(row.template).identity):
            row.row["dependencyError"] = fault.message
        needed_by = attachments.needed_by.get(ref_of(row.template).identity)
        if needed_by:
            row.binding = attached_binding(row.template, row.binding, needed_by)
            row.row["requiredBy"] = [
                binding_name(binding.resource.kind, binding.resource.name) for binding in needed_by
            ]


def _make_works(row: _Row, maker: WorkMaker, by_cluster: dict[str, list[JSONObject]]) -> None:
    if row.binding is None:
        return
    for work in maker.prepare(row.template, row.binding, row.policy):
        if isinstance(work, Work):
            by_cluster.setdefault(work.cluster, []).append(_work(work))
        else:
            row.row["worksError"] = work.message


def _target(target: TargetCluster) -> JSONObject:
    return {"name": target.name, **({"replicas": target.replicas} if target.replicas else {})}


def _work(work: Work) -> JSONObject:
    assert work.envelope is not None
    manifest = dict(work.manifest)
    metadata = dict(metadata_of(manifest))
    added: JSONObject = {}
    for key in ("labels", "annotations"):
        entries = as_mapping(metadata.get(key))
        taken = {name: value for name, value in entries.items() if _KARMADA_KEY in name}
        kept = {name: value for name, value in entries.items() if _KARMADA_KEY not in name}
        if taken:
            added[key] = taken
        if kept:
            metadata[key] = kept
        else:
            metadata.pop(key, None)
    manifest["metadata"] = metadata
    envelope: JSONObject = {
        "name": work.envelope.name,
        "namespace": work.envelope.namespace,
        "labels": {**work.envelope.labels},
        "annotations": {**work.envelope.annotations},
        "suspendDispatching": work.is_suspended,
        "preserveResourcesOnDeletion": work.preserve_resources_on_deletion,
    }
    return {"object": manifest, "addedMetadata": added, "work": envelope}


def _object_order(entry: JSONObject) -> str:
    """The order of the cases: by the joined text, so that `a-b` comes before `a`."""
    manifest = mapping(entry["object"])
    return f"{kind_of(manifest)}/{namespace_of(manifest)}/{name_of(manifest)}/"


def _comparable(value: JSONValue) -> JSONObject:
    whole = mapping(value)
    rows: list[JSONValue] = []
    for row in mappings(whole["templates"]):
        rows.append(
            {key: key if key in ("error", "worksError", "dependencyError") else entry for key, entry in row.items()}
        )
    return {"templates": rows, "clusters": whole.get("clusters") or {}}
