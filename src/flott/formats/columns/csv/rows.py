"""Records of CSV into columns, and messages that hold a record each.

A kernel reads messages all at once; those it leaves are read here one by one, by all the rules.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.csv.kernels import CsvKernelReader, is_known
from flott.formats.columns.csv.records import CsvNotation, read_records
from flott.formats.columns.csv.values import CsvValues, field_reader, read_column
from flott.formats.columns.message_rows import merge, reason_of
from flott.formats.columns.messages import DecodedMessages, MalformedMessage, MessageDecoder


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
        self._fields = request.fields
        names = [field.name for field in request.fields]
        self._wanted = [(names.index(each.name), each) for each in request.wanted_fields]
        self._values = values

    def make_kernel(self, notation: CsvNotation) -> CsvKernelReader | None:
        """The kernel that reads the same; ``None`` if there is none for the notation."""
        if notation.trims_blanks or not (is_known(notation) and self._values.are_usual):
            return None
        wanted = [position for position, _ in self._wanted]
        return CsvKernelReader(self._fields, wanted, notation, self._values)

    def convert(self, records: list[list[str]]) -> pl.DataFrame:
        """The columns of records.

        Raises:
            ValueError: If one of them is broken.
        """
        count = self.count
        fitted: Any = records
        if set(map(len, records)) - {count}:
            fitted = [self._values.fitted(record, count) for record in records]
        if not self._wanted:
            return pl.DataFrame(height=len(records))
        columns: Any = list(zip(*fitted, strict=True)) if fitted else [()] * count
        return pl.DataFrame(
            [
                read_column(columns[position], field, self._values).alias(f"f{index}")
                for index, (position, field) in enumerate(self._wanted)
            ]
        )


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
        self._kernel = self._rows.make_kernel(notation)

    def decode(self, messages: pl.Series) -> DecodedMessages:
        if self._kernel is None:
            left = messages.is_not_null().arg_true()
            return merge([self._decode_one_by_one(messages, left)], len(messages))
        frame, origins, left = self._kernel.read(messages)
        parts = self._convert(messages, frame, origins)
        if len(parts) == 1 and parts[0].frame.height == len(messages):
            return DecodedMessages(parts[0].frame)
        if len(left):
            parts.append(self._decode_one_by_one(messages, left))
        return merge(parts, len(messages))

    def _convert(
        self, messages: pl.Series, frame: pl.DataFrame, origins: pl.Series
    ) -> list[DecodedMessages]:
        """What the kernel read, halved until the messages with wrong values are alone."""
        assert self._kernel is not None, "it has read them"
        try:
            return [DecodedMessages(self._kernel.converted(frame), origins)]
        except ValueError:
            if frame.height == 1:
                return [self._decode_one_by_one(messages, origins)]
        half = frame.height // 2
        first = self._convert(messages, frame[:half], origins[:half])
        return first + self._convert(messages, frame[half:], origins[half:])

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
