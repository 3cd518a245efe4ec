"""Column parts of specs: orders and aggregates of the logical plan in the operators' terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flott.common.logical_types import DataType
from flott.sql.expressions import AggregateCall, Expression, InputRef, SortKey

if TYPE_CHECKING:
    from flott.operators.columns.description import AggregateColumn, ColumnOrder


def position(expression: Expression) -> int:
    """The column that ``expression`` is."""
    assert isinstance(expression, InputRef), f"a rule left {expression} in an operator"
    return expression.index


def orders(keys: Sequence[SortKey]) -> tuple[ColumnOrder, ...]:
    """Sort keys as operators know them."""
    from flott.operators.columns.description import ColumnOrder

    return tuple(
        ColumnOrder(position(key.expression), key.ascending, key.nulls_first) for key in keys
    )


def aggregates(
    calls: Sequence[AggregateCall], types: Sequence[DataType]
) -> tuple[AggregateColumn, ...]:
    """Aggregate calls over an input of ``types`` as operators know them."""
    return tuple(aggregate(call, types) for call in calls)


def aggregate(call: AggregateCall, types: Sequence[DataType]) -> AggregateColumn:
    """One of them."""
    from flott.operators.columns.description import AggregateColumn

    args = tuple(position(each) for each in call.args)
    return AggregateColumn(
        call.function,
        args,
        tuple(types[each] for each in args),
        call.data_type,
        None if call.filter is None else position(call.filter),
        call.is_distinct,
        orders(call.order_by),
        call.settings,
    )
