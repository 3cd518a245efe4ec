"""Which fields of ROW columns a statement reads: sources need not make the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flott.common.logical_types import RowType
from flott.sql.expressions import Call, Expression, InputRef, children
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode, inputs_of
from flott.sql.rules.node_expressions import expressions_of

#: A field of a row, a field of that, and so on.
Path = tuple[str, ...]
#: For each column the fields that are read; ``None`` for all of them.
Uses = dict[int, frozenset[Path] | None]

_PASSES = (nodes.Filter, nodes.WatermarkAssigner)


def tell_used_fields(roots: Sequence[LogicalNode]) -> list[LogicalNode]:
    """Tell the sources of ``roots`` what is read of their ROW columns."""
    uses: dict[LogicalNode, Uses] = {}
    order: list[LogicalNode] = []
    for root in roots:
        _order(root, order, uses)
        _note(uses[root], dict.fromkeys(range(len(root.fields))))
    for node in reversed(order):
        for each, used in zip(inputs_of(node), _demands(node, uses[node]), strict=True):
            _note(uses[each], used)

    def rule(node: LogicalNode) -> LogicalNode:
        return _told(node, uses[node]) if isinstance(node, nodes.Scan) and node in uses else node

    return [nodes.transform(root, rule) for root in roots]


def _order(node: LogicalNode, order: list[LogicalNode], uses: dict[LogicalNode, Uses]) -> None:
    if node in uses:
        return
    uses[node] = {}
    for each in inputs_of(node):
        _order(each, order, uses)
    order.append(node)


def _note(into: Uses, used: Uses) -> None:
    for column, fields in used.items():
        before = into.get(column, frozenset())
        into[column] = None if before is None or fields is None else before | fields


def _demands(node: LogicalNode, used: Uses) -> list[Uses]:
    if isinstance(node, nodes.Project):
        demand: Uses = {}
        for place, expression in enumerate(node.expressions):
            if isinstance(expression, InputRef):
                _note(demand, {expression.index: used.get(place, frozenset())})
            else:
                _read(expression, demand)
        return [demand]
    if isinstance(node, _PASSES):
        demand = dict(used)
        for expression in expressions_of(node):
            _read(expression, demand)
        if isinstance(node, nodes.WatermarkAssigner):
            _note(demand, {node.time_column: None})
        return [demand]
    return [dict.fromkeys(range(len(each.fields))) for each in inputs_of(node)]


def _read(expression: Expression, into: Uses) -> None:
    """Note what ``expression`` reads."""
    if isinstance(expression, InputRef):
        _note(into, {expression.index: None})
        return
    base, path = _field_of(expression)
    if path and isinstance(base, InputRef):
        _note(into, {base.index: frozenset({path})})
        return
    for part in children(expression):
        _read(part, into)


def _field_of(expression: Expression) -> tuple[Expression, Path]:
    """Of what ``expression`` is a nested field, and the names to it; none if it is not a field."""
    path: Path = ()
    while isinstance(expression, Call) and expression.function == "FIELD":
        path = (dict(expression.settings)["name"], *path)
        expression = expression.args[0]
    return expression, path


def _told(scan: nodes.Scan, used: Uses) -> LogicalNode:
    found = {name: fields for name, fields in _by_name(scan, used) if fields is not None}
    return replace(scan, source=scan.source.with_used_fields(found)) if found else scan


def _by_name(scan: nodes.Scan, used: Uses) -> Iterable[tuple[str, frozenset[Path] | None]]:
    for place, name in enumerate(scan.columns):
        if isinstance(scan.types[place], RowType):
            yield name, used.get(place, frozenset())
