"""What the pods of a workload say when it does not become ready: the words that people look for first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from karmactl.core.model.manifest import Manifest, as_list, as_mapping, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import APIKind, Reader
from karmactl.errors import ClusterError

__all__ = ["PodNews", "pod_news"]

_POD_KIND = APIKind(group="", version="v1", kind="Pod", resource="pods", is_namespaced=True)
# What waiting does not cure.
_INCURABLE = frozenset(
    {
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
_ORDINARY = frozenset({"", "ContainerCreating", "PodInitializing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNews:
    """The worst that a pod says; `message` "" where none says anything."""

    message: str = ""
    is_incurable: bool = False


async def pod_news(reader: Reader, workload: Manifest) -> PodNews:
    """What the workload's pods say; nothing where they cannot be read."""
    labels = as_mapping(field_at(workload, "spec", "selector", "matchLabels"))
    selector = ",".join(f"{key}={as_str(value)}" for key, value in sorted(labels.items()))
    if not selector:
        return PodNews()
    namespace = as_str(field_at(workload, "metadata", "namespace"))
    try:
        pods = await reader.list(_POD_KIND, namespace=namespace, label_selector=selector)
    except ClusterError:
        return PodNews()
    news = [found for pod in pods for found in _news_of(pod)]
    return next((found for found in news if found.is_incurable), next(iter(news), PodNews()))


def _news_of(pod: Manifest) -> Iterator[PodNews]:
    name = as_str(field_at(pod, "metadata", "name"))
    for key in ("initContainerStatuses", "containerStatuses"):
        for status in as_list(field_at(pod, "status", key)):
            waiting = as_mapping(field_at(status, "state", "waiting"))
            reason = as_str(waiting.get("reason"))
            if reason not in _ORDINARY:
                said = f"{reason}: {as_str(waiting.get('message'))}".rstrip(": ")
                yield PodNews(message=f"pod {name}: {said}", is_incurable=reason in _INCURABLE)
    for condition in as_list(field_at(pod, "status", "conditions")):
        entry = as_mapping(condition)
        if entry.get("type") == "PodScheduled" and entry.get("status") == "False":
            said = f"{as_str(entry.get('reason'))}: {as_str(entry.get('message'))}".rstrip(": ")
            yield PodNews(message=f"pod {name}: {said}")
