"""The names of PyFlink's formats that Flott does not have: Avro and ORC.

They can be imported, so that a program fails where it uses one, with an error that names it.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

from flott.common.errors import UnsupportedFeature

_SUCCESSORS: Final = {
    "AvroParquetReaders": "ParquetFormat",
    "AvroParquetWriters": "ParquetBulkWriters",
    "OrcBulkWriters": "ParquetBulkWriters",
}


class _Unavailable:
    """Refuses to be made, and to make anything."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        _refuse(type(self).__name__)


def _refuse(name: str, method: str = "") -> NoReturn:
    feature = f"{name}.{method}" if method else name
    raise UnsupportedFeature(feature, successor=_SUCCESSORS.get(name))


class AvroSchema(_Unavailable):
    """Not supported: the schema of Avro records."""

    @staticmethod
    def parse_string(json_schema: str) -> Any:
        """Not supported."""
        _refuse("AvroSchema", "parse_string")

    @staticmethod
    def parse_file(file_path: str) -> Any:
        """Not supported."""
        _refuse("AvroSchema", "parse_file")


class GenericRecordAvroTypeInfo(_Unavailable):
    """Not supported: the type of Avro records."""


class AvroInputFormat(_Unavailable):
    """Not supported: reads Avro files."""


class AvroBulkWriters(_Unavailable):
    """Not supported: writes Avro files."""

    @staticmethod
    def for_generic_record(schema: Any) -> Any:
        """Not supported."""
        _refuse("AvroBulkWriters", "for_generic_record")


class AvroRowDeserializationSchema(_Unavailable):
    """Not supported: reads Avro messages."""


class AvroRowSerializationSchema(_Unavailable):
    """Not supported: writes Avro messages."""


class AvroParquetReaders(_Unavailable):
    """Not supported: reads Parquet files into Avro records."""

    @staticmethod
    def for_generic_record(schema: Any) -> Any:
        """Not supported."""
        _refuse("AvroParquetReaders", "for_generic_record")


class AvroParquetWriters(_Unavailable):
    """Not supported: writes Avro records to Parquet files."""

    @staticmethod
    def for_generic_record(schema: Any) -> Any:
        """Not supported."""
        _refuse("AvroParquetWriters", "for_generic_record")


class OrcBulkWriters(_Unavailable):
    """Not supported: writes ORC files."""

    @staticmethod
    def for_row_type(row_type: Any, **named: Any) -> Any:
        """Not supported."""
        _refuse("OrcBulkWriters", "for_row_type")
