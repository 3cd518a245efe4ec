"""Constants have the value and the type that their digits say."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.sql.binder.expressions.intervals import interval
from flott.sql.binder.expressions.literals import number
from flott.sql.expressions import Literal
from flott.sql.logical.nodes import Project
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, find, message_of


def literal(text: str, session: Session) -> Literal:
    (found,) = find(bind(f"SELECT {text}", session), Project).expressions
    assert isinstance(found, Literal)
    return found


@pytest.mark.parametrize(
    ("text", "value", "data_type"),
    [
        ("1", 1, "INT"),
        ("2147483647", 2147483647, "INT"),
        ("-2147483648", -2147483648, "INT"),
        ("2147483648", 2147483648, "BIGINT"),
        ("-9223372036854775808", -(2**63), "BIGINT"),
        ("5.", 5, "INT"),
        (".5", Decimal("0.5"), "DECIMAL(1, 1)"),
        ("-0.10", Decimal("-0.10"), "DECIMAL(3, 2)"),
        ("00.50", Decimal("0.50"), "DECIMAL(4, 2)"),
        ("1e3", 1000.0, "DOUBLE"),
        ("'it''s'", "it's", "CHAR(4)"),
        ("TRUE", True, "BOOLEAN"),
        ("x'cafe'", b"\xca\xfe", "BINARY(2)"),
        ("DATE '2024-02-29'", date(2024, 2, 29), "DATE"),
        ("TIME '12:34:56'", time(12, 34, 56), "TIME(0)"),
        ("TIME '12:34:56.7'", time(12, 34, 56, 700_000), "TIME(1)"),
        ("TIMESTAMP '2024-02-29 12:34:56'", datetime(2024, 2, 29, 12, 34, 56), "TIMESTAMP(0)"),
        (
            "TIMESTAMP '2024-02-29 12:34:56.120'",
            datetime(2024, 2, 29, 12, 34, 56, 120_000),
            "TIMESTAMP(3)",
        ),
        ("TIMESTAMP '1970-01-01 00:00:01.000000001'", 1_000_000_001, "TIMESTAMP(9)"),
        ("INTERVAL '1' DAY", 86_400_000, "INTERVAL SECOND(3)"),
        ("INTERVAL '1-2' YEAR TO MONTH", 14, "INTERVAL MONTH"),
    ],
)
def test_constants(text: str, value: Any, data_type: str, batch: Session) -> None:
    found = literal(text, batch)
    assert (found.value, str(found.data_type)) == (value, f"{data_type} NOT NULL")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12345678901234567890.5", "out of range"),
        ("DATE '2024-13-01'", "Illegal DATE literal"),
        ("TIMESTAMP '2024-02-29 25:00:00'", "Illegal TIMESTAMP literal"),
        ("TIME '1:2'", "Illegal TIME literal"),
        ("INTERVAL '100' DAY", "exceeds precision of DAY(2)"),
        ("INTERVAL '1-13' YEAR TO MONTH", "Illegal interval literal"),
        ("INTERVAL 'x' DAY", "Illegal interval literal"),
        ("INTERVAL '1:99' HOUR TO MINUTE", "Illegal interval literal"),
    ],
)
def test_constants_that_are_none(text: str, said: str, batch: Session) -> None:
    assert said in message_of(f"SELECT {text}", batch)


@pytest.mark.parametrize(
    ("text", "first", "last", "value"),
    [
        ("1 02:03:04.567", "DAY", "SECOND", 93_784_567),
        ("10:20", "HOUR", "MINUTE", 37_200_000),
        ("20:30.5", "MINUTE", "SECOND", 1_230_500),
        ("-1", "DAY", "DAY", -86_400_000),
        ("2", "WEEK", "WEEK", 1_209_600_000),
        ("1", "QUARTER", "QUARTER", 3),
        ("3", "YEAR", "YEAR", 36),
        ("0.001", "SECOND", "SECOND", 1),
    ],
)
def test_intervals(text: str, first: str, last: str, value: int) -> None:
    assert interval(text, first, last).value == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_keep_their_value(value: int) -> None:
    assert number(str(value)).value == value


@given(st.decimals(0, 10**9, places=6))
def test_decimals_have_as_many_digits_as_are_written(value: Decimal) -> None:
    text = f"{value:f}"
    found = number(text)
    assert found.value == value
    assert found.data_type.precision == len(text) - 1  # type: ignore[attr-defined]
    assert found.data_type.scale == 6  # type: ignore[attr-defined]
