"""What may not change in Pods, claims and volumes (pkg/apis/core/validation).

Their refusals quote the difference in the server's internal form. Validation of the new object itself is elsewhere
(`validate_pods`, `validate_core`).
"""

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import Errors, forbidden, immutable, invalid, required
from karmactl.embedded.kinds.validate_nodes import validate_tolerations
from karmactl.embedded.kinds.validate_pods import validate_pod
from karmactl.embedded.kinds.validate_storage import claim, volume
from karmactl.embedded.schema.internal import difference, internal
from karmactl.embedded.values import Object, copy, dig, equal

_MAX_SECONDS = 2147483647
_POD_CHANGES = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_MIRROR = "kubernetes.io/config.mirror"
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"


def pod_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Pod: almost nothing of its spec may change."""
    out = validate_pod(new) + _pod_annotations(new, old)
    mine, theirs = new["spec"], old["spec"]
    for kind in ("containers", "initContainers"):
        if len(mine.get(kind) or ()) != len(theirs.get(kind) or ()):
            return [*out, forbidden(f"spec.{kind}", "pod updates may not add or remove containers")]
        out += _images(mine.get(kind) or [], f"spec.{kind}")
    seconds, before = mine.get("activeDeadlineSeconds"), theirs.get("activeDeadlineSeconds")
    if seconds is not None and not 0 <= seconds <= _MAX_SECONDS:
        text = f"must be between 0 and {_MAX_SECONDS}, inclusive"
        return [*out, invalid("spec.activeDeadlineSeconds", seconds, text)]
    if seconds is not None and before is not None and before < seconds:
        text = "must be less than or equal to previous value"
        return [*out, invalid("spec.activeDeadlineSeconds", seconds, text)]
    if seconds is None and before is not None:
        text = "must not update from a positive integer to nil value"
        out.append(invalid("spec.activeDeadlineSeconds", None, text))
    out += _added_tolerations(mine.get("tolerations") or [], theirs.get("tolerations") or [])
    gates = [g.get("name") for g in theirs.get("schedulingGates") or ()]
    for index, gate in enumerate(mine.get("schedulingGates") or ()):
        if gate.get("name") not in gates:
            text = f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'"
            out.append(forbidden(f"spec.schedulingGates[{index}].name", text))
    return out + _pod_spec(mine, theirs)


def _images(containers: list[Object], field: str) -> Errors:
    out: Errors = []
    for index, container in enumerate(containers):
        image = container.get("image") or ""
        if not image:
            out.append(required(f"{field}[{index}].image"))
        if image != image.strip():
            out.append(invalid(f"{field}[{index}].image", image, "must not have leading or trailing whitespace"))
    return out


def _pod_annotations(new: Object, old: Object) -> Errors:
    mine, theirs = (o["metadata"].get("annotations") or {} for o in (new, old))
    out: Errors = []
    for key in sorted(theirs.keys() | mine.keys()):
        if mine.get(key) == theirs.get(key):
            continue
        verb = "remove or update" if key in theirs else "add"
        where = f"metadata.annotations[{key}]"
        if key.startswith(_APP_ARMOR):
            out.append(forbidden(where, f"may not {verb} AppArmor annotations"))
        if key == _MIRROR:
            out.append(forbidden(where, f"may not {verb} mirror pod annotation"))
    return out


def _added_tolerations(new: list[Object], old: list[Object]) -> Errors:
    def bare(toleration: Object) -> Object:
        return {k: v for k, v in toleration.items() if k != "tolerationSeconds"}

    for toleration in old:
        if not any(equal(bare(toleration), bare(n)) for n in new):
            text = "existing toleration can not be modified except its tolerationSeconds"
            return [forbidden("spec.tolerations", text)]
    return validate_tolerations(new, "spec.tolerations")


def _pod_spec(new: Object, old: Object) -> Errors:
    """The faults in a spec with what may change taken from the old one."""
    if equal(new, old):
        return []
    out: Errors = []
    masked = copy(new)
    for kind in ("containers", "initContainers"):
        for container, before in zip(masked.get(kind) or (), old.get(kind) or (), strict=True):
            container["image"] = before.get("image")
    kept = ["activeDeadlineSeconds", "schedulingGates", "tolerations"]
    grace = old.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0 and masked.get("terminationGracePeriodSeconds") == 1:
        kept.append("terminationGracePeriodSeconds")
    if old.get("schedulingGates"):
        before, after = old.get("nodeSelector") or {}, masked.get("nodeSelector") or {}
        if any(after.get(k) != v for k, v in before.items()):
            text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
            out.append(invalid("spec.nodeSelector", after, text))
        kept.append("nodeSelector")
    for field in kept:
        if field in old:
            masked[field] = old[field]
        else:
            masked.pop(field, None)
    return out + _unlike("spec", "core.PodSpec", masked, old, _POD_CHANGES)


def _unlike(field: str, kind: str, new: Object, old: Object, text: str) -> Errors:
    """Nothing, or that two values differ in their internal form, and how."""
    if equal(new, old) or equal(internal(kind, new), internal(kind, old)):
        return []
    return [forbidden(field, f"{text}\n{difference(kind, old, new)}")]


_CLASS = "volume.beta.kubernetes.io/storage-class"
_CLAIM_CHANGES = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def claim_update(new: Object, old: Object) -> Errors:
    """The faults in a changed claim: little of its spec may change."""
    out = claim(new)
    mine, theirs = copy(new["spec"]), copy(old["spec"])
    annotation, before = ((o["metadata"].get("annotations") or {}).get(_CLASS) for o in (new, old))
    if not theirs.get("volumeName") and mine.get("volumeName"):
        theirs["volumeName"] = mine["volumeName"]
    named = mine.get("storageClassName")
    if theirs.get("storageClassName") is None and named is not None and before in (None, named):
        mine.pop("storageClassName")
    if annotation != before and not (before is not None and named == before):
        out += immutable(f"metadata.annotations.{_CLASS}", annotation or "", before or "")
    bound = dig(new, "status", "phase") == "Bound"
    asked, had = (dig(o, "spec", "resources", "requests", "storage") for o in (new, old))
    if bound and dig(mine, "resources", "requests") is not None:
        mine["resources"]["requests"]["storage"] = had
    if bound:
        mine.pop("volumeAttributesClassName", None)
        if "volumeAttributesClassName" in theirs:
            mine["volumeAttributesClassName"] = theirs["volumeAttributesClassName"]
    out += _unlike("spec", "core.PersistentVolumeClaimSpec", mine, theirs, _CLAIM_CHANGES)
    holds = quantity.value(dig(old, "status", "capacity", "storage"))
    if quantity.value(asked) < quantity.value(had) and quantity.value(asked) <= holds:
        out.append(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"))
    return out + immutable("volumeMode", new["spec"].get("volumeMode"), old["spec"].get("volumeMode"))


# what a PersistentVolume's spec has beside its source
_VOLUME_FIELDS = frozenset(
    {
        "capacity",
        "accessModes",
        "claimRef",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "mountOptions",
        "volumeMode",
        "nodeAffinity",
        "volumeAttributesClassName",
    }
)


def volume_update(new: Object, old: Object) -> Errors:
    """The faults in a changed PersistentVolume: its source and mode stay."""
    source, before = ({k: v for k, v in o["spec"].items() if k not in _VOLUME_FIELDS} for o in (new, old))
    text = "spec.persistentvolumesource is immutable after creation"
    out = volume(new)
    out += _unlike("spec.persistentvolumesource", "core.PersistentVolumeSource", source, before, text)
    out += immutable("volumeMode", new["spec"].get("volumeMode"), old["spec"].get("volumeMode"))
    mine, theirs = (o["spec"].get("nodeAffinity") for o in (new, old))
    return out if theirs is None or equal(mine, theirs) else out + _affinity(mine)


def _affinity(new: Object | None) -> Errors:
    text = "field is immutable, except for updating from beta label to GA"
    shown = None if new is None else internal("core.VolumeNodeAffinity", new)
    return [invalid("nodeAffinity", shown, text)]
