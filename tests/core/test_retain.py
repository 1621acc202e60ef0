"""What of a wanted object is left to the member: by kind, by autoscaler, by injector, by the user's rule."""

from __future__ import annotations

from typing import Any

import pytest

from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.settings import IgnoreRule
from karmactl.core.retain import Retainer

WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}


def held(manager: str, fields: Any, *, operation: str = "Update", subresource: str = "") -> dict[str, Any]:
    """One entry of managedFields."""
    entry = {"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields}
    return {**entry, "subresource": subresource} if subresource else entry


def ours(fields: Any) -> dict[str, Any]:
    return held("karmactl", fields, operation="Apply")


def live(base: Any, *entries: dict[str, Any], **rest: Any) -> Manifest:
    return {**base, **rest, "metadata": {**base["metadata"], "managedFields": list(entries)}}


REPLICAS = {"f:spec": {"f:replicas": {}}}
SCALED = held("kube-controller-manager", REPLICAS, subresource="scale")
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}
HOOKS = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "hooks"},
}
INJECT = {"cert-manager.io/inject-ca-from": "shop/cert"}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
}


def hooks(*bundles: str, **metadata: Any) -> dict[str, Any]:
    webhooks = [{"name": f"h{n}.io", "clientConfig": {"caBundle": bundle}} for n, bundle in enumerate(bundles)]
    return {**HOOKS, "metadata": {**HOOKS["metadata"], **metadata}, "webhooks": webhooks}  # type: ignore[dict-item]


def crd(bundle: str) -> dict[str, Any]:
    return {**CRD, "spec": {"scope": "Namespaced", "conversion": {"webhook": {"clientConfig": {"caBundle": bundle}}}}}


CASES: dict[str, tuple[dict[str, Any], Manifest, str, tuple[IgnoreRule, ...], Any, list[tuple[str, str, str]]]] = {
    # wanted, live, autoscaler, ignore, what is sent (beside kind and metadata), what is left
    "replicas that an autoscaler holds are not sent": (
        {**WEB, "spec": {"replicas": 2, "paused": True}},
        live(WEB, ours({"f:spec": {"f:paused": {}}}), SCALED, spec={"replicas": 5, "paused": True}),
        "hpa/web",
        (),
        {"spec": {"paused": True}},
        [("spec.replicas", "autoscaler", "hpa/web")],
    ),
    "replicas that we hold alone are sent as they are": (
        {**WEB, "spec": {"replicas": 2}},
        live(WEB, ours(REPLICAS), spec={"replicas": 5}),
        "hpa/web",
        (),
        {"spec": {"replicas": 5}},
        [("spec.replicas", "autoscaler", "hpa/web")],
    ),
    "replicas that the files no longer say and we hold alone are kept": (
        {**WEB, "spec": {"paused": True}},
        live(WEB, ours({"f:spec": {"f:replicas": {}, "f:paused": {}}}), spec={"replicas": 5, "paused": True}),
        "hpa/web",
        (),
        {"spec": {"replicas": 5, "paused": True}},
        [],
    ),
    "without an autoscaler replicas are ours": (
        {**WEB, "spec": {"replicas": 2}},
        live(WEB, held("kubectl", REPLICAS, subresource="scale"), spec={"replicas": 5}),
        "",
        (),
        {"spec": {"replicas": 2}},
        [],
    ),
    "an allocated address that nobody sent is not sent": (
        {**SERVICE, "spec": {"ports": [{"port": 80}]}},
        live(
            SERVICE,
            ours({"f:spec": {"f:ports": {}}}),
            spec={"ports": [{"port": 80, "nodePort": 30000}], "clusterIP": "10.0.0.1"},
        ),
        "",
        (),
        {"spec": {"ports": [{"port": 80}]}},
        [],
    ),
    "an allocated address wins over a wanted one": (
        {**SERVICE, "spec": {"clusterIP": "10.0.0.9"}},
        live(SERVICE, ours({"f:spec": {"f:clusterIP": {}}}), spec={"clusterIP": "10.0.0.1"}),
        "",
        (),
        {"spec": {"clusterIP": "10.0.0.1"}},
        [("spec.clusterIP", "retain", "")],
    ),
    "the volume of a claim": (
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {"volumeName": ""}},
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": "data",
                "managedFields": [held("kube-controller-manager", {"f:spec": {"f:volumeName": {}}})],
            },
            "spec": {"volumeName": "pv-1"},
        },
        "",
        (),
        {"spec": {}},
        [("spec.volumeName", "retain", "kube-controller-manager")],
    ),
    "secrets of a service account are both's": (
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, "imagePullSecrets": [{"name": "x"}]},
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "a", "managedFields": [ours({"f:imagePullSecrets": {}})]},
            "imagePullSecrets": [{"name": "x"}, {"name": "theirs"}],
            "secrets": [{"name": "token"}],
        },
        "",
        (),
        {"imagePullSecrets": [{"name": "x"}]},
        [],
    ),
    "a job's selector and labels": (
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {"template": {"metadata": {"labels": {"app": "j"}}}},
        },
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j", "managedFields": []},
            "spec": {
                "selector": {"matchLabels": {"controller-uid": "1"}},
                "template": {"metadata": {"labels": {"app": "j", "controller-uid": "1"}}},
            },
        },
        "",
        (),
        {"spec": {"template": {"metadata": {"labels": {"app": "j"}}}}},
        [],
    ),
    "a bundle that an injector filled in": (
        hooks("real", "old", annotations=INJECT),
        live(
            hooks("a", "b"),
            held(
                "cainjector",
                {
                    "f:webhooks": {
                        'k:{"name":"h0.io"}': {"f:clientConfig": {"f:caBundle": {}}},
                        'k:{"name":"h1.io"}': {"f:clientConfig": {"f:caBundle": {}}},
                    }
                },
            ),
        ),
        "",
        (),
        {"webhooks": [{"name": "h0.io", "clientConfig": {}}, {"name": "h1.io", "clientConfig": {}}]},
        [
            ("webhooks[h0.io].clientConfig.caBundle", "ca-bundle", "cainjector"),
            ("webhooks[h1.io].clientConfig.caBundle", "ca-bundle", "cainjector"),
        ],
    ),
    "a bundle whose place was held, and one that is ours": (
        hooks("Cg==", "ours"),
        live(hooks("filled", "edited")),
        "",
        (),
        {
            "webhooks": [
                {"name": "h0.io", "clientConfig": {"caBundle": "filled"}},
                {"name": "h1.io", "clientConfig": {"caBundle": "ours"}},
            ]
        },
        [("webhooks[h0.io].clientConfig.caBundle", "ca-bundle", "")],
    ),
    "the bundle of a conversion": (
        crd(""),
        live(crd("filled")),
        "",
        (),
        {"spec": crd("filled")["spec"]},
        [("spec.conversion.webhook.clientConfig.caBundle", "ca-bundle", "")],
    ),
    "a rule of the user, with its manager": (
        {**WEB, "spec": {"paused": False, "minReadySeconds": 1}},
        live(
            WEB,
            held("bot", {"f:spec": {"f:paused": {}}}),
            held("hand", {"f:spec": {"f:minReadySeconds": {}}}),
            spec={"paused": True, "minReadySeconds": 9},
        ),
        "",
        (
            IgnoreRule(kind="Deployment", path="/spec/paused", manager="bot"),
            IgnoreRule(path="/spec/minReadySeconds", manager="bot"),
            IgnoreRule(kind="StatefulSet", path="/spec/minReadySeconds"),
        ),
        {"spec": {"minReadySeconds": 1}},
        [("spec.paused", "ignore", "bot")],
    ),
    "a rule for items of a list, in another order": (
        {
            **WEB,
            "spec": {"c": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}, {"name": "new", "image": "1"}]},
        },
        live(
            WEB, spec={"c": [{"name": "b", "image": "2"}, {"name": "a", "image": "3"}, {"name": "side", "image": "4"}]}
        ),
        "",
        (IgnoreRule(path="/spec/c/*/image"),),
        {"spec": {"c": [{"name": "a", "image": "3"}, {"name": "b", "image": "2"}, {"name": "new", "image": "1"}]}},
        [("spec.c[a].image", "ignore", ""), ("spec.c[b].image", "ignore", "")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left(name: str) -> None:
    wanted, seen, autoscaler, ignore, sent, left = CASES[name]
    found = Retainer(NativeInterpreter(), ignore).fit(wanted, seen, autoscaler=autoscaler)
    assert {key: value for key, value in found.body.items() if key not in ("apiVersion", "kind", "metadata")} == sent
    assert [(entry.keyed_path, entry.rule, entry.by) for entry in found.retained] == left


def test_what_is_given_is_not_changed() -> None:
    for wanted, seen, autoscaler, ignore, _, _ in CASES.values():
        before = (repr(wanted), repr(seen))
        Retainer(NativeInterpreter(), ignore).fit(wanted, seen, autoscaler=autoscaler)
        assert (repr(wanted), repr(seen)) == before


def test_a_pod_is_sent_as_it_is_written() -> None:
    spec = {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}], "hostNetwork": False}
    wanted: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}  # type: ignore[dict-item]
    theirs = {
        **spec,
        "nodeName": "n1",
        "volumes": [{"name": "kube-api-access-x", "projected": {}}],
        "containers": [
            {**spec["containers"][0], "volumeMounts": [{"name": "kube-api-access-x", "mountPath": "/t"}]},  # type: ignore[index,dict-item]
            {"name": "sidecar", "image": "s"},
        ],
    }
    found = Retainer(NativeInterpreter()).fit(
        wanted, live(wanted, ours({"f:spec": {"f:hostNetwork": {}}}), spec=theirs)
    )
    assert found.body == wanted
    assert found.retained == ()
