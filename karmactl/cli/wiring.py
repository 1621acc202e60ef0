"""The wiring: settings, inputs, fleet and ports of one command, and the only place that builds adapters.

Heavy packages are imported inside the functions that need them, so that a command pays for what it uses.
"""

from __future__ import annotations

import fnmatch
import getpass
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from karmactl.core.facts import FactsNeeded, declared_part
from karmactl.core.interpret import InterpreterChain, NativeInterpreter, ThirdPartyInterpreter
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.fleet import FleetLock, Member
from karmactl.core.model.input import Customization, InputSet
from karmactl.core.model.interpreter import Interpreter
from karmactl.core.model.ports import Clock, Discovery, Reader
from karmactl.core.model.reason import Reason
from karmactl.core.model.settings import Settings
from karmactl.engine.members import WITNESS, FactsSource, MemberPorts
from karmactl.errors import GuardError, UsageError
from karmactl.files.fleet import declare_fleet
from karmactl.files.inputs import ReadOptions, read_inputs
from karmactl.files.lock import read_lock
from karmactl.files.settings import SettingsFile, find_settings, read_settings
from karmactl.files.sources import Source

if TYPE_CHECKING:
    from karmactl.kube.config import Kubeconfig
    from karmactl.kube.fleet import Fleet

__all__ = [
    "LOCK_NAME",
    "FleetOptions",
    "Project",
    "build_interpreter",
    "commit_of",
    "connect",
    "facts_source",
    "is_sandbox",
    "load_members",
    "load_offline_members",
    "load_project",
    "lock_path",
    "open_ports",
    "read_project_inputs",
    "read_project_lock",
    "run_identity",
    "system_clock",
    "witness_of",
]

LOCK_NAME = "karmactl.lock"
DEFAULT_INVENTORY_NAMESPACE = "karmactl-system"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """What the flags say about members."""

    contexts: tuple[str, ...] = ()
    kubeconfig: str = ""
    sandbox: bool = False
    cluster_timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Settings and where they were found; without karmactl.yaml the working folder and defaults."""

    settings: Settings
    file: SettingsFile | None
    folder: Path

    @property
    def inventory_namespace(self) -> str:
        """Where the state lies in each member."""
        return self.settings.inventory_namespace or DEFAULT_INVENTORY_NAMESPACE


def load_project(start: Path | None = None) -> Project:
    """The nearest karmactl.yaml up to the git root. Raises an ExceptionGroup of InputError."""
    folder = start or Path.cwd()
    path = find_settings(folder)
    if path is None:
        return Project(settings=Settings(), file=None, folder=folder)
    try:
        name = str(path.relative_to(folder))
    except ValueError:
        name = os.path.relpath(path, folder)
    file = read_settings(path, name=name)
    return Project(settings=file.settings, file=file, folder=path.parent)


def read_project_inputs(
    project: Project,
    filenames: Sequence[str],
    *,
    kustomizations: Sequence[str] = (),
    options: ReadOptions,
    folder: Path | None = None,
) -> InputSet:
    """What `-f` and `-k` name, else what karmactl.yaml's `inputs` name; its namespaces come into the options.

    `folder` is where relative paths of the flags start (default: the working folder). Raises UsageError `no-inputs`,
    or InputErrors.
    """
    if filenames or kustomizations:
        paths, base = tuple(filenames), folder or Path.cwd()
    else:
        paths, base = project.settings.inputs, project.folder
    if not paths and not kustomizations:
        raise UsageError(
            "no-inputs",
            "there is nothing to read: no -f, and no `inputs:` in a karmactl.yaml",
            hint="name files or folders with -f, or start with `karmactl init`",
        )
    return read_inputs(
        paths,
        base=base,
        options=replace(
            options,
            default_namespace=project.settings.namespace or "default",
            inventory_namespace=project.inventory_namespace,
        ),
        stdin=sys.stdin.buffer if sys.stdin else None,
        built=_build(kustomizations, base),
    )


def commit_of(folder: Path) -> str:
    """The short commit that a folder's repository stands at, with a + where files differ; "" where there is none."""
    from karmactl.exec.git import head_commit

    return head_commit(folder)


def _build(kustomizations: Sequence[str], base: Path) -> list[Source]:
    if not kustomizations:
        return []
    from karmactl.exec.kustomize import build_kustomization

    return [Source(name=f"{name} (built)", raw=build_kustomization(name, base=base)) for name in kustomizations]


def lock_path(project: Project) -> Path:
    """Where the lock file of a project lies."""
    return project.folder / LOCK_NAME


def read_project_lock(project: Project) -> FleetLock:
    """The lock file, an empty one where there is none."""
    return read_lock(lock_path(project), name=LOCK_NAME) or FleetLock()


def load_members(
    project: Project, inputs: InputSet | None, options: FleetOptions
) -> tuple[tuple[Member, ...], Kubeconfig]:
    """The fleet and the kubeconfig that reaches it.

    Raises GuardError `no-fleet` where neither a file nor a flag names members: the current context is never taken.
    """
    kubeconfig = _kubeconfig(project, options)
    contexts = _expand_contexts(options.contexts, [context.name for context in kubeconfig.contexts()])
    if is_sandbox(project, options) and not contexts and not project.settings.clusters:
        contexts = {context.name: context.name for context in kubeconfig.contexts()}
    # The clusters are asked themselves: what files say of their state does not count.
    clusters = tuple(declared_part(cluster) for cluster in inputs.clusters) if inputs else ()
    members = declare_fleet(project.file, clusters, inputs.cluster_facts if inputs else (), contexts)
    if not members:
        found = ", ".join(sorted(context.name for context in kubeconfig.contexts())) or "none"
        raise GuardError(
            "no-fleet",
            "no members: neither karmactl.yaml nor --context names any",
            why=f"the current context is never taken silently; contexts found: {found}",
            hint="list `clusters:` in karmactl.yaml (karmactl init --from-kubeconfig), or say --context",
        )
    return members, kubeconfig


def load_offline_members(project: Project, inputs: InputSet, options: FleetOptions) -> tuple[Member, ...]:
    """The fleet from karmactl.yaml, Cluster files and `--context`, without a kubeconfig; facts include files' status.

    Raises GuardError `no-fleet` where neither names members, UsageError `context-unknown` where a pattern matches none.
    """
    declared = declare_fleet(project.file, inputs.clusters, inputs.cluster_facts)
    known = sorted({name for member in declared for name in (member.name, member.context)})
    contexts: dict[str, str] = {}
    for pattern in options.contexts:
        is_pattern = any(sign in pattern for sign in "*?[")
        contexts |= _expand_contexts([pattern], known if is_pattern else [pattern])
    by_name = {member.name: member.context for member in declared}
    chosen = {name: by_name.get(context, context) for name, context in contexts.items()}
    members = declare_fleet(project.file, inputs.clusters, inputs.cluster_facts, chosen) if chosen else declared
    if not members:
        raise GuardError(
            "no-fleet",
            "no members: neither karmactl.yaml nor a Cluster file nor --context names any",
            why="with --dry-run=client no kubeconfig is read",
            hint="list `clusters:` in karmactl.yaml, or write Cluster files with `karmactl clusters snapshot`",
        )
    return members


def is_sandbox(project: Project, options: FleetOptions) -> bool:
    """Whether the members are those of the sandbox."""
    return options.sandbox or (project.settings.sandbox and not options.kubeconfig)


def _kubeconfig(project: Project, options: FleetOptions) -> Kubeconfig:
    from karmactl.kube.config import kubeconfig_paths, load_kubeconfig

    if is_sandbox(project, options):
        from karmactl.cli.sandbox import sandbox_kubeconfig

        return load_kubeconfig([sandbox_kubeconfig()])
    explicit = options.kubeconfig
    if not explicit and project.settings.kubeconfig:
        explicit = str(project.folder / Path(project.settings.kubeconfig).expanduser())
    return load_kubeconfig(kubeconfig_paths(explicit or None, os.environ))


def _expand_contexts(patterns: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Member name to context. Raises UsageError `context-unknown` for a pattern that matches none."""
    chosen: dict[str, str] = {}
    for pattern in patterns:
        name, equals, context = pattern.partition("=")
        if equals:
            chosen[name] = context
            continue
        matches = [entry for entry in known if fnmatch.fnmatchcase(entry, pattern)]
        if not matches:
            listed = ", ".join(sorted(known)) or "none"
            raise UsageError("context-unknown", f"no context matches {pattern!r}", hint=f"contexts: {listed}")
        chosen.update({match: match for match in matches})
    return chosen


def witness_of(project: Project) -> tuple[Member, ...]:
    """The API server that holds a copy of the record and is no member, if karmactl.yaml names one."""
    settings = project.settings.witness
    if settings is None:
        return ()
    return (Member(name=WITNESS, context=settings.context, cluster=Cluster(name=WITNESS)),)


async def connect(
    stack: AsyncExitStack, members: Sequence[Member], kubeconfig: Kubeconfig, options: FleetOptions, clock: Clock
) -> Fleet:
    """Clients of all members, closed with the stack. Nothing is sent yet."""
    from karmactl.kube.fleet import Fleet
    from karmactl.kube.transport import Limits

    fleet = Fleet(
        kubeconfig,
        {member.name: member.context for member in members},
        clock=clock,
        is_terminal=sys.stdin.isatty(),
        limits=Limits(request_seconds=options.cluster_timeout_seconds),
    )
    return await stack.enter_async_context(fleet)


def open_ports(fleet: Fleet, *, writable: bool) -> list[MemberPorts]:
    """The ports of every member; without `writable` there is no method with which to write (I1)."""
    return [
        MemberPorts(
            name=name,
            reader=fleet.reader(name),
            dry_runner=fleet.dry_runner(name),
            writer=fleet.writer(name) if writable else None,
        )
        for name in fleet.clusters
    ]


def facts_source(fleet: Fleet, members: Sequence[Member], needed: FactsNeeded, namespace: str) -> FactsSource:
    """How a member's facts are read: nothing more than the policies ask for."""
    from karmactl.kube.facts import observe

    models = {member.name: member.cluster.resource_models for member in members}

    async def read(reader: Reader) -> tuple[Cluster, Discovery, tuple[Reason, ...]]:
        observed = await observe(
            fleet.reader(reader.cluster),
            need_nodes=needed.nodes,
            need_capacity=needed.capacity,
            need_ready=needed.readiness,
            resource_models=models.get(reader.cluster, ()),
            inventory_namespace=namespace,
        )
        return observed.cluster, observed.discovery, observed.warnings

    return read


def build_interpreter(customizations: Sequence[Customization]) -> Interpreter:
    """Who says what objects mean: customizations of the inputs first, then the kinds that Karmada knows.

    Raises InputError for a customization whose script cannot be taken.
    """
    built_in: tuple[Interpreter, ...] = (ThirdPartyInterpreter(), NativeInterpreter())
    if not customizations:
        return InterpreterChain(built_in)
    from karmactl.lua import LuaInterpreter

    return InterpreterChain((LuaInterpreter(customizations), *built_in))


def system_clock() -> Clock:
    """The machine's own time."""
    from karmactl.kube.clock import SystemClock

    return SystemClock()


def run_identity(environ: Mapping[str, str]) -> str:
    """Who this run is, for Leases and the record: `user@host`, with the CI job where there is one."""
    job = environ.get("GITHUB_RUN_ID") or environ.get("CI_JOB_ID") or str(os.getpid())
    return f"{getpass.getuser()}@{socket.gethostname()}/{job}"
