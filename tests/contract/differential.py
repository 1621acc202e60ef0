"""Two servers side by side, the sandbox and a real kube-apiserver: the same requests, and their answers made alike.

What a server chooses freely (versions, UIDs, times, addresses) is replaced by when it was first seen, so that answers
can be compared word by word, and so that two versions which are equal on one server have to be equal on the other.
"""

from __future__ import annotations

import difflib
import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from karmactl.embedded import ClusterSpec, SandboxThread
from karmactl.embedded.assets import Assets
from tests.contract.servers import real_sandbox
from tests.embedded.conftest import Answer, Api

NAMESPACE = "differential"
PATCHES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
WIDGETS = yaml.safe_load(
    """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.diff.example.com}
spec:
  group: diff.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, default: 3, minimum: 1, maximum: 9}
              word: {type: string, pattern: "^[a-z]*$", nullable: true}
              any: {type: object, x-kubernetes-preserve-unknown-fields: true}
              either: {x-kubernetes-int-or-string: true}
              tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              plain: {type: array, items: {type: integer}}
              whole: {type: object, x-kubernetes-map-type: atomic, additionalProperties: {type: string}}
              map: {type: object, additionalProperties: {type: string}}
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties:
                    name: {type: string}
                    count: {type: integer}
                    note: {type: string, default: none}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""
)
_numbers = itertools.count(1)
_ADDRESS = re.compile(r"10\.96\.\d+\.\d+")
_VERSION = re.compile(r'("resourceVersion\\*":\\*")(\d+)')  # quoted in an error
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(slots=True)
class Side:
    """One server, and what it has chosen so far in one story."""

    name: str
    api: Api
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def forget(self) -> None:
        """Begins a new story."""
        self.known = {}

    def shown(self, value: Any, key: str = "") -> Any:
        """A value with what the server chose freely replaced."""
        if isinstance(value, dict):
            out = {k: self.shown(v, k) for k, v in value.items()}
            if "managedFields" in out:
                out["managedFields"] = sorted(out["managedFields"], key=_owner)
            if key == "details" and "causes" in out:
                # upstream goes through managers in no order at all, and looks at metadata two to four times, by kind
                texts = {json.dumps(cause, sort_keys=True) for cause in out["causes"]}
                out["causes"] = [json.loads(text) for text in sorted(texts)]
            return out
        if isinstance(value, list):
            return [self.shown(v, key) for v in value]
        if not isinstance(value, str):
            return value
        if key == "resourceVersion" and value.isdigit() and value != "0":
            return self._name("version", value)
        value = _VERSION.sub(lambda m: m.group(1) + self._name("version", m.group(2)), value)
        value = _STAMP.sub("TIME", value)
        value = _UID.sub(lambda m: self._name("uid", m.group()), value)
        return _ADDRESS.sub(lambda m: self._name("address", m.group()), value)

    def _name(self, kind: str, value: str) -> str:
        names = self.known.setdefault(kind, {})
        return names.setdefault(value, f"{kind}-{len(names) + 1}")


def _owner(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(entry.get(k, "")) for k in ("manager", "operation", "subresource", "apiVersion"))


@dataclass(slots=True)
class Pair:
    """Both servers."""

    sides: tuple[Side, Side]

    def begin(self) -> str:
        """A new story; gives a name that no object has yet."""
        for side in self.sides:
            side.forget()
        return f"x{next(_numbers)}"

    def ask(self, method: str, path: str, body: Any = None, *, patch: str = "") -> tuple[Answer, Answer]:
        """The answers of both, made alike."""
        headers = {"Content_Type": PATCHES[patch]} if patch else {}
        first, second = (side.api(method, path, body, **headers) for side in self.sides)
        return self._alike(0, first), self._alike(1, second)

    def _alike(self, index: int, answer: Answer) -> Answer:
        body = answer.body
        if isinstance(body, str) and "\n" in body.strip():
            body = [json.loads(line) for line in body.splitlines()]
        return Answer(answer.status, self.sides[index].shown(body), {}, answer.warnings)

    def same(self, method: str, path: str, body: Any = None, *, patch: str = "") -> Any:
        """The answer that both give; fails where they differ, and shows both."""
        return self._compared(self.ask(method, path, body, patch=patch), f"{method} {path} {patch} {json.dumps(body)}")

    def same_with_version(self, method: str, path: str, query: str, body: dict[str, Any]) -> Any:
        """The answer that both give to a write which names the version that the object has on each."""
        answers = []
        for index, side in enumerate(self.sides):
            live = side.api("GET", path).body.get("metadata", {})
            meta = {**body["metadata"], **{k: live[k] for k in ("resourceVersion", "uid") if k in live}}
            answers.append(self._alike(index, side.api(method, f"{path}?{query}", {**body, "metadata": meta})))
        return self._compared((answers[0], answers[1]), f"{method} {path} with its version {json.dumps(body)}")

    def _compared(self, answers: tuple[Answer, Answer], told: str) -> Any:
        sandbox, real = answers
        assert (sandbox.status, sandbox.warnings) == (real.status, real.warnings), f"{told}\n{sandbox}\n{real}"
        if sandbox.body != real.body:
            lines = (json.dumps(body, indent=1, sort_keys=True).splitlines() for body in (real.body, sandbox.body))
            told += "\n" + "\n".join(difflib.unified_diff(*lines, "real", "sandbox", lineterm="", n=1))
            raise AssertionError(told)
        return real.body


@contextmanager
def pair_of(folder: Path, programs: Assets) -> Iterator[Pair]:
    """Both servers without controllers, with a namespace and a custom kind."""
    spec = ClusterSpec(name="one", nodes=0, controllers=False)
    for name in ("sandbox", "real"):
        (folder / name).mkdir()
    with (
        SandboxThread([spec], folder / "sandbox") as sandbox,
        real_sandbox([spec], folder / "real", programs) as real,
    ):
        sides = (
            Side("sandbox", Api(sandbox.kubeconfig_path, "one")),
            Side("real", Api(real.kubeconfig_path, "one")),
        )
        for side in sides:
            prepare(side.api)
        yield Pair(sides)


def prepare(api: Api) -> None:
    """Makes the namespace and the custom kind, and waits until it is served."""
    api("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WIDGETS)
    path = f"/apis/diff.example.com/v1/namespaces/{NAMESPACE}/widgets"
    for _ in range(2000):
        if api("GET", path).status == 200 and api("GET", "/openapi/v3/apis/diff.example.com/v1").status == 200:
            return
    raise TimeoutError("the custom kind is not served")
