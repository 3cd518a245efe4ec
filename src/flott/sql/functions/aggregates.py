"""Calls of aggregate functions and their types. The operators compute them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import AggregateCall, Call, Cast, Expression, Literal, SortKey
from flott.sql.functions.aggregate_entries import AGGREGATES, Aggregate
from flott.sql.functions.names import suggest
from flott.sql.functions.resolve import coerced


def is_aggregate(name: str) -> bool:
    """Whether ``name`` is an aggregate function."""
    return name.upper() in AGGREGATES


def empty_is_null(name: str) -> bool:
    """Whether the aggregate of no rows is NULL."""
    entry = AGGREGATES.get(name.upper())
    return entry is not None and entry.empty_is_null


def resolve_aggregate(
    name: str,
    args: Sequence[Expression] = (),
    is_distinct: bool = False,
    filter: Expression | None = None,
    order_by: Sequence[SortKey] = (),
    settings: Iterable[tuple[str, Any]] = (),
    origin: str = "",
) -> AggregateCall:
    """A call of an aggregate function with its type, as for a group that is not empty.

    Raises:
        SqlValidationError: No such function, or it does not take these operands.
    """
    entry = find_aggregate(name, args)
    if any(isinstance(arg.data_type, t.NullType) for arg in args):
        raise SqlValidationError("Illegal use of 'NULL'", hint="Write CAST(NULL AS INT), say.")
    types = [arg.data_type for arg in args]
    if any(isinstance(each, t.NullType) for each in types):
        raise SqlValidationError("A bare NULL has no type", hint="Write CAST(NULL AS ...).")
    result = entry.result(types) if types or entry.fewest == 0 else None
    if result is None:
        given = ", ".join(str(each.nullable_()) for each in types)
        raise SqlValidationError(f"{entry.name} does not take ({given})", hint=entry.doc)
    if filter is not None and not isinstance(filter.data_type, t.BooleanType):
        raise SqlValidationError(f"FILTER takes a BOOLEAN, not {filter.data_type.nullable_()}")
    _check_constants(entry, args)
    if entry.name == "LISTAGG" and order_by:
        raise SqlValidationError("LISTAGG takes no WITHIN GROUP")
    settings = tuple(settings)
    if entry.name.startswith("JSON_") and _is_json(args[-1]):
        settings = (*settings, ("is_json", True))
    if entry.arguments is not None:
        wanted = entry.arguments(types)
        args = [coerced(arg, target) for arg, target in zip(args, wanted, strict=True)]
    return AggregateCall(
        result, entry.name, tuple(args), is_distinct, filter, tuple(order_by), settings,
        origin,
    )  # fmt: skip


def _is_json(value: Expression) -> bool:
    """Whether a value is a document rather than a string: made by a constructor."""
    return isinstance(value, Call) and value.function in ("JSON_OBJECT", "JSON_ARRAY")


def find_aggregate(name: str, args: Sequence[Expression]) -> Aggregate:
    """The entry of ``name``, which takes that many operands."""
    entry = AGGREGATES.get(name.upper())
    if entry is None:
        near = suggest(name)
        hint = f"Did you mean '{near}'?" if near else None
        raise SqlValidationError(f"No aggregate function {name.upper()}", hint=hint)
    if not entry.fewest <= len(args) <= entry.most:
        raise SqlValidationError(f"{entry.name} does not take {len(args)} operands", hint=entry.doc)
    if entry.name == "COUNT" and len(args) > 1:
        raise SqlValidationError("COUNT takes one operand", hint="Count a ROW of several values.")
    return entry


def _check_constants(entry: Aggregate, args: Sequence[Expression]) -> None:
    separator = _constants(args[1]) if entry.name == "LISTAGG" and len(args) == 2 else ()
    if separator is None:
        raise SqlValidationError("The separator of LISTAGG must be a constant")
    if entry.name == "PERCENTILE":
        points = _constants(args[1])
        if points is None or not all(0 <= point <= 1 for point in points):
            raise SqlValidationError("The percentages of PERCENTILE are constants from 0 to 1")


def _constants(arg: Expression) -> list[Any] | None:
    """The value, or the values of an array, that ``arg`` is; ``None`` if it varies."""
    if isinstance(arg, Call) and arg.function == "ARRAY":
        parts = [_constants(each) for each in arg.args]
        return None if None in parts else [part[0] for part in parts if part]
    while isinstance(arg, Cast):
        arg = arg.arg
    return [arg.value] if isinstance(arg, Literal) and arg.value is not None else None
