from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.physical_types import polars_type
from flott.connectors.column_generators import make_frame
from flott.connectors.tables import find_table_factory
from flott.testing.connectors import SourceJob, check_source
from tests.connectors.tables.table_io import describe

INT = t.IntType()
NOW_MS = 1_700_000_000_000


def source_of(columns: dict[str, t.DataType], options: dict[str, Any] | None = None) -> Any:
    table = describe(columns, {"connector": "datagen", "rows-per-second": 10**9, **(options or {})})
    return find_table_factory(table).create_source(table)


def made(
    data_type: t.DataType, options: dict[str, Any] | None = None, count: int = 200
) -> pl.Series:
    """Values of a field ``v``."""
    named = {f"fields.v.{key}": value for key, value in (options or {}).items()}
    source = source_of({"v": data_type}, named)
    return make_frame(source.generators, ["v"], 0, count, NOW_MS).to_series()


TYPES = [
    t.BooleanType(), t.TinyIntType(), INT, t.BigIntType(), t.FloatType(), t.DoubleType(),
    t.DecimalType(10, 2), t.CharType(4), t.VarCharType(7), t.STRING, t.BYTES, t.BinaryType(3),
    t.DateType(), t.TimeType(), t.TimestampType(3), t.LocalZonedTimestampType(3),
    t.YearMonthIntervalType(), t.DayTimeIntervalType(), t.ArrayType(INT), t.MultisetType(t.STRING),
    t.MapType(t.STRING, t.RowType.of(("x", INT))), t.RowType.of(("x", t.ArrayType(t.STRING))),
]  # fmt: skip


@pytest.mark.parametrize("data_type", TYPES, ids=str)
def test_values_have_the_type_of_their_column(data_type: t.DataType) -> None:
    column = made(data_type, count=5)
    assert column.dtype == polars_type(data_type)
    assert column.null_count() == 0


def test_numbers_stay_within_bounds_and_meet_them() -> None:
    column = made(INT, {"min": -2, "max": 3})
    assert set(column.to_list()) == {-2, -1, 0, 1, 2, 3}


def test_the_whole_range_is_used_by_default() -> None:
    column = made(t.TinyIntType(), count=5000)
    assert (column.min(), column.max()) == (-128, 127)


def test_lengths_are_as_told() -> None:
    assert set(made(t.STRING, {"length": 5}).str.len_chars()) == {5}
    lengths = set(made(t.STRING, {"length": 5, "var-len": "true"}).str.len_chars())
    assert lengths == {1, 2, 3, 4, 5}


def test_nulls_have_their_share() -> None:
    assert 20 < made(INT, {"null-rate": 0.25}).null_count() < 80
    assert made(INT, {"null-rate": 1}).null_count() == 200


def test_times_are_in_the_past_by_as_much_as_told() -> None:
    now = made(t.TimestampType(3)).dt.epoch("ms")
    past = made(t.TimestampType(3), {"max-past": "1 min"}).dt.epoch("ms")
    assert set(now) == {NOW_MS}
    assert NOW_MS - 60_000 <= past.min() < past.max() <= NOW_MS


@given(st.data())
def test_a_sequence_is_read_once_and_ends(data: st.DataObject) -> None:
    options = {"fields.id.kind": "sequence", "fields.id.start": 5, "fields.id.end": 64}
    source = source_of({"id": t.BigIntType(), "b": t.BooleanType()}, options)
    assert (source.is_bounded, source.row_count) == (True, 60)
    expected = [(number,) for number in range(5, 65)]
    check_source(data, source.create_source(["id"], ()), expected)


def test_rows_are_the_same_wherever_reading_begins() -> None:
    source = source_of(dict(zip("abcdefgh", TYPES[:8], strict=True)))
    whole = make_frame(source.generators, list("abcdefgh"), 0, 50, NOW_MS)
    part = make_frame(source.generators, list("abcdefgh"), 30, 20, NOW_MS)
    assert part.equals(whole.slice(30))


def test_number_of_rows_ends_the_source() -> None:
    source = source_of({"s": t.STRING}, {"number-of-rows": 3})
    assert SourceJob(source.create_source([], ())).finish() == [()] * 3


def test_without_an_end_there_is_none() -> None:
    assert not source_of({"a": INT}).is_bounded


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"fields.b.min": 1}, "no such column"),
        ({"fields.a.kind": "constant"}, "expected one of random, sequence"),
        ({"fields.a.kind": "sequence", "fields.a.start": 1}, "lacks the option 'fields.a.end'"),
        ({"fields.a.min": 5, "fields.a.max": 4}, "less than the least"),
        ({"fields.a.max": 2**31}, "from -2147483648 to 2147483647"),
        ({"fields.a.null-rate": 2}, "a share from 0 to 1"),
        ({"rows-per-second": 0}, "rows-per-second"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        source_of({"a": INT}, options)


def test_texts_must_fit_their_type() -> None:
    with pytest.raises(ConfigurationError, match="does not fit"):
        made(t.VarCharType(3), {"length": 4})
    with pytest.raises(UnsupportedFeature, match="a sequence of BOOLEAN"):
        made(t.BooleanType(), {"kind": "sequence", "start": 1, "end": 2})
