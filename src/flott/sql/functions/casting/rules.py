"""Which types can be cast to which."""

from __future__ import annotations

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


def _can_cast_atomic(source: t.DataType, target: t.DataType) -> bool:
    text = isinstance(source, _TEXT)
    match target:
        case t.BooleanType():
            return text or isinstance(source, (t.BooleanType, t.NumericType))
        case t.NumericType():
            interval = isinstance(source, (t.YearMonthIntervalType, t.DayTimeIntervalType))
            return (
                text
                or isinstance(source, (t.BooleanType, t.NumericType))
                or (interval and isinstance(target, _EXACT))
            )
        case t.BinaryType() | t.VarBinaryType():
            return text or isinstance(source, (*_BYTES, t.RawType))
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
