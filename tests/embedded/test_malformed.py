"""Requests that no client should send: each gets an answer that a server could give, never a fault of the sandbox.

Upstream itself answers some of them with 500 (patches that its library cannot merge, for instance), so what counts is
that no answer names a Python exception and no connection breaks.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.embedded.conftest import Answer, Api

CASES = Path(__file__).parent / "cases"
PER_BODY = 15  # mutations of each body
WRONG: list[Any] = [None, 0, -1, 1.5, 2**70, "", "x", "\0é/%", True, [], {}, [None], ["x"], [{}], {"a": None}, {"": ""}]
FAULT = re.compile(r"Internal error occurred: [A-Z]\w+(?:Error|Exception|Interrupt|Iteration)\b")
PATCHES = (
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
    "application/json-patch+json",
)
ALIASES = b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("h")))
RAW = {
    "nothing": b"",
    "half-object": b'{"a":',
    "null": b"null",
    "list": b"[]",
    "not-utf-8": b"\xff\xfe{}",
    "control-character": b'{"a": "\x01"}',
    "two-values": b"{}{}",
    "deep-open": b"[" * 50_000,
    "deep": b"[" * 5_000 + b"]" * 5_000,
    "deep-object": b'{"a":' * 190 + b"1" + b"}" * 190,
    "deep-yaml": b"- " * 5_000 + b"a",
    "deep-keys": b"? " * 5_000,
    "huge-number": b'{"metadata": {"generation": ' + b"9" * 5_000 + b"}}",
    "infinite": b'{"a": 1e999}',
    "half-a-character": b'{"metadata": {"name": "\\ud800"}}',
    "too-large": b'{"data": {"a": "' + b"x" * (3 << 20) + b'"}}',
    "aliases": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + ALIASES,
    "alias-in-itself": b"a: &a [*a]",
    "bad-binary": b"a: !!binary \xc3\xa9",
    "bad-merge": b"<<: 5",
    "odd-tag": b"a: !!python/object:os.system x",
    "protobuf": b"k8s\0" + bytes(range(256)),
    "short-protobuf": b"k8s\0\x0a\x7f",
    "operation-without-path": b'[{"op": "add"}]',
    "operations-on-the-root": b'[{"op": "remove", "path": ""}]',
    "operations-of-wrong-types": b'[null, 1, {"op": 5, "path": [], "value": {}}]',
    "copies-of-copies": b"[" + b",".join([b'{"op": "copy", "from": "/data", "path": "/data/x"}'] * 400) + b"]",
}
TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "text/plain", ";;;", *PATCHES)
QUERIES = (
    "limit=abc&continue=e30",
    "continue=bnVsbA&resourceVersion=-1",
    "resourceVersion=abc&resourceVersionMatch=Exact",
    "labelSelector=a%20in%20(b&fieldSelector=!",
    "labelSelector=%00&fieldSelector=metadata.name",
    "dryRun=x&fieldManager=%ff&fieldValidation=x&force=x",
    "gracePeriodSeconds=1.5&propagationPolicy=x&orphanDependents=x",
    "pretty=x&timeout=x&watch=0",
    "%zz=%",
)
ACCEPTED = ("", ";;;", "application/json;as=X;g=Y;v=Z", "application/cbor", "application/json;q=abc,*/*", "text/html")


def _sound(answer: Answer, what: str) -> None:
    text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    assert answer.status >= 200, what
    assert not FAULT.search(text), f"{what}: {text[:500]}"


def _created() -> Iterator[tuple[str, Any]]:
    """Where the cases of this folder create something, and what: a sample of many kinds."""
    for file in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text()):
            for step in case["steps"]:
                method, path = step["send"].split(" ")
                if method == "POST" and isinstance(step.get("body"), dict):
                    yield path, step["body"]


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from _places(each, (*way, key))


def _with(value: Any, way: tuple[Any, ...], wrong: Any) -> Any:
    if not way:
        return wrong
    out = dict(value) if isinstance(value, dict) else list(value)
    out[way[0]] = _with(value[way[0]], way[1:], wrong)
    return out


def _url(path: str, namespace: str) -> str:
    if not path.startswith("/"):
        group, _, rest = path.rpartition("//")
        path = f"{f'/apis/{group}' if group else '/api/v1'}/namespaces/{namespace}/{rest}"
    return path.replace("$NS", namespace)


def test_values_of_wrong_types_at_every_place(api: Api, namespace: str) -> None:
    chosen = random.Random(7)
    for path, body in _created():
        body = json.loads(json.dumps(body).replace("$NS", namespace))
        url = _url(path, namespace)
        places = list(_places(body))
        for _ in range(PER_BODY):
            way, wrong = chosen.choice(places), chosen.choice(WRONG)
            sent = _with(body, way, wrong)
            _sound(api("POST", f"{url}?dryRun=All", sent), f"POST {url} {way} {wrong!r}")
            name = str((body.get("metadata") or {}).get("name") or "x")
            if re.fullmatch(r"[\w.:-]+", name) is None:
                continue
            form = chosen.choice(PATCHES)
            if form == PATCHES[3]:
                sent = [{"op": "replace", "path": "/" + "/".join(map(str, way)), "value": wrong}]
            query = "dryRun=All&fieldManager=m&force=true" if form == PATCHES[2] else "dryRun=All"
            answer = api("PATCH", f"{url}/{name}?{query}", sent, Content_Type=form)
            _sound(answer, f"PATCH {url}/{name} {form} {way} {wrong!r}")


@pytest.mark.parametrize("name", sorted(RAW))
def test_bodies_that_are_none(api: Api, namespace: str, name: str) -> None:
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    api("POST", maps, {"metadata": {"name": "c"}, "data": {"a": "b"}})
    for media_type in TYPES:
        requests = [("POST", maps), ("PUT", f"{maps}/c"), ("PATCH", f"{maps}/c"), ("DELETE", f"{maps}/missing")]
        requests += [("PATCH", f"{maps}/c?fieldManager=m"), ("PATCH", "/apis/apps/v1/namespaces/x/deployments/y/scale")]
        for method, path in requests:
            answer = api(method, path, RAW[name], Content_Type=media_type)
            _sound(answer, f"{method} {path} {media_type} {name}")


@pytest.mark.parametrize("query", QUERIES)
def test_parameters_that_are_none(api: Api, namespace: str, query: str) -> None:
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    api("POST", maps, {"metadata": {"name": "c"}})
    requests = [("GET", maps), ("GET", f"{maps}/c"), ("GET", "/api"), ("DELETE", maps), ("PATCH", f"{maps}/c")]
    for method, path in requests:
        for accepted in ACCEPTED:
            answer = api(method, f"{path}?{query}", b"{}" if method == "PATCH" else None, Accept=accepted)
            _sound(answer, f"{method} {path}?{query} {accepted}")
