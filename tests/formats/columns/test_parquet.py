from __future__ import annotations

import datetime
import io
from decimal import Decimal

import polars as pl
import pytest

from flott.common import logical_types as t
from flott.common.physical_types import polars_schema
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.parquet import ParquetFormat
from tests.formats.columns.decoding import fields_of

COLUMNS = {
    "id": t.IntType(),
    "d": t.DecimalType(10, 2),
    "ts": t.TimestampType(3),
    "r": t.RowType.of(("x", t.ArrayType(t.STRING))),
    "m": t.MapType(t.STRING, t.IntType()),
}
ROW = (
    1,
    Decimal("1.50"),
    datetime.datetime(2024, 1, 1, 12),
    {"x": ["a", None]},
    [{"key": "k", "value": 2}],
)


def write(rows: list[tuple[object, ...]]) -> io.BytesIO:
    stream = io.BytesIO()
    writer = ParquetFormat().create_group_writer(fields_of(COLUMNS), stream)
    if rows:
        frame = pl.DataFrame(rows, schema=polars_schema(list(COLUMNS.values())), orient="row")
        writer.write(ColumnBatch(frame))
    writer.finish()
    stream.seek(0)
    return stream


def read(
    stream: io.BytesIO, columns: dict[str, t.DataType], wanted: list[str]
) -> list[tuple[object, ...]]:
    request = FormatRequest(fields_of(columns), tuple(wanted))
    reader = ParquetFormat().open_groups(request, stream, 0, 1 << 40)
    return [row for group in reader.groups for row in reader.read(group).rows()]


def test_what_is_written_is_read_again() -> None:
    nulls = (None,) * len(COLUMNS)
    assert read(write([ROW, nulls]), COLUMNS, list(COLUMNS)) == [ROW, nulls]


def test_only_wanted_columns_are_read_and_missing_ones_are_null() -> None:
    columns = {**COLUMNS, "later": t.STRING}
    assert read(write([ROW]), columns, ["later", "id"]) == [(None, 1)]
    assert read(write([ROW]), columns, []) == [()]


def test_groups_belong_to_the_range_they_begin_in() -> None:
    stream = write([ROW])
    request = FormatRequest(fields_of(COLUMNS), ("id",))
    assert ParquetFormat().open_groups(request, stream, 1000, 2000).groups == []


def test_a_file_without_rows_has_columns() -> None:
    assert pl.read_parquet(write([])).columns == list(COLUMNS)


def test_values_are_cast_to_the_declared_type_or_refused() -> None:
    assert read(write([ROW]), {"id": t.BigIntType()}, ["id"]) == [(1,)]
    with pytest.raises(ValueError, match="column 'r' is"):
        read(write([ROW]), {"r": t.IntType()}, ["r"])
