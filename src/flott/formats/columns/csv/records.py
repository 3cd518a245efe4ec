"""Records of a CSV text by Flink's rules: what a field is, where a record ends, what is broken.

A quote means something only at the beginning of a field; inside of quotes it is doubled. An empty
line is a record of one empty field. Most blocks are divided by the standard library; those with
escapes or comments, and those it refuses, are read here, character by character.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: A quoted value that is still open after so many bytes was never meant to be one.
_OPEN_BYTES_MAX: Final = 1 << 24
#: What is trimmed: everything up to the space, line ends excepted.
_BLANKS: Final = "".join(chr(code) for code in range(ord(" ") + 1) if chr(code) not in "\r\n")
_ESCAPED: Final = {"0": "\0", "n": "\n", "r": "\r", "t": "\t"}

# The limit is one for the whole process, so it is only ever raised.
csv.field_size_limit(max(_OPEN_BYTES_MAX, csv.field_size_limit()))


@dataclass(frozen=True)
class CsvNotation:
    """How CSV is written.

    Attributes:
        delimiter: Stands between fields.
        quote: Stands around fields that hold delimiters; ``None`` if nothing does.
        escape: Stands before characters that mean themselves; ``None`` if nothing does.
        allows_comments: Whether lines that begin with ``#`` are passed over, and empty ones.
        trims_blanks: Whether blanks around fields, outside of quotes, are not part of them.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    allows_comments: bool = False
    trims_blanks: bool = False

    @property
    def is_splittable(self) -> bool:
        """Whether every line end ends a record."""
        return self.quote is None and self.escape is None


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """A record, or what is wrong with it.

    Attributes:
        offset: Where it begins in the block, in bytes.
        stop: Where it ends, the line end included.
        fields: Its fields; empty if it is broken.
        reason: Why it is broken; empty if it is not.
    """

    offset: int
    stop: int
    fields: list[str]
    reason: str = ""


def split_block(block: bytes, notation: CsvNotation) -> list[list[str]]:
    """The fields of all records of a block that is well-formed and complete.

    Raises:
        ValueError: If it may not be; ``read_records`` knows.

    >>> split_block(b"1,a\\n2,b\\n", CsvNotation())
    [['1', 'a'], ['2', 'b']]
    """
    if (
        notation.escape is not None
        or notation.trims_blanks
        or (notation.allows_comments and (b"#" in block or b"\n\n" in block or block[:1] == b"\n"))
    ):
        raise ValueError("read record by record")
    text = block.decode("utf-8")
    if "\r" in text or (notation.quote is not None and notation.quote in text):
        return _split_quoted(text, notation)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    delimiter = notation.delimiter
    return [line.split(delimiter) for line in lines]


def _split_quoted(text: str, notation: CsvNotation) -> list[list[str]]:
    # StringIO knows the three kinds of line ends and leaves them in quoted values.
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=notation.delimiter,
        quotechar=notation.quote,
        quoting=csv.QUOTE_NONE if notation.quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )
    try:
        return [record or [""] for record in reader]
    except csv.Error as error:
        raise ValueError(str(error)) from error


def read_records(block: bytes, notation: CsvNotation, is_last: bool) -> Iterator[CsvRecord]:
    """The records of a block one by one; one that is not complete is given only at the end.

    >>> [record.fields for record in read_records(b"1;'a;b'\\n2;x", CsvNotation(";", "'"), False)]
    [['1', 'a;b']]
    """
    # One character a byte, so that offsets are offsets.
    text = block.decode("latin-1")
    scanner = _Scanner(text, notation, is_last)
    offset = scanner.skip_ignored(0)
    while offset < len(text):
        record = scanner.read(offset)
        if record is None:
            return
        yield record
        offset = scanner.skip_ignored(record.stop)


class _Scanner:
    def __init__(self, text: str, notation: CsvNotation, is_last: bool) -> None:
        self._text = text
        self._is_last = is_last
        self._delimiter = notation.delimiter.encode().decode("latin-1")
        self._quote = notation.quote and notation.quote.encode().decode("latin-1")
        self._escape = notation.escape and notation.escape.encode().decode("latin-1")
        self._allows_comments = notation.allows_comments
        self._trims_blanks = notation.trims_blanks

    def skip_ignored(self, offset: int) -> int:
        """Pass over comments and empty lines, where they are allowed."""
        text = self._text
        while self._allows_comments and offset < len(text):
            if text[offset] in "\r\n ":
                offset += 1
            elif text[offset] == "#":
                offset = self._line_end(offset)
            else:
                break
        return offset

    def read(self, offset: int) -> CsvRecord | None:
        """The record that begins at ``offset``; ``None`` if it is not complete."""
        fields: list[str] = []
        at = offset
        try:
            while True:
                value, at = self._read_field(at)
                fields.append(value.encode("latin-1").decode("utf-8"))
                if self._text.startswith(self._delimiter, at):
                    at += len(self._delimiter)
                    continue
                break
        except UnicodeDecodeError as error:
            reason = f"field {len(fields) + 1} is not UTF-8 text: {error.reason}"
            return CsvRecord(offset, self._line_end(at), [], reason)
        except _OpenQuote:
            if not self._is_last and len(self._text) - offset < _OPEN_BYTES_MAX:
                return None
            reason = f"field {len(fields) + 1} has a quote that is opened and never closed"
            return CsvRecord(offset, self._line_end(offset), [], reason)
        except ValueError as error:
            return CsvRecord(offset, self._line_end(at), [], str(error))
        if at >= len(self._text) and not self._is_last:
            return None
        return CsvRecord(offset, self._after_line_end(at), fields)

    def _read_field(self, at: int) -> tuple[str, int]:
        quote = self._quote
        if self._trims_blanks:
            at = self._skip_blanks(at)
        if quote and self._text.startswith(quote, at):
            return self._read_quoted(at + len(quote), quote)
        text, escape = self._text, self._escape
        parts: list[str] = []
        while at < len(text):
            if text[at] in "\r\n" or text.startswith(self._delimiter, at):
                break
            if escape and text.startswith(escape, at) and at + len(escape) < len(text):
                at += len(escape)
                parts.append(_ESCAPED.get(text[at], text[at]))
            else:
                parts.append(text[at])
            at += 1
        value = "".join(parts)
        return value.rstrip(_BLANKS) if self._trims_blanks else value, at

    def _read_quoted(self, at: int, quote: str) -> tuple[str, int]:
        text, escape = self._text, self._escape
        parts: list[str] = []
        while at < len(text):
            if escape and text.startswith(escape, at) and at + len(escape) < len(text):
                at += len(escape)
                parts.append(_ESCAPED.get(text[at], text[at]))
                at += 1
            elif text.startswith(quote, at):
                at += len(quote)
                if not text.startswith(quote, at):
                    return "".join(parts), self._end_quoted(at)
                parts.append(quote)
                at += len(quote)
            else:
                parts.append(text[at])
                at += 1
        raise _OpenQuote

    def _skip_blanks(self, at: int) -> int:
        text, blanks = self._text, _BLANKS if self._trims_blanks else " "
        while at < len(text) and text[at] in blanks and not text.startswith(self._delimiter, at):
            at += 1
        return at

    def _end_quoted(self, at: int) -> int:
        """Behind a closing quote only blanks may stand."""
        text, at = self._text, self._skip_blanks(at)
        if at < len(text) and text[at] not in "\r\n" and not text.startswith(self._delimiter, at):
            raise ValueError(f"expected a delimiter or line end behind a quote, found {text[at]!r}")
        return at

    def _line_end(self, at: int) -> int:
        """Behind the next line end."""
        text = self._text
        while at < len(text) and text[at] not in "\r\n":
            at += 1
        return self._after_line_end(at)

    def _after_line_end(self, at: int) -> int:
        if self._text.startswith("\r\n", at):
            return at + 2
        return min(at + 1, len(self._text))


class _OpenQuote(Exception):
    """The text ends inside of quotes."""
