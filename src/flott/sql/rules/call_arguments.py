"""Aggregates and window functions read columns only: everything else is computed below them."""

from __future__ import annotations

from dataclasses import replace

from flott.sql.expressions import (
    AggregateCall,
    Expression,
    InputRef,
    Literal,
    OverCall,
    SortKey,
)
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode
from flott.sql.rules.conditions import references


class _Columns:
    """The columns of a node, with room for more."""

    def __init__(self, source: LogicalNode) -> None:
        self._source = source
        self._added: dict[Expression, InputRef] = {}

    def column(self, expression: Expression) -> InputRef:
        """The column that holds ``expression``."""
        if isinstance(expression, InputRef):
            return expression
        if expression not in self._added:
            index = len(self._source.fields) + len(self._added)
            self._added[expression] = InputRef(expression.data_type, index)
        return self._added[expression]

    def node(self) -> LogicalNode | None:
        """The node with the columns added; ``None`` if there are none."""
        if not self._added:
            return None
        fields = (
            *self._source.fields,
            *(Field(f"$f{ref.index}", ref.data_type) for ref in self._added.values()),
        )
        own = references(self._source.fields)
        return nodes.Project(fields, self._source, (*own, *self._added))


def columns_for_aggregates(node: LogicalNode) -> LogicalNode | None:
    """Arguments, filters and orders of aggregates become columns of the input."""
    if not isinstance(node, nodes.Aggregate):
        return None
    columns = _Columns(node.input)
    calls = tuple(_aggregate_call(call, columns) for call in node.calls)
    source = columns.node()
    if source is None:
        return None if calls == node.calls else replace(node, calls=calls)
    return replace(node, input=source, calls=calls)


def _aggregate_call(call: AggregateCall, columns: _Columns) -> AggregateCall:
    args = call.args
    if call.function == "COUNT" and not call.is_distinct and all(map(_is_never_null, args)):
        args = ()
    return replace(
        call,
        args=tuple(columns.column(each) for each in args),
        filter=None if call.filter is None else columns.column(call.filter),
        order_by=tuple(_key(each, columns) for each in call.order_by),
    )


def _is_never_null(expression: Expression) -> bool:
    if isinstance(expression, Literal):
        return expression.value is not None
    return not expression.data_type.nullable


def _key(key: SortKey, columns: _Columns) -> SortKey:
    return replace(key, expression=columns.column(key.expression))


def columns_for_overs(node: LogicalNode) -> LogicalNode | None:
    """Arguments of calls over windows become columns of the input."""
    if not isinstance(node, nodes.Over):
        return None
    columns = _Columns(node.input)
    calls = tuple(_over_call(call, columns) for call in node.calls)
    source = columns.node()
    if source is None:
        return None
    width, count = len(node.input.fields), len(source.fields)
    fields = (*source.fields, *node.fields[width:])
    over = nodes.Over(fields, source, calls)
    own = references(fields)
    return nodes.Project(node.fields, over, (*own[:width], *own[count:]))


def _over_call(call: OverCall, columns: _Columns) -> OverCall:
    return replace(call, args=tuple(columns.column(each) for each in call.args))
