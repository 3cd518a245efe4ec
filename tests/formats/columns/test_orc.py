from __future__ import annotations

import datetime
import io
import itertools
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import orc

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.sql_errors import RecordError
from flott.formats.columns.contract import FormatRequest
from tests.formats.columns.decoding import fields_of, make_format
from tests.formats.columns.messaging import Columns, batch_of

COLUMNS: Columns = {
    "id": t.BigIntType(),
    "small": t.TinyIntType(),
    "name": t.STRING,
    "raw": t.BYTES,
    "price": t.DecimalType(10, 2),
    "at": t.TimestampType(6),
    "instant": t.LocalZonedTimestampType(3),
    "day": t.DateType(),
    "flag": t.BooleanType(),
    "r": t.RowType.of(("x", t.ArrayType(t.STRING)), ("m", t.MapType(t.STRING, t.IntType()))),
    "m": t.MapType(t.IntType(), t.ArrayType(t.DoubleType())),
}
MOMENT = datetime.datetime(2024, 2, 29, 12, 0, 0, 5)
ROW = (
    1,
    -2,
    "Ä",
    b"\xff",
    Decimal("1.50"),
    MOMENT,
    MOMENT.replace(microsecond=0),
    datetime.date(1969, 1, 1),
    True,
    {"x": ["a", None], "m": [{"key": "k", "value": None}]},
    [{"key": 1, "value": [0.5]}],
)
NULLS = (None,) * len(COLUMNS)


def write(columns: Columns, *batches: list[tuple[object, ...]], **options: str) -> io.BytesIO:
    stream = io.BytesIO()
    given = {key.replace("_", "."): value for key, value in options.items()}
    writer = make_format("orc", given).create_group_writer(fields_of(columns), stream)
    for rows in batches:
        writer.write(batch_of(columns, rows))
    writer.finish()
    stream.seek(0)
    return stream


def read(
    stream: io.BytesIO, columns: Columns, wanted: list[str] | None = None
) -> list[tuple[object, ...]]:
    names = list(columns) if wanted is None else wanted
    request = FormatRequest(fields_of(columns), tuple(names))
    reader = make_format("orc").open_groups(request, stream, 0, 1 << 40)
    return [row for group in reader.groups for row in reader.read(group).rows()]


def test_what_is_written_is_read_again() -> None:
    assert read(write(COLUMNS, [ROW, NULLS], [ROW]), COLUMNS) == [ROW, NULLS, ROW]


def test_others_see_maps_and_instants() -> None:
    schema = orc.ORCFile(write(COLUMNS, [ROW])).schema
    assert pa.types.is_map(schema.field("m").type)
    assert pa.types.is_map(schema.field("r").type.field("m").type)
    assert schema.field("instant").type.tz == "UTC"
    assert schema.field("at").type.tz is None
    assert schema.field("small").type == pa.int8()


def test_only_wanted_columns_are_read_and_missing_ones_are_null() -> None:
    columns = {**COLUMNS, "later": t.STRING}
    assert read(write(COLUMNS, [ROW]), columns, ["later", "id"]) == [(None, 1)]
    assert read(write(COLUMNS, [ROW, ROW]), columns, []) == [(), ()]


def test_values_are_cast_to_the_declared_type_or_refused() -> None:
    assert read(write(COLUMNS, [ROW]), {"small": t.BigIntType()}) == [(-2,)]
    with pytest.raises(ValueError, match="column 'r' is"):
        read(write(COLUMNS, [ROW]), {"r": t.IntType()})


def test_a_file_without_rows_has_columns() -> None:
    assert orc.ORCFile(write(COLUMNS)).schema.names == list(COLUMNS)


@given(st.lists(st.integers(0, 4000), max_size=4))
def test_every_stripe_is_read_once_however_the_file_is_divided(cuts: list[int]) -> None:
    stream = STRIPES
    request = FormatRequest(fields_of({"id": t.BigIntType()}), ("id",))
    bounds = [0, *sorted(cuts), 1 << 40]
    made = make_format("orc")
    read = [
        reader.read(group)
        for start, stop in itertools.pairwise(bounds)
        for reader in [made.open_groups(request, io.BytesIO(stream), start, stop)]
        for group in reader.groups
    ]
    assert pl.concat(read).get_column("f0").to_list() == [*range(5)] * 400


def _stripes() -> bytes:
    stream = io.BytesIO()
    writer = orc.ORCWriter(stream, stripe_size=1, batch_size=400)
    for _ in range(5):
        writer.write(pa.table({"id": [*range(5)] * 80}))
    writer.close()
    data = stream.getvalue()
    assert orc.ORCFile(io.BytesIO(data)).nstripes > 1
    return data


STRIPES = _stripes()


@pytest.mark.parametrize("codec", ["none", "zlib", "snappy", "lz4", "zstd"])
def test_stripes_are_compressed_as_asked(codec: str) -> None:
    stream = write({"id": t.BigIntType()}, [(1,)], compress=codec, stripe_size="1mb")
    found = orc.ORCFile(stream).compression
    assert found == ("UNCOMPRESSED" if codec == "none" else codec.upper())


def test_what_is_no_orc_file_is_refused() -> None:
    with pytest.raises(ValueError, match="not a complete ORC file"):
        read(io.BytesIO(b"PAR1 or so"), COLUMNS)


def test_types_without_a_place_in_orc_are_refused() -> None:
    for data_type in (t.TimeType(), t.DayTimeIntervalType(), t.ArrayType(t.TimeType())):
        with pytest.raises(UnsupportedFeature, match="Format 'orc' for type"):
            write({"a": data_type})


def test_a_key_that_is_null_cannot_be_written() -> None:
    columns = {"m": t.MapType(t.STRING, t.IntType())}
    with pytest.raises(RecordError, match="Column 'm' cannot be written as ORC"):
        write(columns, [([{"key": None, "value": 1}],)])
