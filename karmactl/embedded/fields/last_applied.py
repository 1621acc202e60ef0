"""What kubectl owns by its annotation: the way from client-side to server-side apply.

An object that `kubectl apply` made carries what was applied in an annotation. When the manager `kubectl` applies it on
the server for the first time, the fields that the annotation names, and that are as it says, are not in conflict.
After k8s.io/apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go.
"""

import orjson

from karmactl.embedded.fields import typed
from karmactl.embedded.fields.paths import FieldSet
from karmactl.embedded.fields.updater import Versions
from karmactl.embedded.values import Object, copy

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
MANAGER = "kubectl"


def allowed(versions: Versions, live: Object, version: str) -> FieldSet:
    """The fields that the live object's annotation lets `kubectl` take over; none without a readable annotation."""
    text = ((live.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION)
    node = versions.node(version)
    if not text or node is None:
        return FieldSet()
    try:
        applied = orjson.loads(text)
    except orjson.JSONDecodeError:
        return FieldSet()
    if not isinstance(applied, dict) or applied.get("apiVersion") != version:
        return FieldSet()
    try:
        typed.validate(node, applied)
    except typed.TypedError:
        return FieldSet()
    change = typed.compare(node, applied, live)
    return typed.field_set(node, applied).difference(change.modified.union(change.added).union(change.removed))


def annotation_of(config: Object) -> str:
    """The annotation that says that the config was applied."""
    shown = copy(config)
    (shown["metadata"].get("annotations") or {}).pop(ANNOTATION, None)
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS).decode() + "\n"
