"""What is said about expressions when they are stored."""

import random

import pytest

from karmactl.embedded import cel
from karmactl.embedded.cel import run
from karmactl.embedded.cel.rules import broken_rules
from tests.embedded.conftest import Api

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "replicas": {"type": "integer"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "items": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
                "until": {"type": "string", "format": "date-time"},
                "port": {"x-kubernetes-int-or-string": True},
                "a-b": {"type": "string"},
            },
        }
    },
}
NAMES = {"self": cel.of_schema(SCHEMA, is_root=True), "oldSelf": cel.of_schema(SCHEMA, is_root=True)}
TAKEN = [
    "self.spec.replicas >= 1 && self.spec.replicas <= 10",
    "self.metadata.name.startsWith('a') || self.kind == 'X'",
    "self.spec.items.all(i, i.name.size() > 0 && i.name.matches('^[a-z]+$'))",
    "self.spec.items.map(i, i.name).exists(n, n in self.spec.labels)",
    "self.spec.items.filter(i, i.name == 'a').size() == 1 ? true : !has(self.spec.labels)",
    "has(oldSelf.spec) || self.spec == oldSelf.spec",
    "self.spec.until < timestamp('2030-01-01T00:00:00Z')",
    "self.spec.port == 80 || self.spec.port == 'http'",
    "self.spec.labels.all(k, v, k != v)",
    "quantity('1Gi').isGreaterThan(quantity('1Mi')) && math.greatest(1, 2) == 2",
    "self.spec.?replicas.orValue(1) > 0",
    "cel.bind(x, self.spec.replicas, x > 0)",
    "self.spec.a__dash__b == r'\\d' // a remark",
    "[1, 2][0] == {'a': 1}['a'] && -self.spec.replicas < 0 && !(1.5 > 2.0)",
    "size() == 1",
]
REFUSED = [
    ("self.spec.replicas >", ":1:21: Syntax error: mismatched input '<EOF>' expecting {'[', "),
    ("(self.spec", ":1:11: Syntax error: mismatched input '<EOF>' expecting ')'"),
    ("true false", ":1:6: Syntax error: extraneous input 'false' expecting <EOF>"),
    ("self.spec.replicas > 'a'", ":1:20: found no matching overload for '_>_' applied to '(int, string)'"),
    ("true\n&& self.spec.nothing", ":2:13: undefined field 'nothing'"),
    ("other == 1", ":1:1: undeclared reference to 'other' (in container '')"),
    ("unheard(self)", ":1:8: undeclared reference to 'unheard' (in container '')"),
    ("self.spec.items.all(i, i.nothing == 1)", ":1:25: undefined field 'nothing'"),
    ("self.spec.replicas.all(i, true)", "cannot be range of a comprehension"),
    ("self.spec.replicas && true", "no matching overload for '_&&_' applied to '(int, bool)'"),
    ("self.metadata.name.first.second", "type 'string' does not support field selection"),
    ("#", ":1:1: Syntax error: token recognition error at: '#'"),
    ("(" * 100, "recursion limit exceeded"),
    ("self.spec" + " + 1" * 3000 + " > 0", "recursion limit exceeded"),
    ("self.spec", "must evaluate to a bool"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_rules_that_a_server_takes(text: str) -> None:
    assert cel.fault_of(text, NAMES, cel.BOOL, "must evaluate to a bool") == ""


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_rules_that_cannot_be(text: str, told: str) -> None:
    assert told in cel.fault_of(text, NAMES, cel.BOOL, "must evaluate to a bool")


def test_no_text_breaks_the_compiler() -> None:
    chosen = random.Random(3)
    for _ in range(3000):
        words = list(chosen.choice(TAKEN))
        for _ in range(chosen.randrange(1, 6)):
            at = chosen.randrange(len(words))
            words[at : at + chosen.randrange(3)] = chosen.choice(
                ["", ".", "(", ")", "[", "'", "?", ":", ",", "has(", "é"]
            )
        cel.fault_of("".join(words) or ".", NAMES, cel.BOOL, "")


VALUES = {"n": 7, "t": "Äb,c", "l": [3, 1], "m": {"k": "v"}, "none": None}
GIVEN: list[tuple[str, object]] = [
    ("-7 / 2 == -3 && -7 % 2 == -1 && 7.0 / 2.0 == 3.5", True),
    ("n in [7, 8] && !('x' in m) && 'k' in m", True),
    ("has(m.k) && !has(m.x) && (m.x == '' || true)", True),
    ("l.map(x, x * 2).filter(x, x > 2) == [6] && l.exists_one(x, x == 3)", True),
    ("t.size() == 4 && t.split(',')[1] == 'c' && t.lowerAscii().endsWith('c')", True),
    ("'\\u00c4b' + ',c' == t && r'\\d' == '\\\\d' && t.matches('^.b')", True),
    ("n > 5 ? 'big' : 'small'", "big"),
    ("none == null && 1 == 1.0 && true != false", True),
    ("duration('1h30m') > duration('89m')", True),
    ("timestamp('2020-01-01T00:00:00Z') < timestamp('2021-01-01T00:00:00Z')", True),
    ("l == [3, 1] && !l.isSorted()", True),
    ("quantity('1Gi').isGreaterThan(quantity('1Mi'))", None),
]


@pytest.mark.parametrize(("text", "wanted"), GIVEN)
def test_expressions_have_their_values(text: str, wanted: object) -> None:
    if wanted is None:
        with pytest.raises(run.Unknown):
            run.evaluate(text, VALUES)
        return
    assert run.evaluate(text, VALUES) == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [("m.x == 1", "no such key: x"), ("l[2] == 1", "index out of bounds: 2"), ("n / 0", "division by")],
)
def test_expressions_that_fail(text: str, told: str) -> None:
    with pytest.raises(run.Failure, match=told):
        run.evaluate(text, VALUES)


RULES = {
    "type": "object",
    "x-kubernetes-validations": [{"rule": "self.spec.low <= self.spec.high", "message": "low is above high"}],
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "low": {"type": "integer"},
                "high": {"type": "integer"},
                "fixed": {
                    "type": "string",
                    "x-kubernetes-validations": [
                        {"rule": "self == oldSelf", "message": "is fixed", "reason": "FieldValueForbidden"},
                        {"rule": "self.startsWith('f')", "messageExpression": "self + ' is no f'"},
                    ],
                },
            },
        }
    },
}


@pytest.mark.parametrize(
    ("spec", "old", "told"),
    [
        ({"low": 1, "high": 2, "fixed": "f"}, None, []),
        ({"low": 3, "high": 2}, None, ["<nil>: Invalid value: low is above high"]),
        ({"low": 3}, None, ['<nil>: Invalid value: "object": no such key: high evaluating rule: low is above high']),
        ({"low": 1, "high": 2, "fixed": "x"}, None, ['spec.fixed: Invalid value: "x": x is no f']),
        ({"low": 1, "high": 2, "fixed": "f2"}, {"fixed": "f1"}, ["spec.fixed: Forbidden: is fixed"]),
        ({"low": 3, "high": 2}, {"low": 3, "high": 2}, []),  # what was wrong before stays
    ],
)
def test_rules_are_held_against_objects(spec: object, old: object, told: list[str]) -> None:
    before = None if old is None else {"spec": old}
    assert [error.message for error in broken_rules(RULES, {"spec": spec}, before, [])] == told


def test_a_custom_resource_keeps_to_its_rules(api: Api, namespace: str) -> None:
    group = f"{namespace}.test"
    definition = {
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": RULES}}],
        },
    }
    assert api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition).status == 201
    path = f"/apis/{group}/v1/namespaces/{namespace}/things"
    body = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"low": 3, "high": 2}}
    refused = api("POST", path, body)
    assert refused.status == 422
    assert "low is above high" in refused.body["message"]
    unchecked = api("POST", path, {**body, "spec": {"low": "x"}}).body["message"]
    assert "some validation rules were not checked" in unchecked
    assert api("POST", path, {**body, "spec": {"low": 1, "high": 2}}).status == 201
