"""Single Avro records in Python programs: dicts, read and written by fastavro.

``AvroSchema`` stands for a schema, as in PyFlink; the rows of the two ``Row`` schemas have the
fields of their record.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from flott.common.errors import TypeMismatchError, UnsupportedFeature
from flott.common.redaction import shorten_record
from flott.common.serialization import DeserializationSchema, SerializationSchema
from flott.common.type_information import PickledBytesTypeInfo
from flott.common.typeinfo import TypeInformation, Types
from flott.common.types import Row
from flott.formats.avro.schema import Schema, parse_schema
from flott.formats.extras import load_extra

Convert = Callable[[Any], Any]
#: What fastavro raises for data and values that do not fit.
_UNREADABLE: Final = (EOFError, ValueError, IndexError, TypeError, StopIteration, OverflowError)
_UNWRITABLE: Final = (ValueError, TypeError, AttributeError, KeyError, OverflowError)


def load_fastavro() -> Any:
    """The module ``fastavro``.

    Raises:
        ConfigurationError: It is not installed; names the extra.
    """
    return load_extra("fastavro", "avro", "Reading and writing single Avro records")


class AvroSchema:
    """The schema of Avro records.

    Args:
        json_schema: The schema, as JSON.

    Raises:
        ValueError: It is not one.

    >>> str(AvroSchema.parse_string('{"type": "array", "items": "long"}'))
    '{"type": "array", "items": "long"}'
    """

    def __init__(self, json_schema: str) -> None:
        self._text = json_schema
        self._schema: Schema | None = parse_schema(json_schema)

    @staticmethod
    def parse_string(json_schema: str) -> AvroSchema:
        """The schema that JSON describes; raises ``ValueError`` if it describes none."""
        return AvroSchema(json_schema)

    @staticmethod
    def parse_file(file_path: str) -> AvroSchema:
        """The schema in a file; raises as ``parse_string``, and ``OSError``."""
        return AvroSchema(Path(file_path).read_text("utf-8"))

    @property
    def schema(self) -> Schema:
        """The schema, parsed."""
        if self._schema is None:
            self._schema = parse_schema(self._text)
        return self._schema

    def for_library(self) -> Any:
        """The schema as fastavro takes it."""
        return load_fastavro().parse_schema(json.loads(self._text))

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AvroSchema) and json.loads(self._text) == json.loads(other._text)

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, ...]:
        return AvroSchema, (self._text,)


class GenericRecordAvroTypeInfo(PickledBytesTypeInfo):
    """The type of Avro records, which are dicts.

    Args:
        schema: Their schema.
    """

    __slots__ = ("_schema",)

    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema

    def _parts(self) -> tuple[Any, ...]:
        return (self._schema,)

    def __repr__(self) -> str:
        return f"GenericRecordAvroTypeInfo({self._schema.schema})"


class AvroRowDeserializationSchema(DeserializationSchema):
    """Reads binary Avro messages into rows.

    Args:
        record_class: Not supported: classes of Java.
        avro_schema_string: The schema of the messages, as JSON.

    Raises:
        TypeError: No schema is given.
        ValueError: It is not a schema of a record.
    """

    def __init__(
        self, record_class: str | None = None, avro_schema_string: str | None = None
    ) -> None:
        self._schema = _record_schema(type(self).__name__, record_class, avro_schema_string)
        self._library_schema = self._schema.for_library()
        self._read = load_fastavro().schemaless_reader
        self._convert = _from_record(self._schema.schema)

    def deserialize(self, data: bytes) -> Row:
        """The row.

        Raises:
            ValueError: The message cannot be read.
        """
        try:
            record = self._read(io.BytesIO(data), self._library_schema, None)
        except _UNREADABLE as error:
            raise ValueError(f"no Avro of the schema: {error or type(error).__name__}") from error
        row: Row = self._convert(record)
        return row

    def get_produced_type(self) -> TypeInformation:
        return type_info_of(self._schema.schema)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (None, str(self._schema))


class AvroRowSerializationSchema(SerializationSchema):
    """Writes rows as binary Avro messages; the arguments are those of reading."""

    def __init__(
        self, record_class: str | None = None, avro_schema_string: str | None = None
    ) -> None:
        self._schema = _record_schema(type(self).__name__, record_class, avro_schema_string)
        self._write = record_writer(self._schema)

    def serialize(self, value: Any) -> bytes:
        """The message.

        Raises:
            TypeMismatchError: The row does not fit the schema.
        """
        stream = io.BytesIO()
        self._write(stream, value)
        return stream.getvalue()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (None, str(self._schema))


def _record_schema(name: str, record_class: str | None, text: str | None) -> AvroSchema:
    if text is None:
        if record_class is None:
            raise TypeError(f"{name} needs avro_schema_string")
        raise UnsupportedFeature(
            f"{name} with record_class", successor="avro_schema_string", reason="It is Java's."
        )
    schema = AvroSchema(text)
    if schema.schema.kind != "record":
        raise ValueError(f"Expected the schema of a record, found {schema.schema}")
    return schema


def record_writer(schema: AvroSchema) -> Callable[[Any, Any], None]:
    """A function that writes records, or rows with their fields, to a stream, one a call."""
    library_schema = schema.for_library()
    write = load_fastavro().schemaless_writer
    convert = _to_record(schema.schema)

    def write_record(stream: Any, value: Any) -> None:
        try:
            write(stream, library_schema, convert(value))
        except _UNWRITABLE as error:
            found = f"{type(value).__name__} {shorten_record(value, 80)}"
            raise TypeMismatchError(str(schema.schema), found, reason=str(error)) from error

    return write_record


def _to_record(schema: Schema) -> Convert:
    """What makes dicts of rows, by the fields of their records."""
    match schema.kind:
        case "record":
            fields = [(field.name, _to_record(field.schema)) for field in schema.fields]
            return lambda value: _as_record(value, fields)
        case "array":
            element = _to_record(schema.parts[0])
            return lambda values: [None if v is None else element(v) for v in values]
        case "map":
            part = _to_record(schema.parts[0])
            return lambda values: {k: None if v is None else part(v) for k, v in values.items()}
        case "union":
            others = [part for part in schema.parts if part.kind != "null"]
            inner = _to_record(others[0]) if len(others) == 1 else _same
            return lambda value: None if value is None else inner(value)
    return _same


def _as_record(value: Any, fields: list[tuple[str, Convert]]) -> Any:
    if isinstance(value, Row):
        value = dict(zip(value._names or [name for name, _ in fields], value, strict=True))
    elif isinstance(value, tuple):
        value = dict(zip([name for name, _ in fields], value, strict=True))
    if not isinstance(value, dict):
        return value
    return {
        name: None if value[name] is None else convert(value[name])
        for name, convert in fields
        if name in value
    }


def _from_record(schema: Schema) -> Convert:
    """What makes rows of dicts, and plain times of those with a zone."""
    match schema.kind:
        case "record":
            names = tuple(field.name for field in schema.fields)
            parts = [_from_record(field.schema) for field in schema.fields]
            return lambda record: Row.of_values(
                [
                    None if record[name] is None else part(record[name])
                    for name, part in zip(names, parts, strict=True)
                ],
                names,
            )
        case "array":
            element = _from_record(schema.parts[0])
            return lambda values: [None if v is None else element(v) for v in values]
        case "map":
            part = _from_record(schema.parts[0])
            return lambda values: {k: None if v is None else part(v) for k, v in values.items()}
        case "union":
            others = [part for part in schema.parts if part.kind != "null"]
            return _from_record(others[0]) if len(others) == 1 else _same
        case "long" if (schema.logical or "").startswith("timestamp-"):
            return _without_zone
    return _same


def _same(value: Any) -> Any:
    return value


def _without_zone(moment: Any) -> Any:
    return moment.replace(tzinfo=None) if isinstance(moment, datetime.datetime) else moment


_PLAIN_TYPES: Final[dict[str, Callable[[], TypeInformation]]] = {
    "boolean": Types.BOOLEAN,
    "int": Types.INT,
    "long": Types.LONG,
    "float": Types.FLOAT,
    "double": Types.DOUBLE,
    "string": Types.STRING,
    "enum": Types.STRING,
    "bytes": lambda: Types.PRIMITIVE_ARRAY(Types.BYTE()),
    "fixed": lambda: Types.PRIMITIVE_ARRAY(Types.BYTE()),
}
_LOGICAL_TYPES: Final[dict[str, Callable[[], TypeInformation]]] = {
    "date": Types.SQL_DATE,
    "time-millis": Types.SQL_TIME,
    "time-micros": Types.SQL_TIME,
    "decimal": Types.BIG_DEC,
    "timestamp-millis": Types.SQL_TIMESTAMP,
    "timestamp-micros": Types.SQL_TIMESTAMP,
    "local-timestamp-millis": Types.SQL_TIMESTAMP,
    "local-timestamp-micros": Types.SQL_TIMESTAMP,
}


def type_info_of(schema: Schema) -> TypeInformation:
    """The type of the values that ``AvroRowDeserializationSchema`` gives.

    >>> type_info_of(parse_schema('["null", "long"]'))
    Long
    """
    if schema.logical in _LOGICAL_TYPES:
        return _LOGICAL_TYPES[schema.logical]()
    if schema.kind in _PLAIN_TYPES:
        return _PLAIN_TYPES[schema.kind]()
    match schema.kind:
        case "record":
            names = [field.name for field in schema.fields]
            return Types.ROW_NAMED(names, [type_info_of(field.schema) for field in schema.fields])
        case "array":
            return Types.LIST(type_info_of(schema.parts[0]))
        case "map":
            return Types.MAP(Types.STRING(), type_info_of(schema.parts[0]))
        case "union":
            others = [part for part in schema.parts if part.kind != "null"]
            if len(others) == 1:
                return type_info_of(others[0])
    return Types.PICKLED_BYTE_ARRAY()
