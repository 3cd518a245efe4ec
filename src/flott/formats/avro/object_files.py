"""Files of Avro records for Python programs: dicts in, dicts out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

from flott.common.io import InputFormat
from flott.common.serialization import BulkWriter, BulkWriterFactory
from flott.common.typeinfo import TypeInformation
from flott.formats.avro.container import (
    BLOCK_BYTES,
    read_blocks,
    read_header,
    write_block,
    write_header,
)
from flott.formats.avro.objects import (
    _UNREADABLE,
    AvroSchema,
    GenericRecordAvroTypeInfo,
    load_fastavro,
    record_writer,
)
from flott.formats.bulk_format import BulkFormat, BulkReader

#: Bytes of a file whose blocks are read together.
_GROUP_BYTES: Final = 1 << 20


class AvroFormat(BulkFormat):
    """Reads Avro files into dicts.

    Args:
        schema: What the records shall be, by Avro's rules where a file's own schema differs.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema

    def open(self, stream: BinaryIO, start: int, stop: int) -> BulkReader:
        return _AvroReader(stream, self._schema, start, stop)

    def get_produced_type(self) -> TypeInformation:
        return GenericRecordAvroTypeInfo(self._schema)


class _AvroReader(BulkReader):
    def __init__(self, stream: BinaryIO, schema: AvroSchema, start: int, stop: int) -> None:
        self._stream = stream
        self._header = read_header(stream)
        self._stop = min(stop, stream.seek(0, 2))
        self._written_by = AvroSchema(self._header.text).for_library()
        self._expected = schema.for_library()
        self._read_record = load_fastavro().schemaless_reader
        self._groups = list(range(start, self._stop, _GROUP_BYTES))
        self._rows: list[Any] = []
        self._given = 0

    @property
    def groups(self) -> list[int]:
        return self._groups

    def open_group(self, group: int, skip: int) -> None:
        stop = min(group + _GROUP_BYTES, self._stop)
        self._rows = []
        for block in read_blocks(self._stream, self._header, group, stop):
            data = io.BytesIO(block.data)
            try:
                self._rows += [
                    self._read_record(data, self._written_by, self._expected)
                    for _ in range(block.count)
                ]
            except _UNREADABLE as error:
                raise ValueError(f"its block at byte {block.offset + 16}: {error}") from error
        self._given = skip

    def read(self, rows_max: int) -> list[Any]:
        start = self._given
        self._given = min(start + rows_max, len(self._rows))
        return self._rows[start : self._given]

    def close(self) -> None:
        self._stream.close()


class AvroInputFormat(InputFormat):
    """Reads the Avro files of a path into dicts; for ``env.create_input``.

    Args:
        path: A file or folder.
        schema: What the records shall be.
    """

    def __init__(self, path: str, schema: AvroSchema) -> None:
        self.path = path
        self.bulk_format = AvroFormat(schema)

    def create_splits(self, count_min: int) -> Sequence[Any]:
        """One split: who reads in parallel uses a file source with ``bulk_format``."""
        return [self.path]

    def read_split(self, split: Any) -> Iterator[Any]:
        with open(split, "rb") as stream:
            reader = self.bulk_format.open(stream, 0, 1 << 62)
            for group in reader.groups:
                reader.open_group(group, 0)
                yield from reader.read(1 << 62)

    def get_produced_type(self) -> TypeInformation:
        return self.bulk_format.get_produced_type()


class AvroBulkWriters:
    """Makes writers of Avro files."""

    @staticmethod
    def for_generic_record(schema: AvroSchema) -> BulkWriterFactory:
        """Writers of dicts, or of rows with the fields of the schema.

        Args:
            schema: The schema of the records.
        """
        return _AvroWriterFactory(schema)


class _AvroWriterFactory(BulkWriterFactory):
    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema
        load_fastavro()

    def create(self, stream: BinaryIO) -> BulkWriter:
        return _AvroWriter(stream, self._schema)


class _AvroWriter(BulkWriter):
    def __init__(self, stream: BinaryIO, schema: AvroSchema) -> None:
        self._stream = stream
        self._write = record_writer(schema)
        self._mark = write_header(stream, str(schema), "null")
        self._block = io.BytesIO()
        self._count = 0

    def add_elements(self, elements: list[Any]) -> None:
        block, write = self._block, self._write
        for value in elements:
            end = block.tell()
            try:
                write(block, value)
            except Exception:
                block.truncate(end)  # half a record may be there
                block.seek(end)
                raise
            self._count += 1
            if block.tell() >= BLOCK_BYTES:
                self.flush()

    def flush(self) -> None:
        if self._count:
            write_block(self._stream, "null", self._mark, self._count, self._block.getvalue())
        self._block.seek(0)
        self._block.truncate()
        self._count = 0

    def finish(self) -> None:
        self.flush()
