"""A fleet in one process, and runs over it: files in, the real pipeline and engine, members without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from karmactl.core.defaults import default_template
from karmactl.core.digest import canonical, digest
from karmactl.core.encode import encode
from karmactl.core.facts import join_facts, recorded_facts
from karmactl.core.guards import GuardLimits, Limit
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.change import Action, ApplyReport, FieldChange, Outcome
from karmactl.core.model.cluster import Cluster as Facts
from karmactl.core.model.events import Event
from karmactl.core.model.input import InputSet
from karmactl.core.model.manifest import Manifest, as_mapping, metadata_of
from karmactl.core.model.plan import Plan
from karmactl.core.model.ports import APIKind, Discovery, Reader
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import ClusterRecord, Record, Revision
from karmactl.core.pipeline import Decided, PipelineInput, decide, decide_removal
from karmactl.core.state import applyset_id
from karmactl.embedded.cluster import Cluster
from karmactl.engine.carry import carry_out
from karmactl.engine.members import WITNESS, FleetView, MemberPorts
from karmactl.engine.refuse import refuse_by_guards
from karmactl.engine.session import Planned, RunOptions, Session, has_work, make_plan
from karmactl.engine.stop import StopSign
from karmactl.errors import Unreachable
from karmactl.files.inputs import ReadOptions, read_inputs
from karmactl.kube.client import ClusterClient, DryRunClient, ReadClient
from karmactl.kube.facts import observe
from karmactl.kube.transport import Request
from tests.engine.direct import DirectSender, Hook, is_write, new_cluster

SET = "shop"
STATE_NAMESPACE = "karmactl-system"
SET_ID = applyset_id(SET, STATE_NAMESPACE)
CONFIG_MAP = APIKind(group="", version="v1", kind="ConfigMap", resource="configmaps", is_namespaced=True)
SECRET = APIKind(group="", version="v1", kind="Secret", resource="secrets", is_namespaced=True)
DEPLOYMENT = APIKind(group="apps", version="v1", kind="Deployment", resource="deployments", is_namespaced=True)
NAMESPACE = APIKind(group="", version="v1", kind="Namespace", resource="namespaces", is_namespaced=False)
LEASE = APIKind(group="coordination.k8s.io", version="v1", kind="Lease", resource="leases", is_namespaced=True)


# Guards have tests of their own: here they let everything pass.
BOLD = GuardLimits(
    max_move=Limit(percent=100),
    is_max_move_given=True,
    max_delete=Limit(percent=100),
    is_max_delete_given=True,
    allowed_kinds=frozenset({"Namespace", "CustomResourceDefinition", "PersistentVolumeClaim"}),
)


class FastClock:
    """Time that passes by sleeping alone, a little of it real so that controllers get their turn."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """A day in 2026, and what was slept."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """What was slept."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        await asyncio.sleep(0.0005)


class Notebook:
    """A Reporter that keeps everything."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One finished run."""

    planned: Planned
    report: ApplyReport | None
    events: Sequence[Event]

    @property
    def plan(self) -> Plan:
        """The plan that was carried out."""
        return self.planned.plan

    def outcomes(self) -> dict[str, Outcome]:
        """What became of each change, by id."""
        assert self.report is not None, "there was nothing to do"
        return {result.change.id: result.outcome for result in self.report.results}


class World:
    """Members by name, and how to run karmactl's engine over them; use it inside one event loop."""

    def __init__(
        self,
        folder: Path,
        names: Iterable[str] = ("m1", "m2", "m3"),
        *,
        controllers: bool = True,
        stalled: Sequence[str] = (),
    ) -> None:
        """`stalled` are members in which nothing ever becomes ready; without `controllers` all are."""
        self.folder = folder
        self.clusters: dict[str, Cluster] = {
            name: new_cluster(name, controllers=controllers and name not in stalled) for name in names
        }
        self.clock = FastClock()
        self.silent: set[str] = set()
        self.senders: dict[str, DirectSender] = {}

    def client(self, name: str, manager: str = "kubectl-edit") -> ClusterClient:
        """Somebody else's hands on a member."""
        return ClusterClient(DirectSender(self.clusters[name]), field_manager=manager)

    def write(self, text: str, name: str = "all.yaml") -> None:
        """Make the files say this."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(text)

    def inputs(self) -> InputSet:
        """What the files say."""
        inputs = read_inputs((".",), base=self.folder, options=ReadOptions(inventory_namespace=STATE_NAMESPACE))
        templates = tuple(
            replace(template, manifest=default_template(template.manifest)) for template in inputs.templates
        )
        return replace(inputs, templates=templates)

    def session(
        self,
        *,
        before: Hook | None = None,
        after: Hook | None = None,
        prune: bool = False,
        is_removal: bool = False,
        stop: StopSign | None = None,
        members: Sequence[str] = (),
        witness: str = "",
        **options: object,
    ) -> tuple[Session, Notebook]:
        """A session over the fleet; `options` are RunOptions'."""
        notebook = Notebook()
        names = [name for name in members or self.clusters if name != witness]
        self.senders = {
            name: DirectSender(self.clusters[name], before=self._silencing(before), after=after)
            for name in [*names, *([witness] if witness else [])]
        }
        beside = self.senders.get(witness)
        inputs = self.inputs() if not is_removal else InputSet()
        session = Session(
            members=[_ports(name, self.senders[name]) for name in names],
            witness=None if beside is None else _ports(WITNESS, beside),
            contexts={name: name for name in names},
            decide=lambda view: _decide(inputs, names, view, prune=prune, is_removal=is_removal),
            facts=_facts(self.senders),
            files=inputs.files,
            options=RunOptions(
                set_name=SET,
                namespace=STATE_NAMESPACE,
                is_everything_removed=is_removal,
                **{"limits": BOLD, **options},  # type: ignore[arg-type]
            ),
            clock=self.clock,
            reporter=notebook,
            stop=stop or StopSign(),
        )
        return session, notebook

    def _silencing(self, before: Hook | None) -> Hook:
        def hook(cluster: str, request: Request) -> None:
            if cluster in self.silent:
                raise Unreachable("member-unreachable", f"{cluster}: connection refused", cluster=cluster)
            if before is not None:
                before(cluster, request)

        return hook

    async def plan(self, **wishes: object) -> Planned:
        """What a run would do."""
        session, _ = self.session(**wishes)  # type: ignore[arg-type]
        return await make_plan(session)

    async def apply(self, **wishes: object) -> Result:
        """A whole run, as `karmactl apply` does it; errors before the first write are raised."""
        session, notebook = self.session(**wishes)  # type: ignore[arg-type]
        planned = await make_plan(session)
        refuse_by_guards(planned.plan)
        if not has_work(planned):
            return Result(planned=planned, report=None, events=notebook.events)
        planned, report = await carry_out(session, planned, identity="tester", stamp=lambda made: stamp(made, session))
        return Result(planned=planned, report=report, events=notebook.events)

    async def view(self, **wishes: object) -> FleetView:
        """What the members hold."""
        session, _ = self.session(**wishes)  # type: ignore[arg-type]
        return await session.survey()

    def writes(self) -> list[Request]:
        """The writes of the last run, dry-runs and Leases left out."""
        return [
            request
            for sender in self.senders.values()
            for request in sender.log
            if is_write(request) and "/leases" not in request.path
        ]

    async def objects(self, name: str, kind: APIKind, namespace: str = "shop") -> dict[str, Manifest]:
        """Live objects by name."""
        found = await self.client(name).list(kind, namespace=namespace if kind.is_namespaced else "")
        return {str(metadata_of(item)["name"]): item for item in found}

    async def end_state(self) -> Mapping[str, object]:
        """What is in the members, without what differs from run to run; state objects decoded."""
        view = await self.view()
        state: dict[str, object] = {}
        for name in self.clusters:
            objects = {}
            for kind in (NAMESPACE, CONFIG_MAP, SECRET, DEPLOYMENT):
                for item in await self.client(name).list(kind):
                    metadata = metadata_of(item)
                    if metadata.get("namespace") == STATE_NAMESPACE:
                        continue
                    objects[f"{kind.kind} {metadata.get('namespace')}/{metadata['name']}"] = _essence(item)
            rows = view.views[name].state.inventory.rows
            objects["inventory"] = sorted((str(row.resource), bool(row.uid), bool(row.sent)) for row in rows)
            state[name] = objects
        state["placements"] = [
            (str(entry.resource), [(target.name, target.replicas) for target in entry.clusters])
            for entry in view.record.templates
        ]
        state["pending"] = view.record.pending
        return state


def in_world(
    check: Callable[[World], Awaitable[None]] | None = None,
    *,
    names: Sequence[str] = ("m1", "m2", "m3"),
    stalled: Sequence[str] = (),
) -> Callable[..., object]:
    """A check as a test with a fleet of its own."""

    def decorate(check: Callable[[World], Awaitable[None]]) -> Callable[[Path], None]:
        def test(tmp_path: Path) -> None:
            async def run() -> None:
                await check(World(tmp_path / "files", names, stalled=stalled))

            asyncio.run(run())

        test.__name__ = check.__name__
        test.__doc__ = check.__doc__
        return test

    return decorate if check is None else decorate(check)


def _essence(item: Manifest) -> Manifest:
    metadata = {key: value for key, value in metadata_of(item).items() if key in ("name", "namespace", "labels")}
    kept = {key: value for key, value in item.items() if key in ("spec", "data", "kind")}
    return {**kept, "metadata": metadata}


def _ports(name: str, sender: DirectSender) -> MemberPorts:
    client = ClusterClient(sender)
    return MemberPorts(name=name, reader=client, dry_runner=DryRunClient(sender), writer=client)


def _facts(senders: Mapping[str, DirectSender]):  # type: ignore[no-untyped-def]
    async def read(reader: Reader) -> tuple[Facts, Discovery, tuple[Reason, ...]]:
        seen = await observe(
            ReadClient(senders[reader.cluster]),
            need_nodes=False,
            need_capacity=False,
            inventory_namespace=STATE_NAMESPACE,
        )
        return seen.cluster, seen.discovery, seen.warnings

    return read


def _decide(inputs: InputSet, names: Sequence[str], view: FleetView, *, prune: bool, is_removal: bool) -> Decided:
    def facts(name: str) -> Facts:
        seen = view.views.get(name)
        recorded = None if seen else recorded_facts(view.record, name)
        return join_facts(Facts(name=name), seen.facts if seen else None, recorded)

    given = PipelineInput(
        inputs=inputs,
        clusters=tuple(facts(name) for name in names),
        interpreter=NativeInterpreter(),
        record=view.record,
        unreachable=frozenset(view.failures),
        prune=prune,
        set_id=SET_ID,
    )
    return decide_removal(given) if is_removal else decide(given)


def stamp(planned: Planned, session: Session) -> Record:
    """The record's next generation, as the command line stamps it."""
    now = session.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = [
        ClusterRecord(name=name, uid=view.uid, facts=canonical(encode(view.facts)).decode(), seen_at=now)
        for name, view in sorted(planned.view.views.items())
    ]
    revision = Revision(
        generation=planned.view.record.generation + 1,
        applied_at=now,
        applied_by="tester",
        input_digest=digest([file.digest for file in session.files]),
    )
    return planned.decided.next_record(now=now, clusters=seen, revision=revision)


def changes_of(plan: Plan) -> dict[str, Action]:
    """All changes by id."""
    return {change.id: change.action for change_set in plan.change_sets for change in change_set.changes}


def fields_of(plan: Plan) -> list[FieldChange]:
    """All changed fields of all changes."""
    return [entry for change_set in plan.change_sets for change in change_set.changes for entry in change.fields]


def label_of(item: Manifest, key: str) -> object:
    """One label."""
    return as_mapping(metadata_of(item).get("labels")).get(key)


__all__ = [
    "BOLD",
    "CONFIG_MAP",
    "DEPLOYMENT",
    "LEASE",
    "NAMESPACE",
    "SECRET",
    "SET",
    "SET_ID",
    "STATE_NAMESPACE",
    "FastClock",
    "Notebook",
    "Result",
    "World",
    "changes_of",
    "fields_of",
    "in_world",
    "label_of",
    "stamp",
]
