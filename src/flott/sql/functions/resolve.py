"""Calls resolved: types found, operands cast, mistakes named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Call, Cast, Expression, Literal
from flott.sql.functions.casting import can_cast
from flott.sql.functions.entry import Arguments
from flott.sql.functions.names import entry_of

Settings = Iterable[tuple[str, Any]]


def resolve_call(
    name: str, args: Sequence[Expression], settings: Settings = (), origin: str = ""
) -> Call:
    """A call of a scalar function or operator with its types.

    Args:
        name: As written in SQL; operators by their sign.
        args: The bound operands.
        settings: Keywords as (name, value) pairs.
        origin: The text of the call.

    Raises:
        SqlValidationError: No such function, or it does not take these operands.
        UnsupportedFeature: A function of Flink's that is not there yet.
    """
    entry = entry_of(name)
    pairs = tuple(settings)
    resolution = entry.infer(Arguments(entry.name, tuple(args), dict(pairs)))
    if resolution is None:
        given = ", ".join(str(arg.data_type.nullable_()) for arg in args)
        takes = f" takes ({entry.takes})," if entry.takes else " does"
        raise SqlValidationError(f"{entry.name}{takes} not ({given})", hint=entry.doc or None)
    cast = tuple(
        coerced(arg, target) for arg, target in zip(args, resolution.arg_types, strict=True)
    )
    return Call(resolution.data_type, entry.name, cast, pairs, origin)


def coerced(arg: Expression, target: t.DataType) -> Expression:
    """``arg`` implicitly cast to ``target`` where its type is another."""
    given = arg.data_type
    if given.same_type(target):
        return arg
    if isinstance(given, t.NullType):
        return Literal(target.nullable_(), None)
    return Cast(target.with_nullable(given.nullable), arg, is_implicit=True)


def resolve_cast(
    arg: Expression,
    target: t.DataType,
    is_try: bool = False,
    is_implicit: bool = False,
    origin: str = "",
) -> Expression:
    """``CAST(arg AS target)`` with its type.

    Raises:
        SqlValidationError: There is no such cast; with ``is_implicit``: none without being asked.
    """
    given = arg.data_type
    wanted = target.with_nullable(given.nullable or is_try)
    if isinstance(given, t.NullType):
        return Literal(target.nullable_(), None)
    allowed = can_cast_implicitly(given, target) if is_implicit else can_cast(given, target)
    if not allowed:
        hint = None
        if not is_implicit and isinstance(target, (t.TimestampType, t.LocalZonedTimestampType)):
            hint = "TO_TIMESTAMP_LTZ and TO_TIMESTAMP make timestamps of numbers and strings."
        if is_implicit and can_cast(given, target):
            hint = f"Write CAST(... AS {target.nullable_()})."
        kind = "implicitly " if is_implicit else ""
        raise SqlValidationError(
            f"Cannot {kind}cast {given.nullable_()} to {target.nullable_()}", hint=hint
        )
    if given.same_type(target) and not is_try:
        return arg
    if isinstance(arg, Literal) and arg.value is None:
        return replace(arg, data_type=wanted)
    return Cast(wanted, arg, is_try, is_implicit, origin)


_TEXT = (t.CharType, t.VarCharType)
_BYTES = (t.BinaryType, t.VarBinaryType)
_STAMPS = (t.TimestampType, t.LocalZonedTimestampType)


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
            return isinstance(given, (t.IntegralType, t.DecimalType))
        case t.FloatType():
            return isinstance(given, (t.IntegralType, t.DecimalType, t.FloatType))
        case t.DoubleType():
            return isinstance(given, t.NumericType)
        case t.CharType() | t.VarCharType():
            return isinstance(given, _TEXT)
        case t.BinaryType() | t.VarBinaryType():
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
