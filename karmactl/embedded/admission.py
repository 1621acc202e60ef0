"""Admission: what the server itself has to say about a write before the kind's own rules.

The built-in plugins that a default kube-apiserver runs, as far as they show: namespaces must exist and not be
going, service accounts are put into Pods, storage protection is put onto claims, and so on.
"""

from karmactl.embedded.call import Call
from karmactl.embedded.status import GroupResource, forbidden, not_found
from karmactl.embedded.values import Object, dig

NAMESPACES = ("", "namespaces")


def admit_create(call: Call, obj: Object) -> None:
    """Admits a new object, changing it where a plugin does; raises ApiError 403 or 404."""
    _namespace_exists(call, obj)


def _namespace_exists(call: Call, obj: Object) -> None:
    """The NamespaceLifecycle plugin."""
    if not call.resource.namespaced:
        return
    found = call.cluster.store.get(NAMESPACES, ("", call.namespace))
    if found is None:
        raise not_found(GroupResource(group="", resource="namespaces"), call.namespace)
    if dig(found, "status", "phase") == "Terminating":
        name = obj["metadata"].get("name") or ""
        error = forbidden(
            call.resource.group_resource,
            name,
            f"unable to create new content in namespace {call.namespace} because it is being terminated",
        )
        assert error.details is not None
        error.details["causes"] = [
            {
                "reason": "NamespaceTerminating",
                "message": f"namespace {call.namespace} is being terminated",
                "field": "metadata.namespace",
            }
        ]
        raise error


def admit_update(call: Call, new: Object, live: Object) -> None:
    """Admits a changed object; raises ApiError 403."""


def validate_create(call: Call, obj: Object) -> None:
    """Has the last word on a valid new object; raises ApiError 403."""
