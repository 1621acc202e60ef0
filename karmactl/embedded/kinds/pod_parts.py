"""Parts of a Pod with endpoints of their own: ephemeral containers (`kubectl debug`), and resources (resizing)."""

from karmactl.embedded.kinds.pods import quality_of_service
from karmactl.embedded.kinds.rules import Errors, forbidden, invalid
from karmactl.embedded.kinds.strategy import Part
from karmactl.embedded.kinds.validate_pods import validate_pod
from karmactl.embedded.values import Object, dig, equal

_MIRROR = "kubernetes.io/config.mirror"
_KINDS = ("containers", "initContainers")
_SIZES = ("cpu", "memory")


def _only_ephemeral(new: Object, live: Object) -> Object:
    spec = dict(live["spec"])
    if new["spec"].get("ephemeralContainers"):
        spec["ephemeralContainers"] = new["spec"]["ephemeralContainers"]
    else:
        spec.pop("ephemeralContainers", None)
    return {**live, "metadata": _metadata(new, live), "spec": spec}


def _metadata(new: Object, live: Object) -> Object:
    """The metadata of the object that is there, with who owns what now."""
    kept = {k: v for k, v in live["metadata"].items() if k != "managedFields"}
    owned = new["metadata"].get("managedFields")
    return {**kept, "managedFields": owned} if owned else kept


def _ephemeral(new: Object, live: Object) -> Errors:
    if _MIRROR in (live["metadata"].get("annotations") or {}):
        return [forbidden("", "static pods do not support ephemeral containers")]
    out = validate_pod(new)
    given = {c.get("name"): c for c in new["spec"].get("ephemeralContainers") or ()}
    for container in live["spec"].get("ephemeralContainers") or ():
        name = container["name"]
        if name not in given:
            text = f'existing ephemeral containers "{name}" may not be removed\n'
            out.append(forbidden("spec.ephemeralContainers", text))
        elif not equal(given[name], container):
            text = f'existing ephemeral containers "{name}" may not be changed\n'
            out.append(forbidden("spec.ephemeralContainers", text))
    return out


def _only_resources(new: Object, live: Object) -> Object:
    """The Pod with the new resources; other changes of containers stay, for validation to find them."""
    if any(_names(new, kind) != _names(live, kind) for kind in _KINDS):
        return new
    spec = dict(live["spec"])
    _take(spec, new["spec"], "resources")
    for kind in _KINDS:
        if spec.get(kind):
            spec[kind] = [dict(container) for container in spec[kind]]
            for container, given in zip(spec[kind], new["spec"][kind], strict=True):
                _take(container, given, "resources")
                _take(container, given, "resizePolicy")
    return {**live, "metadata": _metadata(new, live), "spec": spec}


def _take(into: Object, given: Object, key: str) -> None:
    if key in given:
        into[key] = given[key]
    else:
        into.pop(key, None)


def _names(pod: Object, kind: str) -> list[str]:
    return [c.get("name") or "" for c in pod["spec"].get(kind) or ()]


def _resize(new: Object, live: Object) -> Errors:
    if _MIRROR in (live["metadata"].get("annotations") or {}):
        return [forbidden("", "static pods cannot be resized")]
    if dig(live, "spec", "os", "name") == "windows":
        return [forbidden("", "windows pods cannot be resized")]
    out = validate_pod(new)
    if dig(live, "status", "qosClass") not in (None, "", quality_of_service(new)):
        shown = dig(new, "status", "qosClass")
        out.append(invalid("spec", shown, "Pod QOS Class may not change as a result of resizing"))
    if not _has_support(live):
        out.append(forbidden("spec", "Pod running on node without support for resize"))
    out += _whole_pod(new["spec"].get("resources"), live["spec"].get("resources"))
    unordered = [fault for kind in _KINDS for fault in _order(new, live, kind)]
    if unordered:
        return out + unordered
    for kind in reversed(_KINDS):
        pairs = zip(new["spec"].get(kind) or (), live["spec"].get(kind) or (), strict=True)
        for index, (given, container) in enumerate(pairs):
            out += _removed(given, container, f"spec.{kind}[{index}].resources", "resource")
    return out + _other_changes(new, live)


def _has_support(pod: Object) -> bool:
    """A node that can resize says what resources a running container has."""
    for container in dig(pod, "status", "containerStatuses") or ():
        if dig(container, "state", "running") is not None:
            return container.get("resources") is not None
    return True


def _whole_pod(new: Object | None, old: Object | None) -> Errors:
    if not any((r or {}).get(k) for r in (new, old) for k in ("requests", "limits")):
        return []
    if old is not None and new is None:
        return [forbidden("spec.resources", "pod-level resources cannot be removed")]
    out = _removed({"resources": new}, {"resources": old or {}}, "spec.resources", "pod-level resource")
    if not equal(_sized(new or {}, old or {}), old or {}):
        out.append(forbidden("spec", "only cpu and memory resources are mutable at pod-level"))
    return out


def _order(new: Object, live: Object, kind: str) -> Errors:
    mine, theirs = _names(new, kind), _names(live, kind)
    if len(mine) != len(theirs):
        return [forbidden(f"spec.{kind}", f"{kind} may not be added or removed on resize")]
    return [
        forbidden(f"spec.{kind}[{index}].name", f"{kind} may not be renamed or reordered on resize")
        for index, (one, other) in enumerate(zip(mine, theirs, strict=True))
        if one != other
    ]


def _removed(new: Object, old: Object, where: str, what: str) -> Errors:
    """What was asked for stays asked for; only how much may change."""
    out: Errors = []
    for key in ("requests", "limits"):
        if set(dig(old, "resources", key) or {}) - set(dig(new, "resources", key) or {}):
            out.append(forbidden(f"{where}.{key}", f"{what} {key} cannot be removed"))
    return out


def _sized(new: Object, old: Object) -> Object:
    """Resources with the old amounts of what may be resized."""
    out: Object = {}
    for key in ("requests", "limits"):
        amounts = {k: v for k, v in (new.get(key) or {}).items() if k not in _SIZES}
        amounts |= {k: v for k, v in (old.get(key) or {}).items() if k in _SIZES}
        if amounts:
            out[key] = amounts
    return out


def _other_changes(new: Object, live: Object) -> Errors:
    out: Errors = []
    for kind in _KINDS:
        pairs = zip(new["spec"].get(kind) or (), live["spec"].get(kind) or (), strict=True)
        for index, (given, old) in enumerate(pairs):
            amounts = old.get("resources") or {}
            kept = {**given, "resources": _sized(given.get("resources") or {}, amounts)}
            before = {**old, "resources": _sized(amounts, amounts)}
            is_main, is_sidecar = kind == "containers", old.get("restartPolicy") == "Always"
            if not equal(kept, before):
                if is_main:
                    out.append(forbidden("spec", "only cpu and memory resources are mutable"))
                else:
                    text = "only cpu and memory resources for init or sidecar containers are mutable"
                    out.append(forbidden(f"spec.{kind}[{index}]", text))
            if not is_main and not is_sidecar and not equal(given, old) and _restarts(given):
                text = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"
                out.append(forbidden(f"spec.{kind}[{index}]", text))
    return out


def _restarts(container: Object) -> bool:
    return any(p.get("restartPolicy") == "RestartContainer" for p in container.get("resizePolicy") or ())


PARTS = {
    "ephemeralcontainers": Part(only=_only_ephemeral, validate=_ephemeral),
    "resize": Part(only=_only_resources, validate=_resize),
}
