"""Files whose lines are messages: what a broker delivers one by one, read from a file."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from flott.formats.columns.contract import ColumnFormat, ColumnRows, FormatRequest
from flott.formats.columns.messages import DecodedMessages, MessageDecoder
from flott.formats.stream_format import (
    Decoded,
    Malformed,
    StreamDecoder,
    StreamFormat,
    complete_length,
    lines_with_offsets,
    split_lines,
)


class MessageLinesDecoder(StreamDecoder):
    """Reads each line with a decoder of messages.

    Args:
        messages: Reads them.
        skips_blank: Whether lines of white space only are passed over.
    """

    def __init__(self, messages: MessageDecoder, skips_blank: bool = True) -> None:
        self._messages = messages
        self._skips_blank = skips_blank

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        end = len(buffer) if is_last else complete_length(buffer)
        decoded = self._decode_lines(split_lines(buffer[:end]))
        rows = ColumnRows(decoded.frame, decoded.kinds)
        if not decoded.malformed:
            return Decoded(rows, end)  # type: ignore[arg-type]
        places = [(offset, len(line)) for offset, line in lines_with_offsets(buffer, end)]
        malformed = [Malformed(*places[bad.position], bad.reason) for bad in decoded.malformed]
        return Decoded(rows, end, malformed)  # type: ignore[arg-type]

    def record_offsets(self, buffer: bytes, is_last: bool) -> Iterator[int]:
        end = len(buffer) if is_last else complete_length(buffer)
        offsets = [offset for offset, _ in lines_with_offsets(buffer, end)]
        messages = self._decode_lines(split_lines(buffer[:end])).messages
        yield from offsets if messages is None else (offsets[line] for line in messages)

    def _decode_lines(self, lines: list[bytes]) -> DecodedMessages:
        if not self._skips_blank:
            return self._messages.decode(pl.Series(lines, dtype=pl.Binary))
        kept = [None if not line or line.isspace() else line for line in lines]
        return self._messages.decode(pl.Series(kept, dtype=pl.Binary))


class MessageLinesFormat(StreamFormat):
    """Files of messages, one a line.

    Args:
        column_format: What a message means.
        request: Which columns.
        skips_blank: As for the decoder.
    """

    is_splittable = True

    def __init__(
        self, column_format: ColumnFormat, request: FormatRequest, skips_blank: bool = True
    ) -> None:
        self._format = column_format
        self._request = request
        self._skips_blank = skips_blank
        column_format.create_message_decoder(request)

    def create_decoder(self) -> StreamDecoder:
        decoder = self._format.create_message_decoder(self._request)
        return MessageLinesDecoder(decoder, self._skips_blank)
