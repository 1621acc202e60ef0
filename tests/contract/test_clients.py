"""Clients that other people wrote, unchanged: the official one, and kr8s and lightkube where they are installed."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client as official
from kubernetes import config, dynamic, watch

from tests.contract.kubectl import kubeconfig_of
from tests.contract.servers import Server

_numbers = itertools.count(1)


@pytest.fixture
def kubeconfig(server: Server, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A kubeconfig of a server, and the name of a namespace made for the check."""
    namespace = f"clients-{next(_numbers)}"
    path = tmp_path / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(kubeconfig_of(server, namespace))
    core = official.CoreV1Api(config.new_client_from_config(str(path)))
    core.create_namespace({"metadata": {"name": namespace}})
    yield path, namespace
    core.delete_namespace(namespace)
    core.api_client.close()


def deployment(name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "example.com/a:1"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def test_the_official_client(kubeconfig: tuple[Path, str]) -> None:
    path, namespace = kubeconfig
    with config.new_client_from_config(str(path)) as connection:
        core, apps = official.CoreV1Api(connection), official.AppsV1Api(connection)
        made = apps.create_namespaced_deployment(namespace, deployment("web", 2))
        assert (made.spec.strategy.type, made.status.replicas) == ("RollingUpdate", None)
        patched = apps.patch_namespaced_deployment("web", namespace, {"spec": {"replicas": 3}})
        assert patched.metadata.generation == 2
        scale = apps.read_namespaced_deployment_scale("web", namespace)
        scale.spec.replicas = 1
        scale.metadata.resource_version = None  # controllers may write in between
        assert apps.replace_namespaced_deployment_scale("web", namespace, scale).spec.replicas == 1
        for number in range(5):
            core.create_namespaced_config_map(namespace, {"metadata": {"name": f"m{number}", "labels": {"a": "b"}}})
        page = core.list_namespaced_config_map(namespace, limit=2, label_selector="a=b")
        rest = core.list_namespaced_config_map(namespace, label_selector="a=b", _continue=page.metadata._continue)
        assert [item.metadata.name for item in [*page.items, *rest.items]] == [f"m{n}" for n in range(5)]
        version = rest.metadata.resource_version
        core.delete_namespaced_config_map("m0", namespace)
        for event in watch.Watch().stream(
            core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=10
        ):
            assert (event["type"], event["object"].metadata.name) == ("DELETED", "m0")
            break
        with pytest.raises(official.ApiException) as caught:
            core.read_namespaced_config_map("m0", namespace)
        assert (caught.value.status, caught.value.reason) == (404, "Not Found")
        applied = dynamic.DynamicClient(connection).server_side_apply(
            dynamic.DynamicClient(connection).resources.get(api_version="v1", kind="ConfigMap"),
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m1"}, "data": {"k": "v"}},
            namespace=namespace,
            field_manager="me",
        )
        assert applied.metadata.managedFields[0].manager == "me"


def installed(name: str) -> Any:
    """A client's package; skips where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        pytest.skip(f"{name} is not installed: what it does with the servers is not tried")


def with_kubeconfig(path: Path, check: Callable[[], None]) -> None:
    before = os.environ.get("KUBECONFIG")
    os.environ["KUBECONFIG"] = str(path)
    try:
        check()
    finally:
        os.environ.pop("KUBECONFIG")
        if before is not None:
            os.environ["KUBECONFIG"] = before


def test_lightkube(kubeconfig: tuple[Path, str]) -> None:
    installed("lightkube")
    core, apps = installed("lightkube.resources.core_v1"), installed("lightkube.resources.apps_v1")
    path, namespace = kubeconfig

    def check() -> None:
        client = installed("lightkube").Client(namespace=namespace, field_manager="me")
        web = apps.Deployment.from_dict(deployment("web", 2))
        assert client.create(web).spec.replicas == 2
        assert client.apply(web, force=True).metadata.managedFields
        assert client.patch(apps.Deployment, "web", {"spec": {"replicas": 1}}).spec.replicas == 1
        scale = client.get(apps.Deployment.Scale, "web")
        assert (scale.spec.replicas, scale.metadata.name) == (1, "web")
        assert [item.metadata.name for item in client.list(apps.Deployment)] == ["web"]
        for kind, item in client.watch(apps.Deployment):
            assert (kind, item.metadata.name) == ("ADDED", "web")
            break
        client.delete(apps.Deployment, "web")
        with pytest.raises(installed("lightkube").ApiError, match="not found"):
            client.get(core.ConfigMap, "nothing")

    with_kubeconfig(path, check)


def test_kr8s(kubeconfig: tuple[Path, str]) -> None:
    kr8s = installed("kr8s")
    path, namespace = kubeconfig
    api = kr8s.api(kubeconfig=str(path), namespace=namespace)
    objects = installed("kr8s.objects")
    web = objects.Deployment({**deployment("web", 2), "metadata": {"name": "web", "namespace": namespace}}, api=api)
    web.create()
    assert web.exists()
    web.scale(3)
    web.refresh()
    assert web.replicas == 3
    web.label(tier="front")
    assert [item.name for item in api.get("deployments", label_selector="tier=front")] == ["web"]
    web.patch({"metadata": {"annotations": {"a": "b"}}})
    assert web.annotations["a"] == "b"
    web.delete()
