"""Avro schemas as types of SQL."""

from __future__ import annotations

from typing import Final

from flott.common import logical_types as t
from flott.formats.avro.schema import Schema

_PLAIN: Final[dict[str, t.DataType]] = {
    "null": t.STRING,
    "boolean": t.BooleanType(),
    "int": t.IntType(),
    "long": t.BigIntType(),
    "float": t.FloatType(),
    "double": t.DoubleType(),
    "bytes": t.BYTES,
    "string": t.STRING,
    "enum": t.STRING,
}
_LOGICAL: Final[dict[str, t.DataType]] = {
    "date": t.DateType(),
    "time-millis": t.TimeType(3),
    "time-micros": t.TimeType(3),
    "timestamp-millis": t.LocalZonedTimestampType(3),
    "timestamp-micros": t.LocalZonedTimestampType(6),
    "timestamp-nanos": t.LocalZonedTimestampType(6),
    "local-timestamp-millis": t.TimestampType(3),
    "local-timestamp-micros": t.TimestampType(6),
    "local-timestamp-nanos": t.TimestampType(6),
    "uuid": t.STRING,
}


def column_type(schema: Schema) -> t.DataType:
    """The type of a column that holds what a schema describes.

    >>> str(column_type(Schema("array", parts=(Schema("long"),))))
    'ARRAY<BIGINT>'
    """
    if schema.logical == "decimal":
        return t.DecimalType(min(schema.precision, 38), schema.scale)
    if schema.logical is not None:
        return _LOGICAL[schema.logical]
    match schema.kind:
        case "union":
            parts = [part for part in schema.parts if part.kind != "null"]
            return column_type(parts[0]) if len(parts) == 1 else t.STRING
        case "array":
            return t.ArrayType(column_type(schema.parts[0]))
        case "map":
            return t.MapType(t.STRING, column_type(schema.parts[0]))
        case "record":
            return t.RowType(tuple(t.RowField(*each) for each in record_types(schema).items()))
        case "fixed":
            return t.BYTES
    return _PLAIN[schema.kind]


def record_types(schema: Schema) -> dict[str, t.DataType]:
    """The fields of a record with their types."""
    return {each.name: column_type(each.schema) for each in schema.fields}


def record_of(schema: Schema) -> Schema | None:
    """The record that a schema is, or may be besides null."""
    parts = schema.parts if schema.kind == "union" else (schema,)
    return next((part for part in parts if part.kind == "record"), None)
