"""Decode CSV: a block at once through the standard library's reader, column by column.

A quoted value may hold line ends, so where a record ends is known only by reading it. The block is
therefore tried as a whole; if its last record turns out to be open, or anything in it is wrong, the
block is read again record by record, which tells the broken records from the good ones and leaves
an open one for the next block.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from flott.common.types import Row
from flott.formats.csv_schema import CsvSchema
from flott.formats.kinds import shape_of
from flott.formats.stream_format import (
    Decoded,
    Malformed,
    StreamDecoder,
    complete_length,
    describe_error,
)
from flott.formats.text_values import column_reader

#: A quoted value that is still open after so many bytes was never meant to be one.
_RECORD_BYTES_MAX: Final = 1 << 24
_OPEN: Final = "unexpected end of data"
_BOM: Final = b"\xef\xbb\xbf"

# The limit is one for the whole process, so it is only ever raised.
csv.field_size_limit(max(_RECORD_BYTES_MAX, csv.field_size_limit()))


class CsvDecoder(StreamDecoder):
    """Decodes one file into rows.

    Args:
        schema: Its columns and notation.
    """

    def __init__(self, schema: CsvSchema) -> None:
        self._schema = schema
        self._dialect = dialect_of(schema)
        self._names = schema.names
        self._readers = [
            column_reader(shape_of(column.type_info), schema.null_value, column.separator)
            for column in schema.columns
        ]
        self._count = len(self._names)
        # Where in a record each column is; None if they are all there, in order.
        self._positions: list[int] | None = None

    def read_header(self, buffer: bytes, is_last: bool) -> int | None:
        length = len(_BOM) if buffer.startswith(_BOM) else 0
        end = len(buffer) if is_last else max(complete_length(buffer), length)
        records = self._records(buffer[length:end], is_last)
        wanted = [self._schema.use_header, self._schema.skip_first_data_row]
        for is_names in [index == 0 for index in range(2) if wanted[index]]:
            found = next(records, None)
            if found is None:
                return length + records.consumed if is_last else None
            _, fields, reason = found
            if reason:
                raise ValueError(f"the header cannot be read: {reason}")
            if is_names:
                self._take_names([name.strip() for name in fields])
        return length + records.consumed

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        end = len(buffer) if is_last else complete_length(buffer)
        block = buffer[:end]
        try:
            return Decoded(self._decode_block(block), end)
        except (ValueError, csv.Error):
            return self._decode_one_by_one(block, is_last)

    def record_offsets(self, buffer: bytes, is_last: bool) -> Iterator[int]:
        for offset, fields, reason in self._records(buffer, is_last):
            if not reason:
                try:
                    self._convert([fields])
                except ValueError:
                    continue
                yield offset

    def _decode_block(self, block: bytes) -> list[Row]:
        if self._schema.allow_comments and (block.startswith(b"#") or b"\n#" in block):
            raise ValueError("comments are found record by record")
        # StringIO knows the three kinds of line ends and leaves them in quoted values.
        text = io.StringIO(block.decode("utf-8"), newline="")
        return self._convert(list(csv.reader(text, **self._dialect)))

    def _decode_one_by_one(self, block: bytes, is_last: bool) -> Decoded:
        decoded = Decoded([], 0)
        records = self._records(block, is_last)
        for offset, fields, reason in records:
            if not reason:
                try:
                    decoded.rows += self._convert([fields])
                except ValueError as error:
                    reason = str(error)
            if reason:
                length = len(block[offset : records.consumed].rstrip(b"\r\n"))
                decoded.malformed.append(Malformed(offset, length, reason))
        decoded.consumed = records.consumed
        return decoded

    def _records(self, block: bytes, is_last: bool) -> _Records:
        return _Records(block, self._dialect, self._schema.allow_comments, is_last)

    def _take_names(self, found: list[str]) -> None:
        """Learn from a header where the columns are."""
        names = list(self._names)
        if not names:
            self._names = tuple(found)
            self._readers = [_as_it_is] * len(found)
            self._count = len(found)
            return
        if found != names and self._schema.strict_headers:
            raise ValueError(f"the header is {found}, the schema says {names}")
        if set(names) <= set(found):
            self._positions = [found.index(name) for name in names] if found != names else None
            self._count = len(found)

    def _convert(self, records: list[list[str]]) -> list[Row]:
        """Rows of records.

        Raises:
            ValueError: If one of them is broken.
        """
        count = self._count
        if set(map(len, records)) - {count}:
            records = [record for record in records if record]
            for record in records:
                if len(record) != count:
                    raise ValueError(f"expected {count} columns, found {len(record)}")
        if not records:
            return []
        columns = list(zip(*records, strict=True))
        positions = range(count) if self._positions is None else self._positions
        values = []
        for position, name, read in zip(positions, self._names, self._readers, strict=False):
            try:
                values.append(read(columns[position]))
            except ValueError as error:
                raise ValueError(f"column {name!r}: {error}") from None
        names = self._names
        of_values = Row.of_values
        return [of_values(list(each), names) for each in zip(*values, strict=True)]


class _Records(Iterator[tuple[int, list[str], str]]):
    """Goes through a block record by record: offset, fields, and why there are none.

    Attributes:
        consumed: How many bytes the records so far took, with blank lines and comments.
    """

    def __init__(
        self, block: bytes, dialect: dict[str, Any], allow_comments: bool, is_last: bool
    ) -> None:
        self._lines = block.splitlines(keepends=True)
        self._dialect = dialect
        self._allow_comments = allow_comments
        self._is_last = is_last
        self._length = len(block)
        self._index = 0
        self.consumed = 0

    def __next__(self) -> tuple[int, list[str], str]:
        while self._index < len(self._lines):
            line = self._lines[self._index]
            if line.strip(b"\r\n") and not (self._allow_comments and line.startswith(b"#")):
                return self._read_record()
            self._step(1)
        raise StopIteration

    def _read_record(self) -> tuple[int, list[str], str]:
        offset = self.consumed
        reader = csv.reader(self._decoded_lines(), **self._dialect)
        try:
            fields = next(reader)
            self._step(reader.line_num)
            return offset, fields, ""
        except UnicodeDecodeError as error:
            # The line that cannot be decoded was not counted.
            self._step(reader.line_num + 1)
            return offset, [], describe_error(error)
        except csv.Error as error:
            if str(error) != _OPEN:
                self._step(max(reader.line_num, 1))
                return offset, [], str(error)
        if not self._is_last and self._length - offset < _RECORD_BYTES_MAX:
            raise StopIteration
        self._step(1)
        return offset, [], "a quote is opened and never closed"

    def _decoded_lines(self) -> Iterator[str]:
        lines = self._lines
        for index in range(self._index, len(lines)):
            yield lines[index].decode("utf-8")

    def _step(self, count: int) -> None:
        stop = self._index + count
        self.consumed += sum(map(len, self._lines[self._index : stop]))
        self._index = stop


def dialect_of(schema: CsvSchema) -> dict[str, Any]:
    """The notation of a schema, as the standard library's ``csv`` takes it."""
    quoting = csv.QUOTE_NONE if schema.quote_char is None else csv.QUOTE_MINIMAL
    return {
        "delimiter": schema.column_separator,
        "quotechar": schema.quote_char,
        "escapechar": schema.escape_char,
        "quoting": quoting,
        "strict": True,
    }


def _as_it_is(texts: Any) -> Any:
    return texts
