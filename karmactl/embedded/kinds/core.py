"""The small kinds of the core group: what happens to them before they are stored."""

from typing import TYPE_CHECKING

from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object, copy, now

if TYPE_CHECKING:
    from karmactl.embedded.call import Call


def _namespace_create(call: "Call", obj: Object) -> None:
    obj["status"] = {"phase": "Active"}
    finalizers = obj["spec"].get("finalizers") or []
    if "kubernetes" not in finalizers:
        obj["spec"]["finalizers"] = [*finalizers, "kubernetes"]
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def _namespace_update(call: "Call", new: Object, old: Object) -> None:
    """Finalizers in spec change through /finalize alone."""
    new["spec"] = copy(old["spec"])
    new["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = new["metadata"]["name"]


def _volume_create(call: "Call", obj: Object) -> None:
    obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": now()}


def _claim_create(call: "Call", obj: Object) -> None:
    obj["status"] = {"phase": "Pending"}
    _data_source(obj["spec"])


def _data_source(spec: Object) -> None:
    """`dataSource` takes claims and snapshots alone; what it says stands in `dataSourceRef` too."""
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and not _is_known_source(source):
        del spec["dataSource"]
        source = None
    if source is not None and ref is None:
        spec["dataSourceRef"] = dict(source)
    elif ref is not None and source is None and not ref.get("namespace") and _is_known_source(ref):
        spec["dataSource"] = {k: v for k, v in ref.items() if k != "namespace"}


def _is_known_source(source: Object) -> bool:
    return (source.get("apiGroup") or "", source.get("kind")) in (
        ("", "PersistentVolumeClaim"),
        ("snapshot.storage.k8s.io", "VolumeSnapshot"),
    )


NAMESPACE = Strategy(prepare_create=_namespace_create, prepare_update=_namespace_update, name="label")
PERSISTENT_VOLUME = Strategy(prepare_create=_volume_create, answers_deleted=True)
CLAIM = Strategy(prepare_create=_claim_create, answers_deleted=True)
