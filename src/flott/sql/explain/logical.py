"""Logical nodes as text, in Flink's words: ``LogicalFilter(condition=[a > 1])``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flott.sql.expressions import (
    AggregateCall,
    ExistsSubquery,
    Expression,
    InSubquery,
    OverCall,
    ScalarSubquery,
    walk,
)
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode, inputs_of
from flott.sql.physical.texts import (
    call_text,
    columns_text,
    frame_text,
    listed,
    path_text,
    scalar_text,
    sort_text,
)
from flott.sql.rules.node_expressions import expressions_of


def logical_text(node: LogicalNode) -> str:
    """The line of a node."""
    describe = _DETAILS.get(type(node))
    detail = "" if describe is None else describe(node)
    name = type(node).__name__
    return f"Logical{_NAMES.get(name, name)}({detail})"


def logical_inputs(node: LogicalNode) -> Sequence[LogicalNode]:
    """The inputs of a node, then the plans of sub-queries in its expressions."""
    plans = [
        part.plan
        for expression in expressions_of(node)
        for part in walk(expression)
        if isinstance(part, ScalarSubquery | InSubquery | ExistsSubquery)
    ]
    return (*inputs_of(node), *plans)


_NAMES = {"Scan": "TableScan", "SetOperation": "Set", "TopN": "Rank"}


def _names(*sides: LogicalNode) -> list[str]:
    return [each.name for side in sides for each in side.fields]


def _own(node: LogicalNode) -> list[str]:
    return [each.name for each in node.fields]


def _text(expression: Expression, names: Sequence[str]) -> str:
    if isinstance(expression, OverCall):
        window = expression.window
        parts = []
        if window.partition_by:
            parts.append(f"PARTITION BY {', '.join(_text(e, names) for e in window.partition_by)}")
        if window.order_by:
            parts.append(f"ORDER BY {sort_text(window.order_by, names)}")
        parts.append(frame_text(window))
        return f"{call_text(expression, names)} OVER ({' '.join(parts)})"
    return scalar_text(expression, names)


def _scan(node: nodes.Scan) -> str:
    text = f"table=[{listed(node.path)}], fields={listed(_own(node))}"
    if node.pushed:
        text += f", filter={listed(node.pushed_texts)}"
    if node.limit is not None:
        text += f", limit=[{node.limit}]"
    return text


def _values(node: nodes.Values) -> str:
    rows = (f"({', '.join(_text(each, ()) for each in row)})" for row in node.rows)
    return f"tuples={listed(rows)}"


def _project(node: nodes.Project) -> str:
    names = _names(node.input)
    pairs = zip(node.expressions, node.fields, strict=True)
    return ", ".join(f"{field.name}=[{_text(each, names)}]" for each, field in pairs)


def _filter(node: nodes.Filter) -> str:
    return f"condition=[{_text(node.predicate, _names(node.input))}]"


def _watermark(node: nodes.WatermarkAssigner) -> str:
    names = _names(node.input)
    return f"rowtime=[{names[node.time_column]}], watermark=[{_text(node.watermark, names)}]"


def _calls(calls: Sequence[AggregateCall], fields: Sequence[Any], names: Sequence[str]) -> str:
    return listed(
        f"{call_text(call, names)} AS {field.name}"
        for call, field in zip(calls, fields, strict=True)
    )


def _aggregate(node: nodes.Aggregate) -> str:
    names = _names(node.input)
    text = f"group={columns_text(node.keys, names)}"
    if node.grouping_sets:
        text += f", groups={listed(columns_text(each, names) for each in node.grouping_sets)}"
    if node.calls:
        text += f", calls={_calls(node.calls, node.fields[len(node.keys) :], names)}"
    return text


def _window(node: nodes.WindowTableFunction) -> str:
    names = _names(node.input)
    text = f"{node.kind.value}, time=[{names[node.time_column]}], size=[{node.size_ms} ms]"
    if node.slide_ms != node.size_ms:
        text += f", slide=[{node.slide_ms} ms]"
    if node.offset_ms:
        text += f", offset=[{node.offset_ms} ms]"
    if node.partition_keys:
        text += f", partition={columns_text(node.partition_keys, names)}"
    return text


def _join(node: Any) -> str:
    condition = node.condition
    text = "true" if condition is None else _text(condition, _names(node.left, node.right))
    aware = ", nullAware=[true]" if getattr(node, "null_aware", False) else ""
    return f"condition=[{text}], joinType=[{node.kind.value.lower()}]{aware}"


def _correlate(node: nodes.Correlate) -> str:
    args = ", ".join(_text(each, _names(node.input)) for each in node.args)
    return f"invocation=[{node.function}({args})], joinType=[{node.kind.value.lower()}]"


def _set(node: nodes.SetOperation) -> str:
    return f"kind=[{node.kind.value}], all=[{str(node.is_all).lower()}]"


def _over(node: nodes.Over) -> str:
    names = _names(node.input)
    own = node.fields[len(node.input.fields) :]
    return ", ".join(
        f"{field.name}=[{_text(call, names)}]" for call, field in zip(node.calls, own, strict=True)
    )


def _sort(node: nodes.Sort) -> str:
    text = f"orderBy=[{sort_text(node.keys, _names(node.input))}]"
    if node.offset or node.fetch is not None:
        text += f", offset=[{node.offset}], fetch=[{node.fetch}]"
    return text


def _top_n(node: nodes.TopN) -> str:
    names = _names(node.input)
    return (
        f"rankType=[{node.kind.value}], rankRange=[{node.first}..{node.last}], "
        f"partitionBy={columns_text(node.partition, names)}, "
        f"orderBy=[{sort_text(node.keys, names)}]"
    )


def _deduplicate(node: nodes.Deduplicate) -> str:
    names = _names(node.input)
    keep = "last" if node.keeps_last else "first"
    return f"keep=[{keep}], key={columns_text(node.keys, names)}, time=[{names[node.time_column]}]"


def _sink(node: nodes.Sink) -> str:
    text = f"table=[{path_text(node.path)}], fields={listed(_own(node))}"
    return text + (f", conflict=[{node.conflict}]" if node.conflict else "")


_DETAILS: dict[type[LogicalNode], Callable[[Any], str]] = {
    nodes.Scan: _scan,
    nodes.Values: _values,
    nodes.Project: _project,
    nodes.Filter: _filter,
    nodes.WatermarkAssigner: _watermark,
    nodes.Aggregate: _aggregate,
    nodes.WindowTableFunction: _window,
    nodes.Join: _join,
    nodes.SnapshotJoin: _join,
    nodes.LateralJoin: _join,
    nodes.Correlate: _correlate,
    nodes.SetOperation: _set,
    nodes.Over: _over,
    nodes.Sort: _sort,
    nodes.TopN: _top_n,
    nodes.Deduplicate: _deduplicate,
    nodes.Sink: _sink,
}
