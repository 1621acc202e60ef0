"""The words of validation: field errors in upstream's wording, and the rules for names that many kinds share.

After k8s.io/apimachinery/pkg/util/validation and .../validation/field.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any

from karmactl.embedded.encode import go_dumps
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.selectors import key_faults, value_faults
from karmactl.embedded.values import Object, equal, go_quote

Errors = list[FieldError]

IMMUTABLE = "field is immutable"
NOT_NEGATIVE = "must be greater than or equal to 0"


def shown(value: Any) -> str:
    """A value as field errors quote it."""
    if isinstance(value, str):
        return go_quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return go_dumps(value)
    return str(value)


def required(field: str, why: str = "") -> FieldError:
    """A field that must be there."""
    return FieldError(
        field=field, reason="FieldValueRequired", text=f"Required value: {why}" if why else "Required value"
    )


def invalid(field: str, value: Any, why: str) -> FieldError:
    """A value that breaks a rule; `...` stands for a value that upstream leaves out of the text."""
    text = "Invalid value: " + ("" if value is ... else f"{shown(value)}: ")
    return FieldError(field=field, reason="FieldValueInvalid", text=text + why)


def unsupported(field: str, value: Any, supported: Iterable[str]) -> FieldError:
    """A value that is none of the known ones."""
    listed = ", ".join(go_quote(s) for s in supported)
    return FieldError(
        field=field,
        reason="FieldValueNotSupported",
        text=f"Unsupported value: {shown(value)}: supported values: {listed}",
    )


def forbidden(field: str, why: str) -> FieldError:
    """A field that may not be set."""
    return FieldError(field=field, reason="FieldValueForbidden", text=f"Forbidden: {why}")


def duplicate(field: str, value: Any) -> FieldError:
    """A value that may occur once."""
    return FieldError(field=field, reason="FieldValueDuplicate", text=f"Duplicate value: {shown(value)}")


def not_found(field: str, value: Any) -> FieldError:
    """A reference to something that is not there."""
    return FieldError(field=field, reason="FieldValueNotFound", text=f"Not found: {shown(value)}")


def too_long(field: str, limit: int) -> FieldError:
    """A value above a limit of bytes."""
    return FieldError(field=field, reason="FieldValueTooLong", text=f"Too long: may not be more than {limit} bytes")


def too_many(field: str, count: int, limit: int) -> FieldError:
    """A list above a limit of items."""
    unit = "item" if limit == 1 else "items"
    return FieldError(
        field=field, reason="FieldValueTooMany", text=f"Too many: {count}: must have at most {limit} {unit}"
    )


def quoted(words: Iterable[str]) -> str:
    """Words as Go's %q prints a slice."""
    return "[" + " ".join(go_quote(w) for w in words) + "]"


def one_of(field: str, value: Any, known: Sequence[str], order: Iterable[str] | None = None) -> Errors:
    """Nothing, or that the value is none of the known ones."""
    return [] if value in known else [unsupported(field, value, order if order is not None else known)]


def not_negative(field: str, value: Any) -> Errors:
    """Nothing, or that the number is below zero."""
    return [invalid(field, value, NOT_NEGATIVE)] if isinstance(value, int) and value < 0 else []


def positive(field: str, value: Any) -> Errors:
    """Nothing, or that the number is not above zero."""
    return [] if isinstance(value, int) and value > 0 else [invalid(field, value, "must be greater than zero")]


def immutable(field: str, new: Any, old: Any) -> Errors:
    """Nothing, or that the field changed and may not."""
    return [] if equal(new, old) else [invalid(field, new, IMMUTABLE)]


# ---- names

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
LABEL_1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def label_faults(text: str) -> list[str]:
    """What keeps a text from being an RFC 1123 label."""
    out = ["must be no more than 63 characters"] if len(text) > 63 else []
    if not _LABEL.fullmatch(text):
        out.append("must not contain dots" if _SUBDOMAIN.fullmatch(text) else LABEL_RULE)
    return out


def label_1035_faults(text: str) -> list[str]:
    """What keeps a text from being an RFC 1035 label."""
    out = ["must be no more than 63 characters"] if len(text) > 63 else []
    return out if _LABEL_1035.fullmatch(text) else [*out, LABEL_1035_RULE]


def subdomain_faults(text: str) -> list[str]:
    """What keeps a text from being an RFC 1123 subdomain."""
    out = ["must be no more than 253 characters"] if len(text) > 253 else []
    return out if _SUBDOMAIN.fullmatch(text) else [*out, SUBDOMAIN_RULE]


_WILDCARD = re.compile(r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def wildcard_faults(text: str) -> list[str]:
    """What keeps a text from being a domain whose first label is a star."""
    out = ["must be no more than 253 characters"] if len(text) > 253 else []
    if not _WILDCARD.fullmatch(text):
        out.append(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
            "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. "
            f"'*.example.com', regex used for validation is '{_WILDCARD.pattern}')"
        )
    return out


_UNDERSCORED = re.compile(r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*")


def domain_label_faults(text: str) -> list[str]:
    """What keeps a text from being a domain to search in, which may have underscores."""
    out = ["must be no more than 253 characters"] if len(text) > 253 else []
    if not _UNDERSCORED.fullmatch(text):
        out.append(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and "
            "must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            f"'{_UNDERSCORED.pattern}')"
        )
    return out


def segment_faults(text: str) -> list[str]:
    """What keeps a text from being one part of a path."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{c}'" for c in ("/", "%") if c in text]


NAME_RULES = {
    "label": label_faults,
    "label-1035": label_1035_faults,
    "subdomain": subdomain_faults,
    "path-segment": segment_faults,
}


_HTTP_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")


def domain_path(field: str, text: str) -> Errors:
    """The faults in a path that begins with a domain, such as a manager's name."""
    if not text:
        return [required(field)]
    host, _, path = text.partition("/")
    if not host or not path:
        return [invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    out = name_errors(field, host, subdomain_faults(host))
    if not _HTTP_PATH.fullmatch(path):
        why = f"Invalid path (regex used for validation is '{_HTTP_PATH.pattern}')"
        out.append(invalid(field, path, why))
    return out


def config_key_faults(text: str) -> list[str]:
    """What keeps a text from being a key of a ConfigMap or Secret."""
    out = ["must be no more than 253 characters"] if len(text) > 253 else []
    if not _KEY.fullmatch(text):
        out.append(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        )
    elif text in (".", ".."):
        out.append(f"must not be '{text}'")
    elif text.startswith(".."):
        out.append("must not start with '..'")
    return out


def port_faults(number: Any) -> list[str]:
    """What keeps a number from being a port."""
    return [] if isinstance(number, int) and 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def port_name_faults(text: str) -> list[str]:
    """What keeps a text from being the name of a port."""
    out = []
    if len(text) > 15:
        out.append("must be no more than 15 characters")
    if not re.fullmatch(r"[-a-z0-9]+", text):
        out.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        out.append("must contain at least one letter (a-z)")
    if "--" in text:
        out.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        out.append("must not begin or end with a hyphen")
    return out


IP_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
CIDR_RULE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def is_ip(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_cidr(text: str) -> bool:
    """Whether a text is a network in CIDR notation."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def endpoint_ip(field: str, text: str) -> Errors:
    """The faults in an address at which something else than this machine is reached."""
    if not is_ip(text):
        return [invalid(field, text, IP_RULE)]
    address = ipaddress.ip_address(text)
    if address.is_unspecified:
        return [invalid(field, text, f"may not be unspecified ({text})")]
    if address.is_loopback:
        return [invalid(field, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    if address.is_link_local:
        return [invalid(field, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    if address in ipaddress.ip_network("224.0.0.0/24") or address in ipaddress.ip_network("ff02::/16"):
        return [invalid(field, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    return []


def address_warnings(field: str, text: str) -> list[str]:
    """What is said of an IP address that is valid but not in its canonical form."""
    if not is_ip(text):
        return []
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return [f"{field}: non-standard IP address {go_quote(text)} is invalid: use {go_quote(str(mapped))}"]
    if str(address) != text:
        shown_form = go_quote(str(address))
        return [f"{field}: IPv6 address {go_quote(text)} should be in RFC 5952 canonical format ({shown_form})"]
    return []


def cidr_warnings(field: str, text: str) -> list[str]:
    """What is said of a network that is valid but ambiguous or not in its canonical form."""
    if not is_cidr(text):
        return []
    network, address = ipaddress.ip_network(text, strict=False), ipaddress.ip_interface(text)
    if address.ip != network.network_address:
        alone = f"{address.ip}/{network.max_prefixlen}"
        options = f"(should be {go_quote(str(network))} or {go_quote(alone)}?)"
        return [f"{field}: CIDR value {go_quote(text)} is ambiguous in this context {options}"]
    if str(network) != text:
        shown_form = go_quote(str(network))
        return [f"{field}: IPv6 CIDR value {go_quote(text)} should be in RFC 5952 canonical format ({shown_form})"]
    return []


def name_errors(field: str, text: str | int, faults: Iterable[str]) -> Errors:
    """Faults of a name as field errors."""
    return [invalid(field, text, fault) for fault in faults]


def label_map(field: str, labels: Object | None) -> Errors:
    """The faults in a map of labels."""
    out: Errors = []
    for key, value in sorted((labels or {}).items()):
        out += name_errors(field, key, key_faults(key))
        out += name_errors(field, value, value_faults(value))
    return out


def label_selector(field: str, selector: Object | None) -> Errors:
    """The faults in a LabelSelector."""
    if selector is None:
        return []
    out = label_map(f"{field}.matchLabels", selector.get("matchLabels"))
    for index, rule in enumerate(selector.get("matchExpressions") or ()):
        where = f"{field}.matchExpressions[{index}]"
        out += operator_values(where, rule)
        out += name_errors(f"{where}.key", rule.get("key") or "", key_faults(rule.get("key") or ""))
        for number, value in enumerate(rule.get("values") or []):
            out += name_errors(f"{where}.values[{number}]", value, value_faults(value))
    return out


def operator_values(where: str, rule: Object) -> Errors:
    """Whether the operator of a selector's rule is one of those for labels, and has as many values as it needs."""
    operator, values = rule.get("operator") or "", rule.get("values") or []
    if operator in ("In", "NotIn"):
        text = "must be specified when `operator` is 'In' or 'NotIn'"
        return [] if values else [required(f"{where}.values", text)]
    if operator in ("Exists", "DoesNotExist"):
        text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        return [forbidden(f"{where}.values", text)] if values else []
    return [invalid(f"{where}.operator", operator, "not a valid selector operator")]


_STANDARD_FINALIZERS = ("kubernetes", "foregroundDeletion", "orphan")


def qualified_finalizers(field: str, names: list[str]) -> Errors:
    """The faults in a list of finalizers that is reported under one field."""
    out: Errors = []
    for name in names:
        out += name_errors(field, name, key_faults(name))
        out += unqualified(field, name)
    return out


def unqualified(field: str, name: str) -> Errors:
    """Nothing, or that a finalizer is neither one of Kubernetes' own nor says whose it is."""
    if "/" in name or name in _STANDARD_FINALIZERS:
        return []
    return [invalid(field, name, "name is neither a standard finalizer name nor is it fully qualified")]


_ANNOTATION_BYTES = 256 * 1024


def validate_annotations(field: str, annotations: Object | None) -> Errors:
    """The faults in a map of annotations."""
    out: Errors = []
    total = 0
    for key, value in sorted((annotations or {}).items()):
        out += name_errors(field, key, key_faults(key.lower()))
        total += len(key.encode()) + len(value.encode())
    if total > _ANNOTATION_BYTES:
        out.append(too_long(field, _ANNOTATION_BYTES))
    return out
