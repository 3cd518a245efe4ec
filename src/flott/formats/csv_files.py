"""CSV files: the format of a file source and the writers of a file sink."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, Final

from flott.common.serialization import BulkWriter, BulkWriterFactory, RowDataBulkWriterFactory
from flott.common.type_conversion import conversion_for
from flott.common.typeinfo import TypeInformation
from flott.formats.csv_decoder import CsvDecoder
from flott.formats.csv_quoting import CsvQuoting
from flott.formats.csv_schema import CsvSchema
from flott.formats.json_rows import texts_of
from flott.formats.kinds import INT_BOUNDS, Kind, shape_of
from flott.formats.stream_format import StreamDecoder, StreamFormat
from flott.formats.text_values import TextWriter, text_writer
from flott.kernels.rows import RowTexts

#: Numbers never stand in quotes, whatever is in them.
_NEVER_QUOTED: Final = frozenset(
    {*INT_BOUNDS, Kind.BIG_INT, Kind.FLOAT, Kind.DOUBLE, Kind.DECIMAL, Kind.BOOLEAN}
)


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
            ValueError: If the schema has no columns, or one that is not a text.

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
        self._quote = CsvQuoting(
            schema.column_separator, schema.quote_char, schema.escape_char
        ).write
        self._writers = []
        for column in schema.columns:
            shape = shape_of(column.type_info)
            try:
                write = text_writer(shape, column.separator)
            except ValueError as error:
                raise ValueError(f"Column {column.name!r}: {error}") from None
            self._writers.append((write, shape.kind not in _NEVER_QUOTED))
        self._null = schema.null_value or ""
        self._kernel = _kernel_of(schema, self.encode)

    def header(self) -> bytes:
        """The line of names."""
        return self._line(map(self._quote, self._schema.names))

    def encode(self, value: Any) -> bytes:
        """The line of a row, a tuple, a dict or an object.

        Raises:
            TypeMismatchError: If it is not such a row.
            SinkError: If a value cannot be written in the schema's notation.
        """
        row = value if self._conversion is None else self._conversion.convert(value)
        return self._line(
            [
                self._field(field, write, is_quoted)
                for field, (write, is_quoted) in zip(row, self._writers, strict=True)
            ]
        )

    def encode_all(self, values: list[Any]) -> bytes:
        """The lines of rows; raises as ``encode``."""
        return b"".join(self.encode_each(values))

    def encode_each(self, values: list[Any]) -> list[bytes]:
        """The line of each row; raises as ``encode``."""
        column = self.encode_column(values)
        if column is None:
            return list(map(self.encode, values))
        import polars as pl  # large, and not needed by jobs without CSV

        return pl.DataFrame(column).to_series().to_list()

    def encode_column(self, values: list[Any]) -> Any:
        """The same as a column of bytes; ``None`` if some columns are not plain."""
        return None if self._kernel is None else self._kernel.write(values)

    def _field(self, value: Any, write: TextWriter, is_quoted: bool) -> str:
        if value is None:
            return self._null
        return self._quote(write(value)) if is_quoted else write(value)

    def _line(self, fields: Iterable[str]) -> bytes:
        line = self._schema.column_separator.join(fields) + self._schema.line_separator
        return line.encode("utf-8")


def _kernel_of(schema: CsvSchema, write_one: Callable[[Any], bytes]) -> RowTexts | None:
    """What writes many rows at once, if it can."""
    characters = schema.column_separator, schema.quote_char or ""
    if schema.escape_char is not None or not "".join(characters).isascii():
        return None
    notation = (*characters, schema.null_value or "", schema.line_separator)
    return texts_of(shape_of(schema.type_info), write_one, notation)
