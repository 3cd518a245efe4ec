"""Parquet as a bulk format for records that are NamedTuples."""

from __future__ import annotations

from typing import BinaryIO

import polars as pl

from flott.common.serialization import BulkWriter, BulkWriterFactory


class ParquetRows(BulkWriterFactory):
    """Makes Parquet files with the fields of a NamedTuple as columns.

    Args:
        schema: the type of each column.
    """

    def __init__(self, schema: dict[str, type[pl.DataType]]) -> None:
        self._schema = schema

    def create(self, stream: BinaryIO) -> BulkWriter:
        return _ParquetWriter(stream, self._schema)


class _ParquetWriter(BulkWriter):
    def __init__(self, stream: BinaryIO, schema: dict[str, type[pl.DataType]]) -> None:
        self._stream = stream
        self._schema = schema
        self._rows: list[tuple] = []

    def add_elements(self, elements: list[tuple]) -> None:
        self._rows.extend(elements)

    def flush(self) -> None:
        """Parquet is written at the end, all at once."""

    def finish(self) -> None:
        pl.DataFrame(self._rows, schema=self._schema, orient="row").write_parquet(self._stream)
