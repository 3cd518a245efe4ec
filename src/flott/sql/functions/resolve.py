"""Calls resolved: types found, operands cast, mistakes named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeGuard

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Call, Cast, Expression, Literal
from flott.sql.functions.casting import can_cast
from flott.sql.functions.casting.rules import can_cast_implicitly, plain_interval, units_of
from flott.sql.functions.entry import Arguments
from flott.sql.functions.names import entry_of

#: Functions that take NULL without a type.
_OF_ANY: Final = frozenset(
    {"=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "CASE", "TYPEOF", "BITMAP_BUILD", "NULLIF"}
)
#: Functions whose operands all have one type, which one of them must tell.
_OF_ONE_TYPE: Final = frozenset({"COALESCE", "IFNULL", "ARRAY"})
#: Functions that know the type of every operand.
_OF_KNOWN_TYPES: Final = frozenset(
    {
        *("BITMAP_FROM_BYTES", "BTRIM", "ELT", "ENDSWITH", "INET_ATON", "INET_NTOA", "MAP"),
        *("PARSE_JSON", "PRINTF", "REGEXP_COUNT", "REGEXP_EXTRACT_ALL", "REGEXP_INSTR"),
        *("REGEXP_SUBSTR", "SPLIT", "STARTSWITH", "TO_TIMESTAMP_LTZ", "UNHEX", "URL_DECODE"),
        *("URL_ENCODE", "IS NULL", "IS NOT NULL", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
    }
)
_STRICT_OF_JSON: Final = frozenset({"JSON_VALUE", "JSON_QUERY", "JSON_EXISTS"})
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
    _refuse_bare_nulls(entry.name, args)
    pairs = tuple(settings)
    resolution = entry.infer(Arguments(entry.name, tuple(args), dict(pairs)))
    if resolution is None:
        given = ", ".join(str(arg.data_type.nullable_()) for arg in args)
        takes = f" takes ({entry.takes})," if entry.takes else " does"
        raise SqlValidationError(f"{entry.name}{takes} not ({given})", hint=entry.doc or None)
    cast = tuple(
        coerced(arg, target, resolution.is_lenient)
        for arg, target in zip(args, resolution.arg_types, strict=True)
    )
    return Call(resolution.data_type, entry.name, cast, pairs, origin)


def _refuse_bare_nulls(name: str, args: Sequence[Expression]) -> None:
    """NULL without a type stands only where other operands tell its type, or none is needed.

    Raises:
        SqlValidationError: It stands elsewhere.
    """
    nulls = [isinstance(arg.data_type, t.NullType) for arg in args]
    is_key = name == "MAP" and any(nulls[::2])
    if not any(nulls) or (name in _OF_KNOWN_TYPES and not is_key):
        return
    if name.startswith(("ARRAY_", "MAP_", "JSON_")) and name not in _STRICT_OF_JSON:
        return
    if name in _OF_ANY or (name in _OF_ONE_TYPE and not all(nulls)):
        return
    raise SqlValidationError("Illegal use of 'NULL'", hint="Write CAST(NULL AS INT), for example.")


def coerced(arg: Expression, target: t.DataType, is_lenient: bool = False) -> Expression:
    """``arg`` implicitly cast to ``target`` where its type is another."""
    given = arg.data_type
    if given.same_type(target):
        return arg
    if isinstance(given, t.NullType):
        return Literal(target.nullable_(), None)
    wanted = target.with_nullable(given.nullable or is_lenient)
    return Cast(wanted, arg, is_try=is_lenient, is_implicit=True)


def _is_float_of_decimal(arg: Expression) -> TypeGuard[Cast]:
    """Whether an expression is a constant with a point, cast to FLOAT."""
    return (
        isinstance(arg, Cast)
        and isinstance(arg.data_type, t.FloatType)
        and isinstance(arg.arg, Literal)
        and isinstance(arg.arg.data_type, t.DecimalType)
    )


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
    is_span = not isinstance(given, t.NullType) and "TO" in getattr(target, "resolution", "")
    if is_span and isinstance(given, t.NumericType):
        raise SqlValidationError(f"Cannot cast {given.nullable_()} to {target.nullable_()}")
    if isinstance(arg, Literal) and isinstance(given, t.IntegralType) and arg.value is not None:
        count = units_of(target)
        if count is not None:
            return Literal(plain_interval(target).not_null(), arg.value * count)
    if not is_try and isinstance(target, t.DecimalType) and _is_float_of_decimal(arg):
        arg = arg.arg  # as in Flink: a constant keeps the digits that FLOAT has not
        given = arg.data_type
    target = plain_interval(target)
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
