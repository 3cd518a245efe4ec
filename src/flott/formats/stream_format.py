"""Formats that are read from front to back: a decoder takes a buffer and gives records.

A decoder is handed bytes that begin where a record begins. It decodes all complete records in
them and says how many bytes it used; the rest comes back at the front of the next buffer. Broken
records are not raised but listed, so that whoever reads can fail, skip or put them aside. For most
formats a record is a line; those derive from ``LineDecoder`` and only say what a line means.
"""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flott.common.typeinfo import TypeInformation, Types

_BOM = codecs.BOM_UTF8
# In these a line feed is not the one byte 0x0A, or what a byte means depends on those before it.
_NO_PLAIN_LINE_FEED = ("utf-16", "utf-32", "utf-7", "iso2022", "hz", "cp037", "cp273", "cp500")


@dataclass(frozen=True, slots=True)
class Malformed:
    """A part of a buffer that is not a record.

    Attributes:
        offset: Where in the buffer it begins.
        length: Its length in bytes, without the line end.
        reason: What is wrong.
    """

    offset: int
    length: int
    reason: str


@dataclass(slots=True)
class Decoded:
    """What a buffer held.

    Attributes:
        rows: The records.
        consumed: How many bytes of the buffer were used.
        malformed: The parts that are not records.
    """

    rows: list[Any]
    consumed: int
    malformed: list[Malformed] = field(default_factory=list)


class StreamDecoder(ABC):
    """Decodes one file or one part of it."""

    def read_header(self, buffer: bytes, is_last: bool) -> int | None:
        """Take what stands once at the beginning of a file.

        Returns:
            Length of the header in bytes; ``None`` if ``buffer`` does not hold all of it.

        Raises:
            ValueError: If it is not the header that this format expects.
        """
        return _BOM_LENGTH if buffer.startswith(_BOM) else 0

    @abstractmethod
    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        """Decode all complete records at the front of ``buffer``.

        Args:
            buffer: Bytes that begin with a record.
            is_last: Nothing follows; an incomplete record at the end is all there is of it.
        """

    @abstractmethod
    def record_offsets(self, buffer: bytes, is_last: bool) -> Iterator[int]:
        """Where in ``buffer`` each of the records begins that ``decode`` gives; for messages."""


class StreamFormat(ABC):
    """How a file that is read from front to back becomes records.

    Attributes:
        is_splittable: Whether reading may begin after any line feed.
        charset: An encoding to be turned into UTF-8 before decoding; ``None`` to decode as it is.
    """

    is_splittable: bool = False
    charset: str | None = None

    @abstractmethod
    def create_decoder(self) -> StreamDecoder:
        """A decoder for one file."""

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return Types.PICKLED_BYTE_ARRAY()

    @staticmethod
    def text_line_format(charset_name: str = "UTF-8") -> StreamFormat:
        """A format whose records are the lines of a text, without their line ends.

        A line ends with a line feed, a carriage return or both. Bytes that are not text in this
        encoding are an error, not replaced.

        Raises:
            ValueError: If Python knows no such encoding.

        >>> StreamFormat.text_line_format().create_decoder().decode(b"to be", True).rows
        ['to be']
        """
        return TextLineFormat(charset_name)


class LineDecoder(StreamDecoder):
    """Decodes records that are lines each.

    Subclasses say what several lines mean, quickly, and what one line means, exactly.
    """

    #: Whether lines of white space only are passed over.
    skips_blank: bool = True

    @abstractmethod
    def decode_lines(self, lines: list[bytes]) -> list[Any]:
        """Records of lines without blank ones; any exception means that one of them is broken."""

    @abstractmethod
    def decode_line(self, line: bytes) -> Any:
        """The record of one line.

        Raises:
            ValueError: If the line is broken; the text says why.
        """

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        end = len(buffer) if is_last else complete_length(buffer)
        lines = split_lines(buffer[:end])
        if self.skips_blank:
            lines = list(filter(None, lines))
        try:
            return Decoded(self.decode_lines(lines), end)
        except Exception:
            return self._decode_one_by_one(buffer, end)

    def record_offsets(self, buffer: bytes, is_last: bool) -> Iterator[int]:
        end = len(buffer) if is_last else complete_length(buffer)
        for offset, line in lines_with_offsets(buffer, end):
            if not self._is_blank(line):
                try:
                    self.decode_line(line)
                except ValueError:
                    continue
                yield offset

    def _decode_one_by_one(self, buffer: bytes, end: int) -> Decoded:
        decoded = Decoded([], end)
        for offset, line in lines_with_offsets(buffer, end):
            if self._is_blank(line):
                continue
            try:
                decoded.rows.append(self.decode_line(line))
            except ValueError as error:
                decoded.malformed.append(Malformed(offset, len(line), describe_error(error)))
        return decoded

    def _is_blank(self, line: bytes) -> bool:
        return self.skips_blank and (not line or line.isspace())


class TextLineFormat(StreamFormat):
    """Lines of text; see ``StreamFormat.text_line_format``."""

    def __init__(self, charset_name: str = "UTF-8") -> None:
        try:
            name = codecs.lookup(charset_name).name
        except LookupError:
            raise ValueError(f"There is no encoding {charset_name!r}; try 'UTF-8'") from None
        plain = not name.startswith(_NO_PLAIN_LINE_FEED)
        self.is_splittable = plain
        self.charset = None if plain else name
        self._decode_as = name if plain else "utf-8"

    def create_decoder(self) -> StreamDecoder:
        return _TextLineDecoder(self._decode_as)

    def get_produced_type(self) -> TypeInformation:
        return Types.STRING()


class _TextLineDecoder(LineDecoder):
    skips_blank = False

    def __init__(self, charset: str) -> None:
        self._charset = charset

    def read_header(self, buffer: bytes, is_last: bool) -> int | None:
        return super().read_header(buffer, is_last) if self._charset == "utf-8" else 0

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        end = len(buffer) if is_last else complete_length(buffer)
        try:
            text = buffer[:end].decode(self._charset)
        except UnicodeDecodeError:
            return self._decode_one_by_one(buffer, end)
        # str.splitlines would also split at form feeds and other separators.
        rows = (_plain_line_ends(text) if "\r" in text else text).split("\n")
        if not rows[-1]:
            rows.pop()
        return Decoded(rows, end)

    def decode_lines(self, lines: list[bytes]) -> list[str]:
        return [line.decode(self._charset) for line in lines]

    def decode_line(self, line: bytes) -> str:
        return line.decode(self._charset)


def complete_length(buffer: bytes) -> int:
    """How many bytes at the front of ``buffer`` are whole lines."""
    end = buffer.rfind(b"\n") + 1
    # Carriage returns alone end lines too, but the last byte may be half of a CR LF.
    return end or buffer.rfind(b"\r", 0, -1) + 1


def split_lines(block: bytes) -> list[bytes]:
    """Lines without their ends; faster than ``splitlines`` where there are no carriage returns."""
    if b"\r" in block:
        return block.splitlines()
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def lines_with_offsets(buffer: bytes, end: int) -> Iterator[tuple[int, bytes]]:
    """Lines without their ends, each with the offset at which it begins."""
    offset = 0
    for line in buffer[:end].splitlines(keepends=True):
        yield offset, line.rstrip(b"\r\n")
        offset += len(line)


def describe_error(error: Exception) -> str:
    """Why a record is broken, in words."""
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        return (
            f"byte 0x{byte:02x} at position {error.start} of the line is not {error.encoding} text"
        )
    return str(error) or type(error).__name__


def _plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


_BOM_LENGTH = len(_BOM)
