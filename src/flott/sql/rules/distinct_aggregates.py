"""DISTINCT aggregates in two steps: each value of a group once, then the group of its values.

The values of one group are divided among subtasks by the first step, so that a group that has
most of the rows does not make one subtask do most of the work.
"""

from __future__ import annotations

from typing import Final

from flott.sql.expressions import AggregateCall, Expression, InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode

#: Aggregates without DISTINCT whose parts can be put together, and by which aggregate.
_MERGED_BY: Final = {"COUNT": "SUM", "SUM": "SUM", "MIN": "MIN", "MAX": "MAX"}
#: Aggregates with DISTINCT that are the same over each value once.
_OF_VALUES: Final = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX"})


def split_distinct(node: LogicalNode) -> LogicalNode | None:
    """An aggregation with DISTINCT calls of one column becomes two."""
    if not isinstance(node, nodes.Aggregate) or node.grouping_sets:
        return None
    distinct = [call for call in node.calls if call.is_distinct]
    plain = [call for call in node.calls if not call.is_distinct]
    columns = {call.args for call in distinct}
    if len(columns) != 1 or len(distinct[0].args) != 1:
        return None
    if any(call.filter is not None or call.function not in _OF_VALUES for call in distinct):
        return None
    if any(call.function not in _MERGED_BY or call.order_by for call in plain):
        return None
    value = distinct[0].args[0]
    if not isinstance(value, InputRef) or value.index in node.keys:
        return None
    return _split(node, value, plain)


def _split(node: nodes.Aggregate, value: InputRef, plain: list[AggregateCall]) -> nodes.Aggregate:
    count = len(node.keys)
    source = node.input.fields
    fields = (
        *node.fields[:count],
        source[value.index],
        *(Field(f"$p{place}", call.data_type) for place, call in enumerate(plain)),
    )
    first = nodes.Aggregate(
        fields,
        node.input,
        (*node.keys, value.index),
        tuple(plain),
        state_ttl_ms=node.state_ttl_ms,
    )
    calls = tuple(_merged(call, plain, count, value) for call in node.calls)
    return nodes.Aggregate(
        node.fields, first, tuple(range(count)), calls, state_ttl_ms=node.state_ttl_ms
    )


def _merged(
    call: AggregateCall, plain: list[AggregateCall], count: int, value: InputRef
) -> AggregateCall:
    """``call`` over the rows of the first step."""
    if call.is_distinct:
        args: tuple[Expression, ...] = (InputRef(value.data_type, count),)
        return AggregateCall(call.data_type, call.function, args, settings=call.settings)
    place = count + 1 + plain.index(call)
    part = InputRef(call.data_type, place)
    return AggregateCall(call.data_type, _MERGED_BY[call.function], (part,))
