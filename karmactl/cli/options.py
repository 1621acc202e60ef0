"""Options that several commands share, in bundles: one definition each, with kubectl's names where kubectl has one.

A command takes bundles as parameters; `bundled` spreads their fields into options for typer and puts the values
together again. Values that need reading (durations, limits, lists) are read by functions here, so that a wrong one is
refused before anything is done.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from typing import Annotated, Final, get_type_hints

import typer

from karmactl.core.guards import Limit, parse_limit
from karmactl.core.model.input import FieldValidation
from karmactl.errors import UsageError

__all__ = [
    "AskFlags",
    "FleetFlags",
    "GuardFlags",
    "InputFlags",
    "PlanFlags",
    "ShowFlags",
    "WriteFlags",
    "bundled",
    "read_limit",
    "read_validation",
]


def _option(*names: str, text: str, variable: str = "") -> object:
    return typer.Option(*names, help=text, envvar=f"KARMACTL_{variable}" if variable else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFlags:
    """What is read."""

    filename: Annotated[
        list[str] | None, _option("--filename", "-f", text="File, folder, glob, URL or - (stdin); repeatable.")
    ] = None
    kustomize: Annotated[
        list[str] | None, _option("--kustomize", "-k", text="Folder to build with kubectl or kustomize; repeatable.")
    ] = None
    recursive: Annotated[bool, _option("--recursive", "-R", text="Read folders below folders, too.")] = False
    namespace: Annotated[
        str, _option("--namespace", "-n", text="For objects that name none.", variable="NAMESPACE")
    ] = ""
    skip_unsupported: Annotated[
        bool, _option("--skip-unsupported", text="Only report Karmada kinds that are not supported.")
    ] = False
    validate: Annotated[
        str,
        _option(
            "--validate", text="Templates that an API server would refuse: strict, warn or ignore.", variable="VALIDATE"
        ),
    ] = "strict"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFlags:
    """Which clusters, and what of them a run owns."""

    set_name: Annotated[str, _option("--set", text="The inventory that this run owns.", variable="SET")] = ""
    context: Annotated[
        list[str] | None,
        _option("--context", "--contexts", text="Contexts that form the fleet: globs, name=context; repeatable."),
    ] = None
    cluster: Annotated[
        list[str] | None,
        _option("--cluster", "--clusters", "-C", text="Only these members; placement still uses the whole fleet."),
    ] = None
    kubeconfig: Annotated[str, _option("--kubeconfig", text="Instead of KUBECONFIG and ~/.kube/config.")] = ""
    sandbox: Annotated[bool, _option("--sandbox", text="The members are those of the sandbox.", variable="SANDBOX")] = (
        False
    )
    cluster_timeout: Annotated[
        str, _option("--cluster-timeout", text="For one request to a member.", variable="CLUSTER_TIMEOUT")
    ] = "30s"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFlags:
    """Whether clusters are asked at all."""

    dry_run: Annotated[
        str, _option("--dry-run", text="server asks the clusters; client asks none: from files alone.")
    ] = "server"

    @property
    def is_offline(self) -> bool:
        """Whether no cluster is asked. Raises UsageError `bad-dry-run`."""
        if self.dry_run not in ("server", "client", "none"):
            raise UsageError("bad-dry-run", f"--dry-run={self.dry_run}: no such choice", hint="say server or client")
        return self.dry_run == "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFlags:
    """What is decided."""

    selector: Annotated[
        str, _option("--selector", "-l", text="Only templates with these labels, as in kubectl; placement sees all.")
    ] = ""
    prune: Annotated[bool | None, _option("--prune/--no-prune", text="Remove what left the files.")] = None
    reschedule: Annotated[bool, _option("--reschedule", text="Place afresh, not from the recorded placement.")] = False
    skip_unplaceable: Annotated[
        bool, _option("--skip-unplaceable", text="Go on without workloads that fit nowhere.")
    ] = False
    force_conflicts: Annotated[bool, _option("--force-conflicts", text="Take over fields that others hold.")] = False
    create_namespace: Annotated[bool, _option("--create-namespace", text="Create namespaces that are nowhere.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFlags:
    """Limits, and what the user consents to."""

    max_delete: Annotated[str, _option("--max-delete", text="Most objects removed per member: N or P%.")] = ""
    max_move: Annotated[str, _option("--max-move", text="Most replicas moved: N or P%.")] = ""
    allow_delete: Annotated[
        list[str] | None, _option("--allow-delete", text="Let this protected KIND be removed; repeatable.")
    ] = None
    allow_stateful: Annotated[bool, _option("--allow-stateful", text="Let StatefulSets move.")] = False
    replace: Annotated[bool, _option("--replace", text="Delete and recreate objects whose field is immutable.")] = False
    skip_refused: Annotated[bool, _option("--skip-refused", text="Go on without objects that are refused.")] = False
    allow_empty: Annotated[bool, _option("--allow-empty", text="Inputs without any template are meant.")] = False
    allow_minority: Annotated[
        bool, _option("--allow-minority", text="Act though too few holders of the record answer.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFlags:
    """How it is carried out."""

    wait: Annotated[bool, _option("--wait/--no-wait", text="Wait until workloads are ready.")] = True
    timeout: Annotated[str, _option("--timeout", text="For the whole wait.", variable="TIMEOUT")] = "10m"
    lock_timeout: Annotated[
        str, _option("--lock-timeout", text="How long to wait for another run.", variable="LOCK_TIMEOUT")
    ] = "20s"
    yes: Annotated[bool, _option("--yes", "-y", text="Do not ask.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFlags:
    """How the answer is shown."""

    output: Annotated[
        list[str] | None,
        _option("--output", "-o", text="human, json, yaml, name or markdown; FORMAT=FILE; repeatable."),
    ] = None
    color: Annotated[str, _option("--color", text="auto, always or never.", variable="COLOR")] = "auto"
    quiet: Annotated[bool, _option("--quiet", "-q", text="No progress and no hints.")] = False
    verbose: Annotated[bool, _option("--verbose", "-v", text="Also how many requests went to each member.")] = False


def bundled(function: Callable[..., int]) -> Callable[..., int]:
    """The function with each parameter that is a bundle replaced by the bundle's fields, for typer to read."""
    hints = get_type_hints(function, include_extras=True)
    bundles = {name: hint for name, hint in hints.items() if is_dataclass(hint) and isinstance(hint, type)}
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in bundles:
            parameters += _parameters_of(bundles[name])
        else:
            parameters.append(parameter.replace(annotation=hints[name]))
    # Arguments first: a positional one without a default may not follow options.
    parameters.sort(key=lambda parameter: parameter.kind is inspect.Parameter.KEYWORD_ONLY)

    @wraps(function)
    def command(**values: object) -> int:
        for name, bundle in bundles.items():
            values[name] = bundle(**{entry.name: values.pop(entry.name) for entry in fields(bundle)})
        return function(**values)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what typer reads
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _parameters_of(bundle: type) -> list[inspect.Parameter]:
    hints = get_type_hints(bundle, include_extras=True)
    return [
        inspect.Parameter(
            entry.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=hints[entry.name],
            default=inspect.Parameter.empty if entry.default is MISSING else entry.default,
        )
        for entry in fields(bundle)
    ]


_VALIDATIONS: Final = {
    "strict": FieldValidation.STRICT,
    "true": FieldValidation.STRICT,
    "warn": FieldValidation.WARN,
    "ignore": FieldValidation.IGNORE,
    "false": FieldValidation.IGNORE,
}


def read_validation(text: str) -> FieldValidation:
    """What `--validate` says, in any of kubectl's words. Raises UsageError `bad-validate`."""
    validation = _VALIDATIONS.get(text)
    if validation is None:
        raise UsageError("bad-validate", f"--validate={text}: no such choice", hint="say strict, warn or ignore")
    return validation


def read_limit(text: str, flag: str, default: Limit) -> Limit:
    """A ceiling from a flag, the default where it is not given. Raises UsageError `bad-limit`."""
    if not text:
        return default
    limit = parse_limit(text)
    if limit is None:
        raise UsageError("bad-limit", f"{flag}: {text!r} is no limit", hint="say a number (5) or a share (20%)")
    return limit
