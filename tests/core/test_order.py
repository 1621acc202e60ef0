"""Order: waves by kind, users' annotations, and circles that are named."""

from __future__ import annotations

import random

import pytest

from karmactl.core.model.change import Action, Change
from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.model.reason import Reason
from karmactl.core.order import kind_wave, order_actions, wave_name
from karmactl.errors import InputError


def ref(kind: str, name: str = "x", *, group: str = "", namespace: str = "shop") -> ResourceRef:
    return ResourceRef(group=group, version="v1", kind=kind, namespace=namespace, name=name)


def change(
    resource: ResourceRef, *, cluster: str = "m1", action: Action = Action.CREATE, after: tuple[str, ...] = ()
) -> Change:
    name = f"{cluster}/{resource.kind}.{resource.group}/{resource.namespace}/{resource.name}"
    return Change(id=name, cluster=cluster, action=action, resource=resource, reason=Reason(code="new"), after=after)


def annotated(**annotations: str) -> Manifest:
    keys = {"after": "config.kubernetes.io/depends-on", "wave": "argocd.argoproj.io/sync-wave"}
    return {"metadata": {"annotations": {keys[key]: value for key, value in annotations.items()}}}


@pytest.mark.parametrize(
    ("kind", "group", "wave"),
    [
        ("Namespace", "", 1),
        ("CustomResourceDefinition", "apiextensions.k8s.io", 1),
        ("ClusterRole", "rbac.authorization.k8s.io", 2),
        ("ServiceAccount", "", 3),
        ("Secret", "", 4),
        ("PersistentVolumeClaim", "", 5),
        ("Service", "", 6),
        ("Service", "serving.knative.dev", 8),
        ("Deployment", "apps", 7),
        ("Ingress", "networking.k8s.io", 8),
        ("Application", "argoproj.io", 8),
        ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io", 9),
    ],
)
def test_kinds_have_their_waves(kind: str, group: str, wave: int) -> None:
    assert kind_wave(ref(kind, group=group)) == wave


def test_removals_go_backwards_behind_everything_that_is_sent() -> None:
    graph = order_actions(
        [
            change(ref("Namespace", "old", namespace=""), action=Action.PRUNE),
            change(ref("ConfigMap", "gone"), action=Action.PRUNE),
            change(ref("Deployment", "gone", group="apps"), action=Action.WITHDRAW),
            change(ref("Deployment", "new", group="apps")),
        ],
        {},
    )
    assert [entry.resource.name for entry in graph.changes] == ["new", "gone", "gone", "old"]
    assert [entry.resource.kind for entry in graph.changes] == ["Deployment", "Deployment", "ConfigMap", "Namespace"]
    assert wave_name(graph.changes[-1].wave) == "removals"


def test_an_object_requires_its_namespace_and_its_definition_in_its_own_cluster() -> None:
    crd = ref("CustomResourceDefinition", "apps.example.com", group="apiextensions.k8s.io", namespace="")
    space = ref("Namespace", "shop", namespace="")
    custom = ref("App", group="example.com")
    graph = order_actions([change(custom), change(space), change(crd), change(custom, cluster="m2")], {})
    assert set(graph.requires[change(custom).id]) == {change(space).id, change(crd).id}
    assert graph.requires[change(custom, cluster="m2").id] == ()


def test_depends_on_is_required_and_awaited_also_where_nothing_changes() -> None:
    first, second = ref("Deployment", "a", group="apps"), ref("Deployment", "b", group="apps")
    manifest = annotated(after="apps/namespaces/shop/Deployment/a, /namespaces/shop/Secret/there")
    graph = order_actions([change(second), change(first)], {("m1", second): manifest})
    assert graph.requires[change(second).id] == (change(first).id,)
    assert graph.awaits[change(second).id] == (("apps", "Deployment", "shop", "a"), ("", "Secret", "shop", "there"))


def test_a_sync_wave_never_overtakes_what_is_required() -> None:
    space, early = ref("Namespace", "shop", namespace=""), ref("Deployment", "a", group="apps")
    graph = order_actions([change(early), change(space)], {("m1", early): annotated(wave="-5")})
    waves = {entry.resource.kind: entry.wave for entry in graph.changes}
    assert waves["Deployment"] >= waves["Namespace"]
    assert graph.requires[change(early).id] == (change(space).id,)


@pytest.mark.parametrize("text", ["²", "", "one", "1.5", "--1", "99999999999999999999"])
def test_a_sync_wave_that_is_no_number_is_none(text: str) -> None:
    resource = ref("ConfigMap")
    (entry,) = order_actions([change(resource)], {("m1", resource): annotated(wave=text)}).changes
    assert entry.wave == 4


def test_a_circle_is_named() -> None:
    one, two = ref("ConfigMap", "one"), ref("ConfigMap", "two")
    manifests = {
        ("m1", one): annotated(after="/namespaces/shop/ConfigMap/two"),
        ("m1", two): annotated(after="/namespaces/shop/ConfigMap/one"),
    }
    with pytest.raises(InputError) as caught:
        order_actions([change(one), change(two)], manifests)
    assert caught.value.code == "dependency-cycle"
    assert "ConfigMap shop/one -> ConfigMap shop/two" in caught.value.message.replace(
        "ConfigMap shop/two -> ConfigMap shop/one -> ConfigMap shop/two", "ConfigMap shop/one -> ConfigMap shop/two"
    )


def test_i09_the_order_of_the_changes_makes_no_difference() -> None:
    changes = [
        change(ref(kind, name, group=group), cluster=cluster)
        for kind, group in (("ConfigMap", ""), ("Deployment", "apps"), ("Namespace", ""), ("App", "example.com"))
        for name in ("a", "b")
        for cluster in ("m1", "m2")
    ]
    wanted = order_actions(changes, {})
    for seed in range(10):
        shuffled = changes[:]
        random.Random(seed).shuffle(shuffled)
        assert order_actions(shuffled, {}).changes == wanted.changes


def test_each_change_comes_after_what_it_requires() -> None:
    chance = random.Random(3)
    names = [f"c{number}" for number in range(40)]
    manifests = {
        ("m1", ref("ConfigMap", name)): annotated(
            after=",".join(
                f"/namespaces/shop/ConfigMap/{other}" for other in chance.sample(names[:index], min(index, 3))
            )
        )
        for index, name in enumerate(names)
    }
    graph = order_actions([change(ref("ConfigMap", name)) for name in names], manifests)
    waves = {entry.id: entry.wave for entry in graph.changes}
    assert all(waves[before] <= waves[name] for name, needed in graph.requires.items() for before in needed)
    assert sum(len(needed) for needed in graph.requires.values()) > 80
