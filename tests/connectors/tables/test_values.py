from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.errors import TypeMismatchError, UnsupportedFeature
from flott.connectors.tables.frame_lookup import find_matches
from flott.connectors.tables.frames import derive_fields, derive_type, to_frame
from flott.connectors.tables.values import FrameSource, FrameTableSource
from flott.core.table import ChangelogMode
from flott.testing.connectors import check_source
from tests.connectors.tables.table_io import read_batches

FRAME = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", None]})


@given(st.data())
def test_every_row_is_read_once(data: st.DataObject) -> None:
    source = FrameSource(pl.DataFrame({"f0": range(100)}))
    check_source(data, source, [(number,) for number in range(100)])


def test_columns_come_in_the_order_asked_for() -> None:
    [batch] = read_batches(FrameTableSource(FRAME).create_source(["name", "id"], ()))
    assert batch.frame.columns == ["f0", "f1"]
    assert batch.frame.rows() == [("a", 1), ("b", 2), (None, 3)]


def test_rows_without_columns_are_counted() -> None:
    source = FrameTableSource(FRAME).create_source([], ())
    assert [batch.row_count for batch in read_batches(source, rows_max=2)] == [2, 1]


def test_kinds_travel_with_their_rows() -> None:
    kinds = pl.Series([0, 3, 2], dtype=pl.Int8)
    table = FrameTableSource(FRAME, kinds=kinds)
    assert table.changelog_mode is ChangelogMode.RETRACT
    found = read_batches(table.create_source(["id"], ()), rows_max=2)
    assert [batch.kinds.to_list() for batch in found] == [[0, 3], [2]]


@pytest.mark.parametrize(
    ("column_type", "expected"),
    [
        (pl.UInt16(), "INT"),
        (pl.UInt64(), "DECIMAL(20, 0)"),
        (pl.Decimal(10, 2), "DECIMAL(10, 2)"),
        (pl.Datetime("ms"), "TIMESTAMP(3)"),
        (pl.Datetime("ns", "Europe/Prague"), "TIMESTAMP_LTZ(9)"),
        (pl.Categorical(), "STRING"),
        (pl.List(pl.Struct({"x": pl.Float32()})), "ARRAY<ROW<`x` FLOAT>>"),
    ],
)
def test_types_are_derived(column_type: Any, expected: str) -> None:
    assert str(derive_type(column_type)) == expected


def test_values_become_physical_columns() -> None:
    zoned = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)
    frame = pl.DataFrame(
        {"z": [zoned], "d": [datetime.timedelta(seconds=1)], "u": pl.Series([7], dtype=pl.UInt8)}
    )
    local = frame.with_columns(pl.col("z").dt.convert_time_zone("Asia/Tokyo"))
    [batch] = read_batches(FrameTableSource(local).create_source(["z", "d", "u"], ()))
    assert batch.frame.rows() == [(datetime.datetime(2024, 1, 1, 12), 1000, 7)]


def test_objects_have_no_column() -> None:
    with pytest.raises(UnsupportedFeature, match="Object"):
        derive_fields(pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}))


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TypeMismatchError, match="column 'name'"):
        FrameTableSource(FRAME, [t.RowField("id", t.IntType()), t.RowField("name", t.DateType())])


def test_arrow_tables_and_series_are_frames() -> None:
    assert to_frame(FRAME.to_arrow()).equals(FRAME)
    assert to_frame(FRAME["id"]).shape == (3, 1)
    with pytest.raises(TypeError, match="found list"):
        to_frame([1, 2])


def test_lookup_finds_all_rows_of_a_key() -> None:
    frame = pl.DataFrame({"k": [1, 1, None], "v": ["a", "b", "c"]})
    lookup = FrameTableSource(frame).create_lookup(["k"], ["v", "k"])
    positions, rows = lookup.lookup(pl.DataFrame({"f0": [None, 1]}))
    assert positions.to_list() == [1, 1]
    assert rows.rows() == [("a", 1), ("b", 1)]


pairs = st.lists(
    st.tuples(st.none() | st.integers(0, 2), st.none() | st.integers(0, 2)), max_size=6
)
SCHEMA = {"f0": pl.Int64, "f1": pl.Int64}


@given(pairs, pairs)
def test_lookup_is_an_inner_join(asked: list[Any], known: list[Any]) -> None:
    keys = pl.DataFrame(asked, schema=SCHEMA, orient="row")
    table = pl.DataFrame(known, schema=SCHEMA, orient="row")
    positions, rows = find_matches(keys, table, table)
    expected = [
        (i, row) for i, key in enumerate(asked) for row in known if row == key and None not in key
    ]
    assert list(zip(positions.to_list(), rows.rows(), strict=True)) == expected
