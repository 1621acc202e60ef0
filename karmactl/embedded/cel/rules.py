"""The rules in CEL of a custom resource's schema, held against an object."""

from collections.abc import Iterator
from typing import Any

from karmactl.embedded.cel import run
from karmactl.embedded.cel.types import escaped
from karmactl.embedded.kinds.rules import duplicate, forbidden, invalid, required
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.values import Object, equal

NOTHING: Any = object()
UNCHECKED = FieldError(
    field="<nil>",
    reason="FieldValueInvalid",
    text="Invalid value: null: some validation rules were not checked because the object was invalid; correct the "
    "existing errors to complete validation",
)
_BLOCKING = frozenset(f"FieldValue{what}" for what in ("NotSupported", "Required", "TooLong", "TooMany", "TypeInvalid"))


def broken_rules(schema: Object, obj: Object, old: Object | None, others: list[FieldError]) -> list[FieldError]:
    """The faults that rules find; where the object is no instance of its schema, that they were not looked at."""
    if not _has_rules(schema):
        return []
    if any(error.reason in _BLOCKING for error in others):
        return [UNCHECKED]
    return list(_broken(schema, obj, NOTHING if old is None else old, ""))


def _has_rules(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    inside = [*(schema.get("properties") or {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return bool(schema.get("x-kubernetes-validations")) or any(_has_rules(s) for s in inside)


def _broken(schema: Any, value: Any, old: Any, where: str) -> Iterator[FieldError]:
    if not isinstance(schema, dict) or value is None:
        return
    for rule in schema.get("x-kubernetes-validations") or ():
        yield from _held(schema, rule, value, old, where)
    if isinstance(value, list):
        keys = schema.get("x-kubernetes-list-map-keys") if schema.get("x-kubernetes-list-type") == "map" else None
        for index, item in enumerate(value):
            yield from _broken(schema.get("items"), item, _counterpart(item, old, keys), f"{where}[{index}]")
    elif isinstance(value, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, inside in sorted(value.items()):
            before = old.get(name, NOTHING) if isinstance(old, dict) else NOTHING
            place = f"{where}.{name}" if name in properties and where else name if not where else f"{where}[{name}]"
            yield from _broken(properties.get(name, extra), inside, before, place)


def _counterpart(item: Any, old: Any, keys: list[str] | None) -> Any:
    if not keys or not isinstance(old, list) or not isinstance(item, dict):
        return NOTHING
    same = (o for o in old if isinstance(o, dict) and all(equal(o.get(k), item.get(k)) for k in keys))
    return next(same, NOTHING)


def _held(schema: Object, rule: Object, value: Any, old: Any, where: str) -> Iterator[FieldError]:
    text, is_transition = rule.get("rule") or "", "oldSelf" in run.names_in(rule.get("rule") or "")
    if rule.get("optionalOldSelf") or (is_transition and old is NOTHING):
        return
    names = {"self": _native(schema, value)}
    if old is not NOTHING:
        names["oldSelf"] = _native(schema, old)
    told = (rule.get("message") or "").strip()
    kind = schema.get("type") or ""
    try:
        if run.evaluate(text, names) is not False or (not is_transition and old is not NOTHING and equal(old, value)):
            return
        detail = _message(rule, names) or told or f"failed rule: {text.strip()}"
    except run.Unknown:
        return
    except run.Failure as exc:
        detail = f'Invalid value: "{kind}": {exc} evaluating rule: {told or text.strip()}'
        yield FieldError(field=where or "<nil>", reason="FieldValueInvalid", text=detail)
        return
    yield _fault(rule, kind, value, where + (rule.get("fieldPath") or ""), detail)


def _message(rule: Object, names: dict[str, Any]) -> str:
    if not rule.get("messageExpression"):
        return ""
    try:
        found = run.evaluate(rule["messageExpression"], names)
    except (run.Unknown, run.Failure):
        return ""
    return found if isinstance(found, str) else ""


def _fault(rule: Object, kind: str, value: Any, where: str, detail: str) -> FieldError:
    place, reason = where.removeprefix(".") or "<nil>", rule.get("reason")
    if reason == "FieldValueForbidden":
        return forbidden(place, detail)
    if reason == "FieldValueRequired":
        return required(place, detail)
    if reason == "FieldValueDuplicate":
        return duplicate(place, value)
    if kind in ("object", "array"):
        return FieldError(field=place, reason="FieldValueInvalid", text=f"Invalid value: {detail}")
    return invalid(place, value, detail)


def _native(schema: Any, value: Any) -> Any:
    """A value as expressions see it: moments and durations as such, properties under the names that they can have."""
    if not isinstance(schema, dict):
        return value
    if isinstance(value, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        return {escaped(k) if k in properties else k: _native(properties.get(k, extra), v) for k, v in value.items()}
    if isinstance(value, list):
        return [_native(schema.get("items"), v) for v in value]
    try:
        if isinstance(value, str) and schema.get("format") in ("date-time", "date"):
            return run.timestamp(value if schema["format"] == "date-time" else f"{value}T00:00:00Z")
        if isinstance(value, str) and schema.get("format") == "duration":
            return run.duration(value)
    except ValueError:
        return value
    is_double = schema.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_double else value
