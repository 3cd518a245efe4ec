"""Parquet files whose columns are the fields of an Avro schema; records are dicts."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from flott.common.serialization import BulkWriter, BulkWriterFactory
from flott.common.typeinfo import TypeInformation
from flott.formats.arrow import load_arrow, load_parquet
from flott.formats.avro.objects import AvroSchema, GenericRecordAvroTypeInfo
from flott.formats.avro.schema import Schema
from flott.formats.bulk_format import BulkFormat, BulkReader
from flott.formats.parquet_read import _groups_in
from flott.formats.parquet_write import ParquetFileWriter

_PLAIN: Final = {
    "null": "null",
    "boolean": "bool_",
    "int": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "bytes": "binary",
    "string": "string",
    "enum": "string",
}
_UNITS: Final = {"millis": "ms", "micros": "us", "nanos": "ns"}


class AvroParquetReaders:
    """Makes formats that read Parquet files into Avro records."""

    @staticmethod
    def for_generic_record(schema: AvroSchema) -> BulkFormat:
        """A format for a file source.

        Args:
            schema: The records, whose fields are columns of the files.
        """
        return _AvroParquetFormat(schema)


class AvroParquetWriters:
    """Makes writers of Parquet files for Avro records."""

    @staticmethod
    def for_generic_record(schema: AvroSchema) -> BulkWriterFactory:
        """Writers of dicts.

        Args:
            schema: The records, whose fields become columns.

        Raises:
            TypeError: The schema is not one of a record, or has unions of several types.
        """
        arrow_schema(schema)
        return _AvroParquetWriterFactory(schema)


def arrow_schema(schema: AvroSchema) -> Any:
    """The columns of a record.

    Raises:
        TypeError: As above.
    """
    if schema.schema.kind != "record":
        raise TypeError(f"Expected the schema of a record, found {schema.schema}")
    return load_arrow().schema(list(_arrow_type(schema.schema, ())))


def _arrow_type(schema: Schema, above: tuple[Schema, ...]) -> Any:
    pa = load_arrow()
    if schema in above:
        raise TypeError(f"The record {schema.name} is part of itself, which columns cannot be")
    if schema.logical is not None and schema.logical != "uuid":
        return _logical_type(schema, schema.logical)
    match schema.kind:
        case "array":
            return pa.list_(_arrow_type(schema.parts[0], above))
        case "map":
            return pa.map_(pa.string(), _arrow_type(schema.parts[0], above))
        case "fixed":
            return pa.binary(schema.size)
        case "record":
            inner = (*above, schema)
            return pa.struct(
                [
                    pa.field(field.name, _arrow_type(field.schema, inner), _has_null(field.schema))
                    for field in schema.fields
                ]
            )
        case "union":
            others = [part for part in schema.parts if part.kind != "null"]
            if len(others) != 1:
                raise TypeError(f"A column has one type, and not a {schema}")
            return _arrow_type(others[0], above)
    return getattr(pa, _PLAIN[schema.kind])()


def _has_null(schema: Schema) -> bool:
    return schema.kind == "union" and any(part.kind == "null" for part in schema.parts)


def _logical_type(schema: Schema, logical: str) -> Any:
    pa = load_arrow()
    if logical == "date":
        return pa.date32()
    if logical == "decimal":
        return pa.decimal128(schema.precision, schema.scale)
    unit = _UNITS[logical.rpartition("-")[2]]
    if logical.startswith("time-"):
        return pa.time32(unit) if unit == "ms" else pa.time64(unit)
    return pa.timestamp(unit, None if logical.startswith("local-") else "UTC")


class _AvroParquetFormat(BulkFormat):
    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema
        arrow_schema(schema)

    def open(self, stream: BinaryIO, start: int, stop: int) -> BulkReader:
        try:
            file = load_parquet().ParquetFile(stream)
        except load_arrow().ArrowInvalid as error:
            raise ValueError(f"it is not a complete Parquet file ({error})") from error
        names = [field.name for field in self._schema.schema.fields]
        missing = [name for name in names if name not in file.schema_arrow.names]
        if missing:
            raise ValueError(f"it has no columns {missing}; it has {file.schema_arrow.names}")
        return _AvroParquetReader(file, names, _groups_in(file.metadata, start, stop))

    def get_produced_type(self) -> TypeInformation:
        return GenericRecordAvroTypeInfo(self._schema)


class _AvroParquetReader(BulkReader):
    def __init__(self, file: Any, names: list[str], groups: list[int]) -> None:
        self._file = file
        self._names = names
        self._groups = groups
        self._table: Any = None
        self._given = 0

    @property
    def groups(self) -> list[int]:
        return self._groups

    def open_group(self, group: int, skip: int) -> None:
        self._table = self._file.read_row_group(group, columns=self._names).select(self._names)
        self._given = skip

    def read(self, rows_max: int) -> list[Any]:
        rows = self._table.slice(self._given, rows_max)
        self._given += rows.num_rows
        records: list[Any] = rows.to_pylist(maps_as_pydicts="strict")
        return records

    def close(self) -> None:
        self._file.close(force=True)


class _AvroParquetWriterFactory(BulkWriterFactory):
    """What a ``ParquetFileWriter`` asks for its columns."""

    is_decided = True
    compression = "snappy"

    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema

    def create(self, stream: BinaryIO) -> BulkWriter:
        return ParquetFileWriter(stream, self)

    def schema_for(self, sample: list[Any]) -> Any:
        """The columns, whatever the records."""
        return arrow_schema(self._schema)
