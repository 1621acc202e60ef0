"""The formats that texts of custom resources may declare, and how each is checked.

After k8s.io/kube-openapi/pkg/validation/strfmt. Formats that are not here are stored, shown, and not looked at; names
are compared without hyphens, as upstream does.
"""

import ipaddress
import re
from collections.abc import Callable

from karmactl.embedded.values import parse_time

_HOST = re.compile(
    r"[^\W_](?:-?[^\W_]{0,62})?|(?:[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?\.)+[^\W\d_]{2,63}",
)
_BYTE = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_SHADE = r"\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*"
_CARD = re.compile(
    r"4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}"
)
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def _pattern(text: str) -> Callable[[str], bool]:
    compiled = re.compile(text, re.IGNORECASE)
    return lambda value: compiled.fullmatch(value) is not None


def _is_ip(version: int) -> Callable[[str], bool]:
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


def _is_isbn10(value: str) -> bool:
    digits = value.replace("-", "").replace(" ", "")
    if not re.fullmatch(r"\d{9}[\dX]", digits):
        return False
    return sum((i + 1) * (10 if c == "X" else int(c)) for i, c in enumerate(digits)) % 11 == 0


def _is_isbn13(value: str) -> bool:
    digits = value.replace("-", "").replace(" ", "")
    return re.fullmatch(r"\d{13}", digits) is not None and _weighed(digits) % 10 == 0


def _weighed(digits: str) -> int:
    return sum((3 if i % 2 else 1) * int(c) for i, c in enumerate(digits))


def _is_card(value: str) -> bool:
    """A number of one of the known issuers whose last digit is right (Luhn)."""
    digits = re.sub(r"\D", "", value)
    if not _CARD.fullmatch(digits):
        return False
    doubled = (int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_host(value: str) -> bool:
    return _HOST.fullmatch(value) is not None and len(value) <= 255 and all(len(p) <= 63 for p in value.split("."))


def _is_time(value: str) -> bool:
    return parse_time(value) is not None


_FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _pattern(r"[0-9a-f]{24}"),
    "byte": lambda v: _BYTE.fullmatch(v) is not None,
    "cidr": _is_cidr,
    "creditcard": _is_card,
    "date": _pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    "datetime": _is_time,
    "duration": _pattern(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)\s*(?:ns|us|µs|ms|s|m|h|d|w)\s*)+|0"),
    "email": _pattern(r"[^@\s]+@[^@\s]+"),
    "hexcolor": _pattern(r"#?([0-9a-f]{3}|[0-9a-f]{6})"),
    "hostname": _is_host,
    "ipv4": _is_ip(4),
    "ipv6": _is_ip(6),
    "isbn": lambda v: _is_isbn10(v) or _is_isbn13(v),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "k8slongname": lambda v: len(v) <= 253 and _SUBDOMAIN.fullmatch(v) is not None,
    "k8sshortname": lambda v: len(v) <= 63 and "." not in v and _SUBDOMAIN.fullmatch(v) is not None,
    "mac": _pattern(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}"),
    "password": lambda v: True,
    "rgbcolor": _pattern(rf"rgb\({_SHADE},{_SHADE},{_SHADE}\)"),
    "ssn": _pattern(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "uri": lambda v: re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|/", v) is not None,
    "uuid": _pattern(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"),
    "uuid3": _pattern(r"[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}"),
    "uuid4": _pattern(r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}"),
    "uuid5": _pattern(r"[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}"),
}
_NUMBERS = {"integer": ("int32", "int64"), "number": ("float", "double")}


def is_known(kind: str, name: str) -> bool:
    """Whether the format of a type means something to the server; no type counts as a text."""
    if kind in ("", "string"):
        return name.replace("-", "") in _FORMATS
    return name in _NUMBERS.get(kind, ())


def fits(name: str, value: str) -> bool:
    """Whether a text has a known format."""
    return _FORMATS[name.replace("-", "")](value)
