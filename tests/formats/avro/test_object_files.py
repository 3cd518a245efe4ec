from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

import fastavro
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from flott.common import Configuration, Row, Types, WatermarkStrategy
from flott.common.errors import TypeMismatchError
from flott.common.serialization import BulkWriterFactory
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.file_system import FileSink, FileSource
from flott.datastream.formats.avro import (
    AvroBulkWriters,
    AvroFormat,
    AvroInputFormat,
    AvroSchema,
    GenericRecordAvroTypeInfo,
)
from flott.datastream.formats.orc import OrcBulkWriters
from flott.datastream.formats.parquet import AvroParquetReaders, AvroParquetWriters
from flott.formats.bulk_format import BulkFormat

TEXT = json.dumps(
    {
        "type": "record",
        "name": "order",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
            {"name": "more", "type": {"type": "map", "values": "int"}},
            {"name": "note", "type": ["null", "string"], "default": None},
        ],
    }
)
SCHEMA = AvroSchema(TEXT)
RECORDS = [
    {"id": i, "tags": ["a"] * (i % 3), "more": {"k": i}, "note": None if i % 2 else "n"}
    for i in range(10)
]


def written(factory: BulkWriterFactory, records: list[Any]) -> bytes:
    stream = io.BytesIO()
    writer = pickle.loads(pickle.dumps(factory)).create(stream)
    for record in records:
        writer.add_elements([record])
    writer.flush()
    writer.finish()
    return stream.getvalue()


def read(made: BulkFormat, data: bytes, rows_max: int = 3) -> list[Any]:
    reader = pickle.loads(pickle.dumps(made)).open(io.BytesIO(data), 0, len(data))
    records = []
    for group in reader.groups:
        reader.open_group(group, 0)
        while rows := reader.read(rows_max):
            records += rows
    reader.close()
    return records


def test_avro_files_are_what_others_read_and_write() -> None:
    data = written(AvroBulkWriters.for_generic_record(SCHEMA), RECORDS)
    assert list(fastavro.reader(io.BytesIO(data))) == RECORDS
    other = io.BytesIO()
    fastavro.writer(other, json.loads(TEXT), RECORDS, codec="deflate", sync_interval=20)
    assert read(AvroFormat(SCHEMA), other.getvalue()) == RECORDS


def test_records_are_read_as_the_schema_expects_them() -> None:
    fields = [{"name": "note", "type": "string", "default": "x"}, {"name": "id", "type": "double"}]
    expected = AvroSchema(json.dumps({"type": "record", "name": "order", "fields": fields}))
    stream = io.BytesIO()
    fastavro.writer(
        stream,
        {
            "type": "record",
            "name": "order",
            "fields": [{"name": "id", "type": "int"}, {"name": "gone", "type": "int"}],
        },
        [{"id": 1, "gone": 2}],
    )
    assert read(AvroFormat(expected), stream.getvalue()) == [{"note": "x", "id": 1.0}]


def test_rows_are_written_too_and_values_that_do_not_fit_are_named() -> None:
    factory = AvroBulkWriters.for_generic_record(SCHEMA)
    data = written(factory, [Row(**RECORDS[0]), tuple(RECORDS[1].values())])
    assert list(fastavro.reader(io.BytesIO(data))) == RECORDS[:2]
    writer = factory.create(io.BytesIO())
    with pytest.raises(TypeMismatchError, match="record order"):
        writer.add_elements([{"id": 1, "tags": ["a", 2], "more": {}}])


def test_what_is_no_avro_file_is_refused() -> None:
    with pytest.raises(ValueError, match="it is not an Avro file"):
        read(AvroFormat(SCHEMA), b"PAR1")


def test_parquet_files_hold_avro_records() -> None:
    data = written(AvroParquetWriters.for_generic_record(SCHEMA), RECORDS)
    assert pq.ParquetFile(io.BytesIO(data)).schema_arrow.names == ["id", "tags", "more", "note"]
    assert read(AvroParquetReaders.for_generic_record(SCHEMA), data) == RECORDS


def test_a_parquet_file_must_have_the_columns_of_the_schema() -> None:
    data = written(AvroParquetWriters.for_generic_record(SCHEMA), RECORDS)
    other = json.dumps({"type": "record", "name": "o", "fields": [{"name": "x", "type": "int"}]})
    with pytest.raises(ValueError, match=r"it has no columns \['x'\]"):
        read(AvroParquetReaders.for_generic_record(AvroSchema(other)), data)
    with pytest.raises(ValueError, match="not a complete Parquet file"):
        read(AvroParquetReaders.for_generic_record(SCHEMA), b"Obj")


LOOP = {"type": "record", "name": "loop", "fields": [{"name": "next", "type": ["null", "loop"]}]}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("long", "Expected the schema of a record"),
        (LOOP, "part of itself"),
        ({"type": "record", "name": "r", "fields": [{"name": "x", "type": ["int", "string"]}]},
         "A column has one type"),
    ],
)  # fmt: skip
def test_schemas_without_columns_are_refused(schema: Any, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        AvroParquetWriters.for_generic_record(AvroSchema(json.dumps(schema)))


def test_orc_files_are_written_from_rows() -> None:
    row_type = Types.ROW_NAMED(
        ["id", "tags", "more"],
        [Types.LONG(), Types.LIST(Types.STRING()), Types.MAP(Types.STRING(), Types.INT())],
    )
    properties = Configuration().set_string("orc.compress", "SNAPPY")
    factory = OrcBulkWriters.for_row_type(row_type, writer_properties=properties)
    rows = [Row(id=1, tags=["a", None], more={"k": 2}), Row(id=2, tags=None, more=None)]
    data = written(factory, rows)
    file = orc.ORCFile(io.BytesIO(data))
    assert file.compression == "SNAPPY"
    assert file.read().to_pylist(maps_as_pydicts="strict") == [
        {"id": 1, "tags": ["a", None], "more": {"k": 2}},
        {"id": 2, "tags": None, "more": None},
    ]
    with pytest.raises(TypeError, match="Expected the type of a row"):
        OrcBulkWriters.for_row_type(Types.INT())


def test_a_job_reads_and_writes_avro_files(tmp_path: Path) -> None:
    source = tmp_path / "in.avro"
    source.write_bytes(written(AvroBulkWriters.for_generic_record(SCHEMA), RECORDS))
    env = StreamExecutionEnvironment.get_execution_environment()
    orders = env.create_input(AvroInputFormat(str(source), SCHEMA))
    sink = FileSink.for_bulk_format(
        str(tmp_path / "out"), AvroParquetWriters.for_generic_record(SCHEMA)
    ).build()
    same = orders.map(lambda order: order, output_type=GenericRecordAvroTypeInfo(SCHEMA))
    same.sink_to(sink)
    env.execute()
    env = StreamExecutionEnvironment.get_execution_environment()
    made = AvroParquetReaders.for_generic_record(SCHEMA)
    again = FileSource.for_record_stream_format(made, str(tmp_path / "out")).build()
    stream = env.from_source(again, WatermarkStrategy.no_watermarks(), "orders")
    assert sorted(stream.execute_and_collect(), key=lambda order: order["id"]) == RECORDS


def test_an_input_format_reads_by_itself(tmp_path: Path) -> None:
    source = tmp_path / "in.avro"
    source.write_bytes(written(AvroBulkWriters.for_generic_record(SCHEMA), RECORDS))
    made = AvroInputFormat(str(source), SCHEMA)
    (split,) = made.create_splits(4)
    assert list(made.read_split(split)) == RECORDS
    assert made.get_produced_type() == GenericRecordAvroTypeInfo(SCHEMA)
