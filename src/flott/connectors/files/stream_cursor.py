"""Read one split of a file from front to back with a ``StreamFormat``.

Bytes are read in blocks, a block is decoded at once, and its records are handed out in slices. The
position is (offset of the block's first record, records handed out of it): no offset per record is
kept, and after a restore the same block is decoded again and the records already out are skipped.

A split owns the records whose first byte lies in its range. A split that does not begin at 0
therefore looks for the first line feed at or after the byte before its start.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from typing import Any, Final

from flott.common.errors import SourceError
from flott.connectors.bad_records import BadRecords
from flott.connectors.files.compression import ByteStream, decompress, is_compressed
from flott.connectors.files.split import FilePosition, FileSplit
from flott.connectors.files.store import FileStore
from flott.connectors.split_reader import SplitCursor
from flott.core.batch import Batch, RowBatch
from flott.core.source import RejectedRecord, SplitBatch
from flott.formats.stream_format import Decoded, Malformed, StreamFormat

#: Read at once where nothing is decoded.
_SKIP_BYTES: Final = 1 << 20
#: A longer record is taken for a file of another format.
RECORD_BYTES_MAX: Final = 1 << 28


class StreamCursor(SplitCursor):
    """Reads a split.

    Args:
        split: What to read, and from where on.
        store: Where the file is.
        stream_format: How bytes become records.
        bad_records: What to do with those that do not.
        block_bytes: How much to read at once.
    """

    def __init__(
        self,
        split: FileSplit,
        store: FileStore,
        stream_format: StreamFormat,
        bad_records: BadRecords,
        block_bytes: int,
    ) -> None:
        self._split = split
        self._store = store
        self._format = stream_format
        self._bad_records = bad_records
        self._block_bytes = block_bytes
        self._decoder = stream_format.create_decoder()
        self._is_plain = not is_compressed(split.path) and stream_format.charset is None
        self._stream: ByteStream | None = None
        self._carry = b""  # read but not decoded
        # Other files are read to their end.
        ranged = self._is_plain and stream_format.is_splittable
        self._stop: int | None = split.stop if ranged else None
        self._is_drained = False  # the file has no more bytes
        self._at_end = False  # the split has no more records than those in hand
        # The block in hand: where it begins, how long it is, its records and how many are out.
        self._offset = 0
        self._length = 0
        self._rows: list[Any] = []
        self._given = 0
        self._rejected: list[RejectedRecord] = []
        self._reported = 0 if split.position is None else split.position.reported
        # Number of the block's first line, and of the next block's: counted from the first broken
        # record on, since nobody else wants to know.
        self._line: int | None = None
        self._next_line: int | None = None

    def read(self, rows_max: int) -> SplitBatch | None:
        if self._stream is None:
            self._open()
        if self._given == len(self._rows) and not self._at_end:
            self._next_block()
        rows = self._rows
        start = self._given
        stop = self._given = min(start + rows_max, len(rows))
        batch = self._cut_rows(start, stop) if stop > start else None
        rejected, self._rejected = self._rejected, []
        finished = self._at_end and stop == len(rows)
        return SplitBatch(self._split.split_id, batch, finished, rejected)

    def _cut_rows(self, start: int, stop: int) -> Batch:
        """Some of the rows in hand as a batch."""
        rows = self._rows
        return RowBatch(rows if stop - start == len(rows) else rows[start:stop])

    def split(self) -> FileSplit:
        if self._stream is None:
            return self._split
        end = self._offset + self._length
        reported = max(end, self._reported)
        if self._given == len(self._rows):
            return self._split.at(FilePosition(end, 0, reported))
        return self._split.at(FilePosition(self._offset, self._given, reported))

    def describe_position(self, value: Any) -> str | None:
        index = next((i for i, row in enumerate(self._rows) if row is value), None)
        if index is None:
            return None
        block = self._read_again(self._offset, self._length)
        inner = next(islice(self._decoder.record_offsets(block, True), index, None), 0)
        line = self._block_line() + block.count(b"\n", 0, inner)
        return f"{self._split.place}, line {line}"

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _open(self) -> None:
        split = self._split
        self._stream = self._open_stream()
        header_length = self._read_header()
        if split.position is not None:
            self._seek(split.position.offset)
            self._skip(split.position.skip)
        elif split.start > header_length:
            self._seek(split.start - 1)
            self._skip_to_line()
        if self._stop is not None and self._offset >= self._stop:
            self._at_end = True

    def _open_stream(self) -> ByteStream:
        path = self._split.path
        try:
            raw = self._store.open_input(path)
        except FileNotFoundError:
            raise SourceError(
                f"{self._split.place} is gone: it was found by the listing, and cannot "
                "be opened now. Keep files until the job has read them."
            ) from None
        stream: ByteStream = decompress(raw, path) if is_compressed(path) else raw
        charset = self._format.charset
        return stream if charset is None else _RecodedStream(stream, charset, self._split.place)

    def _read_header(self) -> int:
        """Let the decoder take the header; afterwards the offset is the byte behind it."""
        self._fill()
        while (length := self._try_header()) is None:
            self._fill()
        self._carry = self._carry[length:]
        self._offset = length
        return length

    def _try_header(self) -> int | None:
        try:
            return self._decoder.read_header(self._carry, self._is_drained)
        except ValueError as error:
            raise SourceError(f"{self._split.place}, line 1: {error}") from error

    def _seek(self, offset: int) -> None:
        """Go to a byte at or after the one reached."""
        if self._is_plain:
            self._stream.seek(offset)  # type: ignore[union-attr]
            self._carry = b""
            self._is_drained = False
        else:
            while offset > self._offset + len(self._carry):
                self._offset += len(self._carry)
                self._carry = b""
                if not self._fill():
                    raise self._shrunk(self._offset)
            self._carry = self._carry[offset - self._offset :]
        self._offset = offset

    def _skip_to_line(self) -> None:
        while (found := self._carry.find(b"\n")) < 0:
            self._offset += len(self._carry)
            self._carry = b""
            if not self._fill():
                break
        self._offset += found + 1
        self._carry = self._carry[found + 1 :]

    def _skip(self, count: int) -> None:
        while count > 0:
            if self._at_end:
                raise self._shrunk(self._offset)
            self._next_block()
            self._given = min(count, len(self._rows))
            count -= self._given

    def _next_block(self) -> None:
        """Decode until there are records, or rejected ones, or the split ends."""
        self._offset += self._length
        self._line = self._next_line
        self._length = 0
        self._given = 0
        self._rows = []
        if not self._fill():
            self._check_length()
        buffer, is_last = self._cut_at_stop()
        while not is_last:
            decoded = self._decoder.decode(buffer, False)
            if decoded.consumed:
                break
            if len(buffer) > RECORD_BYTES_MAX:
                raise self._too_long()
            self._fill(len(buffer))
            buffer, is_last = self._cut_at_stop()
        else:
            decoded = self._decoder.decode(buffer, True)
            self._at_end = True
        self._take(buffer, decoded)

    def _take(self, buffer: bytes, decoded: Decoded) -> None:
        self._carry = buffer[decoded.consumed :]
        self._length = decoded.consumed
        self._rows = decoded.rows
        news = [bad for bad in decoded.malformed if self._offset + bad.offset >= self._reported]
        if news:
            self._rejected += self._bad_records.handle(self._reject(buffer, news))
        if self._line is not None:
            self._next_line = self._line + buffer.count(b"\n", 0, decoded.consumed)

    def _reject(self, buffer: bytes, malformed: Sequence[Malformed]) -> list[RejectedRecord]:
        line = self._block_line() if self._bad_records.needs_lines else None
        records = []
        counted = 0
        for bad in malformed:
            if line is not None:
                line += buffer.count(b"\n", counted, bad.offset)
                counted = bad.offset
            raw = buffer[bad.offset : bad.offset + bad.length]
            position = self._offset + bad.offset
            records.append(RejectedRecord(self._split.place, position, line, bad.reason, raw))
        return records

    def _cut_at_stop(self) -> tuple[bytes, bool]:
        """What may be decoded now, and whether the split ends with it."""
        buffer = self._carry
        if self._stop is None or self._offset + len(buffer) < self._stop:
            return buffer, self._is_drained
        # The last record of the split ends with the first line feed from the last byte on.
        found = buffer.find(b"\n", max(self._stop - 1 - self._offset, 0))
        return (buffer, self._is_drained) if found < 0 else (buffer[: found + 1], True)

    def _fill(self, size: int = 0) -> bool:
        """Read more; false at the end of the file."""
        assert self._stream is not None
        chunk = self._stream.read(max(size, self._block_bytes))
        self._carry += chunk
        self._is_drained = not chunk
        return bool(chunk)

    def _check_length(self) -> None:
        reached = self._offset + len(self._carry)
        if self._is_plain and reached < self._split.stop:
            raise self._shrunk(reached)

    def _shrunk(self, size: int) -> SourceError:
        return SourceError(
            f"{self._split.place} has shrunk: it held {self._split.size} bytes when it was found "
            f"and ends at byte {size} now. Files must not change while a job reads them."
        )

    def _too_long(self) -> SourceError:
        return SourceError(
            f"{self._split.place}, line {self._block_line()}: a record of more than "
            f"{RECORD_BYTES_MAX} bytes. Is this a file of another format?"
        )

    def _block_line(self) -> int:
        """The number of the block's first line; reads the file up to there the first time."""
        if self._line is None:
            line, left = 1, self._offset
            stream = self._open_stream()
            with closing(stream):
                while left and (chunk := stream.read(min(left, _SKIP_BYTES))):
                    line += chunk.count(b"\n")
                    left -= len(chunk)
            self._line = line
        return self._line

    def _read_again(self, offset: int, length: int) -> bytes:
        stream = self._open_stream()
        with closing(stream):
            if self._is_plain:
                stream.seek(offset)  # type: ignore[attr-defined]
                offset = 0
            while offset and (chunk := stream.read(min(offset, _SKIP_BYTES))):
                offset -= len(chunk)
            parts = []
            while length and (chunk := stream.read(length)):
                parts.append(chunk)
                length -= len(chunk)
            return b"".join(parts)


class _RecodedStream:
    """Text of any encoding as UTF-8."""

    def __init__(self, inner: ByteStream, charset: str, path: str) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(charset)()
        self._charset = charset
        self._path = path

    def read(self, size: int) -> bytes:
        while True:
            chunk = self._inner.read(size)
            try:
                text = self._decoder.decode(chunk, not chunk)
            except UnicodeDecodeError as error:
                raise SourceError(f"{self._path} is not {self._charset} text: {error}") from error
            if text or not chunk:
                return text.encode("utf-8")

    def close(self) -> None:
        self._inner.close()
