"""Calls of aggregate functions and their types. The operators compute them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import AggregateCall, Expression, Literal, SortKey
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
    types = [arg.data_type for arg in args]
    if any(isinstance(each, t.NullType) for each in types):
        raise SqlValidationError("A bare NULL has no type", hint="Write CAST(NULL AS ...).")
    result = entry.result(types) if types or entry.fewest == 0 else None
    if result is None:
        given = ", ".join(str(each.nullable_()) for each in types)
        raise SqlValidationError(f"{entry.name} does not take ({given})", hint=entry.doc)
    if filter is not None and not isinstance(filter.data_type, t.BooleanType):
        raise SqlValidationError(f"FILTER takes a BOOLEAN, not {filter.data_type.nullable_()}")
    _check_separator(entry, args)
    if entry.arguments is not None:
        wanted = entry.arguments(types)
        args = [coerced(arg, target) for arg, target in zip(args, wanted, strict=True)]
    return AggregateCall(
        result, entry.name, tuple(args), is_distinct, filter, tuple(order_by), tuple(settings),
        origin,
    )  # fmt: skip


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


def _check_separator(entry: Aggregate, args: Sequence[Expression]) -> None:
    if entry.name == "LISTAGG" and len(args) == 2 and not isinstance(args[1], Literal):
        raise SqlValidationError("The separator of LISTAGG must be a constant")
