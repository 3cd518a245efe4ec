"""Type information as formats look at it: a dozen kinds, whatever class says so.

Text, JSON and Arrow each map a kind to what they write; here is the one place that knows the
classes of ``flott.common``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from flott.common.composite_types import (
    BasicArrayTypeInfo,
    ExternalTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PrimitiveArrayTypeInfo,
    RecordClassTypeInfo,
    RowTypeInfo,
    TupleTypeInfo,
)
from flott.common.temporal_types import (
    DateTypeInfo,
    LocalTimeTypeInfo,
    TimestampTypeInfo,
    TimeTypeInfo,
)
from flott.common.type_inference import type_info_from_hint
from flott.common.type_information import BasicType, BasicTypeInfo, TypeInformation


class Kind(Enum):
    """What a value is, for a format."""

    ANY = "any"
    STRING = "string"
    BOOLEAN = "boolean"
    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    BIG_INT = "big integer"
    FLOAT = "float"
    DOUBLE = "double"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"
    BYTES = "bytes"
    LIST = "list"
    MAP = "map"
    TUPLE = "tuple"
    ROW = "row"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Shape:
    """A type, taken apart.

    Attributes:
        kind: What it is.
        children: The types of its parts: element, key and value, or fields.
        names: The names of fields.
        record_class: The class of a dataclass or NamedTuple.
    """

    kind: Kind
    children: tuple[Shape, ...] = ()
    names: tuple[str, ...] = ()
    record_class: type | None = None


_BASIC: Final = {
    BasicType.STRING: Kind.STRING,
    BasicType.CHAR: Kind.STRING,
    BasicType.BOOLEAN: Kind.BOOLEAN,
    BasicType.BYTE: Kind.INT8,
    BasicType.SHORT: Kind.INT16,
    BasicType.INT: Kind.INT32,
    BasicType.LONG: Kind.INT64,
    BasicType.BIG_INT: Kind.BIG_INT,
    BasicType.FLOAT: Kind.FLOAT,
    BasicType.DOUBLE: Kind.DOUBLE,
    BasicType.BIG_DEC: Kind.DECIMAL,
    BasicType.INSTANT: Kind.INSTANT,
}
_LOCAL_TIME: Final = {
    LocalTimeTypeInfo.TimeType.LOCAL_DATE: Kind.DATE,
    LocalTimeTypeInfo.TimeType.LOCAL_TIME: Kind.TIME,
    LocalTimeTypeInfo.TimeType.LOCAL_DATE_TIME: Kind.TIMESTAMP,
}
#: Smallest and largest whole number of each kind.
INT_BOUNDS: Final = {
    kind: (-(1 << bits - 1), (1 << bits - 1) - 1)
    for kind, bits in ((Kind.INT8, 8), (Kind.INT16, 16), (Kind.INT32, 32), (Kind.INT64, 64))
}


def to_type_info(declared: Any) -> TypeInformation:
    """A type as the user wrote it: ``Types.INT()``, a type of the Table API, or ``int``.

    Raises:
        TypeError: If it is not a type.

    >>> to_type_info(int), to_type_info(list[str])
    (Long, ListTypeInfo<String>)
    """
    if isinstance(declared, TypeInformation):
        return declared
    convert = getattr(declared, "to_type_info", None)
    return convert() if callable(convert) else type_info_from_hint(declared)


def shape_of(type_info: TypeInformation | None) -> Shape:
    """Take a type apart.

    >>> from flott.common import Types
    >>> shape_of(Types.LIST(Types.INT())).children[0].kind
    <Kind.INT32: 'int32'>
    """
    if isinstance(type_info, BasicTypeInfo):
        return Shape(_BASIC[type_info._basic_type])
    if isinstance(type_info, LocalTimeTypeInfo):
        return Shape(_LOCAL_TIME[type_info._time_type])
    if isinstance(type_info, ExternalTypeInfo):
        return shape_of(type_info._type_info)
    if isinstance(type_info, DateTypeInfo):
        return Shape(Kind.DATE)
    if isinstance(type_info, TimeTypeInfo):
        return Shape(Kind.TIME)
    if isinstance(type_info, TimestampTypeInfo):
        return Shape(Kind.TIMESTAMP)
    return _composite(type_info)


def _composite(type_info: TypeInformation | None) -> Shape:
    if isinstance(
        type_info,
        (ListTypeInfo, BasicArrayTypeInfo, ObjectArrayTypeInfo, PrimitiveArrayTypeInfo),
    ):
        element = shape_of(type_info._element_type)
        if isinstance(type_info, PrimitiveArrayTypeInfo) and element.kind is Kind.INT8:
            return Shape(Kind.BYTES)
        return Shape(Kind.LIST, (element,))
    if isinstance(type_info, MapTypeInfo):
        return Shape(Kind.MAP, tuple(map(shape_of, type_info._children())))
    if isinstance(type_info, RowTypeInfo):
        fields = tuple(map(shape_of, type_info.get_field_types()))
        return Shape(Kind.ROW, fields, tuple(type_info.get_field_names()))
    if isinstance(type_info, TupleTypeInfo):
        fields = tuple(map(shape_of, type_info.get_field_types()))
        return Shape(Kind.TUPLE, fields, tuple(f"f{i}" for i in range(len(fields))))
    if isinstance(type_info, RecordClassTypeInfo):
        fields = tuple(map(shape_of, type_info.get_field_types()))
        names = tuple(type_info.get_field_names())
        return Shape(Kind.RECORD, fields, names, type_info.record_class)
    return Shape(Kind.ANY)
