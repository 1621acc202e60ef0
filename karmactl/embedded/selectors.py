"""Label and field selectors: parsing their text, matching objects, and the errors upstream gives for bad ones."""

import re
from dataclasses import dataclass
from typing import Any

from karmactl.embedded.refusals import ApiError, bad_request
from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object, dig, go_quote

_TOKEN = re.compile(r"\s*(!=|==|=|!|,|\(|\)|>|<|[^\s,()!=<>]+)")
_LABEL_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One condition on one label."""

    key: str
    operator: str  # in, notin, =, ==, !=, exists, !, gt, lt
    values: tuple[str, ...] = ()

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether the labels meet the condition."""
        has, value = self.key in labels, labels.get(self.key, "")
        if self.operator in ("in", "=", "=="):
            return has and value in self.values
        if self.operator in ("notin", "!="):
            return not has or value not in self.values
        if self.operator == "exists":
            return has
        if self.operator == "!":
            return not has
        if not has or not re.fullmatch(r"[-+]?\d+", value):
            return False
        return int(value) > int(self.values[0]) if self.operator == "gt" else int(value) < int(self.values[0])


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if not match:
                break
            self.tokens.append(match.group(1))
            at = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def fail(self, why: str, inside: bool = True) -> ApiError:
        return bad_request(f"unable to parse requirement: {why}" if inside else why)

    def parse(self) -> list[Requirement]:
        out: list[Requirement] = []
        while True:
            token = self.peek()
            if not token:
                if out and self.tokens and self.tokens[-1] == ",":
                    raise self.fail("found '', expected: identifier after ','", inside=False)
                return out
            if token in ("!",) or _is_word(token):
                out.append(self.requirement())
            else:
                raise self.fail(f"found '{token}', expected: !, identifier, or 'end of string'", inside=False)
            token = self.next()
            if not token:
                return out
            if token != ",":
                raise self.fail(f"found '{token}', expected: ',' or 'end of string'", inside=False)
            if self.peek() and not (_is_word(self.peek()) or self.peek() == "!"):
                raise self.fail(f"found '{self.peek()}', expected: identifier after ','", inside=False)

    def requirement(self) -> Requirement:
        negated = False
        if self.peek() == "!":
            self.next()
            negated = True
        key = self.next()
        if not _is_word(key):
            raise self.fail(f"found '{key}', expected: identifier")
        _check_key(key)
        operator = self.peek()
        if negated or operator in ("", ","):
            return Requirement(key=key, operator="!" if negated else "exists")
        self.next()
        if operator in ("in", "notin"):
            values = self.values()
        elif operator in ("=", "==", "!="):
            values = (self.exact(),)
        elif operator in (">", "<"):
            values = (self.exact(),)
            operator = "gt" if operator == ">" else "lt"
        else:
            raise self.fail(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")
        _check_values(key, operator, values)
        return Requirement(key=key, operator=operator, values=values)

    def exact(self) -> str:
        token = self.peek()
        if token in ("", ","):
            return ""
        if _is_word(token) or token in ("in", "notin"):
            return self.next()
        raise self.fail(f"found '{token}', expected: identifier")

    def values(self) -> tuple[str, ...]:
        if self.next() != "(":
            raise self.fail(f"found '{self.tokens[self.at - 1] if self.at <= len(self.tokens) else ''}' expected: '('")
        first = self.peek()
        if first != ")" and first != "," and not _is_word(first):
            raise self.fail(f"found '{first}', expected: ',', ')' or identifier")
        out: list[str] = []
        expect_value = True
        while True:
            token = self.next()
            if token == ")":
                if expect_value:
                    out.append("")
                return tuple(sorted(dict.fromkeys(out)))
            if token == ",":
                if expect_value:
                    out.append("")
                expect_value = True
            elif _is_word(token) and expect_value:
                out.append(token)
                expect_value = False
            elif expect_value:
                raise self.fail(f"found '{token}', expected: ',', or identifier")
            else:
                raise self.fail(f"found '{token}', expected: ',' or ')'")


def _is_word(token: str) -> bool:
    return bool(token) and token not in (",", "(", ")", "=", "==", "!=", "!", ">", "<")


_KEY_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation "
    "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_PREFIX_RULE = (
    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
    "must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def key_faults(key: str) -> list[str]:
    """What is wrong with a label key (validation.IsQualifiedName)."""
    out: list[str] = []
    prefix, slash, name = key.partition("/")
    if slash and "/" in name:
        return [
            "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
            "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
            "(e.g. 'example.com/MyName')"
        ]
    if slash:
        if not prefix:
            out.append("prefix part must be non-empty")
        else:
            if len(prefix) > 253:
                out.append("prefix part must be no more than 253 bytes")
            if not _SUBDOMAIN.fullmatch(prefix):
                out.append(_PREFIX_RULE)
    else:
        name = prefix
    if not name:
        out.append("name part must be non-empty")
    elif len(name) > 63:
        out.append("name part must be no more than 63 bytes")
    if not _LABEL_NAME.fullmatch(name):
        out.append(_KEY_RULE)
    return out


def value_faults(value: str) -> list[str]:
    """What is wrong with a label value (validation.IsValidLabelValue)."""
    out: list[str] = []
    if len(value) > 63:
        out.append("must be no more than 63 bytes")
    if value and not _LABEL_NAME.fullmatch(value):
        out.append(_VALUE_RULE)
    return out


def _check_key(key: str) -> None:
    faults = key_faults(key)
    if faults:
        raise bad_request(f"unable to parse requirement: <nil>: Invalid value: {go_quote(key)}: {'; '.join(faults)}")


def _check_values(key: str, operator: str, values: tuple[str, ...]) -> None:
    """Raises ApiError 400 with everything that is wrong with a requirement's values."""
    found = []
    if operator in ("gt", "lt") and not re.fullmatch(r"[-+]?\d+", values[0]):
        told = "for 'Gt', 'Lt' operators, the value must be an integer"
        found.append(f"values[0]: Invalid value: {go_quote(values[0])}: {told}")
    for index, value in enumerate(values):
        faults = value_faults(value)
        if faults:
            found.append(f"values[{index}][{key}]: Invalid value: {go_quote(value)}: {'; '.join(faults)}")
    if found:
        told = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
        raise bad_request(f"unable to parse requirement: {told}")


def parse_labels(text: str) -> list[Requirement]:
    """The conditions of a label selector; raises ApiError 400."""
    return _Parser(text).parse()


def matches_labels(requirements: list[Requirement], obj: Object) -> bool:
    """Whether the object's labels meet all conditions."""
    if not requirements:
        return True
    labels = (obj.get("metadata") or {}).get("labels") or {}
    return all(r.matches(labels) for r in requirements)


def matches_selector(selector: Object | None, labels: dict[str, str]) -> bool:
    """Whether labels meet a LabelSelector object (matchLabels and matchExpressions); none matches nothing."""
    if selector is None:
        return False
    if any(labels.get(k) != v for k, v in (selector.get("matchLabels") or {}).items()):
        return False
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
    return all(
        e.get("operator") in operators
        and Requirement(
            key=e.get("key", ""), operator=operators[e["operator"]], values=tuple(e.get("values") or ())
        ).matches(labels)
        for e in selector.get("matchExpressions") or ()
    )


# ---- field selectors

Term = tuple[str, bool, str]  # field, whether equal is wanted, value


def parse_fields(text: str) -> list[Term]:
    """The terms of a field selector (k8s.io/apimachinery/pkg/fields); raises ApiError 400 for bad syntax."""
    out: list[Term] = []
    for part in sorted(re.split(r"(?<!\\),", text)):
        if not part:
            continue
        match = re.search(r"!=|==|=", part)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        name, value = part[: match.start()], _unescape(part[match.end() :])
        if name or value:  # a sign alone selects everything
            out.append((name, match.group() != "!=", value))
    return out


def _unescape(value: str) -> str:
    out: list[str] = []
    chars = iter(value)
    for char in chars:
        if char in ",=":
            raise bad_request(f"invalid field selector: unescaped character in value: {ord(char)}")
        if char == "\\":
            char = next(chars, "")
            if not char or char not in "\\,=":
                raise bad_request(f"invalid field selector: invalid escape sequence: \\{char}")
        out.append(char)
    return "".join(out)


def _paths(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(name.split(".")) for name in names}


_META = _paths("metadata.name", "metadata.namespace")
_NAME_ONLY = _paths("metadata.name")
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
# the fields of kinds that have some of their own, by group and resource, each with where it is in the stored object
_FIELDS: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("", "pods"): {
        **_META,
        **_paths("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"),
        **_paths("spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"),
        "spec.host": ("spec", "nodeName"),
    },
    ("", "events"): {
        **_META,
        **_paths(*(f"involvedObject.{name}" for name in _INVOLVED), "reason", "reportingComponent", "source", "type"),
    },
    ("events.k8s.io", "events"): {
        **_META,
        **{f"regarding.{name}": ("involvedObject", name) for name in _INVOLVED},
        **_paths("reason", "type"),
        "reportingController": ("reportingComponent",),
    },
    ("", "nodes"): {**_NAME_ONLY, **_paths("spec.unschedulable")},
    ("", "namespaces"): {**_NAME_ONLY, **_paths("status.phase")},
    ("", "secrets"): {**_META, **_paths("type")},
    ("", "services"): {**_META, **_paths("spec.clusterIP", "spec.type")},
    ("", "replicationcontrollers"): {**_META, **_paths("status.replicas")},
    ("batch", "jobs"): {**_META, "status.successful": ("status", "succeeded")},
    ("certificates.k8s.io", "certificatesigningrequests"): {**_NAME_ONLY, **_paths("spec.signerName")},
    ("resource.k8s.io", "resourceslices"): {**_NAME_ONLY, **_paths("spec.nodeName", "spec.driver")},
}
# how the refusal of another field begins, where it differs
_REFUSALS = {
    ("batch", "jobs"): 'field label "{name}" not supported for Job',
    ("resource.k8s.io", "resourceslices"): (
        "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {name}"
    ),
}
_NUMBERS = frozenset({"status.replicas", "status.successful"})
_BOOLEANS = frozenset({"spec.unschedulable", "spec.hostNetwork"})


def field_value(resource: Resource, obj: Object, name: str) -> str | None:
    """The text of a selectable field, or None where the resource has no such field."""
    path = _known(resource).get(name)
    if path is None:
        return None
    value: Any = dig(obj, *path)
    if name == "source":
        value = dig(obj, "source", "component") or dig(obj, "reportingComponent")
    if isinstance(value, bool) or name in _BOOLEANS:
        return "true" if value else "false"
    if value is None:
        return "0" if name in _NUMBERS else ""
    return str(value)


def _known(resource: Resource) -> dict[str, tuple[str, ...]]:
    """The fields by which a resource can be selected; most have name and namespace alone."""
    if resource.is_custom:
        base = _META if resource.namespaced else _NAME_ONLY
        return {**base, **custom_fields(resource)}
    return _FIELDS.get((resource.group, resource.plural), _META)


def custom_fields(resource: Resource) -> dict[str, tuple[str, ...]]:
    """The selectable fields that a CRD declares for this version."""
    if resource.definition is None:
        return {}
    for version in dig(resource.definition, "spec", "versions") or ():
        if version["name"] == resource.version:
            return {
                f["jsonPath"].lstrip("."): tuple(f["jsonPath"].lstrip(".").split("."))
                for f in version.get("selectableFields") or ()
            }
    return {}


def check_fields(resource: Resource, terms: list[Term]) -> None:
    """Raises ApiError 400 for a field that the resource cannot be selected by."""
    known, key = _known(resource), (resource.group, resource.plural)
    for name, _, _ in terms:
        if name in known:
            continue
        if key in _REFUSALS:
            raise bad_request(_REFUSALS[key].format(name=name))
        if resource.is_custom or key in _FIELDS:
            raise bad_request(f"field label not supported: {name}")
        only = 'only "metadata.name", "metadata.namespace"'
        raise bad_request(f"{go_quote(name)} is not a known field selector: {only}")


def matches_fields(resource: Resource, terms: list[Term], obj: Object) -> bool:
    """Whether the object meets all terms."""
    return all((field_value(resource, obj, name) == value) is equal for name, equal, value in terms)
