"""The format ``raw``: each line or message is the one value of a row, its bytes as they are."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import SinkError, UnsupportedFeature
from flott.common.physical_types import polars_type
from flott.common.table_options import TableOptions
from flott.core.column_batch import INSERT, ColumnBatch
from flott.formats.columns.contract import (
    ColumnEncoder,
    ColumnFormat,
    FormatFactory,
    FormatRequest,
)
from flott.formats.columns.message_lines import MessageLinesFormat
from flott.formats.columns.message_rows import OneByOneDecoder
from flott.formats.columns.messages import DecodedMessages, MessageDecoder, MessageEncoder
from flott.formats.stream_format import StreamFormat

#: What a text of UTF-16 may begin with.
_MARKS: Final = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
_CODES: Final[dict[type[t.DataType], str]] = {
    t.TinyIntType: "b",
    t.SmallIntType: "h",
    t.IntType: "i",
    t.BigIntType: "q",
    t.FloatType: "f",
    t.DoubleType: "d",
    t.BooleanType: "?",
}


class RawFormatFactory(FormatFactory):
    """Makes the format ``raw``."""

    identifier = "raw"
    options = {
        "charset": "The encoding of texts; UTF-8 if not given.",
        "endianness": "The order of the bytes of numbers: 'big-endian' or 'little-endian'.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        charset = options.text("charset", "UTF-8")
        try:
            codecs.lookup(charset)
        except LookupError:
            raise options.error("charset", f"there is no encoding {charset!r}") from None
        order = options.choice("endianness", "big-endian", ("big-endian", "little-endian"))
        return RawFormat(charset, ">" if order == "big-endian" else "<")


@dataclass(frozen=True)
class RawFormat(ColumnFormat):
    """Values as bytes.

    Attributes:
        charset: The encoding of texts.
        order: ``>`` for the most significant byte first, ``<`` for the least.
    """

    charset: str = "UTF-8"
    order: str = ">"
    identifier = "raw"

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        return MessageLinesFormat(self, request, skips_blank=False)

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        self._check(request.fields)
        return _RawDecoder(request, self)

    def create_encoder(
        self, fields: Sequence[t.RowField], metadata: Sequence[str]
    ) -> ColumnEncoder:
        return _RawLinesEncoder(self.create_message_encoder(fields, metadata))

    def create_message_encoder(
        self, fields: Sequence[t.RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        self._check(fields)
        return _RawEncoder(fields[0].data_type, self)

    def is_as_it_is(self, data_type: t.DataType) -> bool:
        """Whether columns of a type hold the very bytes of messages."""
        if isinstance(data_type, t.CharType | t.VarCharType):
            return codecs.lookup(self.charset).name == "utf-8"
        return isinstance(data_type, t.BinaryType | t.VarBinaryType)

    def reader(self, data_type: t.DataType) -> Callable[[bytes], Any]:
        """The function that reads the bytes of a value."""
        if isinstance(data_type, t.CharType | t.VarCharType):
            charset = self.charset
            if _is_utf_16(charset):
                return lambda line: line.decode("utf-16" if line[:2] in _MARKS else "utf-16-be")
            return lambda line: line.decode(charset)
        if isinstance(data_type, t.BinaryType | t.VarBinaryType):
            return bytes
        packed = struct.Struct(self.order + self._code(data_type))

        def read(line: bytes) -> Any:
            if len(line) != packed.size:
                raise ValueError(f"a raw {data_type} has {packed.size} bytes, this one {len(line)}")
            return packed.unpack(line)[0]

        return read

    def writer(self, data_type: t.DataType) -> Callable[[Any], bytes]:
        """The function that writes a value as bytes."""
        if isinstance(data_type, t.CharType | t.VarCharType):
            if _is_utf_16(self.charset):
                return lambda value: codecs.BOM_UTF16_BE + str(value).encode("utf-16-be")
            return lambda value: str(value).encode(self.charset)
        if isinstance(data_type, t.BinaryType | t.VarBinaryType):
            return bytes
        return struct.Struct(self.order + self._code(data_type)).pack

    def _code(self, data_type: t.DataType) -> str:
        code = _CODES.get(type(data_type))
        if code is None:
            raise UnsupportedFeature(f"Format 'raw' for type {data_type}")
        return code

    def _check(self, fields: Sequence[t.RowField]) -> None:
        if len(fields) != 1:
            raise UnsupportedFeature(
                f"Format 'raw' for {len(fields)} columns",
                reason="It holds one column: the whole line or message.",
            )
        self.writer(fields[0].data_type)


def _is_utf_16(charset: str) -> bool:
    """Whether texts may begin with a mark of the order of bytes; without one, Java's is big."""
    return codecs.lookup(charset).name == "utf-16"


class _RawDecoder(MessageDecoder):
    def __init__(self, request: FormatRequest, raw: RawFormat) -> None:
        types = [field.data_type for field in request.wanted_fields]
        read = raw.reader(request.fields[0].data_type)
        self._column = polars_type(types[0]) if types and raw.is_as_it_is(types[0]) else None
        self._exact = OneByOneDecoder(lambda each: [(INSERT, [read(each)] if types else [])], types)

    def decode(self, messages: pl.Series) -> DecodedMessages:
        if self._column is None:
            return self._exact.decode(messages)
        try:
            column = messages.cast(self._column)
        except pl.exceptions.ComputeError:  # some are not UTF-8
            return self._exact.decode(messages)
        if column.null_count():
            return self._exact.decode(messages)
        return DecodedMessages(column.alias("f0").to_frame())


class _RawEncoder(MessageEncoder):
    def __init__(self, data_type: t.DataType, raw: RawFormat) -> None:
        self._write = raw.writer(data_type)
        self._is_as_it_is = raw.is_as_it_is(data_type)

    def encode(self, batch: ColumnBatch) -> pl.Series:
        column = batch.frame.to_series(0)
        if self._is_as_it_is:
            return column.cast(pl.Binary)
        write = self._write
        messages = [None if value is None else write(value) for value in column]
        return pl.Series(messages, dtype=pl.Binary)


class _RawLinesEncoder(ColumnEncoder):
    def __init__(self, messages: MessageEncoder) -> None:
        self._messages = messages

    def encode(self, batch: ColumnBatch) -> bytes:
        messages = self._messages.encode(batch)
        if messages.null_count():
            raise SinkError(
                "A line of format 'raw' cannot be NULL. Filter such rows out, or use COALESCE."
            )
        return b"".join([each + b"\n" for each in messages])
