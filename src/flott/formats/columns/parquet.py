"""The format ``parquet``: files of row groups, read by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.arrow import load_parquet
from flott.formats.columns.contract import (
    ColumnFormat,
    ColumnGroupReader,
    ColumnGroupWriter,
    FormatFactory,
    FormatRequest,
)

_CODECS: Final = ("snappy", "zstd", "gzip", "lz4", "brotli", "none")
#: Rows of a row group.
_GROUP_ROWS: Final = 1 << 17


class ParquetFormatFactory(FormatFactory):
    """Makes the format ``parquet``."""

    identifier = "parquet"
    options = {
        "utc-timezone": "Without effect; timestamps are written as they are.",
        "compression": "How pages are compressed; one of " + ", ".join(_CODECS) + ".",
        "write.int64.timestamp": "Without effect; timestamps are always written so.",
        "timestamp.time.unit": "Without effect; the unit follows the column's type.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        options.flag("utc-timezone")
        return ParquetFormat(options.choice("compression", "snappy", _CODECS))


@dataclass(frozen=True)
class ParquetFormat(ColumnFormat):
    """Parquet files.

    Attributes:
        compression: How pages are compressed.
    """

    compression: str = "snappy"
    identifier = "parquet"
    is_grouped = True

    def open_groups(
        self, request: FormatRequest, stream: BinaryIO, start: int, stop: int
    ) -> ColumnGroupReader:
        return _ParquetReader(request, stream, start, stop)

    def create_group_writer(
        self, fields: Sequence[t.RowField], stream: BinaryIO
    ) -> ColumnGroupWriter:
        return _ParquetWriter(fields, stream, self.compression)


class _ParquetReader(ColumnGroupReader):
    def __init__(self, request: FormatRequest, stream: BinaryIO, start: int, stop: int) -> None:
        self._file = load_parquet().ParquetFile(stream)
        self._fields = request.wanted_fields
        names = set(self._file.schema_arrow.names)
        self._present = [field.name for field in self._fields if field.name in names]
        metadata = self._file.metadata
        self._groups = [
            index
            for index in range(metadata.num_row_groups)
            if start <= _first_byte(metadata.row_group(index)) < stop
        ]

    @property
    def groups(self) -> list[int]:
        return list(self._groups)

    def read(self, group: int) -> pl.DataFrame:
        table = self._file.read_row_group(group, columns=self._present)
        height = table.num_rows
        if not self._fields:
            return pl.DataFrame(height=height)
        columns = []
        for index, field in enumerate(self._fields):
            wanted = polars_type(field.data_type)
            if field.name in self._present:
                column = to_physical(pl.Series(table.column(field.name)), field, wanted)
            else:
                column = pl.Series(field.name, [None], dtype=wanted).new_from_index(0, height)
            columns.append(column.alias(f"f{index}"))
        return pl.DataFrame(columns)

    def close(self) -> None:
        self._file.close(force=True)


def to_physical(column: pl.Series, field: t.RowField, wanted: pl.DataType) -> pl.Series:
    """A column of a file as the engine holds it.

    Raises:
        ValueError: If its values do not fit the declared type.
    """
    if column.dtype == wanted:
        return column
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    try:
        return column.cast(wanted)
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n")[0]
        raise ValueError(
            f"column {field.name!r} is {column.dtype} in the file and {field.data_type} in the "
            f"table: {reason}"
        ) from None


def _first_byte(group: Any) -> int:
    if group.num_columns == 0:
        return 0
    chunk = group.column(0)
    if chunk.dictionary_page_offset is not None:
        return int(min(chunk.dictionary_page_offset, chunk.data_page_offset))
    return int(chunk.data_page_offset)


class _ParquetWriter(ColumnGroupWriter):
    def __init__(self, fields: Sequence[t.RowField], stream: BinaryIO, compression: str) -> None:
        self._names = [field.name for field in fields]
        self._types = {f"f{i}": polars_type(field.data_type) for i, field in enumerate(fields)}
        self._stream = stream
        self._compression = compression
        self._writer: Any = None
        self._frames: list[pl.DataFrame] = []
        self._rows = 0

    def write(self, batch: ColumnBatch) -> None:
        self._frames.append(batch.frame)
        self._rows += batch.row_count
        if self._rows >= _GROUP_ROWS:
            self._write_group()

    def finish(self) -> None:
        if self._frames or self._writer is None:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        frames = self._frames or [pl.DataFrame(schema=self._types)]
        frame = pl.concat(frames, rechunk=True)
        frame.columns = self._names
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = load_parquet().ParquetWriter(
                self._stream, table.schema, compression=self._compression
            )
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        self._frames = []
        self._rows = 0
