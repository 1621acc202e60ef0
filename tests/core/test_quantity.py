"""Quantities read, round, add and print as Kubernetes' resource.Quantity does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmactl.core.quantity import (
    Quantity,
    QuantityError,
    QuantityFormat,
    difference,
    parse_quantity,
    try_parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "value", "milli"),
    [
        ("0", 0, 0),
        ("1", 1, 1000),
        ("500m", 1, 500),
        ("1.5", 2, 1500),
        ("-1.5", -2, -1500),
        ("2Gi", 2**31, 2**31 * 1000),
        ("1.5Gi", 3 * 2**29, 3 * 2**29 * 1000),
        ("0.1Gi", 107374183, 107374182400),
        ("1e3", 1000, 1_000_000),
        ("1E", 10**18, 0),
        ("5n", 1, 1),
        ("1.", 1, 1000),
        (".5", 1, 500),
        ("m", 0, 0),
        ("+", 0, 0),
        ("1e-3", 1, 1),
        # Bounds: beyond 64 bits a scaled integer gives 0, a big binary one is capped.
        ("10E", 0, 0),
        ("16Ei", 2**63 - 1, -1000),
        # -10^19 in nano units, whose lower 64 bits are taken before they are divided.
        ("-10000000000000000000", -4477988019, -4477988020392),
    ],
)
def test_values_round_away_from_zero(text: str, value: int, milli: int) -> None:
    quantity = parse_quantity(text)
    assert (quantity.value(), quantity.milli_value()) == (value, milli)


@pytest.mark.parametrize("text", ["", "abc", "1.5.5", "1-5", "1KI", "1e", "1 Gi", "1ei", "0x1", "1m5", "１", "1e99999"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    assert try_parse_quantity(text) is None
    with pytest.raises(QuantityError):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1000", "1k"),
        ("1.5", "1500m"),
        ("0.5Gi", "512Mi"),
        ("1000000k", "1G"),
        ("1e3", "1e3"),
        ("1e4", "10e3"),
        ("100", "100"),
        ("1023Ki", "1023Ki"),
        ("0Gi", "0"),
        ("0.0000000001", "1n"),
        ("0.5Ki", "512"),
        ("0.1Ki", "102400m"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert str(parse_quantity(text)) == canonical


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        ("1Gi", "512Mi", "1536Mi"),
        ("100m", "900m", "1"),
        ("0", "1Gi", "1Gi"),
        ("1Gi", "0", "1Gi"),
        ("1Gi", "1M", "1074741824"),
        ("1e3", "1", "1001"),
        ("1M", "1Mi", "2048576"),
        ("9E", "9E", "18E"),
        ("1Gi", "1m", "1073741824001m"),
    ],
)
def test_sums_keep_the_first_format(first: str, second: str, total: str) -> None:
    assert str(parse_quantity(first) + parse_quantity(second)) == total


def test_times() -> None:
    assert str(parse_quantity("100m").times(3)) == "300m"
    assert str(parse_quantity("512Mi").times(4)) == "2Gi"
    assert parse_quantity("9E").times(10).compare(parse_quantity("90E")) == 0


def test_bare_zero_is_decimal() -> None:
    assert parse_quantity("0").format is QuantityFormat.DECIMAL_SI


texts = st.builds(
    lambda number, suffix: f"{number}{suffix}",
    st.one_of(st.integers(0, 10**6).map(str), st.decimals(0, 1000, places=3).map(str)),
    st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e2"]),
)


@given(texts)
def test_canonical_text_means_the_same(text: str) -> None:
    quantity = parse_quantity(text)
    assert parse_quantity(str(quantity)).compare(quantity) == 0


@given(st.lists(texts, min_size=1, max_size=4))
def test_difference_is_repeated_subtraction(amounts: list[str]) -> None:
    first, *others = map(parse_quantity, amounts)
    expected: Quantity = first
    for other in others:
        expected = expected - other
    got = difference(first, *others)
    assert got.compare(expected) == 0
    assert (got.value(), got.milli_value(), got.format) == (expected.value(), expected.milli_value(), expected.format)
