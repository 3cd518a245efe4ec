"""Files of Avro blocks, read and written by column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_schema
from flott.common.sql_errors import RecordError
from flott.core.column_batch import ColumnBatch
from flott.formats.avro.container import (
    BLOCK_BYTES,
    read_blocks,
    read_header,
    write_block,
    write_header,
)
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.resolve import make_reader
from flott.formats.avro.schema import Schema, build_schema
from flott.formats.avro.write import make_writer
from flott.formats.columns.contract import ColumnGroupReader, ColumnGroupWriter

#: Bytes of a file whose blocks are read together.
_GROUP_BYTES: Final = 1 << 20
#: Rows encoded at once, so that blocks do not become much larger than they should.
_SLICE_ROWS: Final = 1 << 12


class AvroFileReader(ColumnGroupReader):
    """Reads the blocks that begin in a range of a file.

    A group is named by the byte from which on its blocks are looked for: nothing has to be read to
    know the groups, and they are the same whenever the range is read.

    Args:
        stream: The file.
        reader: The schema of the table.
        columns: The wanted columns.
        start: The first byte of the range.
        stop: The byte behind it.

    Raises:
        ValueError: It is not an Avro file, or its records do not fit the columns.
    """

    def __init__(
        self,
        stream: BinaryIO,
        reader: Schema,
        columns: Sequence[t.RowField],
        start: int,
        stop: int,
    ) -> None:
        self._stream = stream
        self._header = read_header(stream)
        self._types = [column.data_type for column in columns]
        try:
            self._reader = make_reader(self._header.schema, reader, columns)
        except SchemaMismatch as error:
            raise ValueError(f"its schema does not fit the table: {error}") from error
        size = stream.seek(0, 2)
        self._stop = min(stop, size)
        self._groups = list(range(start, self._stop, _GROUP_BYTES))

    @property
    def groups(self) -> list[int]:
        return list(self._groups)

    def read(self, group: int) -> pl.DataFrame:
        stop = min(group + _GROUP_BYTES, self._stop)
        frames, rows = [], 0
        for block in read_blocks(self._stream, self._header, group, stop):
            rows += block.count
            try:
                frames.append(pl.DataFrame(self._reader.read_block(block.data, block.count)))
            except ValueError as error:
                raise ValueError(f"its block at byte {block.offset + 16}: {error}") from None
        if not self._types:
            return pl.DataFrame(height=rows)
        return pl.concat(frames) if frames else pl.DataFrame(schema=polars_schema(self._types))

    def close(self) -> None:
        self._stream.close()


class AvroFileWriter(ColumnGroupWriter):
    """Writes a file of blocks.

    Args:
        stream: The file.
        schema: The schema, as JSON.
        columns: The columns.
        codec: How blocks are compressed.
    """

    def __init__(
        self, stream: BinaryIO, schema: Any, columns: Sequence[t.RowField], codec: str
    ) -> None:
        self._writer = make_writer(build_schema(schema), columns)
        self._stream = stream
        self._codec = codec
        self._mark = write_header(stream, json.dumps(schema), codec)
        self._parts: list[bytes] = []
        self._bytes = 0
        self._rows = 0

    def write(self, batch: ColumnBatch) -> None:
        for start in range(0, batch.row_count, _SLICE_ROWS):
            rows = batch.frame.slice(start, _SLICE_ROWS)
            data = self._writer.write_block(rows)
            if not isinstance(data, bytes):
                raise RecordError(f"Row {start + data[0]} cannot be written as Avro: {data[1]}")
            self._parts.append(data)
            self._bytes += len(data)
            self._rows += rows.height
            if self._bytes >= BLOCK_BYTES:
                self._write_block()

    def finish(self) -> None:
        self._write_block()

    def _write_block(self) -> None:
        if self._rows:
            data = b"".join(self._parts)
            write_block(self._stream, self._codec, self._mark, self._rows, data)
        self._parts = []
        self._bytes = self._rows = 0
