"""Fields of JSON objects as the kernels know them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flott.common import logical_types as t

_BOOL, _WHOLE, _REAL, _DECIMAL, _TEXT, _DATE, _TIME, _TIMESTAMP, _ROW, _LIST, _MAP, _BYTES = range(
    12
)
_STRING, _PRESENT = 12, 13
#: What stands between the name of a row and its fields.
ROW_SPEC: Final = (_ROW, "+s", 0, 0, False)
_SIMPLE: Final[dict[type[t.DataType], tuple[int, str]]] = {
    t.BooleanType: (_BOOL, "b"),
    t.TinyIntType: (_WHOLE, "c"),
    t.SmallIntType: (_WHOLE, "s"),
    t.IntType: (_WHOLE, "i"),
    t.YearMonthIntervalType: (_WHOLE, "i"),
    t.BigIntType: (_WHOLE, "l"),
    t.DayTimeIntervalType: (_WHOLE, "l"),
    t.FloatType: (_REAL, "f"),
    t.DoubleType: (_REAL, "g"),
    t.CharType: (_TEXT, "vu"),
    t.VarCharType: (_TEXT, "vu"),
    t.BinaryType: (_BYTES, "vz"),
    t.VarBinaryType: (_BYTES, "vz"),
    t.DateType: (_DATE, "tdD"),
    t.TimeType: (_TIME, "ttn"),
}
_TEXTS: Final = (t.CharType, t.VarCharType)


def json_specs(fields: Sequence[t.RowField]) -> list[tuple[Any, ...]]:
    """What ``native/bindings/json_fields.h`` takes.

    Raises:
        TypeError: The kernels have no columns of one of the types.
    """
    return [_spec(field.name, field.data_type) for field in fields]


def string_spec(name: str) -> tuple[Any, ...]:
    """A column of texts that takes nothing but strings."""
    return (name, _STRING, "vu", 0, 0, False, [])


def with_presence(spec: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """A row, or a list of rows, that tells behind its fields for each whether it was there.

    Args:
        spec: The row; its fields have no names that begin with ``?``.
        count: How many fields it has.

    >>> with_presence(("r", *ROW_SPEC, [("a", 1, "i", 0, 0, False, [])]), 1)[-1][1]
    ('?0', 13, 'b', 0, 0, False, [])
    """
    *head, children = spec
    if head[1] == _LIST:
        return (*head, [with_presence(children[0], count)])
    marks: list[tuple[Any, ...]] = [
        (f"?{index}", _PRESENT, "b", index, 0, False, []) for index in range(count)
    ]
    return (*head, [*children, *marks])


def _spec(name: str, data_type: t.DataType) -> tuple[Any, ...]:
    simple = _SIMPLE.get(type(data_type))
    if simple is not None:
        return (name, *simple, 0, 0, False, [])
    match data_type:
        case t.DecimalType():
            precision, scale = data_type.precision, data_type.scale
            return (name, _DECIMAL, f"d:38,{scale}", precision, scale, False, [])
        case t.TimestampType() | t.LocalZonedTimestampType():
            unit = "tsu:" if data_type.precision <= 6 else "tsn:"
            zoned = isinstance(data_type, t.LocalZonedTimestampType)
            return (name, _TIMESTAMP, unit, 0, 0, zoned, [])
        case t.RowType():
            children = [_spec(field.name, field.data_type) for field in data_type]
            return (name, _ROW, "+s", 0, 0, False, children)
        case t.ArrayType():
            return (name, _LIST, "+L", 0, 0, False, [_spec("item", data_type.element_type)])
        case t.MapType() if isinstance(data_type.key_type, _TEXTS):
            return (name, _MAP, "+L", 0, 0, False, [_spec("value", data_type.value_type)])
        case t.MultisetType() if isinstance(data_type.element_type, _TEXTS):
            return (name, _MAP, "+L", 0, 0, False, [_spec("value", t.IntType())])
    raise TypeError(f"no JSON columns of type {data_type}")
