"""Scripts: what they may see, how they are stopped, and what their results become."""

from __future__ import annotations

import time

import pytest

from karmactl.core.model.input import Customization
from karmactl.core.model.interpreter import Operation
from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.errors import InputError
from karmactl.lua import Limits, LuaInterpreter
from karmactl.lua.sandbox import Sandbox

_LIMITS = Limits(instructions=2_000_000, memory_bytes=8 * 2**20, seconds=0.5)


def _call(body: str, *arguments: JSONValue, limits: Limits = _LIMITS) -> JSONValue:
    (result,) = Sandbox(limits).call(f"function F(obj)\n{body}\nend", "db/rule", "F", arguments, 1)
    return result.value


# Large pieces, so that the limit of memory is met before that of time on every machine.
_HOARD = "local s = 'x' for i = 1, 16 do s = s .. s end local t = {} for i = 1, 1e9 do t[i] = s .. i end"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("while true do end", "lua-stopped"),
        ("while true do pcall(function() while true do end end) end", "lua-stopped"),
        ("xpcall(function() while true do end end, function() while true do end end)", "lua-stopped"),
        ("local function f() return f() end return f()", "lua-stopped"),
        (_HOARD, "lua-out-of-memory"),
        ("local s = 'x' while true do s = s .. s end", "lua-out-of-memory"),
        ("local t = {} table.insert(t, -1e15, 1) return 1", ""),
        ("return string.find(obj.long, '.-.-.-.-.-.-b')", "lua-failed"),
        ("return obj.long:match('.-.-.-.-.-.-b')", "lua-failed"),
        ("local function f() return 1 + f() end return f()", "lua-failed"),
        ("return obj.spec.absent", "lua-failed"),
        ("return 1 +", "lua-failed"),
    ],
)
def test_limits(body: str, code: str) -> None:
    given: JSONValue = {"long": "a" * 3000}
    begun = time.monotonic()
    if code:
        with pytest.raises(InputError) as stopped:
            _call(body, given)
        assert stopped.value.code == code
        assert "db/rule" in stopped.value.message
    else:
        _call(body, given)
    assert time.monotonic() - begun < 3


def test_the_line_is_named() -> None:
    with pytest.raises(InputError) as stopped:
        _call("local x = 1\nreturn x.y.z", {})
    assert "db/rule:3:" in stopped.value.message


@pytest.mark.parametrize(
    "name", ["io", "debug", "coroutine", "python", "dofile_", "os.execute", "os.getenv", "math.random"]
)
def test_out_of_reach(name: str) -> None:
    assert _call(f"return {name} == nil", {}) is True


@pytest.mark.parametrize("name", ["load", "loadstring", "dofile", "getmetatable", "setmetatable", "rawset", "getfenv"])
def test_taken_away(name: str) -> None:
    with pytest.raises(InputError) as refused:
        _call(f"return {name}('x')", {})
    assert f"call function {name} is not supported" in refused.value.message


@pytest.mark.parametrize("name", ["dump", "gsub", "rep"])
def test_functions_of_texts_that_karmada_takes_away(name: str) -> None:
    for call in (f"string.{name}('x', 'y', 1)", f"('x'):{name}('y', 1)"):
        with pytest.raises(InputError) as refused:
            _call(f"return {call}", {})
        assert f"The Lua function string.{name} is not supported by Karmada" in refused.value.message


def test_calls_share_nothing() -> None:
    sandbox = Sandbox(_LIMITS)
    script = "leak = (leak or 0) + 1 string.lower = nil math.max = nil\nfunction F() return leak end"
    assert [sandbox.call(script, "s", "F", (), 1)[0].value for _ in range(3)] == [1, 1, 1]


def test_goes_on_after_running_out_of_memory() -> None:
    sandbox = Sandbox(_LIMITS)
    with pytest.raises(InputError):
        sandbox.call("function F() local s = 'x' while true do s = s .. s end end", "s", "F", (), 1)
    assert sandbox.call("function F() return 1 end", "s", "F", (), 1)[0].value == 1


def test_values_there_and_back() -> None:
    value: JSONValue = {"n": 3, "half": 0.5, "yes": True, "text": 'a"\\\n\u00e9', "list": [1, [2]], "map": {"k": "v"}}
    assert _call("return obj", value) == value
    assert _call("local out = {} for key in pairs(obj) do out[#out + 1] = key end return out", value) == [
        "half",
        "list",
        "map",
        "n",
        "text",
        "yes",
    ]


def _customization(name: str, **scripts: str) -> Customization:
    manifest: Manifest = {
        "apiVersion": "config.karmada.io/v1alpha1",
        "kind": "ResourceInterpreterCustomization",
        "metadata": {"name": name},
        "spec": {
            "target": {"apiVersion": "db.example.io/v1", "kind": "Database"},
            "customizations": {rule: {"luaScript": script} for rule, script in scripts.items()},
        },
    }
    return Customization(manifest=manifest)


def _database(**spec: JSONValue) -> Manifest:
    return {
        "apiVersion": "db.example.io/v1",
        "kind": "Database",
        "metadata": {"name": "pg", "namespace": "data"},
        "spec": dict(spec),
    }


def test_the_first_name_answers_and_dependencies_are_united() -> None:
    def refers(name: str) -> str:
        return f"function GetDependencies(o) return {{{{apiVersion='v1', kind='Secret', name='{name}'}}}} end"

    interpreter = LuaInterpreter(
        [
            _customization(
                "b", replicaResource="function GetReplicas() return 2 end", dependencyInterpretation=refers("b")
            ),
            _customization(
                "a", replicaResource="function GetReplicas() return 1 end", dependencyInterpretation=refers("a")
            ),
        ]
    )
    assert interpreter.interpret_replica(_database()).replicas == 1
    assert [ref.name for ref in interpreter.interpret_dependency(_database())] == ["a", "b"]
    assert interpreter.is_enabled(Operation.INTERPRET_REPLICA, "db.example.io/v1", "Database")
    assert not interpreter.is_enabled(Operation.RETAIN, "db.example.io/v1", "Database")
    assert not interpreter.is_enabled(Operation.INTERPRET_REPLICA, "db.example.io/v2", "Database")


def test_empty_tables_become_what_they_were() -> None:
    revise = "function ReviseReplica(o, n) o.spec.members = n o.spec.new = {} o.spec.items = {} return o end"
    interpreter = LuaInterpreter([_customization("a", replicaRevision=revise)])
    revised = interpreter.revise_replica(_database(members=1, list=[], map={}, items=[1]), 4)
    assert revised["spec"] == {"members": 4, "list": [], "map": {}}


def test_time_is_what_the_caller_says() -> None:
    aggregate = "function AggregateStatus(o) o.status = {at = os.date('!%Y-%m-%dT%H:%M:%SZ')} return o end"
    interpreter = LuaInterpreter([_customization("a", statusAggregation=aggregate)])
    aggregated = interpreter.aggregate_status(_database(), [], "2030-01-02T03:04:05Z")
    assert aggregated["status"] == {"at": "2030-01-02T03:04:05Z"}


def test_kube_library() -> None:
    requirements = (
        "local kube = require('kube')\n"
        "function GetReplicas(o) return 1, kube.accuratePodRequirements(o.spec.template) end"
    )
    interpreter = LuaInterpreter([_customization("a", replicaResource=requirements)])
    container: JSONValue = {"name": "c", "resources": {"limits": {"cpu": "1500m"}}}
    demand = interpreter.interpret_replica(_database(template={"spec": {"containers": [container]}}))
    assert demand.requirements is not None
    assert demand.requirements.resource_request == {"cpu": "1500m"}
    sum_text = "kube.resourceAdd('500m', nil, '1') == '1500m'"
    add = f"local kube = require('kube')\nfunction InterpretHealth() return {sum_text} end"
    assert LuaInterpreter([_customization("a", healthInterpretation=add)]).interpret_health(_database())
    bad = "local kube = require('kube')\nfunction InterpretHealth() return kube.resourceAdd('x') end"
    with pytest.raises(InputError) as refused:
        LuaInterpreter([_customization("a", healthInterpretation=bad)]).interpret_health(_database())
    assert "a/healthInterpretation" in refused.value.message


@pytest.mark.parametrize(
    "body",
    ["while true do end", "local t = {} for i = 1, 1e9 do t[i] = 'x' .. i end", "local s = nil .. 'x'", "x.y = 1"],
)
def test_the_line_of_the_script_is_named(body: str) -> None:
    with pytest.raises(InputError, match=r"script db/rule:3: "):
        _call(f"local n = 1\n{body}")
