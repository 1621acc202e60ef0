"""Validation of metadata, the same for all kinds: names, labels, annotations, finalizers, owners."""

from karmactl.embedded.kinds.registry import strategy_of
from karmactl.embedded.kinds.rules import (
    IMMUTABLE,
    NAME_RULES,
    Errors,
    forbidden,
    invalid,
    label_map,
    name_errors,
    required,
    unqualified,
    validate_annotations,
)
from karmactl.embedded.resource import Resource
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object


def validate_meta(resource: Resource, obj: Object) -> Errors:
    """The faults in a new object's metadata."""
    meta = obj["metadata"]
    out: Errors = []
    rule = NAME_RULES[strategy_of(resource).name]
    if meta.get("generateName"):
        base = meta["generateName"]
        out += name_errors("metadata.generateName", base, rule(base[:-1] + "a" if base.endswith("-") else base))
    if not meta.get("name"):
        out.append(required("metadata.name", "name or generateName is required"))
    else:
        out += name_errors("metadata.name", meta["name"], rule(meta["name"]))
    return out + _common(resource, meta)


def _common(resource: Resource, meta: Object) -> Errors:
    out = label_map("metadata.labels", meta.get("labels"))
    out += validate_annotations("metadata.annotations", meta.get("annotations"))
    return out + _owners(meta) + _finalizers(resource, meta)


def _owners(meta: Object) -> Errors:
    out: Errors = []
    controllers = []
    for owner in meta.get("ownerReferences") or ():
        field = "metadata.ownerReferences"
        if not (owner.get("apiVersion") or "").rpartition("/")[2]:
            out.append(invalid(f"{field}.apiVersion", owner.get("apiVersion") or "", "version must not be empty"))
        for part in ("kind", "name", "uid"):
            if not owner.get(part):
                out.append(invalid(f"{field}.{part}", owner.get(part) or "", "must not be empty"))
        if owner.get("controller"):
            controllers.append(f"{owner.get('kind')}/{owner.get('name')}")
    if len(controllers) > 1:
        found = " and ".join(controllers[:2])
        text = f'Only one reference can have Controller set to true. Found "true" in references for {found}'
        out.append(invalid("metadata.ownerReferences", meta["ownerReferences"], text))
    return out


# groups whose objects other servers than Kubernetes' own look after, which ask less of finalizers
_EXTENSIONS = ("apiextensions.k8s.io", "apiregistration.k8s.io")


def _finalizers(resource: Resource, meta: Object) -> Errors:
    found = meta.get("finalizers") or []
    out: Errors = []
    for name in found:
        out += name_errors("metadata.finalizers", name, key_faults(name))
    if "orphan" in found and "foregroundDeletion" in found:
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        out.append(invalid("metadata.finalizers", found, text))
    if not resource.is_custom and resource.group not in _EXTENSIONS:
        for index, name in enumerate(found):
            out += unqualified(f"metadata.finalizers[{index}]", name)
    return out


def validate_meta_update(resource: Resource, new: Object, old: Object) -> Errors:
    """The faults in a changed object's metadata."""
    out: Errors = []
    mine, before = new["metadata"], old["metadata"]
    out += _common(resource, mine)
    if "deletionTimestamp" in before:
        extra = sorted(set(mine.get("finalizers") or ()) - set(before.get("finalizers") or ()))
        if extra:
            shown_list = ", ".join(f'"{e}"' for e in extra)
            text = "no new finalizers can be added if the object is being deleted, found new finalizers "
            text += f"[]string{{{shown_list}}}"
            out.append(forbidden("metadata.finalizers", text))
    for field in ("name", "namespace", "uid"):
        if mine.get(field) != before.get(field):
            error = invalid(f"metadata.{field}", mine.get(field) or "", IMMUTABLE)
            out += [error, error] if field == "uid" else [error]
    return out
