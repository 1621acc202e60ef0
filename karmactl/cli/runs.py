"""What plan, diff, apply, why, status and delete have in common: from flags to a Session, and the run around it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from karmactl.cli.exits import Stopped
from karmactl.cli.options import (
    FleetFlags,
    GuardFlags,
    InputFlags,
    PlanFlags,
    WriteFlags,
    read_limit,
    read_validation,
)
from karmactl.cli.prompt import ask
from karmactl.cli.saved import project_path, saved_flags, shown_options
from karmactl.cli.values import check_set_name, parse_duration, split_values
from karmactl.cli.wiring import (
    FleetOptions,
    Project,
    build_interpreter,
    commit_of,
    connect,
    facts_source,
    is_sandbox,
    load_members,
    load_project,
    lock_path,
    open_ports,
    read_project_inputs,
    read_project_lock,
    run_identity,
    system_clock,
    witness_of,
)
from karmactl.core.defaults import default_template
from karmactl.core.digest import canonical, digest
from karmactl.core.encode import encode
from karmactl.core.facts import facts_needed, join_facts, recorded_facts
from karmactl.core.guards import GuardLimits
from karmactl.core.match import parse_selector
from karmactl.core.model.change import Action
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.events import Reporter
from karmactl.core.model.fleet import FleetLock, LockedCluster, Member
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.input import InputSet, InputWarning
from karmactl.core.model.manifest import Manifest, as_mapping, as_str
from karmactl.core.model.selector import LabelSelector
from karmactl.core.model.state import ClusterRecord, Record, Revision
from karmactl.core.pipeline import Decided, PipelineInput, decide, decide_removal
from karmactl.core.state import applyset_id
from karmactl.engine.identity import first_contacts
from karmactl.engine.members import WITNESS, FleetView
from karmactl.engine.session import Planned, RunOptions, Session
from karmactl.errors import GuardError, UsageError
from karmactl.files.inputs import ReadOptions
from karmactl.files.lock import write_lock

if TYPE_CHECKING:
    from karmactl.kube.fleet import Fleet

__all__ = [
    "Request",
    "Running",
    "as_saved",
    "check_chosen",
    "confirm_fleet",
    "decide_run",
    "fleet_options",
    "keep_identities",
    "open_run",
    "read_run_inputs",
    "require_same_roots",
    "run_async",
    "survey_set",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the flags of one command ask for. `is_removal`: everything that the set holds is to go (delete).

    `is_rendering`: objects are for others to apply, so they are not marked as the set's own. `adopts` says whose
    objects are taken over (codes of `compare.ADOPTABLE`), `paths_start` where paths of flags start (None: here).
    `kept_kinds` stay where everything goes.
    """

    fleet: FleetFlags
    inputs: InputFlags = field(default_factory=InputFlags)
    plan: PlanFlags = field(default_factory=PlanFlags)
    guards: GuardFlags = field(default_factory=GuardFlags)
    write: WriteFlags = field(default_factory=WriteFlags)
    is_writing: bool = False
    is_removal: bool = False
    is_rendering: bool = False
    adopts: frozenset[str] = frozenset()
    paths_start: Path | None = None
    kept_kinds: tuple[str, ...] = ()


@dataclass(slots=True)
class Running:
    """One opened run: the session, and what the command needs beside it."""

    session: Session
    project: Project
    inputs: InputSet
    members: tuple[Member, ...]
    fleet: Fleet
    is_sandbox: bool = False
    roots: tuple[str, ...] = ()

    def with_reporter(self, reporter: Reporter) -> Session:
        """The session, told to another reporter."""
        return replace(self.session, reporter=reporter)

    def requests(self) -> dict[str, dict[str, int]]:
        """Requests by cluster and verb."""
        return {
            name: {str(verb): count for verb, count in counts.items()} for name, counts in self.fleet.requests().items()
        }

    def stamp(self, planned: Planned) -> Record:
        """The record's next generation."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        seen = [
            ClusterRecord(
                name=name,
                uid=view.uid,
                facts=canonical(encode(view.facts)).decode(),
                seen_at=now,
            )
            for name, view in sorted(planned.view.views.items())
        ]
        revision = Revision(
            generation=planned.view.record.generation + 1,
            applied_at=now,
            applied_by=run_identity(os.environ),
            input_roots=self.roots,
            input_digest=digest([file.digest for file in self.inputs.files]),
            git_commit=commit_of(self.project.folder),
            summary=planned.plan.id[:8],
        )
        return planned.decided.next_record(now=now, clusters=seen, revision=revision)


async def open_run(stack: AsyncExitStack, request: Request, reporter: Reporter) -> Running:
    """Read settings and files, name the fleet, open its ports. Nothing is sent yet.

    Raises UsageError `no-set` where a writing command has no set, and `bad-set`; GuardError `no-templates` for empty
    inputs.
    """
    project = load_project()
    set_name = check_set_name(request.fleet.set_name or project.settings.set)
    if request.is_writing and not set_name:
        raise UsageError(
            "no-set",
            "this run has no set: the inventory that says which objects are its own",
            hint="write `set: NAME` into karmactl.yaml, or say --set NAME",
        )
    inputs = InputSet() if request.is_removal else read_run_inputs(project, request, folder=request.paths_start)
    where = fleet_options(request.fleet)
    members, kubeconfig = load_members(project, inputs, where)
    check_chosen(request, members)
    clock = system_clock()
    witness = witness_of(project)
    fleet = await connect(stack, [*members, *witness], kubeconfig, where, clock)
    ports = {member.name: member for member in open_ports(fleet, writable=request.is_writing)}
    options = _run_options(project, request, set_name)
    session = Session(
        members=[ports[member.name] for member in members],
        witness=ports.get(WITNESS),
        contexts={member.name: member.context for member in members},
        decide=lambda view: decide_run(project, request, inputs, members, set_name, view),
        facts=facts_source(fleet, members, facts_needed(inputs), project.inventory_namespace),
        files=inputs.files,
        options=options,
        clock=clock,
        reporter=reporter,
    )
    return Running(
        session=session,
        project=project,
        inputs=inputs,
        members=members,
        fleet=fleet,
        is_sandbox=is_sandbox(project, where),
        roots=_roots(project, request),
    )


def as_saved(request: Request, document: Manifest) -> Request:
    """The request with the options of a saved plan, where they were not given."""
    options = as_mapping(document.get("options"))
    is_naming_inputs = request.inputs.filename or request.inputs.kustomize
    return replace(
        request,
        inputs=saved_flags(request.inputs, options),
        fleet=replace(
            saved_flags(request.fleet, options), set_name=request.fleet.set_name or as_str(document.get("set"))
        ),
        plan=saved_flags(request.plan, options),
        guards=saved_flags(request.guards, options),
        paths_start=None if is_naming_inputs else load_project().folder,
    )


def _roots(project: Project, request: Request) -> tuple[str, ...]:
    """What was named as inputs, relative to the project, so that it reads the same from any folder and machine."""
    named = split_values(request.inputs.filename)
    base = (request.paths_start or Path.cwd()) if named else project.folder
    kustomizations = split_values(request.inputs.kustomize)
    paths = [*(named or project.settings.inputs), *kustomizations]
    return tuple(sorted({project_path(path, base, project.folder) for path in paths}))


def require_same_roots(running: Running, planned: Planned) -> None:
    """Refuse to prune by other inputs than those of the last run: what they do not name would count as gone.

    Raises GuardError `prune-other-inputs`.
    """
    revisions = planned.view.record.revisions
    is_pruning = any(
        change.action is Action.PRUNE for change_set in planned.plan.change_sets for change in change_set.changes
    )
    if not is_pruning or not revisions or not revisions[-1].input_roots:
        return
    former = revisions[-1].input_roots
    if set(former) != set(running.roots):
        raise GuardError(
            "prune-other-inputs",
            f"the last run read {', '.join(former)}; this one reads {', '.join(running.roots)}",
            why="with --prune, everything that the other inputs do not name would be removed as gone",
            hint="prune with the same inputs, or apply once without --prune to take the new ones as the set's",
        )


def fleet_options(flags: FleetFlags) -> FleetOptions:
    """What the flags say about members."""
    return FleetOptions(
        contexts=split_values(flags.context),
        kubeconfig=flags.kubeconfig,
        sandbox=flags.sandbox,
        cluster_timeout_seconds=parse_duration(flags.cluster_timeout, "--cluster-timeout"),
    )


def read_run_inputs(
    project: Project, request: Request, *, folder: Path | None = None, may_be_missing: bool = False
) -> InputSet:
    """What the run reads, with defaults filled in; `folder` is where paths of flags start.

    Raises GuardError `no-templates` where a writing run would take everything for gone, and as `read_inputs` does.
    """
    inputs = read_project_inputs(
        project,
        split_values(request.inputs.filename),
        kustomizations=split_values(request.inputs.kustomize),
        options=ReadOptions(
            is_recursive=request.inputs.recursive,
            namespace=request.inputs.namespace,
            skip_unsupported=request.inputs.skip_unsupported,
            validation=read_validation(request.inputs.validate),
            may_be_missing=may_be_missing,
        ),
        folder=folder,
    )
    if not inputs.templates and request.is_writing and not request.guards.allow_empty:
        raise GuardError(
            "no-templates",
            "the inputs hold no template: carried out, everything that runs would count as gone",
            hint="check the paths; if it is meant: --allow-empty, or `karmactl delete`",
        )
    templates = tuple(replace(template, manifest=default_template(template.manifest)) for template in inputs.templates)
    return replace(inputs, templates=templates, warnings=(*_settings_warnings(project), *inputs.warnings))


def _settings_warnings(project: Project) -> list[InputWarning]:
    """Settings that are read and checked, and have no effect in this version: silence would be a lie."""
    if project.file is None:
        return []
    settings = project.settings
    given = {
        "sensitive": bool(settings.sensitive),
        "rollout": settings.rollout is not None,
    }
    return [
        InputWarning(
            code="setting-without-effect",
            message=f"`{key}` has no effect in this version of karmactl",
            location=project.file.place(f"/{key}"),
            hint="see docs/settings.md",
        )
        for key, is_given in given.items()
        if is_given
    ]


def check_chosen(request: Request, members: tuple[Member, ...]) -> None:
    """Raise UsageError `unknown-member` where -C names no member."""
    known = {member.name for member in members}
    for name in split_values(request.fleet.cluster):
        if name not in known:
            raise UsageError(
                "unknown-member", f"-C {name}: there is no such member", hint=f"members: {', '.join(sorted(known))}"
            )


def _run_options(project: Project, request: Request, set_name: str) -> RunOptions:
    defaults = GuardLimits()
    guards = project.settings.guards
    max_delete = request.guards.max_delete or guards.max_delete
    max_move = request.guards.max_move or guards.max_move
    limits = GuardLimits(
        max_delete=read_limit(max_delete, "--max-delete", defaults.max_delete),
        is_max_delete_given=bool(request.guards.max_delete),
        max_move=read_limit(max_move, "--max-move", defaults.max_move),
        is_max_move_given=bool(request.guards.max_move),
        allowed_kinds=frozenset(split_values(request.guards.allow_delete)),
        protected_kinds=guards.protect if guards.protect is not None else defaults.protected_kinds,
        allow_stateful=request.guards.allow_stateful,
        allow_replace=request.guards.replace,
        skip_refused=request.guards.skip_refused,
        allow_empty=request.guards.allow_empty,
    )
    shown = shown_options(
        (request.inputs, request.fleet, request.plan, request.guards),
        is_pruning=_is_pruning(project, request),
        folder=project.folder,
        base=request.paths_start or Path.cwd(),
    )
    if request.adopts:
        shown["adopts"] = [*sorted(request.adopts)]
    locked = {name: entry.uid for name, entry in read_project_lock(project).clusters.items()}
    return RunOptions(
        set_name=set_name,
        namespace=project.inventory_namespace,
        force_conflicts=request.plan.force_conflicts,
        create_namespaces=request.plan.create_namespace,
        allow_minority=request.guards.allow_minority,
        only_clusters=frozenset(split_values(request.fleet.cluster)),
        limits=limits,
        is_waiting=request.write.wait,
        timeout_seconds=parse_duration(request.write.timeout, "--timeout"),
        lock_timeout_seconds=parse_duration(request.write.lock_timeout, "--lock-timeout"),
        is_everything_removed=request.is_removal,
        locked_uids=locked,
        ignore=project.settings.ignore,
        adopts=request.adopts,
        shown_options=shown,
    )


def _selector(text: str) -> LabelSelector | None:
    """What -l says, None without it. Raises UsageError `bad-selector`."""
    if not text:
        return None
    selector = parse_selector(text)
    if selector is None:
        raise UsageError("bad-selector", f"-l {text!r} is no label selector", hint="say app=web,tier in (a,b),!beta")
    return selector


def _is_pruning(project: Project, request: Request) -> bool:
    return project.settings.prune if request.plan.prune is None else request.plan.prune


def decide_run(
    project: Project,
    request: Request,
    inputs: InputSet,
    members: tuple[Member, ...],
    set_name: str,
    view: FleetView,
) -> Decided:
    """Every decision, from what the view has of the members; raises as `core.pipeline.decide` does."""
    given = PipelineInput(
        inputs=inputs,
        clusters=tuple(_facts_of(member, view) for member in members),
        interpreter=build_interpreter(inputs.interpreters),
        record=view.record,
        unreachable=frozenset(view.failures),
        gates=FeatureGates.of(project.settings.feature_gates),
        reschedule=request.plan.reschedule,
        prune=_is_pruning(project, request),
        selector=_selector(request.plan.selector),
        kept_kinds=frozenset(request.kept_kinds),
        set_id=applyset_id(set_name, project.inventory_namespace) if set_name and not request.is_rendering else "",
    )
    return decide_removal(given) if request.is_removal else decide(given)


def _facts_of(member: Member, view: FleetView) -> Cluster:
    seen = view.views.get(member.name)
    recorded = None if seen else recorded_facts(view.record, member.name)
    return join_facts(member.cluster, seen.facts if seen else None, recorded)


def confirm_fleet(running: Running, planned: Planned, *, is_confirmed: bool) -> None:
    """Ask about members at first contact (I11).

    Raises GuardError `identity-unknown` where nobody can be asked, `declined` for a no.
    """
    contacts = first_contacts(planned.view, running.session.options.locked_uids)
    if not contacts or running.is_sandbox:
        return
    if not sys.stdin.isatty() or os.environ.get("CI"):
        raise GuardError(
            "identity-unknown",
            f"first contact with {', '.join(contacts)}: neither karmactl.lock nor the record knows them",
            why="without a terminal nobody can confirm that these are the clusters that are meant",
            hint="run `karmactl clusters lock` once and commit karmactl.lock",
        )
    if not is_confirmed:
        ask(f"First contact with {', '.join(contacts)}. Are these the clusters that you mean?")


def keep_identities(running: Running, planned: Planned) -> None:
    """Write the lock file at the first apply, and add members that are new to it; a sandbox has none."""
    if running.is_sandbox:
        return
    path = lock_path(running.project)
    known = dict(read_project_lock(running.project).clusters)
    seen = {name: LockedCluster(uid=view.uid) for name, view in planned.view.views.items() if view.uid}
    if not seen.keys() <= known.keys():
        write_lock(path, FleetLock(clusters=dict(sorted({**seen, **known}.items()))))


async def survey_set(session: Session) -> FleetView:
    """What the members hold of the set, for commands that read no files.

    Raises UsageError `no-set`, an ExceptionGroup where no member answers, StateErrors for unreadable state.
    """
    options = session.options
    if not options.set_name:
        raise UsageError(
            "no-set",
            "no set is named: whose state?",
            hint="write `set: NAME` into karmactl.yaml, or say --set NAME",
        )
    view = await session.survey()
    if not view.views:
        raise ExceptionGroup("no member answers", [*view.failures.values()])
    return view


def run_async(main: Callable[[], Awaitable[T]]) -> T:
    """Run a command's coroutine; Ctrl-C and SIGTERM cancel it, so that it can tidy up. Raises Stopped then."""
    received: list[int] = []

    async def guarded() -> T:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(main())

        def on_signal(number: int) -> None:
            received.append(number)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, on_signal, number)
        try:
            return await task
        except asyncio.CancelledError:
            raise Stopped(*received[:1]) from None

    return asyncio.run(guarded())
