"""What is said about expressions when they are stored."""

import random

import pytest

from karmactl.embedded import cel

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
