"""`karmactl interpret`: one interpreter operation on one object, for authors of customizations.

The object and the ResourceInterpreterCustomizations come from `-f`; no cluster is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from karmactl.cli.answers import value_answers
from karmactl.cli.exits import Exit
from karmactl.cli.options import InputFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.values import split_values
from karmactl.cli.wiring import build_interpreter, load_project, read_project_inputs
from karmactl.core.decode import decode
from karmactl.core.encode import encode
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.input import FieldValidation
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, field
from karmactl.errors import InputError, Location, UsageError
from karmactl.files.documents import read_documents
from karmactl.files.faults import fault_group
from karmactl.files.inputs import ReadOptions

__all__ = ["command"]


@bundled
def command(
    files: Annotated[list[str] | None, typer.Argument(help="Files, as with -f.")] = None,
    *,
    inputs: InputFlags,
    show: ShowFlags,
    operation: Annotated[
        str, typer.Option("--operation", help=f"One of {', '.join(entry.value for entry in Operation)}.")
    ],
    desired: Annotated[int, typer.Option("--desired", help="Replicas, for ReviseReplica.")] = 0,
    observed: Annotated[
        str, typer.Option("--observed", help="The member's object, for Retain; status items, for AggregateStatus.")
    ] = "",
) -> int:
    """Run one interpreter operation on the object in the files, with the customizations there (exit 1: no answer)."""
    chosen = _operation(operation)
    project = load_project()
    found = read_project_inputs(
        project,
        (*(files or ()), *split_values(inputs.filename)),
        options=ReadOptions(
            is_recursive=inputs.recursive,
            namespace=inputs.namespace,
            skip_unsupported=inputs.skip_unsupported,
            # Interpreting is asked of parts of objects as well.
            validation=FieldValidation.IGNORE,
        ),
    )
    if len(found.templates) != 1:
        raise UsageError(
            "not-one-object",
            f"the inputs hold {len(found.templates)} objects; interpret takes one",
            hint="name one file with -f, and customizations with further -f",
        )
    manifest = found.templates[0].manifest
    interpreter = build_interpreter(found.interpreters)
    printer = Printer(show)
    if not interpreter.is_enabled(chosen, str(manifest["apiVersion"]), str(manifest["kind"])):
        printer.note_text(f"nothing answers {chosen.value} for {manifest['apiVersion']} {manifest['kind']}")
        return Exit.DIFFERENCES
    asked = _Asked(manifest=manifest, desired=desired, observed=observed)
    printer.answer(value_answers(_ANSWERS[chosen](interpreter, asked)))
    return Exit.DONE


class _Asked:
    """One question: the object, and what the operation needs besides."""

    def __init__(self, *, manifest: Manifest, desired: int, observed: str) -> None:
        self.manifest = manifest
        self.desired = desired
        self._observed = observed

    def observed(self) -> JSONValue:
        """The document of `--observed`. Raises InputErrors, or UsageError `bad-usage` where it is not given."""
        if not self._observed:
            raise UsageError("bad-usage", "this operation needs --observed FILE", hint="see karmactl interpret --help")
        faults: list[InputError] = []
        try:
            raw = Path(self._observed).read_bytes()
        except OSError as error:
            where = Location(file=self._observed)
            raise InputError("input-unreadable", error.strerror or str(error), location=where) from error
        documents = read_documents(raw, self._observed, faults)
        if faults:
            raise fault_group(faults)
        return documents[0].value if documents else None

    def observed_object(self) -> Manifest:
        """The same, as an object. Raises InputError `not-an-object`."""
        value = self.observed()
        if not isinstance(value, dict):
            raise InputError("not-an-object", "this is no object", location=Location(file=self._observed))
        return value

    def status_items(self) -> list[AggregatedStatusItem]:
        """The same, as the status of each member: a list, or a mapping with `items`."""
        value = self.observed()
        entries = as_list(field(value, "items")) if isinstance(value, dict) else as_list(value)
        items = []
        for entry in entries:
            item, faults = decode(AggregatedStatusItem, entry)
            if faults:
                raise InputError("wrong-type", faults[0].message, location=Location(file=self._observed))
            items.append(item)
        return items


def _replica(interpreter: Interpreter, asked: _Asked) -> JSONValue:
    demand = interpreter.interpret_replica(asked.manifest)
    return {"replica": demand.replicas, "requirements": encode(demand.requirements)}


def _aggregate(interpreter: Interpreter, asked: _Asked) -> JSONValue:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return interpreter.aggregate_status(asked.manifest, asked.status_items(), now)


_ANSWERS: Mapping[Operation, Callable[[Interpreter, _Asked], JSONValue]] = {
    Operation.INTERPRET_REPLICA: _replica,
    Operation.INTERPRET_COMPONENT: lambda interpreter, asked: {
        "components": encode(interpreter.interpret_component(asked.manifest))
    },
    Operation.REVISE_REPLICA: lambda interpreter, asked: interpreter.revise_replica(asked.manifest, asked.desired),
    Operation.RETAIN: lambda interpreter, asked: interpreter.retain(asked.manifest, asked.observed_object()),
    Operation.AGGREGATE_STATUS: _aggregate,
    Operation.INTERPRET_DEPENDENCY: lambda interpreter, asked: {
        "dependencies": encode(interpreter.interpret_dependency(asked.manifest))
    },
    Operation.INTERPRET_STATUS: lambda interpreter, asked: {"status": interpreter.interpret_status(asked.manifest)},
    Operation.INTERPRET_HEALTH: lambda interpreter, asked: {"healthy": interpreter.interpret_health(asked.manifest)},
}


def _operation(word: str) -> Operation:
    """The operation of a name, in any case. Raises UsageError `bad-usage`."""
    for operation in Operation:
        if operation.value.lower() == word.lower():
            return operation
    names = ", ".join(operation.value for operation in Operation)
    raise UsageError("bad-usage", f"there is no operation {word!r}", hint=f"operations: {names}")
