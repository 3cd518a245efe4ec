"""What the kernel is told of columns and of the numbers that hold dates and times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature

#: (Arrow format, name, children)
ColumnSpec = tuple[str, str, list[Any]]

_FORMATS: Final[dict[type[t.DataType], str]] = {
    t.NullType: "n",
    t.BooleanType: "b",
    t.TinyIntType: "c",
    t.SmallIntType: "s",
    t.IntType: "i",
    t.BigIntType: "l",
    t.FloatType: "f",
    t.DoubleType: "g",
    t.CharType: "vu",
    t.VarCharType: "vu",
    t.BinaryType: "vz",
    t.VarBinaryType: "vz",
    t.DateType: "tdD",
    t.TimeType: "ttn",
}
#: Nanoseconds of the units of time in the names of logical types.
UNIT_NANOS: Final = {"millis": 10**6, "micros": 10**3, "nanos": 1}
#: Nanoseconds of a day.
DAY_NANOS: Final = 86_400 * 10**9


def column_specs(types: Sequence[t.DataType]) -> list[ColumnSpec]:
    """The columns ``f0``, ``f1``, ... of these types."""
    return [column_spec(data_type, f"f{index}") for index, data_type in enumerate(types)]


def column_spec(data_type: t.DataType, name: str) -> ColumnSpec:
    """The column of a type.

    Raises:
        UnsupportedFeature: The kernel has none.
    """
    plain = _FORMATS.get(type(data_type))
    if plain is not None:
        return plain, name, []
    match data_type:
        case t.DecimalType():
            return f"d:38,{data_type.scale}", name, []
        case t.TimestampType() | t.LocalZonedTimestampType():
            return ("tsu:" if data_type.precision <= 6 else "tsn:"), name, []
        case t.ArrayType():
            return "+L", name, [column_spec(data_type.element_type, "item")]
        case t.MapType():
            return "+L", name, [_entry(data_type.key_type, data_type.value_type)]
        case t.MultisetType():
            return "+L", name, [_entry(data_type.element_type, t.IntType())]
        case t.RowType():
            return "+s", name, [column_spec(each.data_type, each.name) for each in data_type]
    raise UnsupportedFeature(f"Avro for type {data_type}")


def _entry(key: t.DataType, value: t.DataType) -> ColumnSpec:
    return "+s", "item", [column_spec(key, "key"), column_spec(value, "value")]


def column_nanos(data_type: t.DataType) -> int:
    """Nanoseconds of one in a column of times or timestamps."""
    if isinstance(data_type, t.TimeType):
        return 1
    assert isinstance(data_type, t.TimestampType | t.LocalZonedTimestampType)
    return 1000 if data_type.precision <= 6 else 1


def unit_nanos(logical: str | None) -> int | None:
    """Nanoseconds of one of a logical type; ``None`` if it is not a time.

    >>> unit_nanos("local-timestamp-micros"), unit_nanos("date")
    (1000, None)
    """
    return None if logical is None else UNIT_NANOS.get(logical.rpartition("-")[2])
