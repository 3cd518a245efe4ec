"""GROUPING SETS, CUBE and ROLLUP: rows are repeated for each set, then grouped once."""

from __future__ import annotations

from flott.common.logical_types import BigIntType
from flott.sql.expressions import AggregateCall, Expression, InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode
from flott.sql.rules.conditions import bigint, case, equal, reference

_SET_ID = BigIntType(nullable=False)
#: Calls that ask which keys a row is grouped by.
_GROUPING = frozenset({"GROUPING", "GROUPING_ID", "GROUP_ID"})


def expand_grouping_sets(node: LogicalNode) -> LogicalNode | None:
    """An aggregation by several sets becomes one by all keys and the number of the set."""
    if not isinstance(node, nodes.Aggregate):
        return None
    asks = any(call.function in _GROUPING for call in node.calls)
    if not node.grouping_sets and not asks:
        return None
    sets = node.grouping_sets or (node.keys,)
    expanded = _expanded(node, sets)
    width = len(node.input.fields)
    keys = tuple(range(width, width + len(node.keys) + 1))
    calls = tuple(call for call in node.calls if call.function not in _GROUPING)
    fields = (
        *(expanded.fields[key] for key in keys),
        *(
            field
            for field, call in zip(node.fields[len(node.keys) :], node.calls, strict=True)
            if call.function not in _GROUPING
        ),
    )
    grouped = nodes.Aggregate(fields, expanded, keys, calls, state_ttl_ms=node.state_ttl_ms)
    return nodes.Project(node.fields, grouped, _outputs(node, sets, grouped))


def _expanded(node: nodes.Aggregate, sets: tuple[tuple[int, ...], ...]) -> nodes.Expand:
    """The input's columns, then the keys with NULL where a set has them not, then its number."""
    source = node.input
    fields = (
        *source.fields,
        *(
            Field(field.name, field.data_type.nullable_() if len(sets) > 1 else field.data_type)
            for field in (source.fields[key] for key in node.keys)
        ),
        Field("$e", _SET_ID),
    )
    own: tuple[int | tuple[int] | None, ...] = tuple(range(len(source.fields)))
    projections = tuple(
        (*own, *(key if key in one else None for key in node.keys), (number,))
        for number, one in enumerate(sets)
    )
    return nodes.Expand(fields, source, projections)


def _outputs(
    node: nodes.Aggregate, sets: tuple[tuple[int, ...], ...], grouped: LogicalNode
) -> tuple[Expression, ...]:
    """The columns of ``node`` over those of the aggregation by all keys."""
    count = len(node.keys)
    outputs: list[Expression] = [reference(grouped.fields, place) for place in range(count)]
    number = reference(grouped.fields, count)
    place = count + 1
    for call in node.calls:
        if call.function in _GROUPING:
            outputs.append(_by_set(number, [_grouping(call, sets, each) for each in sets]))
        else:
            outputs.append(reference(grouped.fields, place))
            place += 1
    return tuple(outputs)


def _grouping(call: AggregateCall, sets: tuple[tuple[int, ...], ...], one: tuple[int, ...]) -> int:
    """What ``call`` gives for the rows of the set ``one``."""
    if call.function == "GROUP_ID":
        return 0
    value = 0
    for arg in call.args:
        present = isinstance(arg, InputRef) and arg.index in one
        value = value * 2 + (0 if present else 1)
    return value


def _by_set(number: Expression, values: list[int]) -> Expression:
    """The value that belongs to the set of a row."""
    if len(set(values)) == 1:
        return bigint(values[0])
    parts: list[Expression] = []
    for place, value in enumerate(values[:-1]):
        parts += [equal(number, bigint(place)), bigint(value)]
    return case(_SET_ID, *parts, bigint(values[-1]))
