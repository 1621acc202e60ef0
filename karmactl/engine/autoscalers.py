"""Who scales what in a member: the targets of HorizontalPodAutoscalers, of this run's Works and of anybody else's hand.

An autoscaler that is only in the member counts, too: its owner need not be us. Where the list is refused the Works'
own remain, and replicas that an autoscaler changed show as drift, as before.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from karmactl.core.model.manifest import Manifest, as_str, field, name_of, namespace_of, ref_of
from karmactl.core.model.ports import Discovery, Reader
from karmactl.errors import Forbidden, NotFound

__all__ = ["AUTOSCALER", "live_autoscalers", "wanted_autoscalers"]

AUTOSCALER = "HorizontalPodAutoscaler"
_GROUP = "autoscaling"


def wanted_autoscalers(manifests: Iterable[Manifest]) -> dict[tuple[str, str, str], str]:
    """The name of the autoscaler (`hpa/web`) by (kind, namespace, name) of its target."""
    return {
        (as_str(field(item, "spec", "scaleTargetRef", "kind")), namespace_of(item), target): f"hpa/{name_of(item)}"
        for item in manifests
        if (target := as_str(field(item, "spec", "scaleTargetRef", "name")))
    }


async def live_autoscalers(
    reader: Reader, discovery: Discovery, *, besides: Container[tuple[str, str, str, str]] = ()
) -> dict[tuple[str, str, str], str]:
    """The same of all autoscalers that a member holds, `besides` some, by identity.

    Raises ClusterError where the member stopped answering.
    """
    kinds = [kind for kind in discovery.kinds if (kind.group, kind.kind) == (_GROUP, AUTOSCALER)]
    if not kinds:
        return {}
    try:
        found = await reader.list(max(kinds, key=lambda kind: kind.version))
    except (Forbidden, NotFound):
        return {}
    return wanted_autoscalers(item for item in found if ref_of(item).identity not in besides)
