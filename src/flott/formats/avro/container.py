"""Avro's files: a header with the schema, then blocks of records, each followed by a mark.

The mark, 16 bytes that the file's writer made up, is how a reader that begins in the middle finds
the next block. A block belongs to whoever reads the byte where the mark before it begins.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from flott.formats.avro.codecs import CODECS, unpack
from flott.formats.avro.datum import encode_long
from flott.formats.avro.schema import Schema, parse_schema

MAGIC: Final = b"Obj\x01"
MARK_BYTES: Final = 16
#: Bytes of records after which a block is written.
BLOCK_BYTES: Final = 64_000
_READ_BYTES: Final = 1 << 16
_HEADER_BYTES_MAX: Final = 1 << 26


class _NeedMore(Exception):
    """What is to be read ends too early."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself.

    Attributes:
        schema: What its records were written with.
        text: The schema as it stands there, JSON.
        codec: How its blocks are compressed.
        mark: What follows every block.
        length: Its bytes, the first mark included.
    """

    schema: Schema
    text: str
    codec: str
    mark: bytes
    length: int


@dataclass(frozen=True, slots=True)
class Block:
    """Some records of a file.

    Attributes:
        offset: Where the mark before it begins.
        count: How many records it has.
        data: The records, unpacked.
    """

    offset: int
    count: int
    data: bytes


def read_header(stream: BinaryIO) -> Header:
    """Read the header from the start of a file.

    Raises:
        ValueError: It is not an Avro file, or one that is compressed in an unknown way.
    """
    data = stream.read(_READ_BYTES)
    if not data.startswith(MAGIC):
        raise ValueError("it is not an Avro file: it does not begin with 'Obj'")
    while True:
        try:
            return _parse_header(data)
        except _NeedMore:
            more = stream.read(_READ_BYTES)
            if not more or len(data) > _HEADER_BYTES_MAX:
                raise ValueError("it is not a whole Avro file: its header has no end") from None
            data += more


def _parse_header(data: bytes) -> Header:
    cursor = _Cursor(data, len(MAGIC))
    values: dict[str, bytes] = {}
    while count := cursor.long():
        if count < 0:
            count = -count
            cursor.long()
        for _ in range(count):
            key = cursor.take(cursor.long()).decode()
            values[key] = cursor.take(cursor.long())
    mark = cursor.take(MARK_BYTES)
    codec = values.get("avro.codec", b"null").decode()
    if codec not in CODECS:
        raise ValueError(f"its codec {codec!r} is not one of {', '.join(CODECS)}")
    text = values.get("avro.schema", b"").decode()
    return Header(parse_schema(text), text, codec, mark, cursor.at)


def write_header(stream: BinaryIO, schema: str, codec: str) -> bytes:
    """Write the header of a file whose schema is this JSON; the mark to put behind blocks."""
    values = {"avro.schema": schema.encode(), "avro.codec": codec.encode()}
    mark = os.urandom(MARK_BYTES)
    parts = [MAGIC, encode_long(len(values))]
    for key, value in values.items():
        parts += [encode_long(len(key)), key.encode(), encode_long(len(value)), value]
    stream.write(b"".join([*parts, b"\0", mark]))
    return mark


def write_block(stream: BinaryIO, codec: str, mark: bytes, count: int, data: bytes) -> None:
    """Write some records."""
    packed = CODECS[codec][0](data)
    stream.write(encode_long(count) + encode_long(len(packed)) + packed + mark)


def read_blocks(stream: BinaryIO, header: Header, start: int, stop: int) -> Iterator[Block]:
    """The blocks whose marks begin from byte ``start`` up to ``stop``.

    Raises:
        ValueError: One of them is damaged, or cut off.
    """
    offset = max(start, header.length - MARK_BYTES)
    if offset >= stop:
        return
    stream.seek(offset)
    window = _Window(stream, offset)
    at = window.find(header.mark, offset, stop)
    while 0 <= at < stop:
        block, at = window.read_block(at, header)
        if block is None:
            return
        yield block


class _Cursor:
    """Reads from bytes, and says when they do not suffice."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def long(self) -> int:
        bits = shift = 0
        while True:
            if self.at == len(self._data):
                raise _NeedMore
            byte = self._data[self.at]
            self.at += 1
            bits |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return bits >> 1 if not bits & 1 else -(bits >> 1) - 1
            if shift > 63:
                raise ValueError("it is damaged: a number has more than 10 bytes")

    def take(self, size: int) -> bytes:
        if size < 0:
            raise ValueError("it is damaged: a length is negative")
        if self.at + size > len(self._data):
            raise _NeedMore
        self.at += size
        return self._data[self.at - size : self.at]


class _Window:
    """A part of a file that moves forward."""

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        self._stream = stream
        self._offset = offset
        self._data = b""

    def find(self, mark: bytes, start: int, stop: int) -> int:
        """Where the next mark begins that begins before ``stop``; -1 if there is none."""
        while True:
            found = self._data.find(mark, start - self._offset)
            if found >= 0:
                return self._offset + found
            start = max(start, self._offset + len(self._data) - MARK_BYTES + 1)
            if start >= stop or not self._grow(start):
                return -1

    def read_block(self, mark_at: int, header: Header) -> tuple[Block | None, int]:
        """The block behind a mark, and where its own mark begins; ``None`` at the file's end."""
        begin = mark_at + MARK_BYTES
        while True:
            cursor = _Cursor(self._data, begin - self._offset)
            try:
                if cursor.at >= len(self._data):
                    raise _NeedMore
                count, size = cursor.long(), cursor.long()
                packed = cursor.take(size)
                mark = cursor.take(MARK_BYTES)
                break
            except _NeedMore:
                if not self._grow(mark_at):
                    if self._offset + len(self._data) == begin:
                        return None, -1
                    raise ValueError(f"its block at byte {begin} is cut off") from None
        if count < 0 or mark != header.mark:
            raise ValueError(f"its block at byte {begin} is damaged")
        data = unpack(header.codec, packed)
        return Block(mark_at, count, data), self._offset + cursor.at - MARK_BYTES

    def _grow(self, keep_from: int) -> bool:
        """Read on, and forget what lies before ``keep_from``; false at the file's end."""
        more = self._stream.read(max(_READ_BYTES, len(self._data)))
        if more:
            cut = min(keep_from - self._offset, len(self._data))
            self._data = self._data[cut:] + more
            self._offset += cut
        return bool(more)
