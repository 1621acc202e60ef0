"""The same object in another version of its kind.

Custom resources only change their apiVersion (conversion webhooks are not run). Of the built-in kinds, events and
HorizontalPodAutoscalers are served in two forms.
"""

from karmactl.embedded.resource import Resource
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
    return to_version(obj, resource.storage_api_version)


def _same(obj: Object) -> Object:
    return obj


_CONVERSIONS = {
    ("Event", "v1", "events.k8s.io/v1"): _same,
}
