"""Which types can be cast to which."""

from __future__ import annotations

from typing import Final

from flott.common import logical_types as t

_TEXT = (t.CharType, t.VarCharType)
_BYTES = (t.BinaryType, t.VarBinaryType)
_STAMPS = (t.TimestampType, t.LocalZonedTimestampType)
_EXACT = (t.IntegralType, t.DecimalType)


def can_cast(source: t.DataType, target: t.DataType) -> bool:
    """Whether ``CAST(source AS target)`` is allowed.

    >>> can_cast(t.IntType(), t.STRING), can_cast(t.BigIntType(), t.TimestampType(3))
    (True, False)
    """
    if isinstance(source, t.NullType) or source.same_type(target):
        return True
    if isinstance(target, _TEXT):
        return not isinstance(source, t.RawType | t.VariantType)
    if isinstance(source, (t.ArrayType, t.MapType, t.MultisetType, t.RowType)):
        return _can_cast_nested(source, target)
    return _can_cast_atomic(source, target)


def plain_interval(data_type: t.DataType) -> t.DataType:
    """The type of all intervals of a kind: they are months or milliseconds, whatever was written.

    >>> str(plain_interval(t.DayTimeIntervalType("DAY")))
    'INTERVAL SECOND(3)'
    """
    match data_type:
        case t.YearMonthIntervalType():
            return t.YearMonthIntervalType("MONTH", nullable=data_type.nullable)
        case t.DayTimeIntervalType():
            return t.DayTimeIntervalType(
                "SECOND", fractional_precision=3, nullable=data_type.nullable
            )
    return data_type


#: How many months or milliseconds the units of intervals have.
_UNITS: Final = {
    "MONTH": 1, "QUARTER": 3, "YEAR": 12, "SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000,
    "DAY": 86_400_000, "WEEK": 604_800_000,
}  # fmt: skip


def units_of(data_type: t.DataType) -> int | None:
    """The months or milliseconds in the unit of an interval: what a constant of it counts.

    >>> units_of(t.DayTimeIntervalType("HOUR")), units_of(t.IntType())
    (3600000, None)
    """
    if not isinstance(data_type, t.YearMonthIntervalType | t.DayTimeIntervalType):
        return None
    return _UNITS.get(data_type.resolution)


def _can_cast_atomic(source: t.DataType, target: t.DataType) -> bool:
    text = isinstance(source, _TEXT)
    match target:
        case t.BooleanType():
            return text or isinstance(source, (t.BooleanType, t.NumericType))
        case t.NumericType():
            return text or isinstance(source, (t.BooleanType, t.NumericType))
        case t.BinaryType() | t.VarBinaryType():
            return text or isinstance(source, (*_BYTES, t.RawType, t.BitmapType))
        case t.DateType():
            return text or isinstance(source, (t.DateType, *_STAMPS))
        case t.TimeType():
            return text or isinstance(source, (t.TimeType, *_STAMPS))
        case t.TimestampType() | t.LocalZonedTimestampType():
            return text or isinstance(source, (t.DateType, t.TimeType, *_STAMPS))
        case t.YearMonthIntervalType():
            return isinstance(source, (*_EXACT, t.YearMonthIntervalType))
        case t.DayTimeIntervalType():
            return isinstance(source, (*_EXACT, t.DayTimeIntervalType))
    return False


def _can_cast_nested(source: t.DataType, target: t.DataType) -> bool:
    match source, target:
        case t.ArrayType(), t.ArrayType():
            return can_cast(source.element_type, target.element_type)
        case t.MultisetType(), t.MultisetType():
            return can_cast(source.element_type, target.element_type)
        case t.MapType(), t.MapType():
            return can_cast(source.key_type, target.key_type) and can_cast(
                source.value_type, target.value_type
            )
        case t.RowType(), t.RowType():
            if len(source) != len(target):
                return False
            pairs = zip(source.field_types(), target.field_types(), strict=True)
            return all(can_cast(one, two) for one, two in pairs)
    return False


def can_cast_implicitly(given: t.DataType, target: t.DataType) -> bool:
    """Whether a value of ``given`` goes into a column of ``target`` without CAST.

    >>> can_cast_implicitly(t.IntType(), t.BigIntType()), can_cast_implicitly(t.STRING, t.IntType())
    (True, False)
    """
    if isinstance(given, t.NullType) or given.same_type(target):
        return True
    match target:
        case t.IntegralType():
            return isinstance(given, t.IntegralType) and given.bits <= target.bits
        case t.DecimalType():
            return isinstance(given, t.NumericType)
        case t.FloatType():
            return isinstance(given, (t.IntegralType, t.DecimalType, t.FloatType))
        case t.DoubleType():
            return isinstance(given, t.NumericType)
        case t.CharType() | t.BinaryType():
            return isinstance(given, type(target))
        case t.VarCharType():
            return isinstance(given, _TEXT)
        case t.VarBinaryType():
            return isinstance(given, _BYTES)
        case t.TimestampType() | t.LocalZonedTimestampType():
            return isinstance(given, _STAMPS)
        case t.DateType():
            return isinstance(given, t.TimestampType)
        case t.TimeType():
            return isinstance(given, (t.TimeType, t.TimestampType))
        case t.YearMonthIntervalType() | t.DayTimeIntervalType():
            return isinstance(given, type(target))
    return _implicit_nested(given, target)


def _implicit_nested(given: t.DataType, target: t.DataType) -> bool:
    match given, target:
        case t.ArrayType(), t.ArrayType():
            return can_cast_implicitly(given.element_type, target.element_type)
        case t.MultisetType(), t.MultisetType():
            return can_cast_implicitly(given.element_type, target.element_type)
        case t.MapType(), t.MapType():
            return can_cast_implicitly(given.key_type, target.key_type) and can_cast_implicitly(
                given.value_type, target.value_type
            )
        case t.RowType(), t.RowType():
            pairs = zip(given.field_types(), target.field_types(), strict=False)
            return len(given) == len(target) and all(can_cast_implicitly(a, b) for a, b in pairs)
    return False
