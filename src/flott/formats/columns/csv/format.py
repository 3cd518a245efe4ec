"""The format ``csv``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common.errors import ConfigurationError
from flott.common.logical_types import RowField
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import (
    ColumnEncoder,
    ColumnFormat,
    ColumnRows,
    FormatFactory,
    FormatRequest,
)
from flott.formats.columns.csv.kernels import CsvKernelWriter, is_known
from flott.formats.columns.csv.records import CsvNotation, CsvRecord, read_records, split_block
from flott.formats.columns.csv.rows import CsvMessageDecoder, CsvRows
from flott.formats.columns.csv.values import CsvValues, column_texts, field_writer
from flott.formats.columns.messages import MessageDecoder, MessageEncoder
from flott.formats.csv_quoting import CsvQuoting
from flott.formats.stream_format import (
    Decoded,
    Malformed,
    StreamDecoder,
    StreamFormat,
    complete_length,
)

_JAVA_ESCAPES: Final = {
    "\\t": "\t", "\\n": "\n", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\\\": "\\",
}  # fmt: skip


class CsvFormatFactory(FormatFactory):
    """Makes the format ``csv``."""

    identifier = "csv"
    options = {
        "field-delimiter": "What stands between fields; a comma if not given.",
        "disable-quote-character": "Whether there are no quotes.",
        "quote-character": "What stands around fields that hold delimiters.",
        "allow-comments": "Whether lines that begin with '#' are passed over.",
        "ignore-parse-errors": "Whether broken fields are NULL and broken lines and messages left "
        "out.",
        "array-element-delimiter": "What stands between the elements of an array.",
        "escape-character": "What stands before characters that mean themselves.",
        "null-literal": "The field that means NULL.",
        "trim-spaces": "Whether blanks around fields are not part of them.",
        "ignore-trailing-unmappable": "Whether fields beyond the last column are passed over.",
        "allow-trailing-comma": "Whether a delimiter may stand behind the last field.",
        "fail-on-missing-columns": "Whether records with too few fields are always broken.",
        "empty-string-as-null": "Whether a field of no characters is NULL.",
        "write-bigdecimal-in-scientific-notation": "Whether decimals may be written like 1E+2.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        no_quotes = options.flag("disable-quote-character")
        if no_quotes and options.given("quote-character"):
            raise ConfigurationError(
                "Options 'csv.disable-quote-character' and 'csv.quote-character' exclude each "
                "other.",
                key="csv.quote-character",
            )
        quote = None if no_quotes else options.character("quote-character", '"')
        notation = CsvNotation(
            _read_delimiter(options),
            quote,
            options.character("escape-character", None),
            options.flag("allow-comments"),
            options.flag("trim-spaces"),
        )
        values = CsvValues(
            options.optional("null-literal"),
            options.character("array-element-delimiter", ";") or ";",
            options.flag("ignore-parse-errors"),
            options.flag("write-bigdecimal-in-scientific-notation", True),
            options.flag("empty-string-as-null"),
            options.flag("allow-trailing-comma", True),
            options.flag("ignore-trailing-unmappable"),
            options.flag("fail-on-missing-columns"),
        )
        return CsvFormat(notation, values)


def _read_delimiter(options: TableOptions) -> str:
    text = options.text("field-delimiter", ",")
    delimiter = _JAVA_ESCAPES.get(text, text)
    if len(delimiter) == 6 and delimiter.startswith("\\u"):
        delimiter = chr(int(delimiter[2:], 16))
    if len(delimiter) != 1:
        raise options.error("field-delimiter", f"expected a single character, found {text!r}")
    return delimiter


@dataclass(frozen=True)
class CsvFormat(ColumnFormat):
    """CSV in some notation."""

    notation: CsvNotation
    values: CsvValues
    identifier = "csv"

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        return CsvColumnsFormat(request, self.notation, self.values)

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        return CsvMessageDecoder(request, self.notation, self.values)

    def create_encoder(self, fields: Sequence[RowField], metadata: Sequence[str]) -> ColumnEncoder:
        return CsvEncoder(fields, self.notation, self.values)

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        return _CsvMessageEncoder(CsvEncoder(fields, self.notation, self.values))


class CsvColumnsFormat(StreamFormat):
    """Reads CSV files into columns.

    >>> from flott.common import logical_types as t
    >>> fields = (t.RowField("id", t.IntType()), t.RowField("user", t.STRING))
    >>> form = CsvColumnsFormat(FormatRequest(fields, ("id",)), CsvNotation(), CsvValues())
    >>> form.create_decoder().decode(b"7,ada\\n", True).rows[0]
    (7,)
    """

    def __init__(self, request: FormatRequest, notation: CsvNotation, values: CsvValues) -> None:
        self._request = request
        self._notation = notation
        self._values = values
        self.is_splittable = notation.is_splittable
        CsvRows(request, values)

    def create_decoder(self) -> StreamDecoder:
        return _CsvDecoder(self._request, self._notation, self._values)


class _CsvDecoder(StreamDecoder):
    def __init__(self, request: FormatRequest, notation: CsvNotation, values: CsvValues) -> None:
        self._rows = CsvRows(request, values)
        self._notation = notation
        self._values = values
        self._kernel = self._rows.make_kernel(notation)

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        end = len(buffer) if is_last else complete_length(buffer)
        frame = None if self._kernel is None else self._kernel.read_lines(buffer[:end])
        if frame is not None:
            return Decoded(ColumnRows(frame), end)  # type: ignore[arg-type]
        try:
            records = split_block(buffer[:end], self._notation)
            return Decoded(ColumnRows(self._rows.convert(records)), end)  # type: ignore[arg-type]
        except ValueError:
            return self._decode_one_by_one(buffer[:end], is_last)

    def record_offsets(self, buffer: bytes, is_last: bool) -> Iterator[int]:
        for record in read_records(buffer, self._notation, is_last):
            if not self._find_fault(record):
                yield record.offset

    def _decode_one_by_one(self, block: bytes, is_last: bool) -> Decoded:
        good: list[list[str]] = []
        malformed: list[Malformed] = []
        consumed = 0
        for record in read_records(block, self._notation, is_last):
            consumed = record.stop
            reason = self._find_fault(record)
            if not reason:
                good.append(record.fields)
            elif not self._values.ignores_errors:
                length = len(block[record.offset : record.stop].rstrip(b"\r\n"))
                malformed.append(Malformed(record.offset, length, reason))
        if is_last:
            consumed = len(block)
        rows = ColumnRows(self._rows.convert(good))
        return Decoded(rows, consumed, malformed)  # type: ignore[arg-type]

    def _find_fault(self, record: CsvRecord) -> str:
        if record.reason:
            return record.reason
        try:
            self._rows.convert([record.fields])
        except ValueError as error:
            return str(error)
        return ""


class CsvEncoder(ColumnEncoder):
    """Writes rows as lines of CSV.

    >>> import polars as pl
    >>> from flott.common import logical_types as t
    >>> encoder = CsvEncoder([t.RowField("name", t.STRING)], CsvNotation(), CsvValues())
    >>> encoder.encode(ColumnBatch(pl.DataFrame({"f0": ["ada", "a,b"]})))
    b'ada\\n"a,b"\\n'
    """

    def __init__(
        self, fields: Sequence[RowField], notation: CsvNotation, values: CsvValues
    ) -> None:
        self._types = [field.data_type for field in fields]
        self._notation = notation
        self._values = values
        self._null = values.null_literal or ""
        self._written = CsvQuoting(notation.delimiter, notation.quote, notation.escape).write
        for each in self._types:
            field_writer(each, values)
        self._kernel: CsvKernelWriter | None = None
        if notation.escape is None and is_known(notation):
            self._kernel = CsvKernelWriter(fields, notation, values)

    def encode(self, batch: ColumnBatch) -> bytes:
        written = None if self._kernel is None else self._kernel.lines(batch.frame)
        if written is not None:
            return written
        return "".join([line + "\n" for line in self.lines(batch)]).encode("utf-8")

    def messages(self, batch: ColumnBatch) -> pl.Series:
        """The lines of rows as ``Binary``; raises as ``lines`` does."""
        written = None if self._kernel is None else self._kernel.messages(batch.frame)
        if written is not None:
            return written
        return pl.Series(self.lines(batch), dtype=pl.String).cast(pl.Binary)

    def lines(self, batch: ColumnBatch) -> list[str]:
        """The lines of rows, without line ends.

        Raises:
            SinkError: A value cannot be written.
        """
        columns = [
            self._fields(column, data_type)
            for column, data_type in zip(batch.frame.iter_columns(), self._types, strict=False)
        ]
        delimiter = self._notation.delimiter
        if len(columns) == 1:
            return columns[0]
        return [delimiter.join(row) for row in zip(*columns, strict=True)]

    def _fields(self, column: pl.Series, data_type: Any) -> list[str]:
        texts = column_texts(column, data_type, self._values)
        null = self._null
        if type(data_type).__name__ in _NEVER_QUOTED:
            return [null if text is None else text for text in texts]
        written = self._written
        return [null if text is None else written(text) for text in texts]


class _CsvMessageEncoder(MessageEncoder):
    def __init__(self, lines: CsvEncoder) -> None:
        self._lines = lines

    def encode(self, batch: ColumnBatch) -> pl.Series:
        return self._lines.messages(batch)


_NEVER_QUOTED: Final = frozenset(
    {
        "BooleanType", "TinyIntType", "SmallIntType", "IntType", "BigIntType", "FloatType",
        "DoubleType", "DecimalType", "YearMonthIntervalType", "DayTimeIntervalType",
    }
)  # fmt: skip
