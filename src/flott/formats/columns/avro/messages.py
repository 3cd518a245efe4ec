"""Messages of Avro data, one record each."""

from __future__ import annotations

import orjson
import polars as pl

from flott.core.column_batch import ColumnBatch
from flott.formats.avro.datum import DatumReader, encode_datum
from flott.formats.avro.schema import Schema
from flott.formats.columns.message_frames import read_frames, written_messages
from flott.formats.columns.messages import (
    DecodedMessages,
    MalformedMessage,
    MessageDecoder,
    MessageEncoder,
)
from flott.kernels import _native


def read_messages(
    reader: _native.AvroReader, messages: pl.Series, prefix: int, width: int
) -> DecodedMessages:
    """The rows, of ``width`` columns, of messages without their first ``prefix`` bytes."""
    found = reader.read_messages(messages.rename("f0"), prefix)
    return read_frames(found, len(messages), width)


def write_messages(writer: _native.AvroWriter, frame: pl.DataFrame, prefix: bytes) -> pl.Series:
    """A message of each row.

    Raises:
        RecordError: A row cannot be written.
    """
    return written_messages(writer.write_messages(frame, prefix), frame, "Avro")


class AvroMessageDecoder(MessageDecoder):
    """Reads messages of one schema.

    Args:
        reader: Reads binary records.
        width: How many columns it reads.
        schema: The schema of messages in JSON; ``None`` if they are binary.
    """

    def __init__(self, reader: _native.AvroReader, width: int, schema: Schema | None) -> None:
        self._reader = reader
        self._width = width
        self._json_schema = schema

    def decode(self, messages: pl.Series) -> DecodedMessages:
        if self._json_schema is None:
            return read_messages(self._reader, messages, 0, self._width)
        binary, malformed = _from_json(self._json_schema, messages)
        decoded = read_messages(self._reader, binary, 0, self._width)
        faults = sorted([*malformed, *decoded.malformed])
        return DecodedMessages(decoded.frame, decoded.messages, None, faults)


def _from_json(schema: Schema, messages: pl.Series) -> tuple[pl.Series, list[MalformedMessage]]:
    """The messages in binary; null for those that are broken."""
    binary: list[bytes | None] = []
    malformed = []
    for position, message in enumerate(messages.to_list()):
        datum = None
        if message is not None:
            try:
                datum = encode_datum(schema, orjson.loads(message), tagged=True)
            except ValueError as error:
                malformed.append(MalformedMessage(position, str(error)))
        binary.append(datum)
    return pl.Series(binary, dtype=pl.Binary), malformed


class AvroMessageEncoder(MessageEncoder):
    """Writes messages of one schema.

    Args:
        writer: Writes binary records.
        schema: The schema to write JSON by; ``None`` to write binary.
    """

    def __init__(self, writer: _native.AvroWriter, schema: Schema | None) -> None:
        self._writer = writer
        self._json_schema = schema

    def encode(self, batch: ColumnBatch) -> pl.Series:
        messages = write_messages(self._writer, batch.frame, b"")
        schema = self._json_schema
        if schema is None:
            return messages
        texts = [orjson.dumps(DatumReader(data).read(schema)) for data in messages.to_list()]
        return pl.Series("f0", texts, dtype=pl.Binary)
