"""Request sequences against the bare cluster, as data in `cases/*.yaml`.

A file is a list of cases: `name`, `about` (the rule), and `steps`. A step has `send` (method and path below the case's
namespace, or from the root with a leading slash), `body` or `raw`, `as` (merge, json, strategic, apply), `accept`
(a media type, or the form of an answer such as Table), `headers`, `query` and `want`: `status`, `message` (a part of
it), `causes` (the fields that the refusal names, in order), `warnings` (all of them), and `has`: dotted paths with the
values that stand there (`~` for nothing).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from tests.embedded.conftest import Answer, Api

CASES = Path(__file__).parent / "cases"
FORMS = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
ACCEPTED = {
    form: f"application/json;as={form};v=v1;g=meta.k8s.io"
    for form in ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
}


def _cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text()):
            yield pytest.param(case["steps"], id=f"{file.stem}:{case['name']}")


def _send(api: Api, step: dict[str, Any], namespace: str) -> Answer:
    method, path = step["send"].split(" ")
    if not path.startswith("/"):
        group, _, rest = path.rpartition("//")
        root = f"/apis/{group}" if group else "/api/v1"
        path = f"{root}/namespaces/{namespace}/{rest}"
    query = dict(step.get("query") or {})
    headers = {"Content_Type": FORMS[step["as"]]} if "as" in step else {}
    for name, value in (step.get("headers") or {}).items():
        headers[name.replace("-", "_")] = value.replace("$NS", namespace)
    if "accept" in step:
        headers["Accept"] = ACCEPTED.get(step["accept"], step["accept"])
    if step.get("as") == "apply":
        query.setdefault("fieldManager", "alpha")
    if query:
        path += "?" + urlencode(query)
    body = step["raw"].encode() if "raw" in step else step.get("body")
    if body is not None and not isinstance(body, bytes):
        body = json.loads(json.dumps(body).replace("$NS", namespace))
    return api(method, path.replace("$NS", namespace), body, **headers)


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = (value or {}).get(part.replace("~", "."))
    return value


def _check(answer: Answer, want: dict[str, Any], namespace: str) -> None:
    shown = json.dumps(answer.body)[:2000]
    assert answer.status == want["status"], shown
    if "message" in want:
        assert want["message"] in answer.body["message"].replace(namespace, "$NS")
    if "causes" in want:
        assert [c.get("field") for c in answer.body["details"]["causes"]] == want["causes"], shown
    if "warnings" in want:
        assert [text.replace(namespace, "$NS") for text in answer.warnings] == want["warnings"]
    for path, value in (want.get("has") or {}).items():
        assert _at(answer.body, path) == value, f"{path}: {shown}"


@pytest.mark.parametrize("steps", list(_cases()))
def test_a_request_is_answered_as_upstream_does(api: Api, namespace: str, steps: list[dict[str, Any]]) -> None:
    for step in steps:
        _check(_send(api, step, namespace), step["want"], namespace)
