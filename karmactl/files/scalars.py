"""What a YAML scalar means, by kubectl's rules, and which texts need quotes so that kubectl reads them back as texts.

kubectl reads manifests with sigs.k8s.io/yaml: YAML 1.1 booleans (`yes`, `on`, `y`), Go's integer prefixes (`0o17`,
`0x1F`, `017`), underscores in numbers, no dates, no base 60; then everything becomes JSON, where a whole float is an
integer. PyYAML's own resolver follows other rules, so none of it is used.
Source: go.yaml.in/yaml/v2 resolve.go, sigs.k8s.io/yaml yaml.go (convertToJSONableObject),
k8s.io/apimachinery pkg/util/json (numbers).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from decimal import Decimal
from functools import lru_cache

__all__ = [
    "INT64_MAX",
    "INT64_MIN",
    "ScalarError",
    "key_text",
    "narrow_float",
    "needs_quotes",
    "resolve",
    "resolve_tagged",
]

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
_UINT64_MAX = 2**64 - 1

# The same few words stand in thousands of documents, so `resolve` and `key_text` remember what they found.
Scalar = bool | int | float | str | None


class ScalarError(ValueError):
    """A scalar that kubectl refuses; `code` is the error code, the text says why.

    The text never has the value itself: it may be that of a Secret.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
# Only texts that begin with one of these can be anything but a text.
_HINTS = frozenset("yYnNtTfFoO~+-.0123456789")
_DOT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
# strconv.ParseInt with base 0, underscores gone: prefixes in either case, a leading 0 alone is octal.
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))\Z")
_DIGITS = re.compile(r"[-+]?[0-9_]+\Z")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_DATE = re.compile(
    r"[0-9]{4}-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]*)?(?:Z|[-+][0-9]{2}:[0-9]{2})?)?\Z"
)


@lru_cache(maxsize=16384)
def resolve(text: str) -> Scalar:
    """The value of a plain (unquoted, untagged) scalar, as kubectl sends it in JSON.

    Raises ScalarError `number-too-large` for integers beyond int64, which kubectl rounds in silence, and
    `number-not-json` for infinities and not-a-number, which JSON does not have.
    """
    if text and text[0] not in _HINTS:
        return text
    value = _resolve_raw(text)
    if type(value) is float and not (_DIGITS.match(text) and _is_beyond_int64(text)):
        return _json_float(value, text)
    if type(value) is float or (type(value) is int and value > INT64_MAX):
        raise ScalarError("number-too-large", "an integer that does not fit in 64 bits")
    return value


def _resolve_raw(text: str) -> Scalar:
    """The value before it becomes JSON: floats stay floats, integers go up to 2^64-1, larger ones are floats."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        if _DOT_FLOAT.match(text):
            number = float(text)
            return text if math.isinf(number) else number
        return text
    if first not in "+-0123456789" or (first in "0123456789" and _is_date(text)):
        return text
    plain = text.replace("_", "")
    integer = _integer(plain)
    if integer is not None:
        return integer
    if _FLOAT.match(plain):
        number = float(plain)
        return text if math.isinf(number) else number
    return text


def _integer(plain: str) -> int | None:
    match = _INTEGER.match(plain)
    if match is None:
        return None
    sign, hexadecimal, octal, binary, old_octal, decimal = match.groups()
    if hexadecimal:
        value = int(hexadecimal, 16)
    elif octal or old_octal:
        value = int(octal or old_octal, 8)
    elif binary:
        value = int(binary, 2)
    else:
        value = int(decimal)
    value = -value if sign == "-" else value
    return value if INT64_MIN <= value <= _UINT64_MAX else None


def _is_beyond_int64(digits: str) -> bool:
    plain = digits.replace("_", "")
    # Python refuses to read thousands of digits.
    return len(plain.lstrip("+-0")) > 19 or not INT64_MIN <= int(plain) <= INT64_MAX


def _is_date(text: str) -> bool:
    # Dates stay texts either way; what matters is that "2001-01-01" is not looked at as a number.
    return len(text) > 4 and text[4] == "-" and _DATE.match(text) is not None


def _json_float(value: float, text: str) -> int | float:
    if math.isnan(value) or math.isinf(value):
        raise ScalarError("number-not-json", "infinities and not-a-number have no form in JSON")
    return narrow_float(value)


def narrow_float(value: float) -> int | float:
    """An integer where Go's JSON encoder writes the float without fraction or exponent and it fits in 64 bits.

    Go writes the shortest digits that tell the float apart and pads with zeros, so 2^62 becomes 4611686018427388000.
    """
    if not value.is_integer() or abs(value) >= 1e21:
        return value
    number = int(value) if abs(value) < 2**53 else int(Decimal(repr(value)))
    return number if INT64_MIN <= number <= INT64_MAX else value


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag; unknown tags and `!` make texts.

    Raises ScalarError `yaml-tag` where text and tag do not agree.
    """
    short = tag.removeprefix(_TAG)
    if short == "binary" and tag != short:
        try:
            return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True).decode("utf-8", "replace")
        except binascii.Error as exc:
            raise ScalarError("yaml-tag", "the !!binary value is not base64") from exc
    if short == tag or short not in {"bool", "int", "float", "null", "timestamp"}:
        return text
    value = resolve(text)
    if short == "timestamp":
        found = "timestamp" if isinstance(value, str) and _is_date(text) else _type_name(value)
    else:
        found = _type_name(_resolve_raw(text))
    if found == short or (short == "float" and found == "int"):
        return value
    raise ScalarError("yaml-tag", f"what looks like {found} is tagged as !!{short}")


def _type_name(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    return {int: "int", float: "float", str: "str"}[type(value)]


@lru_cache(maxsize=16384)
def key_text(text: str) -> str:
    """The JSON key that a plain scalar becomes as a key of a mapping (`1e3` is "1000", `n` is "false").

    Raises ScalarError `yaml-key` for keys that have no text form (null, integers beyond int64).
    """
    if text and text[0] not in _HINTS:
        return text
    value = _resolve_raw(text)
    if isinstance(value, str):
        return value
    if value is None:
        raise ScalarError("yaml-key", "a key is empty or null")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value > INT64_MAX:
            raise ScalarError("yaml-key", "a key that does not fit in 64 bits")
        return str(value)
    return _go_float32(value)


def _go_float32(value: float) -> str:
    """strconv.FormatFloat(value, 'g', -1, 32): how sigs.k8s.io/yaml writes a float that is a key."""
    if math.isnan(value):
        return ".nan"
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    for precision in range(9):
        short = f"{single:.{precision}e}"
        if struct.unpack("f", struct.pack("f", float(short)))[0] == single:
            break
    mantissa, _, exponent_text = short.partition("e")
    exponent = int(exponent_text)
    if single == 0:
        return "-0" if math.copysign(1.0, single) < 0 else "0"
    if not -4 <= exponent < 6:
        return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return f"{Decimal(short):f}"


def needs_quotes(text: str) -> bool:
    """Whether a text would be read back as something else if it stood there without quotes.

    True also for base 60 and for words that other YAML readers take as values, since people look at the file with them.
    """
    if not text:
        return True
    if text[0] not in _HINTS and text not in ("=", "<<"):
        return False
    if text in ("=", "<<", "-", "---", "...") or _BASE60.match(text) or _is_date(text):
        return True
    return not isinstance(_resolve_raw(text), str)
