"""Rows as CSV messages, with the names that PyFlink gives these schemas."""

from __future__ import annotations

from typing import Any

from flott.common.composite_types import RowTypeInfo
from flott.common.serialization import DeserializationSchema, SerializationSchema
from flott.common.typeinfo import TypeInformation
from flott.formats.csv_decoder import CsvDecoder
from flott.formats.csv_files import CsvEncoding
from flott.formats.csv_kernel import kernel_reader_of
from flott.formats.csv_schema import CsvColumn, CsvSchema, CsvSchemaBuilder
from flott.formats.kinds import Kind, shape_of, to_type_info


class CsvRowDeserializationSchema(DeserializationSchema):
    """Reads a line of CSV into a row; made by its ``Builder``.

    >>> from flott.common import Types
    >>> clicks = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])
    >>> CsvRowDeserializationSchema.Builder(clicks).build().deserialize(b"1,ada")
    Row(id=1, user='ada')
    """

    def __init__(
        self, type_info: TypeInformation, schema: CsvSchema, ignore_parse_errors: bool = False
    ) -> None:
        self._type_info = type_info
        self._schema = schema
        self._ignore_parse_errors = ignore_parse_errors
        self._decoder = CsvDecoder(schema)
        self._kernel = kernel_reader_of(schema, self.deserialize)

    def deserialize(self, data: bytes) -> Any:
        """Return the row; None for a message that cannot be read, if those are ignored.

        Raises:
            ValueError: If it cannot be read.
        """
        decoded = self._decoder.decode(data, True)
        if len(decoded.rows) == 1 and not decoded.malformed:
            return decoded.rows[0]
        if self._ignore_parse_errors:
            return None
        if decoded.malformed:
            raise ValueError(decoded.malformed[0].reason)
        raise ValueError(f"expected one record, found {len(decoded.rows)}")

    def deserialize_column(self, messages: Any) -> list[Any] | None:
        return None if self._kernel is None else self._kernel.read_column(messages)

    def deserialize_batch(self, messages: list[bytes]) -> list[Any]:
        if self._kernel is not None:
            return self._kernel.read(messages)
        lines = [message.removesuffix(b"\n") for message in messages]
        block = b"\n".join(lines)
        # As lines of one text: none of them may hold a line end or be empty, or be part of another.
        if block.count(b"\n") >= len(lines) or b"\r" in block or b"" in lines:
            return list(map(self.deserialize, messages))
        decoded = self._decoder.decode(block, True)
        if decoded.malformed:
            raise ValueError(decoded.malformed[0].reason)
        if len(decoded.rows) != len(lines):
            return list(map(self.deserialize, messages))
        return decoded.rows

    def get_produced_type(self) -> TypeInformation:
        return self._type_info

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._type_info, self._schema, self._ignore_parse_errors)

    class Builder:
        """Settings of a ``CsvRowDeserializationSchema``.

        Args:
            type_info: The type of the rows.

        Raises:
            TypeError: If it is not the type of a row.
        """

        def __init__(self, type_info: Any) -> None:
            self._type_info = _checked_row_type(type_info)
            self._builder = CsvSchema.builder()
            self._separator = ";"
            self._ignore_parse_errors = False

        def set_field_delimiter(self, delimiter: str) -> CsvRowDeserializationSchema.Builder:
            """Set what stands between fields."""
            self._builder.set_column_separator(delimiter)
            return self

        def set_allow_comments(self, allow_comments: bool) -> CsvRowDeserializationSchema.Builder:
            """Pass over lines that begin with ``#``."""
            self._builder.set_allow_comments(allow_comments)
            return self

        def set_array_element_delimiter(
            self, delimiter: str
        ) -> CsvRowDeserializationSchema.Builder:
            """Set what stands between the elements of arrays."""
            self._separator = delimiter
            return self

        def set_quote_character(self, c: str) -> CsvRowDeserializationSchema.Builder:
            """Set what stands around values that hold delimiters."""
            self._builder.set_quote_char(c)
            return self

        def set_escape_character(self, c: str) -> CsvRowDeserializationSchema.Builder:
            """Set what stands before characters that mean themselves."""
            self._builder.set_escape_char(c)
            return self

        def set_null_literal(self, null_literal: str) -> CsvRowDeserializationSchema.Builder:
            """Set the text that stands for None."""
            self._builder.set_null_value(null_literal)
            return self

        def set_ignore_parse_errors(
            self, ignore_parse_errors: bool
        ) -> CsvRowDeserializationSchema.Builder:
            """Leave out messages that cannot be read."""
            self._ignore_parse_errors = ignore_parse_errors
            return self

        def build(self) -> CsvRowDeserializationSchema:
            """Make the schema."""
            schema = _with_columns(self._builder, self._type_info, self._separator)
            return CsvRowDeserializationSchema(self._type_info, schema, self._ignore_parse_errors)


class CsvRowSerializationSchema(SerializationSchema):
    """Writes a row as a line of CSV, its line delimiter included; made by its ``Builder``.

    >>> from flott.common import Row, Types
    >>> clicks = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])
    >>> CsvRowSerializationSchema.Builder(clicks).build().serialize(Row(1, "ada"))
    b'1,ada\\n'
    """

    def __init__(self, schema: CsvSchema) -> None:
        self._schema = schema
        self._encoding = CsvEncoding(schema)

    def serialize(self, value: Any) -> bytes:
        """Return the line of a row.

        Raises:
            TypeMismatchError: If the value is not such a row.
        """
        return self._encoding.encode(value)

    def serialize_batch(self, values: list[Any]) -> list[bytes]:
        return self._encoding.encode_each(values)

    def serialize_column(self, values: list[Any]) -> Any:
        return self._encoding.encode_column(values)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._schema,)

    class Builder:
        """Settings of a ``CsvRowSerializationSchema``.

        Args:
            type_info: The type of the rows.

        Raises:
            TypeError: If it is not the type of a row.
        """

        def __init__(self, type_info: Any) -> None:
            self._type_info = _checked_row_type(type_info)
            self._builder = CsvSchema.builder()
            self._separator = ";"

        def set_field_delimiter(self, c: str) -> CsvRowSerializationSchema.Builder:
            """Set what stands between fields."""
            self._builder.set_column_separator(c)
            return self

        def set_line_delimiter(self, delimiter: str) -> CsvRowSerializationSchema.Builder:
            """Set what ends a line: a line feed, a carriage return, both or nothing.

            Raises:
                ValueError: If it is anything else.
            """
            if delimiter not in ("\n", "\r", "\r\n", ""):
                raise ValueError(f"Expected a line end or nothing, found {delimiter!r}")
            self._builder.set_line_separator(delimiter)
            return self

        def set_array_element_delimiter(self, delimiter: str) -> CsvRowSerializationSchema.Builder:
            """Set what stands between the elements of arrays."""
            self._separator = delimiter
            return self

        def disable_quote_character(self) -> CsvRowSerializationSchema.Builder:
            """Write no quotes."""
            self._builder.disable_quote_char()
            return self

        def set_quote_character(self, c: str) -> CsvRowSerializationSchema.Builder:
            """Set what stands around values that hold delimiters."""
            self._builder.set_quote_char(c)
            return self

        def set_escape_character(self, c: str) -> CsvRowSerializationSchema.Builder:
            """Set what stands before characters that mean themselves."""
            self._builder.set_escape_char(c)
            return self

        def set_null_literal(self, s: str) -> CsvRowSerializationSchema.Builder:
            """Set the text that stands for None."""
            self._builder.set_null_value(s)
            return self

        def build(self) -> CsvRowSerializationSchema:
            """Make the schema."""
            return CsvRowSerializationSchema(
                _with_columns(self._builder, self._type_info, self._separator)
            )


def _checked_row_type(type_info: Any) -> RowTypeInfo:
    if type_info is None:
        raise TypeError("Type information must not be None")
    row_type = to_type_info(type_info)
    if not isinstance(row_type, RowTypeInfo):
        raise TypeError(f"Expected the type of a row, found {row_type}")
    return row_type


def _with_columns(builder: CsvSchemaBuilder, row_type: RowTypeInfo, separator: str) -> CsvSchema:
    builder.clear_columns()
    columns = []
    for name, each in zip(row_type.get_field_names(), row_type.get_field_types(), strict=True):
        is_array = shape_of(each).kind is Kind.LIST
        columns.append(CsvColumn(name, each, separator if is_array else None))
    return builder.add_columns_from(CsvSchema(tuple(columns))).build()
