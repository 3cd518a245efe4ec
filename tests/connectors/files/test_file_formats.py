"""Each format through a file source and a file sink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import Row, Types
from flott.common.errors import MalformedRecordError, SourceError
from flott.connectors.files.enumerator import FileEnumeratorProvider
from flott.connectors.files.sink import FileSink
from flott.connectors.files.source import FileSource, FileSourceBuilder
from flott.core.batch import RowBatch
from flott.formats.csv_files import CsvBulkWriters, CsvReaderFormat
from flott.formats.csv_schema import CsvSchema
from flott.formats.json_lines import JsonBulkWriters, JsonLinesEncoder, JsonLinesFormat
from flott.formats.parquet_read import ParquetFormat
from flott.formats.parquet_write import ParquetBulkWriters
from flott.testing.connectors import SinkJob, SourceJob, check_source

USER = Types.ROW_NAMED(["id", "name"], [Types.LONG(), Types.STRING()])
CSV = CsvSchema.builder().add_number_column("id").add_string_column("name").set_use_header().build()
SMALL = {"source.file.stream.io-fetch-size": "13 bytes"}
ROWS = [Row(id=1, name="ada"), Row(id=2, name="bob")]


def on(path: Path, file_format: Any, split_bytes: int = 40) -> FileSourceBuilder:
    if isinstance(file_format, ParquetFormat):
        builder = FileSource.for_bulk_file_format(file_format, str(path))
    else:
        builder = FileSource.for_record_stream_format(file_format, str(path))
    return builder.set_file_enumerator(FileEnumeratorProvider(split_bytes=split_bytes))


@settings(deadline=None, max_examples=50)
@given(data=st.data(), texts=st.lists(st.text('a"\n,', max_size=4), max_size=12))
def test_each_csv_record_comes_once_whatever_happens(
    tmp_path_factory: Any, data: st.DataObject, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("in")
    rows = [Row(id=n, name=text) for n, text in enumerate(texts)]
    with open(folder / "a.csv", "wb") as stream:
        CsvBulkWriters.for_schema(CSV).create(stream).add_elements(rows)
    source = on(folder, CsvReaderFormat.for_schema(CSV)).build()
    check_source(data, source, rows, SMALL)


@settings(deadline=None, max_examples=50)
@given(data=st.data(), count=st.integers(0, 20))
def test_each_json_record_comes_once_whatever_happens(
    tmp_path_factory: Any, data: st.DataObject, count: int
) -> None:
    folder = tmp_path_factory.mktemp("in")
    rows = [Row(id=n, name="x" * n) for n in range(count)]
    (folder / "a.json").write_bytes(b"\n".join(map(JsonLinesEncoder().encode, rows)))
    source = on(folder, JsonLinesFormat(USER), data.draw(st.integers(1, 200))).build()
    check_source(data, source, rows, SMALL)


@settings(deadline=None, max_examples=50)
@given(data=st.data(), count=st.integers(0, 30), group=st.integers(1, 9))
def test_each_parquet_record_comes_once_whatever_happens(
    tmp_path_factory: Any, data: st.DataObject, count: int, group: int
) -> None:
    folder = tmp_path_factory.mktemp("in")
    pq.write_table(pa.table({"id": range(count)}), folder / "a.parquet", row_group_size=group)
    source = on(folder, ParquetFormat(batch_size=4), data.draw(st.integers(50, 2000))).build()
    check_source(data, source, [Row(id=n) for n in range(count)])


def test_parquet_is_divided_by_row_groups(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": range(100)}), tmp_path / "a", row_group_size=10)
    job = SourceJob(on(tmp_path, ParquetFormat(), 100).build(), 2)
    while job.step(0, 5) and job.step(1, 5):
        pass
    assert len(job.records) > 20
    assert sorted(row.id for row in job.finish()) == list(range(100))


def test_where_a_parquet_record_came_from(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": range(10)}), tmp_path / "a", row_group_size=4)
    job = SourceJob(on(tmp_path, ParquetFormat(), 10**6).build())
    for _ in range(4):
        job.step(0, 3)
    reader = job.tasks[0].reader
    place = f"{tmp_path / 'a'}, row group 1, row 3"
    assert reader.describe_position(job.records[-1]) == place
    assert reader.describe_position(Row(id=7)) is None


def test_what_is_no_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("no parquet")
    with pytest.raises(
        SourceError, match=r"a\.parquet cannot be read: it is not a complete Parquet"
    ):
        SourceJob(on(tmp_path, ParquetFormat()).build()).finish()


def test_a_parquet_file_that_vanishes_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), tmp_path / "a")
    job = SourceJob(on(tmp_path, ParquetFormat()).build())
    (tmp_path / "a").unlink()
    with pytest.raises(SourceError, match="/a is gone"):
        job.finish()


def test_a_value_that_does_not_fit_is_named_with_its_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["x"]}), tmp_path / "a")
    wanted = ParquetFormat(Types.ROW_NAMED(["id"], [Types.LONG()]))
    with pytest.raises(SourceError, match="/a, row group 0: cannot be read: column 'id'"):
        SourceJob(on(tmp_path, wanted).build()).finish()


def test_a_broken_csv_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,name\n1,"two\nlines"\nx,bob\n')
    with pytest.raises(MalformedRecordError) as caught:
        SourceJob(on(tmp_path, CsvReaderFormat.for_schema(CSV)).build()).finish()
    assert str(caught.value) == (
        f"{tmp_path / 'a.csv'}, line 4, position 22: column 'id': expected a whole number, "
        "found 'x': x,bob"
    )


def test_a_wrong_header_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,id\n")
    strict = CsvSchema.builder().add_columns_from(CSV).set_use_header().set_strict_headers()
    with pytest.raises(SourceError, match=r"a\.csv, line 1: the header is \['name', 'id'\]"):
        SourceJob(on(tmp_path, CsvReaderFormat.for_schema(strict.build())).build()).finish()


def test_broken_json_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"id": 1, "name": "ada"}\n{"id": \n')
    job = SourceJob(on(tmp_path, JsonLinesFormat(USER)).set_on_error("dead-letter").build())
    assert job.finish() == ROWS[:1]
    assert (job.rejected[0].line, job.rejected[0].raw) == (2, b'{"id": ')


WRITERS = {
    "csv": (CsvBulkWriters.for_schema(CSV), CsvReaderFormat.for_schema(CSV)),
    "json": (JsonBulkWriters.for_lines(), JsonLinesFormat(USER)),
    "parquet": (ParquetBulkWriters.for_row_type(USER), ParquetFormat(USER)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_sink_writes_a_source_reads(name: str, tmp_path: Path) -> None:
    factory, file_format = WRITERS[name]
    job = SinkJob(FileSink.for_bulk_format(str(tmp_path), factory).build())
    for row in ROWS:
        job.tasks[0].writer.write(RowBatch([row]))
        job.take_checkpoint()
    job.finish()
    assert sorted(SourceJob(on(tmp_path, file_format).build()).finish(), key=str) == ROWS


def test_json_lines_as_a_row_format(tmp_path: Path) -> None:
    job = SinkJob(FileSink.for_row_format(str(tmp_path), JsonLinesEncoder()).build())
    job.tasks[0].writer.write(RowBatch(ROWS))
    job.finish()
    assert SourceJob(on(tmp_path, JsonLinesFormat(USER)).build()).finish() == ROWS


def test_formats_are_not_mixed_up(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Expected a BulkFormat"):
        FileSource.for_bulk_file_format(JsonLinesFormat(), str(tmp_path))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected a StreamFormat"):
        FileSource.for_record_stream_format("lines", str(tmp_path))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected an Encoder"):
        FileSink.for_row_format(str(tmp_path), JsonBulkWriters.for_lines())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected a BulkWriterFactory"):
        FileSink.for_bulk_format(str(tmp_path), JsonLinesEncoder())  # type: ignore[arg-type]
