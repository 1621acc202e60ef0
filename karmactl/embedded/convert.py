"""The same object in another version of its kind.

Custom resources change their apiVersion (conversion webhooks are not run) and lose what the other version's schema
does not know. Of the built-in kinds, events and HorizontalPodAutoscalers are served in two forms.
"""

from karmactl.embedded.resource import Resource
from karmactl.embedded.schema.pruning import prune
from karmactl.embedded.schema.structural import settle
from karmactl.embedded.values import Object


def to_version(obj: Object, api_version: str) -> Object:
    """The object in the API version; the same object when it is in it already."""
    if obj.get("apiVersion") == api_version:
        return obj
    convert = _CONVERSIONS.get((str(obj.get("kind")), str(obj.get("apiVersion")), api_version))
    out = dict(convert(obj)) if convert is not None else dict(obj)
    out["apiVersion"] = api_version
    return out


def to_storage(obj: Object, resource: Resource) -> Object:
    """The object in the version in which it is kept."""
    out = to_version(obj, resource.storage_api_version)
    if out is not obj and resource.storage_schema is not None:
        out = settle(resource.storage_schema, out)
    return out


def as_served(obj: Object, resource: Resource) -> Object:
    """A stored object in the resource's version, as the kind's definition is now; the same object where it can be."""
    if resource.definition is None or resource.schema is None or resource.storage_schema is None:
        return to_version(obj, resource.api_version)
    if resource.definition["metadata"].get("generation", 1) > 1:  # the object may be older than the schema
        obj = settle(resource.storage_schema, obj)
    out = to_version(obj, resource.api_version)
    return out if out is obj else prune(resource.schema.rules or {}, out, is_root=True)[0]


def _same(obj: Object) -> Object:
    return obj


_CONVERSIONS = {
    ("Event", "v1", "events.k8s.io/v1"): _same,
}
