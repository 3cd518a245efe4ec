"""Records of CSV into columns, and messages that hold a record each.

Messages are read all at once: without quotes by splitting columns of texts, with quotes as the
lines of one text. If something is wrong with them, halves of them are, down to a few messages that
are read one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.csv_records import CsvNotation, read_records, split_block
from flott.formats.columns.csv_values import CsvValues, field_reader, read_column
from flott.formats.columns.message_rows import merge, reason_of
from flott.formats.columns.messages import DecodedMessages, MalformedMessage, MessageDecoder

#: So few messages are not halved any more, and read without columns of texts.
_FEW: Final = 16


class CsvRows:
    """Makes the wanted columns of records of all columns.

    Args:
        request: Which columns.
        values: What fields mean.

    Raises:
        UnsupportedFeature: CSV holds no values of one of the types.
    """

    def __init__(self, request: FormatRequest, values: CsvValues) -> None:
        for field in request.fields:
            field_reader(field.data_type, values)
        self.count = len(request.fields)
        self.types = [field.data_type for field in request.wanted_fields]
        names = [field.name for field in request.fields]
        self._wanted = [(names.index(each.name), each) for each in request.wanted_fields]
        self._values = values

    def convert(self, records: list[list[str]]) -> pl.DataFrame:
        """The columns of records.

        Raises:
            ValueError: If one of them is broken.
        """
        count = self.count
        if set(map(len, records)) - {count}:
            records = [self._fitted(record) for record in records]
        columns: Any = list(zip(*records, strict=True)) if records else [()] * count
        return self.read(columns, len(records))

    def read(self, columns: Sequence[Any], height: int) -> pl.DataFrame:
        """The wanted ones of all columns of texts.

        Raises:
            ValueError: If a text means no value of its column.
        """
        if not self._wanted:
            return pl.DataFrame(height=height)
        return pl.DataFrame(
            [
                read_column(columns[position], field, self._values).alias(f"f{index}")
                for index, (position, field) in enumerate(self._wanted)
            ]
        )

    def _fitted(self, record: list[str]) -> list[Any]:
        count = self.count
        if len(record) == count:
            return record
        if len(record) < count and self._values.ignores_errors:
            return [*record, *([None] * (count - len(record)))]
        raise ValueError(f"expected {count} columns, found {len(record)}")


class CsvMessageDecoder(MessageDecoder):
    """Reads messages of one record each; a line end behind it is passed over.

    >>> from flott.common import logical_types as t
    >>> fields = (t.RowField("id", t.IntType()), t.RowField("user", t.STRING))
    >>> request = FormatRequest(fields, ("user", "id"))
    >>> decoder = CsvMessageDecoder(request, CsvNotation(), CsvValues())
    >>> decoded = decoder.decode(pl.Series([b"7,ada", b"x,bob", b'8,"a,b"\\n']))
    >>> decoded.frame.rows(), decoded.messages.to_list()
    ([('ada', 7), ('a,b', 8)], [0, 2])
    >>> decoded.malformed
    [MalformedMessage(position=1, reason="column 'id': no whole number: 'x'")]
    """

    def __init__(self, request: FormatRequest, notation: CsvNotation, values: CsvValues) -> None:
        self._rows = CsvRows(request, values)
        self._notation = notation
        self._ignores_errors = values.ignores_errors

    def decode(self, messages: pl.Series) -> DecodedMessages:
        positions = pl.arange(0, len(messages), dtype=pl.UInt32, eager=True)
        if messages.null_count():
            positions = positions.filter(messages.is_not_null())
        parts = self._decode(messages, positions)
        if len(parts) == 1 and len(parts[0].frame) == len(messages):
            return DecodedMessages(parts[0].frame)
        return merge(parts, len(messages))

    def _decode(self, messages: pl.Series, positions: pl.Series) -> list[DecodedMessages]:
        count = len(positions)
        try:
            here = messages if count == len(messages) else messages.gather(positions)
            return [DecodedMessages(self._read_all(here), positions)]
        except ValueError:
            if count <= _FEW:
                return [self._decode_one_by_one(messages, positions)]
        half = count // 2
        first, second = positions.slice(0, half), positions.slice(half)
        return self._decode(messages, first) + self._decode(messages, second)

    def _read_all(self, messages: pl.Series) -> pl.DataFrame:
        """The columns of messages.

        Raises:
            ValueError: One of them is broken, or not plain.
        """
        if len(messages) <= _FEW:
            return self._read_few(messages.to_list())
        try:
            texts = messages.cast(pl.String).str.strip_suffix("\n")
        except pl.exceptions.ComputeError as error:
            raise ValueError("no UTF-8") from error
        notation = self._notation
        ends = texts.str.contains_any(["\n", "\r"]).any() or (texts == "").any()
        if ends or notation.escape is not None:
            raise ValueError("to be read one by one")
        if notation.allows_comments and texts.str.contains("#", literal=True).any():
            raise ValueError("to be read one by one")
        if notation.quote is None or not texts.str.contains(notation.quote, literal=True).any():
            return self._split(texts)
        return self._read_lines("\n".join(texts.to_list()).encode("utf-8"), len(texts))

    def _read_few(self, messages: list[bytes]) -> pl.DataFrame:
        """The same without columns of texts, which are not worth it."""
        lines = [message.removesuffix(b"\n") for message in messages]
        block = b"\n".join(lines)
        if block.count(b"\n") >= max(len(lines), 1) or b"\r" in block or b"" in lines:
            raise ValueError("to be read one by one")
        return self._read_lines(block, len(lines))

    def _read_lines(self, block: bytes, count: int) -> pl.DataFrame:
        records = split_block(block, self._notation) if count else []
        if len(records) != count:
            raise ValueError("a quote is open at the end of a message")
        return self._rows.convert(records)

    def _split(self, texts: pl.Series) -> pl.DataFrame:
        count, delimiter = self._rows.count, self._notation.delimiter
        if (texts.str.count_matches(delimiter, literal=True) != count - 1).any():
            raise ValueError(f"expected {count} columns")
        if count == 1:
            return self._rows.read([texts], len(texts))
        return self._rows.read(
            texts.str.split_exact(delimiter, count - 1).struct.unnest().get_columns(), len(texts)
        )

    def _decode_one_by_one(self, messages: pl.Series, positions: pl.Series) -> DecodedMessages:
        good: list[list[str]] = []
        origins: list[int] = []
        malformed: list[MalformedMessage] = []
        for position in positions:
            try:
                fields = self._read(messages[position])
                self._rows.convert([fields])
            except ValueError as error:
                malformed.append(MalformedMessage(position, reason_of(error)))
            else:
                good.append(fields)
                origins.append(position)
        return DecodedMessages(
            self._rows.convert(good),
            pl.Series(origins, dtype=pl.UInt32),
            malformed=() if self._ignores_errors else malformed,
        )

    def _read(self, message: bytes) -> list[str]:
        records = list(read_records(message, self._notation, True))
        if len(records) != 1:
            raise ValueError(f"expected one record, found {len(records) or 'none'}")
        if records[0].reason:
            raise ValueError(records[0].reason)
        return records[0].fields
