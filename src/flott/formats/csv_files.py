"""CSV files: the format of a file source and the writers of a file sink."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Final

from flott.common.errors import SinkError
from flott.common.serialization import BulkWriter, BulkWriterFactory, RowDataBulkWriterFactory
from flott.common.type_conversion import conversion_for
from flott.common.typeinfo import TypeInformation
from flott.common.types import Row
from flott.formats.csv_decoder import CsvDecoder, dialect_of
from flott.formats.csv_schema import CsvSchema
from flott.formats.kinds import Kind, shape_of
from flott.formats.stream_format import StreamDecoder, StreamFormat
from flott.formats.text_values import text_writer

_NONE: Final = type(None)
_PLAIN: Final[dict[Kind, frozenset[type]]] = {
    Kind.STRING: frozenset({str, _NONE}),
    Kind.DOUBLE: frozenset({float, _NONE}),
    Kind.INT64: frozenset({int, _NONE}),
}


class CsvReaderFormat(StreamFormat):
    """Reads CSV files into rows.

    A file is one split, since a quoted value may hold line ends, unless the schema has no quotes.

    >>> schema = CsvSchema.builder().add_number_column("id").add_string_column("user").build()
    >>> CsvReaderFormat.for_schema(schema).create_decoder().decode(b"1,ada\\n", True).rows
    [Row(id=1, user='ada')]
    """

    def __init__(self, schema: CsvSchema) -> None:
        self._schema = schema
        self.is_splittable = schema.quote_char is None

    @staticmethod
    def for_schema(schema: CsvSchema) -> CsvReaderFormat:
        """A format for files of these columns."""
        return CsvReaderFormat(schema)

    def create_decoder(self) -> StreamDecoder:
        return CsvDecoder(self._schema)

    def get_produced_type(self) -> TypeInformation:
        if not self._schema.columns:
            return super().get_produced_type()
        return self._schema.type_info


class CsvBulkWriters:
    """Makes writers of CSV files."""

    @staticmethod
    def for_schema(schema: CsvSchema) -> BulkWriterFactory:
        """Writers of rows with these columns; with a header, if the schema has one.

        Raises:
            ValueError: If the schema has no columns, or one that is no text.

        >>> schema = CsvSchema.builder().add_number_column("id").set_use_header().build()
        >>> import io
        >>> stream = io.BytesIO()
        >>> CsvBulkWriters.for_schema(schema).create(stream).add_elements([(7,), (8,)])
        >>> stream.getvalue()
        b'id\\n7\\n8\\n'
        """
        return _CsvWriterFactory(schema)


class _CsvWriterFactory(RowDataBulkWriterFactory):
    def __init__(self, schema: CsvSchema) -> None:
        if not schema.columns:
            raise ValueError("A schema to write by needs columns")
        super().__init__(schema.type_info)
        self._schema = schema
        CsvEncoding(schema)

    def create(self, stream: BinaryIO) -> BulkWriter:
        return _CsvWriter(stream, self._schema)


class _CsvWriter(BulkWriter):
    def __init__(self, stream: BinaryIO, schema: CsvSchema) -> None:
        self._stream = stream
        self._encoding = CsvEncoding(schema)
        if schema.use_header:
            stream.write(self._encoding.header())

    def add_elements(self, elements: list[Any]) -> None:
        self._stream.write(self._encoding.encode_all(elements))

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        """Nothing is kept back."""


class CsvEncoding:
    """Writes rows of a schema as text.

    Args:
        schema: Columns and notation.

    Raises:
        ValueError: If a column's type has no text.
    """

    def __init__(self, schema: CsvSchema) -> None:
        self._schema = schema
        self._conversion = conversion_for(schema.type_info)
        self._writers = []
        for column in schema.columns:
            try:
                self._writers.append(text_writer(shape_of(column.type_info), column.separator))
            except ValueError as error:
                raise ValueError(f"Column {column.name!r}: {error}") from None
        # The writer quotes values with characters of the line end only, so both must be in it.
        self._dialect = dialect_of(schema) | {"lineterminator": "\r\n"}
        self._null = schema.null_value or ""
        # Classes whose values the standard library writes as we would, column by column.
        self._plain = [_PLAIN.get(shape_of(column.type_info).kind) for column in schema.columns]

    def header(self) -> bytes:
        """The line of names."""
        return "".join(self._write([list(self._schema.names)])).encode("utf-8")

    def encode_all(self, values: list[Any]) -> bytes:
        """The lines of rows, tuples, dicts or objects.

        Raises:
            TypeMismatchError: If one of them is no such row.
            SinkError: If a value cannot be written in the schema's notation.
        """
        return "".join(self._lines(values)).encode("utf-8")

    def encode_each(self, values: list[Any]) -> list[bytes]:
        """The line of each row, as ``encode_all`` writes them."""
        return [line.encode("utf-8") for line in self._lines(values)]

    def _lines(self, values: list[Any]) -> list[str]:
        if set(map(type, values)) == {Row}:
            columns = list(zip(*[value._values for value in values], strict=False))
            if self._are_plain(values, columns):
                return self._write(zip(*columns, strict=True))
        return self._write([self._texts(value) for value in values])

    def _are_plain(self, rows: list[Row], columns: list[Any]) -> bool:
        """Whether rows can be written as they are."""
        names = self._schema.names
        return (
            not self._null
            and len(columns) == len(names)
            and all(row._names is None or row._names == names for row in rows)
            and set(map(len, rows)) == {len(names)}
            and all(
                classes is not None and classes.issuperset(map(type, column))
                for classes, column in zip(self._plain, columns, strict=True)
            )
        )

    def _texts(self, value: Any) -> list[str]:
        row = value if self._conversion is None else self._conversion.convert(value)
        null = self._null
        return [
            null if field is None else write(field)
            for field, write in zip(row, self._writers, strict=True)
        ]

    def _write(self, lines: Iterable[Sequence[Any]]) -> list[str]:
        written = _Lines()
        try:
            csv.writer(written, **self._dialect).writerows(lines)
        except csv.Error as error:
            raise SinkError(
                f"Cannot write CSV without quotes: {error}. "
                "Allow quotes or set an escape character."
            ) from error
        end = self._schema.line_separator
        return [line + end for line in written]


class _Lines(list[str]):
    """Takes lines from a CSV writer, without their ends."""

    def write(self, line: str) -> None:
        """Take a line; it ends with CR LF."""
        self.append(line[:-2])
