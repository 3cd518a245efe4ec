"""Columns as Arrow arrays of the types that other programs expect: maps, texts, instants.

The engine holds a map as a list of entries and an instant as a time without a zone; what is written
for others says what it is.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from flott.common import logical_types as t
from flott.formats.arrow import load_arrow


def to_arrow_array(column: pl.Series, data_type: t.DataType) -> Any:
    """A column as an Arrow array."""
    array = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    return _convert(array, data_type)


def _convert(array: Any, data_type: t.DataType) -> Any:
    pa = load_arrow()
    match data_type:
        case t.LocalZonedTimestampType():
            unit = "us" if data_type.precision <= 6 else "ns"
            return array.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC"))
        case t.CharType() | t.VarCharType():
            return array.cast(pa.string())
        case t.BinaryType() | t.VarBinaryType():
            return array.cast(pa.binary())
        case t.MapType():
            return _map(array, data_type.key_type, data_type.value_type)
        case t.MultisetType():
            return _map(array, data_type.element_type, t.IntType())
        case t.ArrayType():
            values = _convert(array.values, data_type.element_type)
            return pa.ListArray.from_arrays(_offsets(array), values, mask=array.is_null())
        case t.RowType():
            parts = [
                _convert(part, field.data_type)
                for part, field in zip(_parts(array), data_type.fields, strict=True)
            ]
            names = [field.name for field in data_type]
            return pa.StructArray.from_arrays(parts, names, mask=array.is_null())
    return array


def _map(array: Any, key_type: t.DataType, value_type: t.DataType) -> Any:
    pa = load_arrow()
    keys, values = _parts(array.values)
    return pa.MapArray.from_arrays(
        _offsets(array),
        _convert(keys, key_type),
        _convert(values, value_type),
        mask=array.is_null(),
    )


def _offsets(array: Any) -> Any:
    return array.offsets.cast(load_arrow().int32())


def _parts(array: Any) -> list[Any]:
    """The parts of a struct, as long as it, also where it is a slice."""
    return [array.field(index) for index in range(array.type.num_fields)]
