"""Value validation of custom resources: the JSON schema keywords that CRDs may use.

Messages and their order follow kube-openapi's validator, whose errors apiextensions-apiserver turns into field
errors. `x-kubernetes-validations` (CEL) is not evaluated.
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from karmactl.embedded.refusals import FieldError
from karmactl.embedded.values import Object, equal, go_quote, parse_time


def validate(schema: Object, value: Any, path: str = "") -> list[FieldError]:
    """The faults of a value under a schema; `path` names the value."""
    return list(_validate(schema, value, path, False))


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return "array" if isinstance(value, list) else "object"


def _error(path: str, reason: str, text: str) -> FieldError:
    return FieldError(field=path or "<nil>", reason=reason, text=text)


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return go_quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        from karmactl.embedded.encode import dumps

        return dumps(value).decode()
    return str(value)


def _invalid(path: str, value: Any, rule: str) -> FieldError:
    return _error(path, "FieldValueInvalid", f"Invalid value: {_value_text(value)}: {path} in body {rule}")


def _validate(schema: Object, value: Any, path: str, nested: bool) -> Iterator[FieldError]:
    if value is None and (schema.get("nullable") is True or (nested and not schema.get("type"))):
        return
    wanted = schema.get("type")
    found = _type_of(value)
    if schema.get("x-kubernetes-int-or-string") is True:
        if found not in ("integer", "string"):
            yield _mistyped(path, "integer,string", found)
            return
    elif wanted and not _fits(wanted, found):
        if value is None and nested:
            yield _mistyped(path, wanted, "null")
            return
        yield _mistyped(path, wanted, found)
        return
    if isinstance(value, str):
        yield from _string(schema, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(schema, value, path)
    elif isinstance(value, list):
        yield from _list(schema, value, path)
    elif isinstance(value, dict):
        yield from _object(schema, value, path)
    yield from _enum(schema, value, path)
    yield from _combined(schema, value, path)


def _fits(wanted: str, found: str) -> bool:
    return wanted == found or (wanted == "number" and found == "integer")


def _mistyped(path: str, wanted: str, found: str) -> FieldError:
    return _error(
        path,
        "FieldValueTypeInvalid",
        f'Invalid value: "{found}": {path} in body must be of type {wanted}: "{found}"',
    )


def _enum(schema: Object, value: Any, path: str) -> Iterator[FieldError]:
    allowed = schema.get("enum")
    if allowed and not any(equal(value, a) for a in allowed):
        shown = ", ".join(_value_text(a) for a in allowed)
        yield _error(
            path,
            "FieldValueNotSupported",
            f"Unsupported value: {_value_text(value)}: supported values: {shown}",
        )


def _string(schema: Object, value: str, path: str) -> Iterator[FieldError]:
    longest, shortest = schema.get("maxLength"), schema.get("minLength")
    if longest is not None and len(value) > longest:
        unit = "byte" if longest == 1 else "bytes"
        yield _error(path, "FieldValueTooLong", f"Too long: may not be more than {longest} {unit}")
    if shortest is not None and len(value) < shortest:
        yield _invalid(path, value, f"should be at least {shortest} chars long")
    pattern = schema.get("pattern")
    if pattern and not _matches(pattern, value):
        yield _invalid(path, value, f"should match '{pattern}'")
    form = schema.get("format")
    if form and form in _FORMATS and not _FORMATS[form](value):
        yield _error(
            path,
            "FieldValueTypeInvalid",
            f"Invalid value: {go_quote(value)}: {path} in body must be of type {form}: {go_quote(value)}",
        )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern.replace("\\z", "\\Z"), value) is not None
    except re.error:
        return True  # a pattern of Go's that Python does not read: not ours to refuse


def _number(schema: Object, value: float, path: str) -> Iterator[FieldError]:
    form = schema.get("format")
    limits = {"int32": 31, "int64": 63}.get(form or "")
    if limits is not None and not -(2**limits) <= value < 2**limits:
        yield _error(
            "",
            "FieldValueInvalid",
            f'Invalid value: "": Checked value must be of type {schema.get("type")} with format {form} in {path}',
        )
    highest, lowest = schema.get("maximum"), schema.get("minimum")
    if highest is not None:
        if schema.get("exclusiveMaximum") and value >= highest:
            yield _invalid(path, value, f"should be less than {_go_number(highest)}")
        elif not schema.get("exclusiveMaximum") and value > highest:
            yield _invalid(path, value, f"should be less than or equal to {_go_number(highest)}")
    if lowest is not None:
        if schema.get("exclusiveMinimum") and value <= lowest:
            yield _invalid(path, value, f"should be greater than {_go_number(lowest)}")
        elif not schema.get("exclusiveMinimum") and value < lowest:
            yield _invalid(path, value, f"should be greater than or equal to {_go_number(lowest)}")
    step = schema.get("multipleOf")
    if step and (value / step) != int(value / step):
        yield _invalid(path, value, f"should be a multiple of {_go_number(step)}")


def _go_number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _list(schema: Object, value: list[Any], path: str) -> Iterator[FieldError]:
    most, least = schema.get("maxItems"), schema.get("minItems")
    if most is not None and len(value) > most:
        unit = "item" if most == 1 else "items"
        yield _error(path, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} {unit}")
    if least is not None and len(value) < least:
        yield _invalid(path, len(value), f"should have at least {least} items")
    items = schema.get("items")
    if isinstance(items, dict):
        for index, item in enumerate(value):
            yield from _validate(items, item, f"{path}[{index}]", True)
    yield from _list_type(schema, value, path)


def _list_type(schema: Object, value: list[Any], path: str) -> Iterator[FieldError]:
    kind = schema.get("x-kubernetes-list-type")
    if kind == "set":
        for index, item in enumerate(value):
            if any(equal(item, earlier) for earlier in value[:index]):
                yield _error(f"{path}[{index}]", "FieldValueDuplicate", f"Duplicate value: {_value_text(item)}")
    elif kind == "map":
        keys = schema.get("x-kubernetes-list-map-keys") or ()
        seen: list[Any] = []
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                continue
            mine = {k: item[k] for k in keys if k in item}
            if any(equal(mine, s) for s in seen):
                yield _error(f"{path}[{index}]", "FieldValueDuplicate", f"Duplicate value: {_value_text(mine)}")
            seen.append(mine)


def _object(schema: Object, value: Object, path: str) -> Iterator[FieldError]:
    most, least = schema.get("maxProperties"), schema.get("minProperties")
    if most is not None and len(value) > most:
        unit = "item" if most == 1 else "items"
        yield _error(path, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} {unit}")
    if least is not None and len(value) < least:
        yield _invalid(path, len(value), f"should have at least {least} properties")
    properties = schema.get("properties") or {}
    for name in schema.get("required") or ():
        if name not in value or (value[name] is None and not (properties.get(name) or {}).get("nullable")):
            yield _error(f"{path}.{name}" if path else name, "FieldValueRequired", "Required value")
    extra = schema.get("additionalProperties")
    for name, item in value.items():
        child = properties.get(name)
        if child is None and isinstance(extra, dict):
            child = extra
        if child is None or (item is None and not child.get("nullable") and name in (schema.get("required") or ())):
            continue
        where = f"{path}.{name}" if path else name
        if item is None and not child.get("nullable") and child.get("type"):
            yield _mistyped(where, child["type"], "null")
            continue
        yield from _validate(child, item, where, False)


def _combined(schema: Object, value: Any, path: str) -> Iterator[FieldError]:
    for part in schema.get("allOf") or ():
        yield from _validate(part, value, path, True)
    any_of, one_of, no = schema.get("anyOf"), schema.get("oneOf"), schema.get("not")
    if any_of:
        results = [list(_validate(part, value, path, True)) for part in any_of]
        if all(results):
            yield _nil(f"{go_quote(path)} must validate at least one schema (anyOf)")
            yield from min(results, key=len)
    if one_of:
        results = [list(_validate(part, value, path, True)) for part in one_of]
        count = sum(1 for r in results if not r)
        if count != 1:
            which = "Found none valid" if count == 0 else f"Found {count} valid alternatives"
            yield _nil(f"{go_quote(path)} must validate one and only one schema (oneOf). {which}")
            if count == 0:
                yield from min(results, key=len)
    if isinstance(no, dict) and not list(_validate(no, value, path, True)):
        yield _nil(f"{go_quote(path)} must not validate the schema (not)")


def _nil(text: str) -> FieldError:
    return FieldError(field="<nil>", reason="FieldValueInvalid", text=f'Invalid value: "": {text}')


def _is_ip(version: int) -> Any:
    def check(value: str) -> bool:
        try:
            return ipaddress.ip_address(value).version == version
        except ValueError:
            return False

    return check


def _is_cidr(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return "/" in value


_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_SHORT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LONG_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_FORMATS: dict[str, Any] = {
    "k8s-short-name": lambda v: _SHORT_NAME.fullmatch(v) is not None,
    "k8s-long-name": lambda v: len(v) <= 253 and _LONG_NAME.fullmatch(v) is not None,
    "ipv4": _is_ip(4),
    "ipv6": _is_ip(6),
    "cidr": _is_cidr,
    "uuid": lambda v: _UUID.fullmatch(v) is not None,
    "date-time": lambda v: parse_time(v) is not None,
    "date": lambda v: re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", v) is not None,
    "email": lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+", v) is not None,
    "hostname": lambda v: re.fullmatch(r"([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?\.?)+", v) is not None,
    "uri": lambda v: re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", v) is not None,
    "byte": lambda v: re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", v) is not None,
    "duration": lambda v: (
        re.fullmatch(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)\s*(?:ns|us|µs|ms|s|m|h|d|w)\s*)+|0", v) is not None
    ),
    "mac": lambda v: re.fullmatch(r"(?i)([0-9a-f]{2}[:-]){5}[0-9a-f]{2}", v) is not None,
}
