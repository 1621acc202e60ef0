"""Documents side by side with kubectl: the same data, and refused where kubectl refuses."""

from __future__ import annotations

import json
import random
import shutil
import subprocess

import pytest

from karmactl.core.model.manifest import JSONValue
from karmactl.errors import InputError
from karmactl.files.documents import read_documents

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not on this machine: reading is not compared with it"
)

HEAD = "apiVersion: x.example.com/v1\nkind: X\nmetadata: {name: x}\n"
BODIES = [
    "spec:\n  a: on\n  b: [yes, No, y, n, ~, null, 0x1F, 0o17, 017, 08, 1_000, 1e3, 1.0, .5, 12:30, 2001-01-01]\n",
    "spec: {1: a, 1.5: b, 1e6: c, y: d, 0b11: e, 2001-01-01: f, .inf: g}\n",
    "spec:\n  a: &x {b: 1}\n  c: *x\n  d: {<<: *x, e: 2}\n  f:\n    b: 3\n    <<: *x\n",
    "spec:\n  a: !!str 5\n  b: !!int '7'\n  c: !!float 5\n  d: !x 9\n  e: ! 5\n  f: !!binary aGVsbG8=\n",
    "spec:\n  a: |\n    x\n     y\n  b: >-\n    x\n    y\n\n    z\n  c: |+\n    x\n\n",
    "spec:\n  d: 'it''s'\n  e: \"\\u00e9\\n\\x41\"\n",
    "spec:\n- - a\n  - b\n-\n  c: d\n- e: f\n  g: h\n",
    "spec:\n  a:\tb\n  c: d # no\n  e: f#yes\n  g: http://h:80/i\n  j: -k\n  l: m - n\n",
    "spec: {a: [b, {c: d}], 'e': \"f\", g: }\n",
    "spec:\r\n  a: b\r\n  c: |\r\n    d\r\n    e\r\n",
    "? spec\n: a\n",
    "spec: 4.611686018427387904e18\nx: -0.0\nz: 1e22\nw: 1.5e300\n",
]
REFUSED = [
    "spec:\n\ta: b\n",
    "spec: [\n",
    "spec: a: b\n",
    "spec: 'a\n",
    "spec: @a\n",
    "spec: `a`\n",
    "spec: %a\n",
    "spec: *a\n",
    "spec: &a [*a]\n",
    "spec: {~: a}\n",
    "spec: {[a]: b}\n",
    "spec: .inf\n",
    "spec: !!int a\n",
    "spec: {<<: 3}\n",
    "spec: a\n b: c\n",
    "--- x\nspec: a\n",
    "spec: \x01\n",
    'spec: "\\q"\n',
    "- a\n",
]


def _kubectl(text: str) -> list[JSONValue] | None:
    """What kubectl makes of a stream, None if it refuses it."""
    result = subprocess.run(
        ["kubectl", "annotate", "--local", "-f", "-", "-o", "json", "added=x"], input=text.encode(), capture_output=True
    )
    if result.returncode:
        return None
    objects: list[JSONValue] = []
    decoder, rest = json.JSONDecoder(), result.stdout.decode().strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        del value["metadata"]["annotations"]
        objects.append(value)
        rest = rest[end:].strip()
    return objects


def _read(text: str) -> list[JSONValue] | None:
    faults: list[InputError] = []
    documents = read_documents(text.encode(), "x.yaml", faults)
    return None if faults else [document.value for document in documents]


def _random_documents(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    words = [
        "a",
        "on",
        "1",
        "1.5",
        "0x10",
        "~",
        "x y",
        "a-b",
        "1e3",
        "2024-01-01",
        "'q'",
        '"d"',
        "é",
        "no",
        "-1",
        "0.10",
    ]

    def block(depth: int, indent: int) -> str:
        pad = " " * indent
        form = chance.random()
        if depth > 3 or form < 0.4:
            return f" {chance.choice(words)}\n"
        if form < 0.5:
            return f" [{', '.join(chance.choice(words) for _ in range(chance.randint(0, 4)))}]\n"
        if form < 0.6:
            return f" |\n{pad}  {chance.choice(words)}\n{pad}   {chance.choice(words)}\n"
        if form < 0.8:
            return "\n" + "".join(
                f"{pad}- {block(depth + 1, indent + 2).lstrip()}" for _ in range(chance.randint(1, 3))
            )
        return "\n" + "".join(f"{pad}k{key}:{block(depth + 1, indent + 2)}" for key in range(chance.randint(1, 4)))

    return [f"{HEAD}spec:{block(0, 2)}" for _ in range(count)]


@pytest.mark.parametrize("body", BODIES)
def test_the_same_data(body: str) -> None:
    assert _read(HEAD + body) == _kubectl(HEAD + body) is not None


@pytest.mark.parametrize("body", REFUSED)
def test_refused_by_both(body: str) -> None:
    assert _kubectl(HEAD + body) is None
    assert _read(HEAD + body) is None


def test_hundreds_of_generated_documents() -> None:
    text = "---\n".join(_random_documents(20261123, 300))
    expected = _kubectl(text)
    assert expected is not None
    assert len(expected) == 300
    assert _read(text) == expected
