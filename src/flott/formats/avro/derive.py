"""The Avro schema of a table's columns, by the rules of Flink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature

#: The name that Flink gives the record of a table.
RECORD_NAME: Final = "org.apache.flink.avro.generated.record"
_PLAIN: Final[dict[type[t.DataType], Any]] = {
    t.NullType: "null",
    t.BooleanType: "boolean",
    t.TinyIntType: "int",
    t.SmallIntType: "int",
    t.IntType: "int",
    t.BigIntType: "long",
    t.FloatType: "float",
    t.DoubleType: "double",
    t.CharType: "string",
    t.VarCharType: "string",
    t.BinaryType: "bytes",
    t.VarBinaryType: "bytes",
    t.DateType: {"type": "int", "logicalType": "date"},
}


def derive_schema(
    fields: Sequence[t.RowField], is_legacy: bool = True, name: str = RECORD_NAME
) -> dict[str, Any]:
    """The schema of a record with these columns, as JSON.

    Args:
        fields: The columns.
        is_legacy: Whether timestamps without a zone are instants in the schema, and those with one
            are refused: ``avro.timestamp_mapping.legacy``.
        name: The record's name.

    Raises:
        UnsupportedFeature: Avro has nothing for one of the types.

    >>> derive_schema([t.RowField("id", t.IntType())], name="row")["fields"]
    [{'name': 'id', 'type': ['null', 'int'], 'default': None}]
    """
    return {
        "type": "record",
        "name": name,
        "fields": [_field(field, name, is_legacy) for field in fields],
    }


def _field(field: t.RowField, record: str, is_legacy: bool) -> dict[str, Any]:
    schema = _schema(field.data_type, f"{record}_{field.name}", is_legacy)
    declared = {"name": field.name, "type": schema}
    return {**declared, "default": None} if field.data_type.nullable else declared


def _schema(data_type: t.DataType, name: str, is_legacy: bool) -> Any:
    schema = _without_null(data_type, name, is_legacy)
    return ["null", schema] if data_type.nullable and schema != "null" else schema


def _without_null(data_type: t.DataType, name: str, is_legacy: bool) -> Any:
    plain = _PLAIN.get(type(data_type))
    if plain is not None:
        return plain
    match data_type:
        case t.DecimalType():
            precision, scale = data_type.precision, data_type.scale
            decimal = {"type": "bytes", "logicalType": "decimal"}
            return {**decimal, "precision": precision, "scale": scale}
        case t.TimeType():
            _check_precision(data_type, data_type.precision, 3)
            return {"type": "int", "logicalType": "time-millis"}
        case t.TimestampType() | t.LocalZonedTimestampType():
            return _timestamp(data_type, is_legacy)
        case t.ArrayType():
            return {"type": "array", "items": _schema(data_type.element_type, name, is_legacy)}
        case t.MapType():
            _check_key(data_type.key_type, data_type)
            return {"type": "map", "values": _schema(data_type.value_type, name, is_legacy)}
        case t.MultisetType():
            _check_key(data_type.element_type, data_type)
            return {"type": "map", "values": _schema(t.IntType(), name, is_legacy)}
        case t.RowType():
            return derive_schema(data_type.fields, is_legacy, name)
    raise UnsupportedFeature(f"Avro for type {data_type}")


def _timestamp(
    data_type: t.TimestampType | t.LocalZonedTimestampType, is_legacy: bool
) -> dict[str, Any]:
    is_instant = isinstance(data_type, t.LocalZonedTimestampType)
    if is_legacy and is_instant:
        raise UnsupportedFeature(
            f"Avro for type {data_type} with the legacy mapping of timestamps",
            reason="Set the format's option 'timestamp_mapping.legacy' to false.",
        )
    _check_precision(data_type, data_type.precision, 3 if is_legacy else 6)
    unit = "millis" if data_type.precision <= 3 else "micros"
    prefix = "" if is_legacy or is_instant else "local-"
    return {"type": "long", "logicalType": f"{prefix}timestamp-{unit}"}


def _check_precision(data_type: t.DataType, precision: int, most: int) -> None:
    if precision > most:
        hint = "; up to 6 with 'timestamp_mapping.legacy' = 'false'" if most == 3 else ""
        is_time = isinstance(data_type, t.TimeType)
        raise UnsupportedFeature(
            f"Avro for type {data_type}",
            reason=f"Its precision can be up to {most}{'' if is_time else hint}.",
        )


def _check_key(key: t.DataType, data_type: t.DataType) -> None:
    if not isinstance(key, t.CharType | t.VarCharType):
        raise UnsupportedFeature(f"Avro for type {data_type}", reason="Keys of maps are texts.")
