"""Messages that name their schema by a number: each is read by the schema it was written with.

A batch may hold messages of several schemas. Those of one schema are read together, and the rows
put back into the order of the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from flott.common.logical_types import RowField
from flott.common.physical_types import polars_schema
from flott.core.column_batch import ColumnBatch
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.resolve import make_reader
from flott.formats.avro.schema import Schema
from flott.formats.columns.avro.messages import read_messages, write_messages
from flott.formats.columns.messages import (
    DecodedMessages,
    MalformedMessage,
    MessageDecoder,
    MessageEncoder,
)
from flott.formats.schema_registry import HEADER_BYTES, SchemaRegistry, UnknownSchema
from flott.kernels import _native


class RegistryDecoder(MessageDecoder):
    """Reads messages by the schemas they name.

    Args:
        registry: Knows the schemas.
        reader: What the table expects.
        columns: The wanted columns.
    """

    def __init__(
        self, registry: SchemaRegistry, reader: Schema, columns: Sequence[RowField]
    ) -> None:
        make_reader(reader, reader, columns)  # what can never be read is an error of the table
        self._registry = registry
        self._reader = reader
        self._columns = tuple(columns)
        self._readers: dict[int, _native.AvroReader | str] = {}

    def decode(self, messages: pl.Series) -> DecodedMessages:
        messages = messages.rename("f0")
        ids = pl.DataFrame(_native.schema_ids(messages)).to_series()
        lowest = ids.min()
        if isinstance(lowest, int) and lowest == ids.max() and not ids.null_count():
            reader = self._reader_of(lowest)
            if not isinstance(reader, str):
                return read_messages(reader, messages, HEADER_BYTES, len(self._columns))
        return self._decode_by_schema(messages, ids)

    def _decode_by_schema(self, messages: pl.Series, ids: pl.Series) -> DecodedMessages:
        """The rows of messages of several schemas, or of some that name none."""
        parts: list[DecodedMessages] = []
        malformed: list[MalformedMessage] = []
        for schema_id in ids.unique().to_list():
            if schema_id is None:
                malformed += _without_id(messages, ids)
                continue
            rows = (ids == schema_id).arg_true()
            reader = self._reader_of(schema_id)
            if isinstance(reader, str):
                malformed += [MalformedMessage(row, reader) for row in rows]
                continue
            part = read_messages(reader, messages.gather(rows), HEADER_BYTES, len(self._columns))
            malformed += [MalformedMessage(rows[at], reason) for at, reason in part.malformed]
            parts.append(_placed(part, rows))
        decoded = self._in_order(parts, sorted(malformed))
        return decoded if decoded.frame.height < len(messages) else replace(decoded, messages=None)

    def _reader_of(self, schema_id: int) -> _native.AvroReader | str:
        """What reads the messages of a schema, or why nothing can."""
        known = self._readers.get(schema_id)
        if known is not None:
            return known
        try:
            schema = self._registry.schema(schema_id)
        except UnknownSchema as error:
            return str(error)  # a registry may learn it a little later
        made: _native.AvroReader | str
        try:
            made = make_reader(schema, self._reader, self._columns)
        except SchemaMismatch as error:
            made = f"schema {schema_id} does not fit the table: {error}"
        self._readers[schema_id] = made
        return made

    def _in_order(
        self, parts: list[DecodedMessages], malformed: list[MalformedMessage]
    ) -> DecodedMessages:
        rows = pl.concat([_rows_of(part) for part in parts]) if parts else _no_rows()
        if not self._columns:
            return DecodedMessages(pl.DataFrame(height=len(rows)), rows.sort(), None, malformed)
        if not parts:
            schema = polars_schema([column.data_type for column in self._columns])
            return DecodedMessages(pl.DataFrame(schema=schema), rows, None, malformed)
        order = rows.arg_sort()
        frame = pl.concat([part.frame for part in parts])[order]
        return DecodedMessages(frame, rows.gather(order), None, malformed)


def _without_id(messages: pl.Series, ids: pl.Series) -> list[MalformedMessage]:
    """Messages that name no schema; nulls are none."""
    rows = (ids.is_null() & messages.is_not_null()).arg_true()
    return [
        MalformedMessage(row, _why_without_id(message))
        for row, message in zip(rows, messages.gather(rows), strict=True)
    ]


def _why_without_id(message: bytes) -> str:
    if len(message) < HEADER_BYTES:
        return f"it has {len(message)} bytes, and the number of a schema takes {HEADER_BYTES}"
    return f"it does not begin with 0 and the number of a schema, but with {message[0]}"


def _placed(part: DecodedMessages, rows: pl.Series) -> DecodedMessages:
    """Rows of some messages as rows of all."""
    placed = rows if part.messages is None else rows.gather(part.messages)
    return DecodedMessages(part.frame, placed.cast(pl.UInt32))


def _rows_of(part: DecodedMessages) -> pl.Series:
    assert part.messages is not None
    return part.messages.rename("message")


def _no_rows() -> pl.Series:
    return pl.Series("message", [], dtype=pl.UInt32)


class RegistryEncoder(MessageEncoder):
    """Writes messages that name their schema, which is registered with the first of them.

    Args:
        registry: Registers the schema.
        subject: The subject it is registered under.
        schema: The schema, as JSON.
        writer: Writes its data.
        prepare: Makes the rows to write of a batch.
    """

    def __init__(
        self,
        registry: SchemaRegistry,
        subject: str,
        schema: str,
        writer: _native.AvroWriter,
        prepare: Callable[[ColumnBatch], pl.DataFrame],
    ) -> None:
        self._registry = registry
        self._subject = subject
        self._schema = schema
        self._writer = writer
        self._prepare = prepare
        self._header: bytes | None = None

    def encode(self, batch: ColumnBatch) -> pl.Series:
        if self._header is None:
            schema_id = self._registry.register(self._subject, self._schema)
            self._header = b"\0" + schema_id.to_bytes(4, "big")
        return write_messages(self._writer, self._prepare(batch), self._header)
