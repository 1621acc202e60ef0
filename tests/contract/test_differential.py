"""Random stories played on the sandbox and on a real kube-apiserver, compared answer by answer.

They need the programs of a real server (KUBEBUILDER_ASSETS); more stories than the default: KARMACTL_STORIES=1000.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.differential import NAMESPACE, Pair, pair_of
from tests.contract.servers import assets

pytestmark = pytest.mark.real
STORIES = int(os.environ.get("KARMACTL_STORIES", "40"))
playing = settings(
    max_examples=STORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
SERVICES = f"/api/v1/namespaces/{NAMESPACE}/services"
SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"
ROLES = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/roles"
WIDGETS = f"/apis/diff.example.com/v1/namespaces/{NAMESPACE}/widgets"


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The sandbox and a real server, started once a session."""
    with pair_of(tmp_path_factory.mktemp("differential"), assets()) as found:
        yield found


# ---- what is written

words = st.sampled_from(["", "a", "b", "web", "x-y", "1"])
pairs = st.dictionaries(st.sampled_from(["a", "b", "c"]), words, max_size=3)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def listed(key: str, names: Sequence[object], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """A list of objects with a key."""
    one = st.fixed_dictionaries({key: st.sampled_from(names)}, optional=fields)
    return st.lists(one, max_size=3, unique_by=lambda item: str(item[key]))


metas = some(labels=pairs, annotations=pairs, finalizers=st.lists(st.sampled_from(["e.com/a", "e.com/b"]), unique=True))
envs = listed("name", ["A", "B", "C"], value=words)
ports = listed("containerPort", [80, 81], name=st.sampled_from(["http", "other"]), protocol=st.just("TCP"))
# one at a time: upstream tells the faults of several in no order at all
amounts = st.dictionaries(st.sampled_from(["cpu", "memory"]), st.sampled_from(["1", "100m", "1Gi", "0.5"]), max_size=1)
containers = listed(
    "name",
    ["app", "side"],
    image=st.sampled_from(["a:1", "a:2"]),
    env=envs,
    ports=ports,
    args=st.lists(words, max_size=2),
    resources=some(requests=amounts, limits=amounts),
    imagePullPolicy=st.sampled_from(["Always", "Never"]),
)
tolerations = st.lists(some(key=words, operator=st.sampled_from(["Exists", "Equal"]), value=words), max_size=2)
pod_specs = some(
    containers=containers,
    tolerations=tolerations,
    nodeSelector=pairs,
    serviceAccountName=words,
    terminationGracePeriodSeconds=st.integers(0, 60),
    volumes=listed("name", ["v", "w"], emptyDir=st.just({})),
)
rolling = some(maxSurge=st.sampled_from([1, "25%", 0]), maxUnavailable=st.sampled_from([0, 1, "50%"]))
deployment_specs = some(
    replicas=st.integers(0, 5),
    minReadySeconds=st.integers(0, 9),
    paused=st.booleans(),
    strategy=some(type=st.sampled_from(["Recreate", "RollingUpdate"]), rollingUpdate=rolling),
    template=some(spec=pod_specs, metadata=some(annotations=pairs)),
)
service_ports = listed(
    "port", [80, 81], name=st.sampled_from(["http", "other"]), targetPort=st.sampled_from([8080, "http"])
)
service_specs = some(selector=pairs, ports=service_ports, sessionAffinity=st.sampled_from(["None", "ClientIP"]))
widget_specs = some(
    size=st.integers(0, 12),
    word=st.sampled_from(["", "abc", "ABC", None]),
    any=pairs,
    either=st.sampled_from([1, "1", "50%"]),
    tags=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True),
    plain=st.lists(st.integers(0, 3), max_size=3),
    whole=pairs,
    map=pairs,
    parts=listed("name", ["p", "q", "r"], count=st.integers(0, 3), note=words),
)
rules = st.lists(
    some(
        apiGroups=st.lists(words, max_size=2),
        resources=st.lists(words, max_size=2),
        verbs=st.lists(st.sampled_from(["get", "*"]), min_size=1, max_size=2),
    ),
    min_size=1,
    max_size=2,
)
backends = st.fixed_dictionaries({"service": st.just({"name": "web", "port": {"number": 80}})})
paths = st.lists(
    st.fixed_dictionaries({"path": st.sampled_from(["/", "/a"]), "pathType": st.just("Prefix"), "backend": backends}),
    min_size=1,
    max_size=2,
)
hosts = st.lists(
    some(host=st.sampled_from(["a.com", "b.com"]), http=st.fixed_dictionaries({"paths": paths})), max_size=2
)
ingress_specs = st.fixed_dictionaries(
    {"defaultBackend": backends}, optional={"rules": hosts, "ingressClassName": words}
)
# upstream tells what is empty from what is not there when it counts the generations of a NetworkPolicy
full_pairs = st.dictionaries(st.sampled_from(["a", "b"]), words, min_size=1, max_size=2)
peers = st.lists(some(podSelector=some(matchLabels=full_pairs), namespaceSelector=st.just({})), min_size=1, max_size=2)
network_specs = st.fixed_dictionaries(
    {"podSelector": some(matchLabels=full_pairs)},
    optional={
        "ingress": st.lists(st.fixed_dictionaries({"from": peers}), min_size=1, max_size=2),
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, unique=True),
    },
)
budget_specs = some(
    minAvailable=st.sampled_from([1, "50%", -1]),
    maxUnavailable=st.sampled_from([1, "50%"]),
    selector=some(matchLabels=full_pairs),
)
POLICIES = f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets"
NETWORKING = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}"
KINDS: dict[str, tuple[str, st.SearchStrategy[dict[str, Any]]]] = {
    "ConfigMap": (MAPS, some(data=pairs, immutable=st.booleans())),
    "Deployment": (DEPLOYMENTS, some(spec=deployment_specs)),
    "Service": (SERVICES, some(spec=service_specs)),
    "Widget": (WIDGETS, some(spec=widget_specs, status=some(size=st.integers(0, 3), word=words))),
    "Secret": (SECRETS, some(stringData=pairs, type=st.sampled_from(["Opaque", "e.com/x"]), immutable=st.booleans())),
    "Role": (ROLES, some(rules=rules)),
    "Ingress": (f"{NETWORKING}/ingresses", st.fixed_dictionaries({"spec": ingress_specs})),
    "NetworkPolicy": (f"{NETWORKING}/networkpolicies", st.fixed_dictionaries({"spec": network_specs})),
    "PodDisruptionBudget": (POLICIES, some(spec=budget_specs)),
}
VERSIONS = {
    **dict.fromkeys(("ConfigMap", "Service", "Secret"), "v1"),
    **dict.fromkeys(("Ingress", "NetworkPolicy"), "networking.k8s.io/v1"),
    "Deployment": "apps/v1",
    "PodDisruptionBudget": "policy/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "Widget": "diff.example.com/v1",
}
WITH_STATUS = ("Deployment", "Widget", "Service", "Ingress", "PodDisruptionBudget")


@st.composite
def manifests(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """An object without a name; a Deployment has what it cannot be without."""
    body: dict[str, Any] = draw(KINDS[kind][1])
    if kind == "Deployment":
        spec = body.setdefault("spec", {})
        spec["selector"] = {"matchLabels": {"app": "x"}}
        template = spec.setdefault("template", {})
        template.setdefault("metadata", {})["labels"] = {"app": "x"}
        template.setdefault("spec", {}).setdefault("containers", [{"name": "app", "image": "a:1"}])
    return {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": draw(metas), **body}


@st.composite
def partials(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """What a merge patch says; a null takes away."""
    body: dict[str, Any] = draw(KINDS[kind][1])
    if draw(st.booleans()):
        body["metadata"] = draw(metas)
    for path in draw(st.lists(st.sampled_from(["metadata.labels", "spec.replicas", "data", "spec.size"]), max_size=1)):
        where, _, last = path.rpartition(".")
        (body.setdefault(where, {}) if where else body)[last] = None
    return body


POINTERS = [
    "/metadata/labels",
    "/metadata/labels/a",
    "/data",
    "/data/a",
    "/spec/replicas",
    "/spec/size",
    "/spec/tags/0",
]
POINTERS += [
    "/spec/template/spec/containers/0/image",
    "/spec/template/spec/containers/-",
    "/spec/ports/0",
    "/spec/map/a",
]
operations = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"op": st.sampled_from(["add", "replace", "test"]), "path": st.sampled_from(POINTERS)}
            | {"value": st.one_of(words, st.integers(0, 3), pairs)}
        ),
        st.fixed_dictionaries({"op": st.just("remove"), "path": st.sampled_from(POINTERS)}),
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(["copy", "move"]),
                "from": st.sampled_from(POINTERS),
                "path": st.sampled_from(POINTERS),
            }
        ),
    ),
    max_size=3,
)


@st.composite
def steps(draw: st.DrawFn, kind: str) -> tuple[str, str, Any]:
    """One write: how, with which query, and what."""
    ways = ["create", "apply", "apply", "apply", "merge", "json", "strategic", "update", "replace", "delete"]
    ways += ["status"] if kind in WITH_STATUS else []
    how = draw(st.sampled_from(ways))
    manager = draw(st.sampled_from(["one", "two", "three"]))
    query = f"fieldManager={manager}"
    if how == "apply":
        query += draw(st.sampled_from(["", "&force=true"]))
    if how != "delete":
        query += draw(st.sampled_from(["", "", "", "&dryRun=All"]))
        query += draw(st.sampled_from(["", "", "&fieldValidation=Strict"]))
    if how in ("create", "apply", "update", "replace"):
        return how, query, draw(manifests(kind))
    if how == "status":
        status = some(replicas=st.integers(0, 3), size=st.integers(0, 3), observedGeneration=st.integers(0, 3))
        return how, query, {**draw(partials(kind)), "status": draw(status)}
    if how == "json":
        return how, query, draw(operations)
    if how == "delete":
        return how, "", draw(some(propagationPolicy=st.sampled_from(["Background", "Foreground", "Orphan"])))
    return how, query, draw(partials(kind))


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, list[tuple[str, str, Any]]]:
    """A kind, and what is done to one object of it."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    return kind, draw(st.lists(steps(kind), min_size=1, max_size=8))


def play(pair: Pair, name: str, path: str, step: tuple[str, str, Any]) -> None:
    """One step on both servers."""
    how, query, body = step
    if how in ("create", "apply", "update", "replace"):
        body = {**body, "metadata": {**body["metadata"], "name": name}}
    if how == "create":
        pair.same("POST", f"{path}?{query}", body)
    elif how == "update":
        pair.same("PUT", f"{path}/{name}?{query}", body)
    elif how == "delete":
        pair.same("DELETE", f"{path}/{name}", body)
    elif how == "replace":
        pair.same_with_version("PUT", f"{path}/{name}", query, body)
    elif how == "status":
        pair.same("PATCH", f"{path}/{name}/status?{query}", body, patch="merge")
    else:
        pair.same("PATCH", f"{path}/{name}?{query}", body, patch=how)


@given(story=stories())
@playing
def test_writes(pair: Pair, story: tuple[str, list[tuple[str, str, Any]]]) -> None:
    kind, done = story
    path = KINDS[kind][0]
    name = pair.begin()
    for step in done:
        play(pair, name, path, step)
    pair.same("GET", f"{path}/{name}")


@given(base=manifests("Deployment"), counts=st.lists(st.integers(-1, 9), max_size=5))
@playing
def test_scales(pair: Pair, base: dict[str, Any], counts: list[int]) -> None:
    """Each scale is a change: one that changes nothing splits the owner's entry in upstream, and loses half of it."""
    name = pair.begin()
    made = pair.same("POST", DEPLOYMENTS, {**base, "metadata": {**base["metadata"], "name": name}})
    before = made.get("spec", {}).get("replicas")
    for count in counts:
        if count != before:
            pair.same(
                "PATCH", f"{DEPLOYMENTS}/{name}/scale?fieldManager=s", {"spec": {"replicas": count}}, patch="merge"
            )
            before = count if count >= 0 else before
    pair.same("GET", f"{DEPLOYMENTS}/{name}/scale")
    pair.same("GET", f"{DEPLOYMENTS}/{name}")


# ---- what is selected

KEYS = ["a", "b", "c", "d.com/e"]
VALUES = ["", "x", "y", "1", "z-z"]
labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
requirements = st.one_of(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(["=", "==", "!=", ">", "<"]), st.sampled_from(VALUES)).map(
        "".join
    ),
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from([" in ", " notin ", " IN "]),
        st.lists(st.sampled_from(VALUES), max_size=3).map(lambda v: f"({','.join(v)})"),
    ).map("".join),
    st.sampled_from([*KEYS, *(f"!{key}" for key in KEYS), "", "a b", "=", "a=b=c", "!", "a in x", "-a", "a in ("]),
)
selectors = st.lists(requirements, min_size=1, max_size=3).map(",".join)
field_selectors = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["metadata.name", "metadata.namespace", "data.a", "spec.x"]),
            st.sampled_from(["=", "==", "!=", ">"]),
            st.sampled_from(["s0", "s1", NAMESPACE, ""]),
        ).map("".join),
        st.sampled_from(["", "=", "metadata.name", "metadata.name=a\\=b", "metadata.name=a=b"]),
    ),
    max_size=2,
).map(",".join)


@given(population=st.lists(labels, max_size=5), asked=st.lists(st.tuples(selectors, field_selectors), max_size=8))
@playing
def test_selectors(pair: Pair, population: list[dict[str, str]], asked: list[tuple[str, str]]) -> None:
    mark = pair.begin()
    for number, each in enumerate(population):
        pair.same("POST", MAPS, {"metadata": {"name": f"{mark}-s{number}", "labels": {**each, "story": mark}}})
    for selector, fields in asked:
        joined = f"story={mark},{selector}" if selector else f"story={mark}"
        found = pair.ask("GET", f"{MAPS}?labelSelector={quote(joined)}&fieldSelector={quote(fields)}")
        for answer in found:
            # other stories have moved the list's own version
            answer.body.get("metadata", {}).pop("resourceVersion", None)
        assert found[0] == found[1], (joined, fields)
    pair.ask("DELETE", f"{MAPS}?labelSelector=story%3D{mark}")


# ---- what is watched

changes = st.tuples(
    st.sampled_from(["create", "label", "label", "data", "delete"]), st.integers(0, 2), st.sampled_from(VALUES)
)


@given(done=st.lists(changes, max_size=10), asked=st.lists(requirements, max_size=1))
@settings(playing, max_examples=max(STORIES // 4, 5))
def test_watches(pair: Pair, done: list[tuple[str, int, str]], asked: list[str]) -> None:
    mark = pair.begin()
    starts = [
        side.api("POST", MAPS, {"metadata": {"name": f"{mark}-start"}}).body["metadata"]["resourceVersion"]
        for side in pair.sides
    ]
    for how, number, value in done:
        name = f"{mark}-{number}"
        if how == "create":
            body = {"metadata": {"name": name, "labels": {"story": mark, "a": value}}}
            pair.same("POST", MAPS, body)
        elif how == "delete":
            pair.same("DELETE", f"{MAPS}/{name}")
        else:
            change = {"metadata": {"labels": {"a": value or None}}} if how == "label" else {"data": {"a": value}}
            pair.same("PATCH", f"{MAPS}/{name}", change, patch="merge")
    selector = quote(",".join([f"story={mark}", *asked]))
    seen = []
    for side, start in zip(pair.sides, starts, strict=True):
        query = f"watch=true&resourceVersion={start}&labelSelector={selector}&timeoutSeconds=1"
        answer = side.api("GET", f"{MAPS}?{query}")
        lines = answer.body.splitlines() if isinstance(answer.body, str) else [json.dumps(answer.body)]
        seen.append((answer.status, [side.shown(json.loads(line)) for line in lines]))
    assert seen[0] == seen[1], selector
