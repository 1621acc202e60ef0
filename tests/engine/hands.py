"""Other hands on a member than ours: an autoscaler through /scale, kubectl's subcommands, controllers."""

from __future__ import annotations

import json
from typing import Any

from karmactl.core.model.manifest import Manifest
from karmactl.kube.transport import Request
from tests.engine.direct import DirectSender
from tests.engine.world import World


async def scale(
    world: World, member: str, name: str, replicas: int, *, manager: str = "kube-controller-manager"
) -> None:
    """Set the replicas of a Deployment through its subresource, as an autoscaler or `kubectl scale` does."""
    await DirectSender(world.clusters[member]).send(
        Request(
            verb="PATCH",
            method="PATCH",
            path=f"/apis/apps/v1/namespaces/shop/deployments/{name}/scale",
            query={"fieldManager": manager},
            body=json.dumps({"spec": {"replicas": replicas}}).encode(),
            content_type="application/merge-patch+json",
        )
    )


async def live_of(
    world: World, member: str, *, plural: str, name: str, group: str = "", namespace: str = "shop"
) -> Any:
    """The live object as the server keeps it."""
    return world.clusters[member].store.get((group, plural), (namespace, name))


def retained_of(plan: Any) -> list[tuple[str, str, str, str]]:
    """(cluster, path, rule, by) of every field that keeps the member's value."""
    return [
        (change_set.cluster, entry.keyed_path, entry.rule, entry.by)
        for change_set in plan.change_sets
        for entry in change_set.retained
    ]


def autoscaler(name: str = "web", *, least: int = 2, most: int = 10) -> str:
    """A HorizontalPodAutoscaler for the Deployment of its name."""
    return (
        f"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n"
        f"  minReplicas: {least}\n  maxReplicas: {most}\n"
    )


__all__ = ["Manifest", "autoscaler", "live_of", "retained_of", "scale"]
