"""How controllers read and write: the verbs' last steps, without HTTP, under a manager's name."""

from typing import TYPE_CHECKING

from karmactl.embedded.authn import User
from karmactl.embedded.call import Call
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Request
from karmactl.embedded.objects import KindVersions, decode_value, empty
from karmactl.embedded.refusals import ApiError
from karmactl.embedded.resource import Resource
from karmactl.embedded.routing import RequestInfo
from karmactl.embedded.store import Table
from karmactl.embedded.values import Object, copy
from karmactl.embedded.verbs.delete import delete_one
from karmactl.embedded.verbs.write import create_object, update_object

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster


class Client:
    """Reads and writes of one controller."""

    def __init__(self, cluster: "Cluster", manager: str = "kube-controller-manager") -> None:
        """A client of the cluster that writes as the manager."""
        self.cluster = cluster
        self.manager = manager

    def get(self, table: Table, namespace: str, name: str) -> Object | None:
        """The object, or None."""
        return self.cluster.store.get(table, (namespace, name))

    def list(self, table: Table, namespace: str = "") -> list[Object]:
        """The objects of a table."""
        return self.cluster.store.objects(table, namespace)

    def _call(self, table: Table, namespace: str, name: str, subresource: str = "") -> Call:
        resource = self.resource(table)
        info = RequestInfo(
            is_resource=True,
            verb="update",
            path="",
            group=resource.group,
            version=resource.version,
            namespace=namespace,
            resource=resource.plural,
            name=name,
            subresource=subresource,
        )
        request = Request(method="PUT", path="", query=[], headers={})
        user = User(name=f"system:{self.manager}", groups=("system:masters", "system:authenticated"))
        return Call(
            cluster=self.cluster,
            request=request,
            info=info,
            user=user,
            resource=resource,
            subresource=resource.subresource(subresource) if subresource else None,
        )

    def resource(self, table: Table) -> Resource:
        """The resource of a table; raises LookupError where it is not served."""
        found = self.cluster.catalog.of_table(table)
        if found is None:
            raise LookupError(f"no resource for {table}")
        return found

    def create(self, table: Table, obj: Object) -> Object | None:
        """Creates an object; None where the server refuses it."""
        call = self._call(table, obj["metadata"].get("namespace") or "", "")
        resource = call.resource
        try:
            new, _ = decode_value(resource, obj)
            actor = Actor(name=self.manager, version=resource.api_version)
            new = track_update(KindVersions(call=call), empty(resource), new, actor)
            return create_object(call, new)
        except ApiError:
            return None

    def update(self, table: Table, obj: Object, subresource: str = "") -> Object | None:
        """Stores a changed object (or its status); None where it is gone or refused."""
        meta = obj["metadata"]
        call = self._call(table, meta.get("namespace") or "", meta["name"], subresource)
        live = self.cluster.store.get(table, call.key)
        if live is None:
            return None
        try:
            new, _ = decode_value(call.resource, copy(obj))
            actor = Actor(name=self.manager, version=call.resource.api_version, subresource=subresource)
            new = track_update(KindVersions(call=call, subresource=subresource), live, new, actor)
            return update_object(call, new, live)
        except ApiError:
            return None

    def update_status(self, table: Table, obj: Object) -> Object | None:
        """Stores a changed status."""
        return self.update(table, obj, "status")

    def delete(self, table: Table, namespace: str, name: str, policy: str = "Background") -> None:
        """Deletes an object, if it is there and may go."""
        call = self._call(table, namespace, name)
        live = self.cluster.store.get(table, (namespace, name))
        if live is None:
            return
        try:
            delete_one(call, {"propagationPolicy": policy}, live)
        except ApiError:
            return
