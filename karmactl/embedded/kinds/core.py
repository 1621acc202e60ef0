"""The small kinds of the core group: what happens to them before they are stored."""

import base64
from typing import TYPE_CHECKING

from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object, copy, dig

if TYPE_CHECKING:
    from karmactl.embedded.call import Call


def _namespace_create(call: "Call", obj: Object) -> None:
    obj["status"] = {"phase": "Active"}
    finalizers = obj["spec"].get("finalizers") or []
    if "kubernetes" not in finalizers:
        obj["spec"]["finalizers"] = [*finalizers, "kubernetes"]
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"]["name"]


def _namespace_update(call: "Call", new: Object, old: Object) -> None:
    """Finalizers in spec change through /finalize alone."""
    new["spec"] = copy(old["spec"])
    new["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = new["metadata"]["name"]


def _secret(obj: Object) -> None:
    """`stringData` is write-only: its entries move to `data`."""
    text = obj.pop("stringData", None)
    if text:
        data = obj.setdefault("data", {})
        for key, value in text.items():
            data[key] = base64.b64encode(value.encode()).decode()


def _volume_create(call: "Call", obj: Object) -> None:
    obj["status"] = {"phase": "Pending"}


def _claim_create(call: "Call", obj: Object) -> None:
    obj["status"] = {"phase": "Pending"}


def _node_create(call: "Call", obj: Object) -> None:
    """Unlike others, a Node may come with its status."""


NAMESPACE = Strategy(prepare_create=_namespace_create, prepare_update=_namespace_update, name="label")
PERSISTENT_VOLUME = Strategy(prepare_create=_volume_create)
CLAIM = Strategy(prepare_create=_claim_create)
NODE = Strategy(prepare_create=_node_create)
__all__ = ["CLAIM", "NAMESPACE", "NODE", "PERSISTENT_VOLUME", "dig"]
