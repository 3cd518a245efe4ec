from __future__ import annotations

import io
import itertools
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.sql_errors import RecordError
from flott.formats.avro.codecs import CODECS
from flott.formats.avro.container import read_header
from flott.formats.columns.contract import FormatRequest
from tests.formats.columns.decoding import fields_of, make_format
from tests.formats.columns.messaging import Columns, batch_of

COLUMNS: Columns = {"id": t.BigIntType(), "name": t.STRING}
SCHEMA = {
    "type": "record",
    "name": "other",
    "fields": [{"name": "name", "type": "string"}, {"name": "id", "type": "int"}],
}
RECORDS = [{"name": f"n{i}", "id": i} for i in range(500)]
ROWS = [(i, f"n{i}") for i in range(500)]


def others_file(codec: str = "null", records: list[Any] = RECORDS) -> bytes:
    stream = io.BytesIO()
    fastavro.writer(stream, SCHEMA, records, codec=codec, sync_interval=100)
    return stream.getvalue()


def write(columns: Columns, *batches: list[tuple[Any, ...]], codec: str = "snappy") -> bytes:
    stream = io.BytesIO()
    made = make_format("avro", {"codec": codec})
    writer = made.create_group_writer(fields_of(columns), stream)
    for rows in batches:
        writer.write(batch_of(columns, rows))
    writer.finish()
    return stream.getvalue()


def read(
    data: bytes, columns: Columns, wanted: list[str] | None = None, cuts: tuple[int, ...] = ()
) -> list[tuple[Any, ...]]:
    """The rows of a file, read in ranges that end at ``cuts``."""
    names = list(columns) if wanted is None else wanted
    request = FormatRequest(fields_of(columns), tuple(names))
    rows = []
    for start, stop in itertools.pairwise([0, *sorted(cuts), 1 << 40]):
        reader = make_format("avro").open_groups(request, io.BytesIO(data), start, stop)
        for group in reader.groups:
            rows += reader.read(group).rows()
        reader.close()
    return rows


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_files_of_others_are_read(codec: str) -> None:
    assert read(others_file(codec), COLUMNS) == ROWS


@pytest.mark.parametrize("codec", list(CODECS))
def test_what_is_written_is_read_again(codec: str) -> None:
    data = write(COLUMNS, ROWS[:3], [(None, None)], ROWS[3:], codec=codec)
    assert read(data, COLUMNS) == [*ROWS[:3], (None, None), *ROWS[3:]]
    assert read_header(io.BytesIO(data)).codec == codec


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_others_read_what_is_written(codec: str) -> None:
    found = list(fastavro.reader(io.BytesIO(write(COLUMNS, ROWS, codec=codec))))
    assert found == [{"id": i, "name": name} for i, name in ROWS]


def test_blocks_are_of_a_size() -> None:
    data = write(COLUMNS, [(i, "x" * 50) for i in range(20_000)], codec="null")
    blocks = list(fastavro.block_reader(io.BytesIO(data)))
    assert sum(block.num_records for block in blocks) == 20_000
    assert len(blocks) >= 4


def test_only_wanted_columns_are_read() -> None:
    assert read(others_file(), COLUMNS, ["name"])[:2] == [("n0",), ("n1",)]
    assert len(read(others_file(), COLUMNS, [])) == 500
    assert read(others_file(), {**COLUMNS, "later": t.IntType()}, ["later"])[0] == (None,)


@given(st.lists(st.integers(0, 8000), max_size=5))
def test_every_block_is_read_once_however_the_file_is_divided(cuts: list[int]) -> None:
    assert read(FILE, COLUMNS, cuts=tuple(cuts)) == ROWS


FILE = others_file()


def test_large_files_are_read_in_groups() -> None:
    rows = [(i, "x" * 1000) for i in range(4000)]
    data = write(COLUMNS, *[rows[i : i + 500] for i in range(0, 4000, 500)], codec="null")
    assert len(data) > 3 << 20
    assert read(data, COLUMNS) == rows


def test_a_file_without_rows_has_a_schema() -> None:
    data = write(COLUMNS)
    assert read(data, COLUMNS) == []
    assert [f.name for f in read_header(io.BytesIO(data)).schema.fields] == ["id", "name"]


def test_a_header_may_be_long() -> None:
    stream = io.BytesIO()
    fastavro.writer(stream, SCHEMA, RECORDS[:1], metadata={"note": "x" * 200_000})
    assert read(stream.getvalue(), COLUMNS) == [(0, "n0")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PAR1", "it is not an Avro file"),
        (FILE[:60], "its header has no end"),
        (FILE[:-5], "is cut off"),
        (FILE[:-20] + b"X" * 20, "is damaged"),
        (FILE.replace(b"null", b"none"), "its codec 'none' is not one of"),
    ],
)
def test_broken_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(data, COLUMNS)


def test_broken_blocks_are_refused() -> None:
    data = bytearray(others_file(records=RECORDS[:1]))
    data[-18] ^= 0xFF
    with pytest.raises(ValueError, match="its block at byte"):
        read(bytes(data), COLUMNS)
    for codec in ("deflate", "snappy", "bzip2", "xz", "zstandard"):
        packed = bytearray(write(COLUMNS, ROWS, codec=codec))
        packed[-40] ^= 0xFF
        with pytest.raises(ValueError, match="block"):
            read(bytes(packed), COLUMNS)


def test_a_schema_that_does_not_fit_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="its schema does not fit the table: field 'name'"):
        read(FILE, {"name": t.IntType()})


def test_rows_that_cannot_be_written_are_named() -> None:
    columns = {"id": t.BigIntType(nullable=False)}
    with pytest.raises(RecordError, match="Row 1 cannot be written as Avro: field 'id'"):
        write(columns, [(1,), (None,)])


def test_the_schema_of_a_file_is_that_of_flink() -> None:
    header = read_header(io.BytesIO(write(COLUMNS)))
    assert json.loads(header.text)["name"] == "org.apache.flink.avro.generated.record"
