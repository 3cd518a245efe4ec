from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from flott.common import logical_types as t
from flott.connectors.tables import find_table_factory
from flott.connectors.tables.row_text import batch_lines
from flott.core.table import ChangelogMode
from tests.connectors.fakes import FakeContext
from tests.connectors.tables.table_io import batch_of, describe, write_rows

INT = t.IntType()


@pytest.mark.parametrize(
    ("data_type", "value", "text"),
    [
        (INT, None, "null"),
        (t.BooleanType(), True, "true"),
        (t.DoubleType(), 1e7, "1.0E7"),
        (t.FloatType(), 0.1, "0.1"),
        (t.DecimalType(5, 2), Decimal("1.50"), "1.50"),
        (t.BYTES, b"a\xff", "[97, -1]"),
        (t.TimeType(), datetime.time(12, 30), "12:30"),
        (
            t.TimestampType(3),
            datetime.datetime(2024, 2, 29, 12, 0, 1, 500000),
            "2024-02-29T12:00:01.500",
        ),
        (t.LocalZonedTimestampType(3), datetime.datetime(2024, 2, 29), "2024-02-29T00:00:00Z"),
        (t.ArrayType(INT), [1, None], "[1, null]"),
        (t.MapType(t.STRING, INT), [{"key": "a", "value": 1}], "{a=1}"),
        (t.RowType.of(("x", INT), ("y", t.STRING)), {"x": 1, "y": "b"}, "+I[1, b]"),
        (t.YearMonthIntervalType(), 14, "P1Y2M"),
        (t.DayTimeIntervalType(), 90_500, "PT1M30.5S"),
    ],
)  # fmt: skip
def test_values_are_written_as_java_writes_them(
    data_type: t.DataType, value: Any, text: str
) -> None:
    assert batch_lines(batch_of([data_type], [(value,)]), [data_type]) == [f"+I[{text}]"]


def test_kinds_stand_in_front(capsys: pytest.CaptureFixture[str]) -> None:
    table = describe({"a": INT}, {"connector": "print"})
    write_rows(table, [(1,), (1,), (2,), (2,)], ["+I", "-U", "+U", "-D"])
    assert capsys.readouterr().out == "+I[1]\n-U[1]\n+U[2]\n-D[2]\n"


def test_identifier_and_subtask_stand_before_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    options = {"connector": "print", "print-identifier": "audit", "standard-error": "true"}
    table = describe({"a": INT}, options)
    sink = find_table_factory(table).create_sink(table).create_sink(())
    sink.create_writer(FakeContext(1, 4), [], None).write(batch_of([INT], [(7,)]))
    assert capsys.readouterr().err == "audit:2> +I[7]\n"


def test_all_changes_are_taken() -> None:
    table = describe({"a": INT}, {"connector": "print"})
    sink = find_table_factory(table).create_sink(table)
    assert [sink.accepted_changes(mode) for mode in ChangelogMode] == list(ChangelogMode)


def test_a_blackhole_takes_upserts() -> None:
    table = describe({"a": INT}, {"connector": "blackhole"})
    sink = find_table_factory(table).create_sink(table)
    assert sink.accepted_changes(ChangelogMode.RETRACT) is ChangelogMode.UPSERT
    assert sink.accepted_changes(ChangelogMode.INSERT_ONLY) is ChangelogMode.INSERT_ONLY
    write_rows(table, [(1,)])
