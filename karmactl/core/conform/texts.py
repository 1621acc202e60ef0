"""Rules for single values that API servers share between kinds: names, keys, ports, addresses, amounts, schedules.

Each check takes a value and gives "" where it fits, else what is wrong, as in "must be a port name: ...". Where
releases differ, the most lenient one counts: a server refuses soon enough what is accepted here.
Source: k8s.io/apimachinery/pkg/util/validation, pkg/api/validation/path.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from karmactl.core.model.manifest import JSONValue
from karmactl.core.quantity import Quantity, try_parse_quantity

__all__ = ["CHECKS", "TextCheck", "is_percentage", "read_quantity"]

TextCheck: TypeAlias = Callable[[JSONValue], str]

_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_NAME_PART: Final = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PORT_NAME: Final = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")
_CONFIG_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_PERCENTAGE: Final = re.compile(r"[0-9]+%")
_NAME_LENGTH: Final = 63
_SUBDOMAIN_LENGTH: Final = 253
_LAST_PORT: Final = 65535


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    if _LABEL.fullmatch(text):
        return ""
    return "must be lower case letters, digits and '-', at most 63, with a letter or digit at both ends"


@lru_cache(maxsize=4096)
def _subdomain(text: str) -> str:
    if len(text) <= _SUBDOMAIN_LENGTH and _SUBDOMAIN.fullmatch(text):
        return ""
    return "must be lower case letters, digits, '-' and '.', at most 253, each part with a letter or digit at both ends"


@lru_cache(maxsize=4096)
def _label_key(text: str) -> str:
    prefix, slash, name = text.rpartition("/")
    if slash and (not prefix or len(prefix) > _SUBDOMAIN_LENGTH or not _SUBDOMAIN.fullmatch(prefix)):
        return "must have a DNS name before its '/'"
    if len(name) > _NAME_LENGTH or not _NAME_PART.fullmatch(name):
        return "must be letters, digits, '-', '_' and '.', at most 63, with a letter or digit at both ends"
    return ""


@lru_cache(maxsize=4096)
def _label_value(text: str) -> str:
    if not text or (len(text) <= _NAME_LENGTH and _NAME_PART.fullmatch(text)):
        return ""
    return "must be empty, or letters, digits, '-', '_' and '.', at most 63, with a letter or digit at both ends"


def _annotation_key(text: str) -> str:
    return _label_key(text.lower())


def _path_segment(text: str) -> str:
    if text in (".", "..") or "/" in text or "%" in text:
        return "must not be '.' or '..', nor hold '/' or '%'"
    return ""


def _port_name(text: str) -> str:
    if len(text) <= 15 and _PORT_NAME.fullmatch(text):
        return ""
    return "must be lower case letters, digits and single '-' between them, at most 15, with a letter"


def _config_key(text: str) -> str:
    if len(text) > _SUBDOMAIN_LENGTH or not _CONFIG_KEY.fullmatch(text) or text == "." or text.startswith(".."):
        return "must be letters, digits, '-', '_' and '.', at most 253, and not begin with '..'"
    return ""


def _variable(text: str) -> str:
    # Control characters are refused as well; before 1.30 so was most else, but newer servers take it.
    if "=" in text or not all(" " <= sign <= "~" for sign in text):
        return "must be printable ASCII without '='"
    return ""


def _trimmed(text: str) -> str:
    return "" if text == text.strip() else "must not begin or end with white space"


def _address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        # Leading zeros, which Python refuses, are a matter of the server's release.
        return "" if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", text) else "must be an IP address"
    return ""


def _network(text: str) -> str:
    address, slash, bits = text.partition("/")
    is_short = bits.isdigit() and int(bits) <= (128 if ":" in address else 32)
    return "" if slash and is_short and not _address(address) else "must be a network such as 10.0.0.0/8"


def _host(text: str) -> str:
    return "" if text.startswith("*.") or not _subdomain(text) else "must be a DNS name, or one that begins with '*.'"


def _port(value: JSONValue) -> str:
    if isinstance(value, str):
        return _port_name(value)
    is_port = isinstance(value, int | float) and 1 <= value <= _LAST_PORT
    return "" if is_port else f"must be a port name, or between 1 and {_LAST_PORT}"


def _amount(value: JSONValue) -> str:
    if isinstance(value, str):
        return "" if _PERCENTAGE.fullmatch(value) else "must be a number, or a percentage such as 25%"
    return "" if isinstance(value, int | float) and value >= 0 else "must be 0 or more"


def is_percentage(value: JSONValue) -> bool:
    """Whether a value is a text such as 25%."""
    return isinstance(value, str) and _PERCENTAGE.fullmatch(value) is not None


def _quantity(value: JSONValue) -> str:
    quantity = read_quantity(value)
    return "must be 0 or more" if quantity is not None and quantity.unscaled < 0 else ""


def read_quantity(value: JSONValue) -> Quantity | None:
    """A quantity as written, None for what is none."""
    return _read_quantity(str(value)) if isinstance(value, str | int | float) else None


@lru_cache(maxsize=4096)
def _read_quantity(text: str) -> Quantity | None:
    return try_parse_quantity(text.strip())


_CRON_FIELDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


def _schedule(text: str) -> str:
    """A schedule as robfig/cron reads it; only what it surely refuses."""
    if text.startswith("@") or "TZ=" in text:
        return ""
    parts = text.split()
    if len(parts) != len(_CRON_FIELDS):
        return f"must have 5 fields, not {len(parts)}: minute, hour, day of the month, month, day of the week"
    for part, (low, high) in zip(parts, _CRON_FIELDS, strict=True):
        for piece in part.split(","):
            ends = piece.partition("/")[0].split("-")
            numbers = [int(end) for end in ends if end.isdigit()]
            if len(numbers) == len(ends) and not (low <= numbers[0] <= numbers[-1] <= high):
                return f"must not have {piece} where {low} to {high} is possible"
    return ""


def _of_text(check: Callable[[str], str]) -> TextCheck:
    # An empty text is the same as none to an API server; what must be there is asked for as required.
    def checked(value: JSONValue) -> str:
        return check(value) if isinstance(value, str) and value else ""

    return checked


CHECKS: Final[Mapping[str, TextCheck]] = {
    "label": _of_text(_label),
    "subdomain": _of_text(_subdomain),
    "label-key": _of_text(_label_key),
    "label-value": _of_text(_label_value),
    "annotation-key": _of_text(_annotation_key),
    "path-segment": _of_text(_path_segment),
    "port-name": _of_text(_port_name),
    "config-key": _of_text(_config_key),
    "variable": _of_text(_variable),
    "trimmed": _of_text(_trimmed),
    "address": _of_text(_address),
    "network": _of_text(_network),
    "host": _of_text(_host),
    "schedule": _of_text(_schedule),
    "port": _port,
    "amount": _amount,
    "quantity": _quantity,
}
