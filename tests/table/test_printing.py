"""Results as text."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from flott.common import logical_types as t
from flott.common.types import Row, RowKind
from flott.table.printing import fitted_lines, table_lines
from flott.table.value_text import value_text


def _changed(kind: RowKind, *values: Any) -> Row:
    row = Row(*values)
    row.set_row_kind(kind)
    return row


@pytest.mark.parametrize(
    ("value", "data_type", "text"),
    [
        (None, t.IntType(), "<NULL>"),
        (True, t.BooleanType(), "TRUE"),
        (1.0, t.DoubleType(), "1.0"),
        (0.1 + 0.2, t.DoubleType(), "0.30000000000000004"),
        (1e7, t.DoubleType(), "1.0E7"),
        (1234567.0, t.DoubleType(), "1234567.0"),
        (0.001, t.DoubleType(), "0.001"),
        (0.00012, t.DoubleType(), "1.2E-4"),
        (-0.0, t.DoubleType(), "-0.0"),
        (float("nan"), t.DoubleType(), "NaN"),
        (float("-inf"), t.DoubleType(), "-Infinity"),
        (0.10000000149011612, t.FloatType(), "0.1"),
        (Decimal("1.50"), t.DecimalType(5, 2), "1.50"),
        (b"\x01\xff", t.BYTES, "x'01ff'"),
        (datetime.time(1, 2, 3, 450000), t.TimeType(2), "01:02:03.45"),
        (datetime.datetime(2024, 2, 29), t.TimestampType(0), "2024-02-29 00:00:00"),
        (datetime.datetime(2024, 2, 29), t.TimestampType(3), "2024-02-29 00:00:00.000"),
        (14, t.YearMonthIntervalType(), "+1-02"),
        (datetime.timedelta(hours=-25), t.DayTimeIntervalType(), "-1 01:00:00.000"),
        ([1, None], t.ArrayType(t.IntType()), "[1, NULL]"),
        ({"a": 1}, t.MapType(t.STRING, t.IntType()), "{a=1}"),
        (Row(1, "x"), t.RowType.of(("a", t.IntType()), ("b", t.STRING)), "(1, x)"),
    ],
)
def test_values_print_as_flink_prints_them(value: Any, data_type: t.DataType, text: str) -> None:
    assert value_text(value, data_type) == text


def test_streaming_results_show_the_kind_of_change() -> None:
    rows = [_changed(RowKind.INSERT, 1), _changed(RowKind.DELETE, 1)]
    lines = list(table_lines(["a"], [t.IntType()], rows, shows_kinds=True))
    assert lines == [
        "+----+-------------+",
        "| op |           a |",
        "+----+-------------+",
        "| +I |           1 |",
        "| -D |           1 |",
        "+----+-------------+",
        "2 rows in set",
    ]


def test_long_values_are_cut() -> None:
    lines = list(table_lines(["s"], [t.STRING], [Row("x" * 40)], shows_kinds=False, max_width=10))
    assert lines[3] == "| xxxxxxx... |"


def test_wide_characters_count_twice() -> None:
    lines = list(fitted_lines(["s"], [t.STRING], [Row("日本"), Row("abcd")]))
    assert [len(line) for line in lines[3:5]] == [6, 8]


@pytest.mark.parametrize(
    ("data_type", "width"),
    [
        (t.BooleanType(), 6),  # room for <NULL>
        (t.CharType(3), 30),
        (t.VarCharType(5), 30),
        (t.DecimalType(38, 2), 40),
        (t.TimestampType(0), 19),
        (t.TimestampType(4), 26),
        (t.LocalZonedTimestampType(9), 29),
        (t.DoubleType(), 30),
    ],
)
def test_columns_of_queries_are_as_wide_as_in_flink(data_type: t.DataType, width: int) -> None:
    lines = list(table_lines(["a"], [data_type], [Row(None)], shows_kinds=False))
    assert lines[0] == "+" + "-" * (width + 2) + "+"


def test_moments_are_not_cut_by_the_width_of_columns() -> None:
    row = Row(datetime.datetime(2021, 4, 13, 20, 12, 11))
    types = [t.TimestampType(3)]
    lines = list(table_lines(["a"], types, [row], shows_kinds=False, max_width=10))
    assert lines[3] == "| 2021-04-13 20:12:11.000 |"


def test_nulls_of_statements_are_blank() -> None:
    lines = list(fitted_lines(["key"], [t.STRING], [Row(None)]))
    assert lines[3] == "|     |"


def test_nothing_is_an_empty_set() -> None:
    assert list(table_lines(["a"], [t.IntType()], [], shows_kinds=True)) == ["Empty set"]
    assert list(fitted_lines(["a"], [t.IntType()], [])) == ["Empty set"]
