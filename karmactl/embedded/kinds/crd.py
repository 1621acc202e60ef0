"""CustomResourceDefinitions: what a definition must be like before its resources can be served."""

from typing import TYPE_CHECKING

from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object

if TYPE_CHECKING:
    from karmactl.embedded.call import Call


def prepare_create(call: "Call", obj: Object) -> None:
    """A new definition has no names accepted yet, and stores its storage version."""
    stored = [v["name"] for v in obj["spec"].get("versions") or () if v.get("storage")]
    obj["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": stored or None}


STRATEGY = Strategy(generation=True, prepare_create=prepare_create)
