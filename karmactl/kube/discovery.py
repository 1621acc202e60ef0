"""Discovery: which kinds a cluster serves, in every version, from two requests where the server can, else one a group.

A group whose answer failed or is stale is named in `failed_groups` and never taken for empty (I4). Nothing is kept:
one run asks once, and who needs it longer keeps the value. Source: client-go discovery/discovery_client.go and
aggregated_discovery.go; KEP-3352 (aggregated discovery).
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_str, field, group_of
from karmactl.core.model.ports import APIKind, Discovery
from karmactl.errors import ClusterError, Forbidden, NotFound
from karmactl.kube.documents import no_answer, read_object
from karmactl.kube.tasks import first_of_group
from karmactl.kube.transport import Answer, Request

__all__ = ["discover"]

_AGGREGATED = "as=APIGroupDiscoveryList"
_ACCEPT = ",".join(
    (
        f"application/json;g=apidiscovery.k8s.io;v=v2;{_AGGREGATED}",
        f"application/json;g=apidiscovery.k8s.io;v=v2beta1;{_AGGREGATED}",
        "application/json",
    )
)


class _Sender(Protocol):
    @property
    def cluster(self) -> str: ...

    async def send(self, request: Request) -> Answer: ...


async def discover(sender: _Sender) -> Discovery:
    """What the cluster serves. Raises ClusterError where the lists of groups themselves cannot be had."""
    with first_of_group():
        async with asyncio.TaskGroup() as tasks:
            core = tasks.create_task(_groups(sender, "/api"))
            named = tasks.create_task(_groups(sender, "/apis"))
            version = tasks.create_task(_version(sender))
    kinds: set[APIKind] = set()
    failed: set[str] = set()
    for found, lost in (core.result(), named.result()):
        kinds |= found
        failed |= lost
    return Discovery(kinds=tuple(sorted(kinds)), version=version.result(), failed_groups=tuple(sorted(failed)))


async def _groups(sender: _Sender, path: str) -> tuple[set[APIKind], set[str]]:
    answer = await sender.send(Request(verb="DISCOVER", method="GET", path=path, accept=_ACCEPT))
    document = read_object(sender.cluster, answer.body)
    form = document.get("kind")
    if form == "APIGroupDiscoveryList":
        return _aggregated(document)
    if form not in ("APIVersions", "APIGroupList"):
        raise no_answer(sender.cluster, "list of API groups")
    if form == "APIVersions":
        group_versions = [as_str(version) for version in as_list(document.get("versions"))]
    else:
        group_versions = [
            as_str(field(version, "groupVersion"))
            for group in as_list(document.get("groups"))
            for version in as_list(field(group, "versions"))
        ]
    results = await asyncio.gather(*(_group_version(sender, path, each) for each in group_versions))
    kinds: set[APIKind] = set()
    failed: set[str] = set()
    for group_version, found in zip(group_versions, results, strict=True):
        if found is None:
            failed.add(group_of(group_version)[0])
        else:
            kinds |= found
    return kinds, failed


async def _group_version(sender: _Sender, path: str, group_version: str) -> set[APIKind] | None:
    try:
        answer = await sender.send(Request(verb="DISCOVER", method="GET", path=f"{path}/{group_version}"))
        document = read_object(sender.cluster, answer.body)
    except ClusterError:
        return None
    if document.get("kind") != "APIResourceList":
        return None
    group, version = group_of(group_version)
    return {
        APIKind(
            group=group,
            version=version,
            kind=as_str(field(resource, "kind")),
            resource=as_str(field(resource, "name")),
            is_namespaced=field(resource, "namespaced") is True,
            verbs=_verbs(field(resource, "verbs")),
        )
        for resource in as_list(document.get("resources"))
        if "/" not in as_str(field(resource, "name"))
    }


def _aggregated(document: Manifest) -> tuple[set[APIKind], set[str]]:
    kinds: set[APIKind] = set()
    failed: set[str] = set()
    for item in as_list(document.get("items")):
        group = as_str(field(item, "metadata", "name"))
        for entry in as_list(field(item, "versions")):
            if field(entry, "freshness") == "Stale":
                failed.add(group)
                continue
            version = as_str(field(entry, "version"))
            for resource in as_list(field(entry, "resources")):
                kind = as_str(field(resource, "responseKind", "kind"))
                if kind:  # a resource with subresources alone has none
                    kinds.add(
                        APIKind(
                            group=group,
                            version=version,
                            kind=kind,
                            resource=as_str(field(resource, "resource")),
                            is_namespaced=field(resource, "scope") == "Namespaced",
                            verbs=_verbs(field(resource, "verbs")),
                        )
                    )
    return kinds, failed


async def _version(sender: _Sender) -> str:
    try:
        answer = await sender.send(Request(verb="DISCOVER", method="GET", path="/version"))
        return as_str(read_object(sender.cluster, answer.body).get("gitVersion"))
    except (Forbidden, NotFound):
        return ""  # closed to the public on some clusters, and nothing is decided by it


def _verbs(value: JSONValue) -> tuple[str, ...]:
    return tuple(sorted(as_str(verb) for verb in as_list(value)))
