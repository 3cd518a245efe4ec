"""Rows as JSON messages, with the names that PyFlink gives these schemas."""

from __future__ import annotations

from typing import Any

import orjson

from flott.common.composite_types import RowTypeInfo
from flott.common.errors import TypeMismatchError
from flott.common.serialization import DeserializationSchema, SerializationSchema
from flott.common.type_conversion import conversion_for
from flott.common.typeinfo import TypeInformation
from flott.formats.json_rows import kernel_reader_of, messages_reader_of, texts_of
from flott.formats.json_schema import parse_json_schema
from flott.formats.json_values import dumps, reader_of
from flott.formats.kinds import shape_of, to_type_info


class JsonRowDeserializationSchema(DeserializationSchema):
    """Reads a JSON object into a row; made by a builder.

    >>> from flott.common import Types
    >>> clicks = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])
    >>> schema = JsonRowDeserializationSchema.builder().type_info(clicks).build()
    >>> schema.deserialize(b'{"user": "ada", "id": 1}')
    Row(id=1, user='ada')
    """

    def __init__(
        self,
        type_info: TypeInformation,
        fail_on_missing_field: bool = False,
        ignore_parse_errors: bool = False,
    ) -> None:
        self._type_info = type_info
        self._fail_on_missing_field = fail_on_missing_field
        self._ignore_parse_errors = ignore_parse_errors
        self._reader = reader_of(shape_of(type_info), fail_on_missing_field)
        self._kernel = kernel_reader_of(shape_of(type_info), fail_on_missing_field)
        self._read_messages = self._kernel or messages_reader_of(
            shape_of(type_info), fail_on_missing_field
        )

    def deserialize(self, data: bytes) -> Any:
        """Return the row; None for a message that cannot be read, if those are ignored.

        Raises:
            ValueError: If it cannot be read.
        """
        try:
            value = orjson.loads(data)
            return value if self._reader is None else self._reader(value)
        except ValueError:
            if self._ignore_parse_errors:
                return None
            raise

    def deserialize_batch(self, messages: list[bytes]) -> list[Any]:
        return self._read_messages(messages)

    def deserialize_column(self, messages: Any) -> list[Any] | None:
        return None if self._kernel is None else self._kernel.read_column(messages)

    def get_produced_type(self) -> TypeInformation:
        return self._type_info

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self._type_info, self._fail_on_missing_field, self._ignore_parse_errors)
        return type(self), arguments

    @staticmethod
    def builder() -> JsonRowDeserializationSchema.Builder:
        """Begin a schema."""
        return JsonRowDeserializationSchema.Builder()

    class Builder:
        """Settings of a ``JsonRowDeserializationSchema``."""

        def __init__(self) -> None:
            self._type_info: TypeInformation | None = None
            self._fail_on_missing_field = False
            self._ignore_parse_errors = False

        def type_info(self, type_info: Any) -> JsonRowDeserializationSchema.Builder:
            """Set the type of the rows; its names are those of the JSON fields."""
            self._type_info = to_type_info(type_info)
            return self

        def json_schema(self, json_schema: str) -> JsonRowDeserializationSchema.Builder:
            """Set the type of the rows by a JSON schema.

            Raises:
                TypeError: If it is None.
                ValueError: If it is not such a schema, or uses what has no type here.
            """
            if json_schema is None:
                raise TypeError("The json_schema must not be None.")
            self._type_info = parse_json_schema(json_schema)
            return self

        def fail_on_missing_field(self) -> JsonRowDeserializationSchema.Builder:
            """Take a missing field for an error; else it is None."""
            self._fail_on_missing_field = True
            return self

        def ignore_parse_errors(self) -> JsonRowDeserializationSchema.Builder:
            """Leave out messages that cannot be read."""
            self._ignore_parse_errors = True
            return self

        def build(self) -> JsonRowDeserializationSchema:
            """Make the schema.

            Raises:
                TypeError: If there is no type.
            """
            if self._type_info is None:
                raise TypeError("Set type_info(...) or json_schema(...) first.")
            return JsonRowDeserializationSchema(
                self._type_info, self._fail_on_missing_field, self._ignore_parse_errors
            )


class JsonRowSerializationSchema(SerializationSchema):
    """Writes a row as a JSON object; made by a builder.

    >>> from flott.common import Row, Types
    >>> clicks = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])
    >>> schema = JsonRowSerializationSchema.builder().with_type_info(clicks).build()
    >>> schema.serialize(Row(1, "ada"))
    b'{"id":1,"user":"ada"}'
    """

    def __init__(self, type_info: TypeInformation) -> None:
        self._type_info = type_info
        self._write = _RowWriter(type_info)
        self._texts = texts_of(shape_of(type_info), self._write)

    def serialize_column(self, values: list[Any]) -> Any:
        return None if self._texts is None else self._texts.write(values)

    def serialize_batch(self, values: list[Any]) -> list[bytes]:
        texts = self.serialize_column(values)
        if texts is None:
            return list(map(self._write, values))
        import polars as pl  # large, and not needed by jobs without messages

        return pl.DataFrame(texts).to_series().to_list()

    def serialize(self, value: Any) -> bytes:
        """Return the JSON text of a row.

        Raises:
            TypeMismatchError: If the value is not such a row.
        """
        return self._write(value)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._type_info,)

    @staticmethod
    def builder() -> JsonRowSerializationSchema.Builder:
        """Begin a schema."""
        return JsonRowSerializationSchema.Builder()

    class Builder:
        """Settings of a ``JsonRowSerializationSchema``."""

        def __init__(self) -> None:
            self._type_info: TypeInformation | None = None

        def with_type_info(self, type_info: Any) -> JsonRowSerializationSchema.Builder:
            """Set the type of the rows; its names become those of the JSON fields.

            Raises:
                TypeError: If it is not the type of a row.
            """
            self._type_info = to_type_info(type_info)
            if not isinstance(self._type_info, RowTypeInfo):
                raise TypeError(f"Expected the type of a row, found {self._type_info}")
            return self

        def build(self) -> JsonRowSerializationSchema:
            """Make the schema.

            Raises:
                TypeError: If there is no type.
            """
            if self._type_info is None:
                raise TypeError("Typeinfo should be set.")
            return JsonRowSerializationSchema(self._type_info)


class _RowWriter:
    """Writes one row."""

    def __init__(self, type_info: TypeInformation) -> None:
        self._type_info = type_info
        self._conversion = conversion_for(type_info)

    def __call__(self, value: Any) -> bytes:
        if self._conversion is not None:
            value = self._conversion.convert(value)
        try:
            return dumps(value)
        except TypeError as error:
            raise TypeMismatchError(
                str(self._type_info), type(value).__name__, reason=str(error)
            ) from error
