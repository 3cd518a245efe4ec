"""Lines of JSON objects into columns, by a kernel, where they are as plain as it expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.kernels import _native

_BOOL, _WHOLE, _REAL, _DECIMAL, _TEXT, _DATE, _TIME, _TIMESTAMP, _ROW, _LIST, _MAP = range(11)
_SIMPLE: Final[dict[type[t.DataType], tuple[int, str]]] = {
    t.BooleanType: (_BOOL, "b"),
    t.TinyIntType: (_WHOLE, "c"),
    t.SmallIntType: (_WHOLE, "s"),
    t.IntType: (_WHOLE, "i"),
    t.BigIntType: (_WHOLE, "l"),
    t.FloatType: (_REAL, "f"),
    t.DoubleType: (_REAL, "g"),
    t.CharType: (_TEXT, "vu"),
    t.VarCharType: (_TEXT, "vu"),
    t.DateType: (_DATE, "tdD"),
    t.TimeType: (_TIME, "ttn"),
}


class JsonLinesReader:
    """Reads whole lines of UTF-8.

    Args:
        fields: The columns to read, found by their names.
        is_iso: Whether timestamps have a T between date and time.
        needs_all: Whether every line must have all fields.

    Raises:
        TypeError: If the kernel has no columns of one of the types.

    >>> reader = JsonLinesReader([t.RowField("a", t.IntType())], False, False)
    >>> reader.read(b'{"a": 1}\\n{"b": 2}\\n').to_series().to_list()
    [1, None]
    >>> reader.read(b'{"a": "x"}') is None
    True
    """

    def __init__(self, fields: Sequence[t.RowField], is_iso: bool, needs_all: bool) -> None:
        specs = [_spec(field.name, field.data_type) for field in fields]
        self._lines = _native.JsonLines(specs, is_iso, needs_all)

    def read(self, text: bytes) -> pl.DataFrame | None:
        """The columns ``f0``, ``f1``, ...; ``None`` if some line is not plain, or broken."""
        found = self._lines.read(text)
        if found is None:
            return None
        rows, frame = found
        made = pl.DataFrame(frame)
        return made if made.width else pl.DataFrame(height=rows)


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
        case t.MapType() if isinstance(data_type.key_type, t.VarCharType):
            return (name, _MAP, "+L", 0, 0, False, [_spec("value", data_type.value_type)])
    raise TypeError(f"no JSON columns of type {data_type}")
