"""CustomResourceDefinitions at work: from stored definitions to served resources, and their conditions.

Upstream does this in controllers of the API server itself; here it happens in the same moment, after the write
that asks for it. A definition that is being deleted takes its objects with it.
"""

from typing import TYPE_CHECKING, Any

from karmactl.embedded.kinds.validate_definition import approval, is_protected
from karmactl.embedded.resource import Resource, Subresource
from karmactl.embedded.resources import READ_WRITE
from karmactl.embedded.schema.node import Node
from karmactl.embedded.schema.structural import compile_root
from karmactl.embedded.store import Change
from karmactl.embedded.values import Object, copy, dig, equal, now

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster

TABLE = ("apiextensions.k8s.io", "customresourcedefinitions")
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


class CustomResources:
    """Keeps a cluster's catalogue in step with its CustomResourceDefinitions."""

    def __init__(self, cluster: "Cluster") -> None:
        """Watches the cluster's store."""
        self._cluster = cluster
        self._compiled: dict[int, tuple[Any, Node]] = {}
        cluster.store.listeners.append(self._changed)

    def begin(self) -> None:
        """Serves what the store's definitions say from before this process began."""
        for definition in self._cluster.store.objects(TABLE):
            self.reconcile(definition["metadata"]["name"])

    def _changed(self, change: Change) -> None:
        if change.table == TABLE:
            self._cluster.later(0, self.reconcile, change.key[1])
        elif change.new is None and self._cluster.catalog.custom:
            resource = self._cluster.catalog.of_table(change.table)
            if resource is not None and resource.definition is not None:
                name = resource.definition["metadata"]["name"]
                if "deletionTimestamp" in resource.definition["metadata"]:
                    self._cluster.later(0, self.reconcile, name)

    def reconcile(self, name: str) -> None:
        """Brings one definition's status and the catalogue up to date."""
        definition = self._cluster.store.get(TABLE, ("", name))
        if definition is not None:
            if "deletionTimestamp" in definition["metadata"]:
                self._terminate(definition)
            else:
                self._accept(definition)
        self._publish()

    # ---- names and conditions

    def _accept(self, definition: Object) -> None:
        new = copy(definition)
        status = new.setdefault("status", {})
        wanted, accepted = new["spec"]["names"], dict(status.get("acceptedNames") or {})
        taken = self._taken(new)
        conflicts: list[tuple[str, str]] = []
        for key, reason in _NAME_REASONS.items():
            value = wanted.get(key)
            known = taken[_NAME_SETS[key]]
            if key in ("shortNames", "categories"):
                clash = next((v for v in value or () if v in known), None) if key == "shortNames" else None
                if clash is not None:
                    conflicts.append((reason, f'"{clash}" is already in use'))
                elif value:
                    accepted[key] = value
                else:
                    accepted.pop(key, None)
            elif value and value in known:
                conflicts.append((reason, f'"{value}" is already in use'))
            elif value:
                accepted[key] = value
        for key in ("plural", "kind"):
            accepted.setdefault(key, "")
        status["acceptedNames"] = accepted
        conditions = [copy(c) for c in status.get("conditions") or ()]
        if is_protected(new["spec"]["group"]):
            state, why = approval(new)
            met = "True" if state == "Approved" else "False"
            _set_condition(conditions, "KubernetesAPIApprovalPolicyConformant", met, f"{state}Annotation", why)
        if conflicts:
            _set_condition(conditions, "NamesAccepted", "False", conflicts[-1][0], conflicts[-1][1])
            if not any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
                _set_condition(conditions, "Established", "False", "NotAccepted", "not all names are accepted")
        else:
            _set_condition(conditions, "NamesAccepted", "True", "NoConflicts", "no conflicts found")
            _set_condition(
                conditions, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted"
            )
        status["conditions"] = conditions
        stored = list(status.get("storedVersions") or ())
        for version in new["spec"]["versions"]:
            if version.get("storage") and version["name"] not in stored:
                stored.append(version["name"])
        status["storedVersions"] = stored
        if not equal(new, definition):
            self._cluster.write_status(TABLE, new, "kube-apiserver")

    def _taken(self, definition: Object) -> dict[str, set[str]]:
        """Names that other definitions of the group hold."""
        out: dict[str, set[str]] = {"resources": set(), "kinds": set()}
        for other in self._cluster.store.objects(TABLE):
            same = other["metadata"]["uid"] == definition["metadata"]["uid"]
            if same or other["spec"]["group"] != definition["spec"]["group"]:
                continue
            names = dig(other, "status", "acceptedNames") or {}
            out["resources"] |= {names.get("plural", ""), names.get("singular", ""), *(names.get("shortNames") or ())}
            out["kinds"] |= {names.get("kind", ""), names.get("listKind", "")}
        return {key: found - {""} for key, found in out.items()}

    # ---- deletion

    def _terminate(self, definition: Object) -> None:
        """Deletes the objects of a definition that is going, and lets it go when none is left."""
        store, spec = self._cluster.store, definition["spec"]
        table = (spec["group"], spec["names"]["plural"])
        left = False
        for obj in store.objects(table):
            key = (obj["metadata"].get("namespace") or "", obj["metadata"]["name"])
            if not obj["metadata"].get("finalizers"):
                store.remove(table, key)
                continue
            left = True
            if "deletionTimestamp" not in obj["metadata"]:
                marked = copy(obj)
                marked["metadata"]["deletionTimestamp"] = now()
                marked["metadata"]["deletionGracePeriodSeconds"] = 0
                store.put(table, key, marked)
        finalizers = definition["metadata"].get("finalizers") or []
        if left or CLEANUP not in finalizers:
            return
        new = copy(definition)
        new["metadata"]["finalizers"] = [f for f in finalizers if f != CLEANUP]
        name = definition["metadata"]["name"]
        if new["metadata"]["finalizers"]:
            store.put(TABLE, ("", name), new)
        else:
            store.remove(TABLE, ("", name))

    # ---- serving

    def _publish(self) -> None:
        resources: list[Resource] = []
        for definition in self._cluster.store.objects(TABLE):
            if any(
                c["type"] == "Established" and c["status"] == "True"
                for c in dig(definition, "status", "conditions") or ()
            ):
                resources += self._resources(definition)
        self._cluster.catalog.set_custom(resources)

    def _resources(self, definition: Object) -> list[Resource]:
        spec = definition["spec"]
        names = definition["status"]["acceptedNames"]
        stored = next(v for v in spec["versions"] if v.get("storage"))
        out = []
        for version in spec["versions"]:
            if not version.get("served"):
                continue
            out.append(
                Resource(
                    group=spec["group"],
                    version=version["name"],
                    kind=names["kind"],
                    plural=names["plural"],
                    singular=names.get("singular") or names["kind"].lower(),
                    namespaced=spec["scope"] == "Namespaced",
                    list_kind=names.get("listKind") or names["kind"] + "List",
                    short_names=tuple(names.get("shortNames") or ()),
                    categories=tuple(names.get("categories") or ()),
                    verbs=VERBS,
                    subresources=_subresources(version, names["kind"]),
                    storage_version=stored["name"],
                    definition=definition,
                    schema=self._schema(version),
                    storage_schema=self._schema(stored),
                )
            )
        return out

    def _schema(self, version: Object) -> Node:
        """The compiled schema of a version, kept as long as the definition's text stays the same object."""
        source = dig(version, "schema", "openAPIV3Schema")
        known = self._compiled.get(id(source))
        if known is not None and known[0] is source:
            return known[1]
        node = compile_root(source)
        self._compiled[id(source)] = (source, node)
        return node


_NAME_REASONS = {
    "plural": "PluralConflict",
    "singular": "SingularConflict",
    "shortNames": "ShortNamesConflict",
    "kind": "KindConflict",
    "listKind": "ListKindConflict",
    "categories": "",
}
_NAME_SETS = {
    "plural": "resources",
    "singular": "resources",
    "shortNames": "resources",
    "kind": "kinds",
    "listKind": "kinds",
    "categories": "kinds",
}


def _set_condition(conditions: list[Object], kind: str, status: str, reason: str, message: str) -> None:
    for condition in conditions:
        if condition["type"] == kind:
            if condition["status"] != status:
                condition["lastTransitionTime"] = now()
            condition.update(status=status, reason=reason, message=message)
            return
    conditions.append(
        {"type": kind, "status": status, "lastTransitionTime": now(), "reason": reason, "message": message}
    )


def _subresources(version: Object, kind: str) -> tuple[Subresource, ...]:
    declared = version.get("subresources") or {}
    out = []
    if declared.get("status") is not None:
        out.append(Subresource(name="status", kind=kind, verbs=READ_WRITE))
    if declared.get("scale") is not None:
        out.append(Subresource(name="scale", kind="Scale", group="autoscaling", version="v1", verbs=READ_WRITE))
    return tuple(out)
