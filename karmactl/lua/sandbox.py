"""Runs one function of a Lua script, with limits on instructions, memory and time.

Lua itself comes from lupa (Lua 5.1, the version that Karmada's scripts are written for); what a script may see and how
it is stopped is in `prelude.lua`. Values go in as tables and come out as JSON, with the name of their Lua type, because
an empty table has none. Nothing of Python is visible to a script but the four functions of the `kube` library.

Differs from Karmada: its Lua also knows `goto`, and `..` there writes numbers of more than 14 digits in full.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final, NoReturn, Protocol, TypeAlias, cast

import lupa.lua51 as lua51

from karmactl.core.encode import encode
from karmactl.core.interpret.tables import (
    encode_requirements,
    quantity_as_number,
    read_quantity,
    template_dependencies,
    template_requirements,
)
from karmactl.core.model.manifest import JSONValue, as_mapping
from karmactl.core.quantity import ZERO, parse_quantity
from karmactl.errors import InputError
from karmactl.lua.go_text import (
    Scalar,
    change_case,
    date_table,
    date_text,
    epoch_of,
    format_text,
    number_text,
)

__all__ = ["Limits", "LuaValue", "Sandbox"]

_COLLECT_EVERY: Final = 64
# Karmada's order; inside a kind it has none.
_KINDS_OF_DEPENDENCIES: Final = ("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim")
_CHUNK: Final = "<string>"
_STRAY_BYTE: Final = re.compile("[\udc80-\udcff]")
_MEMORY_TEXT: Final = "not enough memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may use; Karmada itself has the second alone."""

    instructions: int = 50_000_000
    memory_bytes: int = 64 * 2**20
    seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LuaValue:
    """A result: its Lua type (`nil`, `number`, `table`, ...) and the value as JSON; an empty table is an empty list."""

    type: str
    value: JSONValue


class _Host(Protocol):
    """A Lua object as lupa shows it, as far as it is used here."""

    def __call__(self, *arguments: object) -> object: ...

    def __getitem__(self, key: str) -> object: ...


_Answer: TypeAlias = "tuple[bool, object]"


class Sandbox:
    """A Lua state for calls one after another; each call sees an environment of its own."""

    def __init__(self, limits: Limits | None = None, *, now: Callable[[], float] = time.time) -> None:
        self._limits = limits or Limits()
        self._now = now
        self._deadline = 0.0
        self._calls = 0
        self._start()

    def call(self, script: str, name: str, function: str, arguments: Sequence[JSONValue], count: int) -> list[LuaValue]:
        """The first `count` results of a function that the script defines.

        `name` stands for the script in messages, before the line. Raises InputError `lua-failed`, `lua-stopped` (too
        many instructions, too long) or `lua-out-of-memory`.
        """
        self._calls += 1
        if self._calls % _COLLECT_EVERY == 0:
            self._runtime.gccollect()
        self._deadline = time.monotonic() + self._limits.seconds
        try:
            texts = (_written(text) for text in (script, function))
            answer = self._run(*texts, count, *(self._to_lua(argument) for argument in arguments))
        except (lua51.LuaError, MemoryError) as exc:
            self._fail(name, _read(str(exc)), is_broken=True)
        is_done, *results = answer if isinstance(answer, tuple) else (answer,)
        if is_done is not True:
            self._fail(name, _read(str(results[0])) if results else "no answer")
        return [
            LuaValue(type=str(kind), value=_as_json(text))
            for kind, text in zip(results[::2], results[1::2], strict=True)
        ]

    def _start(self) -> None:
        """A fresh state; also the way on after one that ran out of memory."""
        self._runtime = lua51.LuaRuntime(
            # Texts are bytes to a script; one character stands for each.
            encoding="latin-1",
            max_memory=self._limits.memory_bytes,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_deny,
        )
        prelude = resources.files("karmactl.lua").joinpath("prelude.lua").read_text(encoding="utf-8")
        load = cast("_Host", self._runtime.eval("function(source, host) return assert(loadstring(source))(host) end"))
        host = self._runtime.table_from(
            {
                "instructions": self._limits.instructions,
                "seconds": self._limits.seconds,
                "monotonic": time.monotonic,
                "deadline": lambda: self._deadline,
                "now": self._now,
                "resource_add": _answering(self._resource_add),
                "pod_requirements": _answering(self._pod_requirements),
                "pod_dependencies": _answering(self._pod_dependencies),
                "resource_quantity": _answering(self._resource_quantity),
                "number_text": lambda number: number_text(float(number)),
                "format": _answering(self._format),
                "change_case": lambda text, is_upper: _written(change_case(_read(text), is_upper=is_upper)),
                "date": _answering(lambda form, seconds: _written(date_text(_read(form), seconds))),
                "date_table": _answering(lambda seconds: self._runtime.table_from(date_table(seconds))),
                "epoch": _answering(lambda fields: epoch_of(dict(fields.items()))),
            }
        )
        self._host = cast("_Host", host)
        self._run = cast("_Host", load(prelude, host))

    def _fail(self, name: str, message: str, *, is_broken: bool = False) -> NoReturn:
        """Raise the error of a call, with the script's line where it is known; `is_broken`: the state is of no use."""
        if message.startswith(_CHUNK):
            message = name + message.removeprefix(_CHUNK)
        is_memory = _MEMORY_TEXT in message
        line = self._host["line"] if is_memory else None
        if is_broken or is_memory:
            self._start()
        if is_memory:
            code, message = "lua-out-of-memory", f"needs more than {self._limits.memory_bytes // 2**20} MiB"
            message = f"{name}:{line}: {message}" if line else message
        else:
            code = "lua-stopped" if "stopped after" in message else "lua-failed"
        text = message if message.startswith(f"{name}:") else f"{name}: {message}"
        raise InputError(code, f"script {text}")

    def _to_lua(self, value: JSONValue) -> object:
        if isinstance(value, dict):
            return self._runtime.table_from(
                {_written(key): self._to_lua(entry) for key, entry in value.items() if entry is not None}
            )
        if isinstance(value, list):
            return self._runtime.table_from([self._to_lua(entry) for entry in value])
        if isinstance(value, str):
            return _written(value)
        # Lua has one kind of number; a Python integer of any size would be handed in as an object.
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    # --- The kube library: each gets how many arguments there were, tables as JSON --------------------------------

    def _resource_add(self, count: object, *quantities: object) -> object:
        total = ZERO
        for quantity in quantities[: _as_int(count)]:
            if quantity is not None:
                if not isinstance(quantity, str):
                    raise InputError("lua-failed", f"a quantity must be a text, not {quantity!r}")
                total += parse_quantity(read_quantity(quantity))
        return str(total)

    def _pod_requirements(self, count: object, template: object) -> object:
        if _as_int(count) != 1:
            raise InputError("lua-failed", "getPodRequirements only accepts one argument")
        return self._to_lua(encode_requirements(template_requirements(_as_template(template))))

    def _pod_dependencies(self, count: object, template: object, namespace: object = None) -> object:
        if _as_int(count) != 2:
            raise InputError("lua-failed", "getPodDependencies only accepts two argument")
        if isinstance(namespace, int | float) and not isinstance(namespace, bool):
            namespace = number_text(namespace)
        if namespace is not None and not isinstance(namespace, str):
            raise InputError("lua-failed", f"a namespace must be a text, not {namespace!r}")
        references = template_dependencies(_as_template(template), None if namespace is None else _read(namespace))
        if references is None:
            return None
        by_kind = sorted(references, key=lambda reference: _KINDS_OF_DEPENDENCIES.index(reference.kind))
        return self._to_lua([encode(reference) for reference in by_kind])

    def _format(self, pattern: object, count: object, *arguments: object) -> object:
        given = [_read(entry) if isinstance(entry, str) else entry for entry in arguments[: _as_int(count)]]
        given += [None] * (_as_int(count) - len(given))
        return _written(format_text(_read(str(pattern)), cast("list[Scalar]", given)))

    def _resource_quantity(self, count: object, quantity: object = None) -> object:
        if _as_int(count) != 1:
            raise InputError("lua-failed", "getResourceQuantity only accepts one argument")
        return quantity_as_number(cast("JSONValue", quantity))


def _answering(function: Callable[..., object]) -> Callable[..., _Answer]:
    """The function as Lua may call it: (true, result) or (false, why), since Lua could hold on to an exception."""

    def answer(*arguments: object) -> _Answer:
        try:
            return True, function(*arguments)
        except (InputError, ValueError) as exc:
            return False, str(exc)

    return answer


def _as_int(count: object) -> int:
    return int(count) if isinstance(count, int | float) else 0


def _as_json(text: object) -> JSONValue:
    """The value that Lua encoded; bytes that are no UTF-8 become replacement characters, one for each, as in Go."""
    return cast("JSONValue", json.loads(_STRAY_BYTE.sub("\ufffd", _read(str(text)))))


def _as_template(text: object) -> JSONValue:
    parsed = _as_json(text)
    return {} if parsed == [] else as_mapping(parsed) or parsed


def _read(text: str) -> str:
    """A text of Lua's, given as bytes, as a text; bytes that are no UTF-8 stay what they are."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def _written(text: str) -> str:
    """A text as bytes for Lua: the way back from `_read`."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _deny(obj: object, name: object, is_setting: bool) -> NoReturn:
    """No attribute of a Python object is for scripts."""
    raise AttributeError(f"{name} is not accessible")
