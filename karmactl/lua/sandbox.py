"""Runs one function of a Lua script, with limits on instructions, memory and time.

Lua itself comes from lupa (Lua 5.1, the version that Karmada's scripts are written for); what a script may see and how
it is stopped is in `prelude.lua`. Values go in as tables and come out as JSON, with the name of their Lua type, because
an empty table has none. Nothing of Python is visible to a script but the four functions of the `kube` library.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final, NoReturn, Protocol, TypeAlias, cast

import lupa.lua51 as lua51

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

__all__ = ["Limits", "LuaValue", "Sandbox"]

_COLLECT_EVERY: Final = 64
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
            answer = self._run(script, name, function, count, *(self._to_lua(argument) for argument in arguments))
        except (lua51.LuaError, MemoryError, UnicodeDecodeError) as exc:
            self._fail(name, str(exc), is_broken=True)
        is_done, *results = answer if isinstance(answer, tuple) else (answer,)
        if is_done is not True:
            self._fail(name, str(results[0]) if results else "no answer")
        return [
            LuaValue(type=str(kind), value=cast("JSONValue", json.loads(str(text))))
            for kind, text in zip(results[::2], results[1::2], strict=True)
        ]

    def _start(self) -> None:
        """A fresh state; also the way on after one that ran out of memory."""
        self._runtime = lua51.LuaRuntime(
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
            }
        )
        self._host = cast("_Host", host)
        self._run = cast("_Host", load(prelude, host))

    def _fail(self, name: str, message: str, *, is_broken: bool = False) -> NoReturn:
        """Raise the error of a call, with the script's line where it is known; `is_broken`: the state is of no use."""
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
                {key: self._to_lua(entry) for key, entry in value.items() if entry is not None}
            )
        if isinstance(value, list):
            return self._runtime.table_from([self._to_lua(entry) for entry in value])
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
        return self._to_lua(encode_requirements(template_requirements(_as_json(template))))

    def _pod_dependencies(self, count: object, template: object, namespace: object = None) -> object:
        if _as_int(count) != 2:
            raise InputError("lua-failed", "getPodDependencies only accepts two argument")
        if namespace is not None and not isinstance(namespace, str):
            raise InputError("lua-failed", f"a namespace must be a text, not {namespace!r}")
        references = template_dependencies(_as_json(template), namespace)
        if references is None:
            return None
        table: JSONValue = [
            {"apiVersion": entry.api_version, "kind": entry.kind, "namespace": entry.namespace, "name": entry.name}
            for entry in references
        ]
        return self._to_lua(table)

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
    parsed = cast("JSONValue", json.loads(str(text)))
    return {} if parsed == [] else as_mapping(parsed) or parsed


def _deny(obj: object, name: object, is_setting: bool) -> NoReturn:
    """No attribute of a Python object is for scripts."""
    raise AttributeError(f"{name} is not accessible")
