"""Functions over a window of rows: ranks, LAG and LEAD, and aggregates with OVER."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Expression, Literal, OverCall, OverWindow
from flott.sql.functions.aggregate_entries import AGGREGATES
from flott.sql.functions.aggregates import resolve_aggregate
from flott.sql.functions.coercion import common_type
from flott.sql.functions.names import suggest
from flott.sql.functions.over_entries import OVER_ONLY
from flott.sql.functions.resolve import coerced


def is_over_only(name: str) -> bool:
    """Whether the function needs OVER."""
    return name.upper() in OVER_ONLY


def resolve_over_call(
    name: str,
    args: Sequence[Expression],
    window: OverWindow,
    is_distinct: bool = False,
    filter: Expression | None = None,
    settings: Iterable[tuple[str, Any]] = (),
    origin: str = "",
) -> OverCall:
    """A call over a window with its type.

    Raises:
        SqlValidationError: No such function, or it does not take these operands or this window.
    """
    function = name.upper()
    pairs = tuple(settings)
    if function in AGGREGATES:
        call = resolve_aggregate(function, args, is_distinct, filter, (), pairs, origin)
        return OverCall(
            call.data_type, call.function, call.args, window, is_distinct, filter, pairs, origin
        )
    if function not in OVER_ONLY:
        near = suggest(name)
        hint = f"Did you mean '{near}'?" if near else None
        raise SqlValidationError(f"No function {function} with OVER", hint=hint)
    if not window.order_by and function not in ("ROW_NUMBER", "LAG", "LEAD"):
        raise SqlValidationError(f"{function} needs ORDER BY in its window")
    data_type, cast = _ranking(function, tuple(args))
    return OverCall(data_type, function, cast, window, is_distinct, filter, pairs, origin)


def _ranking(
    function: str, args: tuple[Expression, ...]
) -> tuple[t.DataType, tuple[Expression, ...]]:
    fixed = OVER_ONLY[function]
    if fixed is None:
        return _neighbour(function, args)
    wanted = 1 if function == "NTILE" else 0
    if len(args) != wanted:
        raise SqlValidationError(f"{function} takes {wanted or 'no'} operand{'s' * (not wanted)}")
    if wanted and not isinstance(args[0].data_type, t.IntegralType):
        raise SqlValidationError(f"NTILE takes a whole number, not {args[0].data_type}")
    if wanted and not isinstance(args[0], Literal):
        raise SqlValidationError("NTILE takes a constant")
    return fixed, args


def _neighbour(
    function: str, args: tuple[Expression, ...]
) -> tuple[t.DataType, tuple[Expression, ...]]:
    """LAG and LEAD: value, [offset, [default]]."""
    if not 1 <= len(args) <= 3:
        raise SqlValidationError(f"{function} takes a value, [an offset, [a default]]")
    if len(args) > 1 and not isinstance(args[1].data_type, t.IntegralType):
        raise SqlValidationError(f"The offset of {function} is a whole number")
    value = args[0].data_type
    if len(args) < 3:
        return value.nullable_(), args
    common = common_type((value, args[2].data_type))
    if common is None:
        raise SqlValidationError(
            f"{function} of {value.nullable_()} has a default of {args[2].data_type.nullable_()}"
        )
    result = value.with_nullable(args[2].data_type.nullable)
    return result, (args[0], args[1], coerced(args[2], value))
