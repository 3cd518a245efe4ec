"""The format ``orc``: files of stripes, read by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.option_values import parse_memory_size
from flott.common.physical_types import polars_schema, polars_type
from flott.common.sql_errors import RecordError
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.arrow import load_arrow, load_orc
from flott.formats.arrow_columns import to_arrow_array
from flott.formats.columns.contract import (
    ColumnFormat,
    ColumnGroupReader,
    ColumnGroupWriter,
    FormatFactory,
    FormatRequest,
)
from flott.formats.columns.parquet import to_physical

_CODECS: Final = ("none", "zlib", "snappy", "lz4", "zstd")
#: What ORC's own library takes for "not compressed".
_UNCOMPRESSED: Final = {"none": "uncompressed"}
#: Rows that are handed to the writer together.
_WRITE_ROWS: Final = 1 << 16


class OrcFormatFactory(FormatFactory):
    """Makes the format ``orc``."""

    identifier = "orc"
    options = {
        "compress": "How stripes are compressed; one of " + ", ".join(_CODECS) + ".",
        "stripe.size": "Size of a stripe, such as '64mb'.",
        "row.index.stride": "Rows between entries of a stripe's index.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        size = options.read(
            "stripe.size", 64 << 20, lambda text: parse_memory_size(text).get_bytes()
        )
        return OrcFormat(
            options.choice("compress", "zlib", _CODECS),
            size,
            options.number("row.index.stride", 10_000),
        )


@dataclass(frozen=True)
class OrcFormat(ColumnFormat):
    """ORC files.

    Attributes:
        compression: How stripes are compressed.
        stripe_bytes: Size of a stripe.
        index_stride: Rows between entries of its index.
    """

    compression: str = "zlib"
    stripe_bytes: int = 64 << 20
    index_stride: int = 10_000
    identifier = "orc"
    is_grouped = True

    def open_groups(
        self, request: FormatRequest, stream: BinaryIO, start: int, stop: int
    ) -> ColumnGroupReader:
        _check(request.fields)
        return _OrcReader(request, stream, start, stop)

    def create_group_writer(
        self, fields: Sequence[t.RowField], stream: BinaryIO
    ) -> ColumnGroupWriter:
        _check(fields)
        return _OrcWriter(fields, stream, self)


def _check(fields: Sequence[t.RowField]) -> None:
    """Refuse what ORC has no type for.

    Raises:
        UnsupportedFeature: One of the columns has such a type.
    """
    for field in fields:
        _check_type(field.data_type)


def _check_type(data_type: t.DataType) -> None:
    match data_type:
        case t.ArrayType():
            _check_type(data_type.element_type)
        case t.MapType():
            _check_type(data_type.key_type)
            _check_type(data_type.value_type)
        case t.RowType():
            _check(data_type.fields)
        case t.TimeType() | t.NullType() | t.RawType():
            raise UnsupportedFeature(f"Format 'orc' for type {data_type}")
        case t.YearMonthIntervalType() | t.DayTimeIntervalType() | t.ZonedTimestampType():
            raise UnsupportedFeature(f"Format 'orc' for type {data_type}")


class _OrcReader(ColumnGroupReader):
    def __init__(self, request: FormatRequest, stream: BinaryIO, start: int, stop: int) -> None:
        self._stream = stream
        try:
            self._file = load_orc().ORCFile(stream)
        except (load_arrow().ArrowException, OSError) as error:
            raise ValueError(f"it is not a complete ORC file ({error})") from error
        self._fields = request.wanted_fields
        names = set(self._file.schema.names)
        self._present = [field.name for field in self._fields if field.name in names]
        # Where stripes begin is not told; as if they were of one size, each has one reader, too.
        count, size = self._file.nstripes, self._file.file_length
        self._groups = [index for index in range(count) if start <= index * size // count < stop]

    @property
    def groups(self) -> list[int]:
        return list(self._groups)

    def read(self, group: int) -> pl.DataFrame:
        # Without a column a stripe does not tell how many rows it has.
        names = self._present or self._file.schema.names[:1]
        stripe = self._file.read_stripe(group, columns=names)
        if not self._fields:
            return pl.DataFrame(height=stripe.num_rows)
        columns = []
        for index, field in enumerate(self._fields):
            wanted = polars_type(field.data_type)
            if field.name in self._present:
                found = pl.Series(stripe.column(field.name))
                column = to_physical(found, field, wanted)
            else:
                empty = pl.Series(field.name, [None], dtype=wanted)
                column = empty.new_from_index(0, stripe.num_rows)
            columns.append(column.alias(f"f{index}"))
        return pl.DataFrame(columns)

    def close(self) -> None:
        self._stream.close()


class _OrcWriter(ColumnGroupWriter):
    def __init__(self, fields: Sequence[t.RowField], stream: BinaryIO, layout: OrcFormat) -> None:
        self._fields = fields
        self._schema = polars_schema([field.data_type for field in fields])
        self._writer = load_orc().ORCWriter(
            stream,
            compression=_UNCOMPRESSED.get(layout.compression, layout.compression),
            stripe_size=layout.stripe_bytes,
            row_index_stride=layout.index_stride,
        )
        self._frames: list[pl.DataFrame] = []
        self._rows = 0
        self._has_written = False

    def write(self, batch: ColumnBatch) -> None:
        self._frames.append(batch.frame)
        self._rows += batch.row_count
        if self._rows >= _WRITE_ROWS:
            self._write_rows()

    def finish(self) -> None:
        if self._frames or not self._has_written:
            self._write_rows()
        self._writer.close()

    def _write_rows(self) -> None:
        frames = self._frames or [pl.DataFrame(schema=self._schema)]
        frame = pl.concat(frames, rechunk=True)
        arrays: list[Any] = []
        for column, field in zip(frame.iter_columns(), self._fields, strict=True):
            try:
                arrays.append(to_arrow_array(column, field.data_type))
            except load_arrow().ArrowException as error:
                raise RecordError(
                    f"Column {field.name!r} cannot be written as ORC: {error}"
                ) from error
        names = [field.name for field in self._fields]
        self._writer.write(load_arrow().table(arrays, names))
        self._frames = []
        self._rows = 0
        self._has_written = True
