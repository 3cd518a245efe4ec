"""Common types: what several operands are widened to before they meet.

Two tables of rules, as in Flink: ``common_type`` for values that end in one column (CASE,
COALESCE, UNION, ARRAY[...]), ``comparison_type`` for values that are only compared, where a string
also takes the type of the other side.
"""

from __future__ import annotations

from collections.abc import Iterable

from flott.common import logical_types as t

MAX_PRECISION = 38
#: A sum or product keeps at least this many digits after the point when digits run out.
MINIMUM_SCALE = 6

_TEXT = (t.CharType, t.VarCharType)
_BYTES = (t.BinaryType, t.VarBinaryType)
_STAMPS = (t.TimestampType, t.LocalZonedTimestampType)


def as_decimal(data_type: t.DataType) -> t.DecimalType:
    """The DECIMAL that holds every value of an exact number type.

    >>> str(as_decimal(t.IntType()))
    'DECIMAL(10, 0)'
    """
    if isinstance(data_type, t.IntegralType):
        return t.DecimalType(data_type.digits, 0, nullable=data_type.nullable)
    assert isinstance(data_type, t.DecimalType)
    return data_type


def common_type(types: Iterable[t.DataType]) -> t.DataType | None:
    """The type that holds all values of ``types``; ``None`` if there is none.

    >>> str(common_type([t.IntType(), t.DecimalType(5, 2)]))
    'DECIMAL(12, 2)'
    """
    found: t.DataType | None = None
    nullable = False
    for each in types:
        nullable = nullable or each.nullable
        found = each if found is None else _pair(found, each)
        if found is None:
            return None
    return None if found is None else found.with_nullable(nullable)


def _pair(left: t.DataType, right: t.DataType) -> t.DataType | None:
    if left.same_type(right) or isinstance(right, t.NullType):
        return left
    if isinstance(left, t.NullType):
        return right
    if isinstance(left, t.NumericType) and isinstance(right, t.NumericType):
        if isinstance(left, t.DecimalType) and isinstance(right, t.FloatType):
            return right
        return common_number(left, right)
    if isinstance(left, _TEXT) and isinstance(right, _TEXT):
        return t.VarCharType(max(left.length, right.length))
    if isinstance(left, _BYTES) and isinstance(right, _BYTES):
        return t.VarBinaryType(max(left.length, right.length))
    return _temporal_pair(left, right) or _nested_pair(left, right)


def common_number(left: t.DataType, right: t.DataType) -> t.DataType:
    """The number type that holds both."""
    if isinstance(left, t.IntegralType) and isinstance(right, t.IntegralType):
        return left if left.bits >= right.bits else right
    pair = (left, right)
    if any(isinstance(each, t.DoubleType) for each in pair):
        return t.DoubleType()
    if any(isinstance(each, t.FloatType) for each in pair):
        mixed = any(isinstance(each, t.DecimalType) for each in pair)
        return t.DoubleType() if mixed else t.FloatType()
    a, b = as_decimal(left), as_decimal(right)
    scale = max(a.scale, b.scale)
    digits = max(a.precision - a.scale, b.precision - b.scale)
    if digits + scale > MAX_PRECISION:
        scale = max(MAX_PRECISION - digits, 0)
    return t.DecimalType(min(digits + scale, MAX_PRECISION), scale)


def _temporal_pair(left: t.DataType, right: t.DataType) -> t.DataType | None:
    if isinstance(left, _STAMPS) and isinstance(right, _STAMPS):
        precision = max(left.precision, right.precision)
        zoned = isinstance(left, t.LocalZonedTimestampType) or isinstance(
            right, t.LocalZonedTimestampType
        )
        return t.LocalZonedTimestampType(precision) if zoned else t.TimestampType(precision)
    if isinstance(left, t.TimeType) and isinstance(right, t.TimeType):
        return t.TimeType(max(left.precision, right.precision))
    for family in (t.YearMonthIntervalType, t.DayTimeIntervalType):
        if isinstance(left, family) and isinstance(right, family):
            return left
    return None


def _nested_pair(left: t.DataType, right: t.DataType) -> t.DataType | None:
    if isinstance(left, t.ArrayType) and isinstance(right, t.ArrayType):
        element = common_type((left.element_type, right.element_type))
        return None if element is None else t.ArrayType(element)
    if isinstance(left, t.MultisetType) and isinstance(right, t.MultisetType):
        element = common_type((left.element_type, right.element_type))
        return None if element is None else t.MultisetType(element)
    if isinstance(left, t.MapType) and isinstance(right, t.MapType):
        key = common_type((left.key_type, right.key_type))
        value = common_type((left.value_type, right.value_type))
        return None if key is None or value is None else t.MapType(key, value)
    if isinstance(left, t.StructuredType) or isinstance(right, t.StructuredType):
        return None
    if isinstance(left, t.RowType) and isinstance(right, t.RowType) and len(left) == len(right):
        parts = [
            (one.name, common_type((one.data_type, two.data_type)))
            for one, two in zip(left.fields, right.fields, strict=True)
        ]
        if all(part is not None for _, part in parts):
            return t.RowType.of(*[(name, part) for name, part in parts if part is not None])
    return None


def comparison_type(left: t.DataType, right: t.DataType) -> t.DataType | None:
    """The type in which two values are compared; ``None`` if they are not comparable.

    >>> str(comparison_type(t.IntType(), t.STRING))
    'INT'
    """
    common = common_type((left, right))
    if common is not None:
        return common
    nullable = left.nullable or right.nullable
    for text, other in ((left, right), (right, left)):
        if isinstance(text, _TEXT) and isinstance(
            other, (t.NumericType, t.DateType, t.TimeType, *_STAMPS)
        ):
            return other.with_nullable(nullable)
        if isinstance(text, _TEXT) and isinstance(other, t.BooleanType):
            return other.with_nullable(nullable)
    return None


def decimal_sum_type(left: t.DecimalType, right: t.DecimalType) -> t.DecimalType:
    """The type of ``left + right`` and ``left - right``."""
    scale = max(left.scale, right.scale)
    digits = max(left.precision - left.scale, right.precision - right.scale) + 1
    return _adjusted(digits + scale, scale)


def decimal_product_type(left: t.DecimalType, right: t.DecimalType) -> t.DecimalType:
    """The type of ``left * right``."""
    return _adjusted(left.precision + right.precision + 1, left.scale + right.scale)


def decimal_quotient_type(left: t.DecimalType, right: t.DecimalType) -> t.DecimalType:
    """The type of ``left / right``."""
    scale = max(MINIMUM_SCALE, left.scale + right.precision + 1)
    return _adjusted(left.precision - left.scale + right.scale + scale, scale)


def decimal_modulus_type(left: t.DecimalType, right: t.DecimalType) -> t.DecimalType:
    """The type of ``left % right``."""
    scale = max(left.scale, right.scale)
    digits = min(left.precision - left.scale, right.precision - right.scale)
    return _adjusted(digits + scale, scale)


def _adjusted(precision: int, scale: int) -> t.DecimalType:
    if precision <= MAX_PRECISION:
        return t.DecimalType(max(precision, 1), scale)
    digits = precision - scale
    return t.DecimalType(MAX_PRECISION, max(MAX_PRECISION - digits, min(scale, MINIMUM_SCALE)))
