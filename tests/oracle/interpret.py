"""The interpret set: one operation of the interpreter on one object."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from karmactl.core.encode import encode
from karmactl.core.interpret import InterpreterChain, NativeInterpreter
from karmactl.core.interpret.thirdparty import Globals, ThirdPartyInterpreter
from karmactl.core.model.binding import AggregatedStatusItem, Component
from karmactl.core.model.input import Customization
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.errors import InputError
from karmactl.lua import LuaInterpreter

_NOW = "2031-05-06T07:08:09Z"

# The cases were answered by one Karmada process after another, so its scripts had left their globals behind.
_LEAKED = Globals(is_type_gone=True)
_BUILT_IN: tuple[Interpreter, ...] = (ThirdPartyInterpreter(_LEAKED), NativeInterpreter())


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """What karmactl makes of `input`, in the form of `want`; the time of the call is `<now>`."""
    customized = LuaInterpreter([Customization(manifest=entry) for entry in case.get("customizations", ())])
    interpreter: Interpreter = InterpreterChain((customized, *_BUILT_IN))
    operation = Operation(case["operation"])
    manifest = case["object"]
    if not interpreter.is_enabled(operation, manifest["apiVersion"], manifest["kind"]):
        return {"hookEnabled": False}
    try:
        got = _ANSWERS[operation](interpreter, case)
    except InputError as exc:
        return {"error": {"message": exc.message}}
    answered: dict[str, Any] = json.loads(json.dumps(got).replace(_NOW, "<now>"))
    return answered


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """An error agrees with any error; otherwise all of it counts."""
    if "error" in want or want.get("panics"):
        return "error" in got
    return want == got


def _replica(interpreter: Interpreter, case: dict[str, Any]) -> dict[str, Any]:
    demand = interpreter.interpret_replica(case["object"])
    requirements = {} if demand.requirements is None else {"requirements": encode(demand.requirements)}
    return {"replica": demand.replicas, **requirements}


def _components(interpreter: Interpreter, case: dict[str, Any]) -> dict[str, Any]:
    return {"components": [_component(component) for component in interpreter.interpret_component(case["object"])]}


def _component(component: Component) -> dict[str, Any]:
    encoded = encode(component)
    assert isinstance(encoded, dict)
    return {"name": component.name, "replicas": component.replicas, **encoded}


def _aggregate(interpreter: Interpreter, case: dict[str, Any]) -> dict[str, Any]:
    items = [
        AggregatedStatusItem(
            cluster_name=item.get("clusterName", ""),
            status=item.get("status"),
            applied=item.get("applied", False),
            applied_message=item.get("appliedMessage", ""),
            health=item.get("health", ""),
        )
        for item in case.get("statusItems", ())
    ]
    return {"object": interpreter.aggregate_status(case["object"], items, _NOW)}


def _dependencies(interpreter: Interpreter, case: dict[str, Any]) -> dict[str, Any]:
    found = [encode(reference) for reference in interpreter.interpret_dependency(case["object"])]
    return {"dependencies": sorted(found, key=lambda reference: json.dumps(reference, sort_keys=True))}


_ANSWERS: dict[Operation, Callable[[Interpreter, dict[str, Any]], dict[str, Any]]] = {
    Operation.INTERPRET_REPLICA: _replica,
    Operation.INTERPRET_COMPONENT: _components,
    Operation.REVISE_REPLICA: lambda i, case: {"object": i.revise_replica(case["object"], case["desiredReplica"])},
    Operation.RETAIN: lambda i, case: {"object": i.retain(case["object"], case["observed"])},
    Operation.AGGREGATE_STATUS: _aggregate,
    Operation.INTERPRET_DEPENDENCY: _dependencies,
    Operation.INTERPRET_STATUS: lambda i, case: {"status": i.interpret_status(case["object"])},
    Operation.INTERPRET_HEALTH: lambda i, case: {"healthy": i.interpret_health(case["object"])},
}
