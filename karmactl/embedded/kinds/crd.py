"""CustomResourceDefinitions: what a definition must be like before its resources can be served."""

from typing import TYPE_CHECKING

from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object

if TYPE_CHECKING:
    from karmactl.embedded.call import Call


def prepare_create(call: "Call", obj: Object) -> None:
    """A new definition has no names accepted yet, and stores its storage version."""
    stored = [v["name"] for v in obj["spec"].get("versions") or () if v.get("storage")]
    obj["status"] = {
        "conditions": None,
        "acceptedNames": {"plural": "", "kind": ""},
        "storedVersions": stored[:1] or None,
    }


def prepare_update(call: "Call", obj: Object, old: Object) -> None:
    """A new storage version is one that is stored from now on."""
    status = dict(obj.get("status") or {})
    stored = list(status.get("storedVersions") or ())
    storage = [v["name"] for v in obj["spec"].get("versions") or () if v.get("storage")]
    if storage and storage[0] not in stored:
        obj["status"] = {**status, "storedVersions": [*stored, storage[0]]}


STRATEGY = Strategy(
    generation=True, unconditional_update=False, prepare_create=prepare_create, prepare_update=prepare_update
)
