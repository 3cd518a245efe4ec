"""Calls over windows are taken out of projections and filters, into ``Over`` nodes below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.sql.expressions import (
    Call,
    Expression,
    InputRef,
    Literal,
    OverCall,
    transform,
    walk,
)
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode, TimeAttribute
from flott.sql.rules.conditions import has_over, has_subquery, references


def extract_overs(node: LogicalNode) -> LogicalNode | None:
    """A projection or filter with calls over windows becomes one over ``Over`` nodes."""
    if isinstance(node, nodes.Project):
        if not _ready(node.expressions):
            return None
        below, expressions = _extracted(node.input, node.expressions)
        return replace(node, input=below, expressions=expressions)
    if isinstance(node, nodes.Filter):
        if not _ready((node.predicate,)):
            return None
        below, (predicate,) = _extracted(node.input, (node.predicate,))
        filtered = nodes.Filter(below.fields, below, predicate)
        own = references(node.input.fields)
        return nodes.Project(node.fields, filtered, own)
    return None


def _ready(expressions: Sequence[Expression]) -> bool:
    return any(has_over(each) for each in expressions) and not any(
        has_subquery(each) for each in expressions
    )


def _extracted(
    source: LogicalNode, expressions: Sequence[Expression]
) -> tuple[LogicalNode, tuple[Expression, ...]]:
    """The node with a column for each call, and the expressions over its columns."""
    calls = list(
        dict.fromkeys(
            part for each in expressions for part in walk(each) if isinstance(part, OverCall)
        )
    )
    columns = _Columns(source)
    simple = {call: columns.simplified(call) for call in calls}
    below = columns.projected()
    places: dict[OverCall, InputRef] = {}
    for group in _groups(calls, simple):
        start = len(below.fields)
        fields = [
            Field(f"w{start + offset}$o", call.data_type) for offset, call in enumerate(group)
        ]
        taken = tuple(simple[call] for call in group)
        for offset, call in enumerate(group):
            places[call] = InputRef(call.data_type, start + offset)
        below = nodes.Over((*below.fields, *fields), below, taken)

    def rule(part: Expression) -> Expression:
        return places[part] if isinstance(part, OverCall) else part

    return below, tuple(transform(each, rule) for each in expressions)


def _groups(calls: Sequence[OverCall], simple: dict[OverCall, OverCall]) -> list[list[OverCall]]:
    """The calls by partition and order."""
    groups: dict[object, list[OverCall]] = {}
    for call in calls:
        window = simple[call].window
        groups.setdefault((window.partition_by, window.order_by), []).append(call)
    return list(groups.values())


def _time_of(expression: Expression) -> TimeAttribute | None:
    is_clock = isinstance(expression, Call) and expression.function == "PROCTIME"
    return TimeAttribute.PROCTIME if is_clock else None


class _Columns:
    """The columns of a node, and those that have to be computed for calls."""

    def __init__(self, source: LogicalNode) -> None:
        self._source = source
        self._computed: dict[Expression, InputRef] = {}

    def simplified(self, call: OverCall) -> OverCall:
        """``call`` over columns and literals only."""
        window = call.window
        order = tuple(
            replace(key, expression=self._column(key.expression)) for key in window.order_by
        )
        partition = tuple(self._column(each) for each in window.partition_by)
        return replace(
            call,
            args=tuple(self._argument(each) for each in call.args),
            filter=None if call.filter is None else self._column(call.filter),
            window=replace(window, partition_by=partition, order_by=order),
        )

    def _argument(self, expression: Expression) -> Expression:
        return expression if isinstance(expression, Literal) else self._column(expression)

    def _column(self, expression: Expression) -> InputRef:
        if isinstance(expression, InputRef):
            return expression
        found = self._computed.get(expression)
        if found is None:
            index = len(self._source.fields) + len(self._computed)
            found = self._computed[expression] = InputRef(expression.data_type, index)
        return found

    def projected(self) -> LogicalNode:
        """The source with the computed columns after its own."""
        if not self._computed:
            return self._source
        own = references(self._source.fields)
        fields = [
            *self._source.fields,
            *(
                Field(f"$f{ref.index}", ref.data_type, _time_of(expression))
                for expression, ref in self._computed.items()
            ),
        ]
        return nodes.Project(tuple(fields), self._source, (*own, *self._computed))
