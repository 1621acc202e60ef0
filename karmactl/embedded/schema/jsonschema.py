"""Value validation of custom resources: the JSON schema keywords that CRDs may use.

Checks, their order and their words are those of k8s.io/kube-openapi/pkg/validation/validate, whose errors
k8s.io/apiextensions-apiserver/pkg/apiserver/validation turns into field errors. `x-kubernetes-validations` (CEL) is
the business of `embedded/cel`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from karmactl.embedded.refusals import FieldError
from karmactl.embedded.schema import formats
from karmactl.embedded.schema.gopattern import to_python
from karmactl.embedded.values import Object, equal, go_quote

NOTHING = object()  # an old value that is not there, or cannot be told
_NIL = "<nil>"


def validate(schema: Object, value: Any, old: Any = NOTHING) -> list[FieldError]:
    """The faults of a value under a schema, with paths from the value on; `<nil>` is the value itself.

    With `old`, faults of parts that are as they were are let through.
    """
    return _check(schema, value, "", old).errors


@dataclass(slots=True)
class _Result:
    """Faults, and how many checks went well: of several alternatives the one that went best is reported."""

    errors: list[FieldError] = field(default_factory=list)
    matches: int = 0

    def add(self, *errors: FieldError) -> None:
        for error in errors:
            if error not in self.errors:
                self.errors.append(error)

    def merge(self, other: "_Result") -> None:
        self.add(*other.errors)
        self.matches += other.matches


def _check(schema: Object, value: Any, path: str, old: Any) -> _Result:
    out = _checked(schema, value, path, old)
    if out.errors and old is not NOTHING and equal(old, value):
        return _Result(matches=out.matches)
    return out


def _checked(schema: Object, value: Any, path: str, old: Any) -> _Result:
    types, form = _types(schema), _format(schema)
    out = _Result()
    if value is None:
        if types and not schema.get("nullable"):
            out.add(_mistyped(path, ",".join(types), "null"))
        else:
            out.matches += 1
        out.add(*_enum(schema, value, path))
        return out
    if types or form:
        fault = _type_fault(types, form, value, path)
        out.add(*fault)
        out.matches += 1 if fault else 2
    out.merge(_combined(schema, value, path, old))
    out.matches += 1
    if isinstance(value, str):
        out.add(*_string(schema, value, path))
        out.matches += 1
        if form and formats.is_known("", form):
            if not formats.fits(form, value):
                out.add(_mistyped(path, form, value))
            out.matches += 1
    elif isinstance(value, int | float) and not isinstance(value, bool):
        out.add(*_number(schema, value, path))
        out.matches += 2
    elif isinstance(value, list):
        out.merge(_list(schema, value, path, old))
        out.matches += 2
    out.add(*_enum(schema, value, path))
    out.matches += 1
    if isinstance(value, dict):
        out.merge(_object(schema, value, path, old))
        out.matches += 1
    out.matches += 1
    return out


# ---- words


def _error(path: str, reason: str, text: str) -> FieldError:
    return FieldError(field=path.removeprefix(".") or _NIL, reason=reason, text=text)


def value_text(value: Any) -> str:
    """A value as field errors quote it."""
    if isinstance(value, str):
        return go_quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        from karmactl.embedded.encode import go_dumps

        return go_dumps(value)
    return _go_number(value)


def _go_number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _invalid(path: str, value: Any, rule: str) -> FieldError:
    return _error(path, "FieldValueInvalid", f"Invalid value: {value_text(value)}: {path} in body {rule}")


def _mistyped(path: str, wanted: str, found: str) -> FieldError:
    shown = go_quote(found)
    return _error(
        path, "FieldValueTypeInvalid", f"Invalid value: {shown}: {path} in body must be of type {wanted}: {shown}"
    )


def _general(text: str) -> FieldError:
    """A fault that upstream reports of no field."""
    return FieldError(field=_NIL, reason="FieldValueInvalid", text=f'Invalid value: "": {text}')


def _too_many(path: str, found: int, most: int) -> FieldError:
    unit = "item" if most == 1 else "items"
    return _error(path, "FieldValueTooMany", f"Too many: {found}: must have at most {most} {unit}")


# ---- types


def _types(schema: Object) -> tuple[str, ...]:
    if schema.get("x-kubernetes-int-or-string") is True:
        return ("integer", "string")
    return (schema["type"],) if schema.get("type") else ()


def _format(schema: Object) -> str:
    """The schema's format where the server knows it for the type."""
    types, form = _types(schema), schema.get("format") or ""
    return form if form and formats.is_known(types[0] if len(types) == 1 else "", form) else ""


def _shape(value: Any) -> tuple[str, str]:
    """Type and format of a decoded value."""
    if isinstance(value, bool):
        return "boolean", ""
    if isinstance(value, str):
        return "string", ""
    if isinstance(value, int):
        return "integer", "int64"
    if isinstance(value, float):
        return "number", "float64"
    return ("array" if isinstance(value, list) else "object"), ""


def _type_fault(types: tuple[str, ...], form: str, value: Any, path: str) -> list[FieldError]:
    found, found_form = _shape(value)
    whole = found == "number" and float(value).is_integer() and "integer" in types
    fits = found in types or whole or (found == "integer" and "number" in types)
    is_text = isinstance(value, str | list)
    if form and not is_text and not fits and found_form != form:
        return [_mistyped(path, form, found_form)]
    if form and is_text and not {"number", "integer"} & set(types):
        return []
    return [] if fits else [_mistyped(path, ",".join(types), found)]


def _enum(schema: Object, value: Any, path: str) -> Iterator[FieldError]:
    allowed = schema.get("enum")
    if allowed and not any(a is not None and equal(value, a) for a in allowed):
        shown = ", ".join(go_quote(a if isinstance(a, str) else value_text(a)) for a in allowed)
        text = f"Unsupported value: {value_text(value)}: supported values: {shown}"
        yield _error(path, "FieldValueNotSupported", text)


def _string(schema: Object, value: str, path: str) -> list[FieldError]:
    """The first fault of a text."""
    longest, shortest, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
    if longest is not None and len(value) > longest:
        unit = "byte" if longest == 1 else "bytes"
        return [_error(path, "FieldValueTooLong", f"Too long: may not be more than {longest} {unit}")]
    if shortest is not None and len(value) < shortest:
        return [_invalid(path, value, f"should be at least {shortest} chars long")]
    if pattern and not _matches(pattern, value):
        return [_invalid(path, value, f"should match '{pattern}'")]
    return []


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(to_python(pattern), value) is not None
    except re.error:
        return True  # a pattern of Go's that Python does not read: not ours to refuse


def _number(schema: Object, value: float, path: str) -> Iterator[FieldError]:
    yield from _range(schema, value, path, "Checked")
    step, lowest, highest = schema.get("multipleOf"), schema.get("minimum"), schema.get("maximum")
    if step is not None:
        yield from _range(schema, step, path, "MultipleOf")
        if step <= 0:
            yield _general(f"factor in multipleOf declared for {path} must be positive: {_go_number(step)}")
        elif not float(value / step).is_integer():
            yield _invalid(path, value, f"should be a multiple of {_go_number(step)}")
    if lowest is not None:
        yield from _range(schema, lowest, path, "Minimum boundary")
        if schema.get("exclusiveMinimum") and value <= lowest:
            yield _invalid(path, value, f"should be greater than {_go_number(lowest)}")
        elif not schema.get("exclusiveMinimum") and value < lowest:
            yield _invalid(path, value, f"should be greater than or equal to {_go_number(lowest)}")
    if highest is not None:
        yield from _range(schema, highest, path, "Maximum boundary")
        if schema.get("exclusiveMaximum") and value >= highest:
            yield _invalid(path, value, f"should be less than {_go_number(highest)}")
        elif not schema.get("exclusiveMaximum") and value > highest:
            yield _invalid(path, value, f"should be less than or equal to {_go_number(highest)}")


def _range(schema: Object, value: float, path: str, what: str) -> Iterator[FieldError]:
    """Whether a number has a place in the schema's type."""
    if _types(schema) != ("integer",):
        return
    form = schema.get("format") if schema.get("format") in ("int32", "int64") else ""
    limit = 2 ** (31 if form == "int32" else 63)
    if float(value).is_integer() and -limit <= value < limit:
        return
    with_form = f"with format {form}" if form else "(default format)"
    yield _general(f"{what} value must be of type integer {with_form} in {path}")


# ---- lists and objects


def _list(schema: Object, value: list[Any], path: str, old: Any) -> _Result:
    out = _Result()
    items = schema.get("items")
    if isinstance(items, dict):
        for index, item in enumerate(value):
            out.merge(_check(items, item, f"{path}[{index}]", _old_item(schema, item, old)))
    most, least = schema.get("maxItems"), schema.get("minItems")
    if least is not None and len(value) < least:
        out.add(_invalid(path, len(value), f"should have at least {least} items"))
    if most is not None and len(value) > most:
        out.add(_too_many(path, len(value), most))
    return out


def _old_item(schema: Object, item: Any, old: Any) -> Any:
    """What an item of a list was: known by its keys, or by its value in a set."""
    kind = schema.get("x-kubernetes-list-type")
    if not isinstance(old, list):
        return NOTHING
    if kind == "set":
        return next((o for o in old if equal(o, item)), NOTHING)
    if kind == "map" and isinstance(item, dict):
        keys = schema.get("x-kubernetes-list-map-keys") or ()
        same = (o for o in old if isinstance(o, dict) and all(equal(o.get(k), item.get(k)) for k in keys))
        return next(same, NOTHING)
    return NOTHING


def _object(schema: Object, value: Object, path: str, old: Any) -> _Result:
    out = _Result()
    most, least = schema.get("maxProperties"), schema.get("minProperties")
    if least is not None and len(value) < least:
        out.add(_invalid(path, len(value), f"should have at least {least} properties"))
    if most is not None and len(value) > most:
        out.add(_too_many(path, len(value), most))
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    before = old if isinstance(old, dict) else {}
    for name, item in value.items():
        if name not in properties and isinstance(extra, dict):
            out.merge(_check(extra, item, f"{path}.{name}", before.get(name, NOTHING)))
    for name, child in sorted(properties.items()):
        if name in value:
            where = f"{path}.{name}" if path else name
            out.merge(_check(child, value[name], where, before.get(name, NOTHING)))
    for name in schema.get("required") or ():
        if name not in value:
            out.add(_error(f"{path}.{name}", "FieldValueRequired", "Required value"))
    return out


# ---- combinations


def _combined(schema: Object, value: Any, path: str, old: Any) -> _Result:
    out, name = _Result(), go_quote(path)
    if schema.get("anyOf"):
        results = [_check(part, value, path, old) for part in schema["anyOf"]]
        first = next((r for r in results if not r.errors), None)
        if first is None:
            out.add(_general(f"{name} must validate at least one schema (anyOf)"))
        out.merge(first or max(results, key=_went_well))
    if schema.get("oneOf"):
        results = [_check(part, value, path, old) for part in schema["oneOf"]]
        good = [r for r in results if not r.errors]
        if len(good) == 1:
            out.merge(good[0])
        else:
            which = f"Found {len(good)} valid alternatives" if good else "Found none valid"
            out.add(_general(f"{name} must validate one and only one schema (oneOf). {which}"))
            if not good:
                out.merge(max(results, key=_went_well))
    if schema.get("allOf"):
        results = [_check(part, value, path, old) for part in schema["allOf"]]
        for result in results:
            out.merge(result)
        if any(r.errors for r in results):
            none = ". None validated" if all(r.errors for r in results) else ""
            out.add(_general(f"{name} must validate all the schemas (allOf){none}"))
    no = schema.get("not")
    if isinstance(no, dict) and not _check(no, value, path, old).errors:
        out.add(_general(f"{name} must not validate the schema (not)"))
    out.matches += 1
    return out


def _went_well(result: _Result) -> int:
    return result.matches
