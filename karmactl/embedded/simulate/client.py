"""How controllers read and write: the verbs' last steps, without HTTP, under a manager's name."""

from typing import TYPE_CHECKING

from karmactl.embedded.authn import User
from karmactl.embedded.call import Call
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Request
from karmactl.embedded.objects import KindVersions, decode_value, empty, node_of
from karmactl.embedded.refusals import ApiError
from karmactl.embedded.resource import Resource
from karmactl.embedded.routing import RequestInfo
from karmactl.embedded.schema import codec
from karmactl.embedded.store import Table
from karmactl.embedded.values import Object, copy, equal
from karmactl.embedded.verbs.delete import delete_one
from karmactl.embedded.verbs.write import create_object, store_update, update_object

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster


class Client:
    """Reads and writes of one controller."""

    def __init__(self, cluster: "Cluster", manager: str = "kube-controller-manager") -> None:
        """A client of the cluster that writes as the manager."""
        self.cluster = cluster
        self.manager = manager
        self.refusal = ""  # why the server refused last

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
        try:
            return create_object(call, self._prepared(call, obj))
        except ApiError as exc:
            self.refusal = str(exc)
            return None

    def create_alike(self, table: Table, obj: Object, count: int) -> tuple[str, ...]:
        """Creates that many objects alike (with `generateName`); the names of those that the server took."""
        call = self._call(table, obj["metadata"].get("namespace") or "", "")
        made: tuple[str, ...] = ()
        try:
            new = self._prepared(call, obj)
            while len(made) < count:
                made += (create_object(call, copy(new))["metadata"]["name"],)
        except ApiError as exc:
            self.refusal = str(exc)
        return made

    def _prepared(self, call: Call, obj: Object) -> Object:
        """The object decoded, with its managedFields; raises ApiError."""
        new, _ = decode_value(call.resource, obj)
        actor = Actor(name=self.manager, version=call.resource.api_version)
        return track_update(KindVersions(call=call), empty(call.resource), new, actor)

    def update(self, table: Table, obj: Object) -> Object | None:
        """Stores a changed object; None where it is gone or refused."""
        meta = obj["metadata"]
        call = self._call(table, meta.get("namespace") or "", meta["name"])
        live = self.cluster.store.get(table, call.key)
        if live is None or equal(obj, live):
            return live
        try:
            new, _ = decode_value(call.resource, obj)
            actor = Actor(name=self.manager, version=call.resource.api_version)
            return update_object(call, track_update(KindVersions(call=call), live, new, actor), live)
        except ApiError:
            return None

    def update_status(self, table: Table, obj: Object) -> Object | None:
        """Stores a changed status, and changed annotations with it; None where the object is gone.

        A controller knows what it writes: the status goes through its type, and past the rules for what people send.
        """
        meta = obj["metadata"]
        call = self._call(table, meta.get("namespace") or "", meta["name"], "status")
        live = self.cluster.store.get(table, call.key)
        if live is None:
            return None
        new = {**live, "status": self._settled(call.resource, obj["status"])}
        if meta.get("annotations") != live["metadata"].get("annotations"):
            new["metadata"] = {**live["metadata"], "annotations": meta["annotations"]}
        if equal(new, live):
            return live
        actor = Actor(name=self.manager, version=call.resource.api_version, subresource="status")
        return store_update(call, track_update(KindVersions(call=call, subresource="status"), live, new, actor), live)

    def _settled(self, resource: Resource, status: Object) -> Object:
        """A status as its type gives it back."""
        node = node_of(resource).child("status")
        if node is None or resource.is_custom:
            return status
        return codec.settle(node, codec.decode(node, status)[0])

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
