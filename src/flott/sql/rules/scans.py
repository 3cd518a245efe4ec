"""What sources do themselves: filters and limits are handed to those that can.

A table that several parts of a statement read is read once: its source is told that a row passes
if any of them wants it, and each keeps its own filter. A source that makes only what a filter asks
for is read by each part for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.core.table import ChangelogMode
from flott.sql.expressions import Expression, input_columns
from flott.sql.functions import expression_text, is_deterministic
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode
from flott.sql.rules.conditions import (
    all_of,
    any_of,
    conjuncts,
    has_subquery,
    references,
    substitute,
)


def push_into_scans(roots: Sequence[LogicalNode]) -> list[LogicalNode]:
    """Hand filters and limits to the sources of ``roots``, which read all their columns still."""
    roots = [_read_apart(root, []) for root in roots]
    wanted = _Wanted()
    for root in roots:
        wanted.collect(root, [])
    taken = {scan: _narrowed(scan, parts) for scan, parts in wanted.filters.items()}

    def rule(node: LogicalNode) -> LogicalNode:
        if isinstance(node, nodes.Scan):
            return taken.get(node, node)
        if isinstance(node, nodes.Sort) and wanted.is_read_once(node):
            return push_limit(node) or node
        return node

    plans = [nodes.transform(root, rule) for root in roots]
    return [nodes.transform(plan, drop_applied) for plan in plans]


def _read_apart(node: LogicalNode, parts: list[Expression]) -> LogicalNode:
    """The plan with each reader's conditions handed to sources that are better read apart."""
    if isinstance(node, nodes.Scan):
        return _narrowed(node, [parts]) if node.source.is_better_read_apart else node
    if isinstance(node, nodes.Filter):
        below = [*parts, *conjuncts(node.predicate)]
    elif isinstance(node, nodes.WatermarkAssigner):
        below = _before_time(node, parts)
    elif isinstance(node, nodes.Project):
        below = _through(parts, node.expressions)
    else:
        below = []
    inputs = nodes.inputs_of(node)
    changed = tuple(_read_apart(each, below) for each in inputs)
    if all(a is b for a, b in zip(changed, inputs, strict=True)):
        return node
    return nodes.with_inputs(node, changed)


class _Wanted:
    """For every table, the conditions of each of its readers."""

    def __init__(self) -> None:
        self.filters: dict[nodes.Scan, list[list[Expression]]] = {}

    def is_read_once(self, node: LogicalNode) -> bool:
        """Whether nothing else reads the tables below ``node``."""
        below = [each for each in nodes.walk(node) if isinstance(each, nodes.Scan)]
        return all(len(self.filters.get(each, ())) <= 1 for each in below)

    def collect(self, node: LogicalNode, parts: list[Expression]) -> None:
        """Note what is asked of the tables below ``node``, of whose rows only those that fulfil
        ``parts`` are wanted."""
        if isinstance(node, nodes.Scan):
            self.filters.setdefault(node, []).append(parts)
        elif isinstance(node, nodes.Filter):
            self.collect(node.input, [*parts, *conjuncts(node.predicate)])
        elif isinstance(node, nodes.WatermarkAssigner):
            self.collect(node.input, _before_time(node, parts))
        elif isinstance(node, nodes.Project):
            self.collect(node.input, _through(parts, node.expressions))
        else:
            for each in nodes.inputs_of(node):
                self.collect(each, [])


def ordered_scan(node: nodes.WatermarkAssigner) -> nodes.Scan | None:
    """The table whose source computes the watermark, for each of its splits."""
    below = node.input
    scan = below.input if isinstance(below, nodes.Project) else below
    return scan if isinstance(scan, nodes.Scan) and scan.source.has_ordered_splits else None


def _before_time(node: nodes.WatermarkAssigner, parts: list[Expression]) -> list[Expression]:
    """Those of ``parts`` that may be asked below a watermark: none where each split tells the
    time, since one whose rows do not pass would seem to stand still."""
    return parts if ordered_scan(node) is None else []


def _through(parts: Sequence[Expression], columns: Sequence[Expression]) -> list[Expression]:
    """Those of ``parts`` that can be asked before a projection."""
    return [
        substitute(part, columns)
        for part in parts
        if all(is_deterministic(columns[index]) for index in input_columns(part))
    ]


def _narrowed(scan: nodes.Scan, readers: list[list[Expression]]) -> nodes.Scan:
    """The scan, its source told what its readers want."""
    if scan.source.changelog_mode is not ChangelogMode.INSERT_ONLY or scan.pushed:
        return scan
    physical = frozenset(range(len(scan.columns)))

    def askable(part: Expression) -> bool:
        columns = input_columns(part)
        plain = is_deterministic(part) and not has_subquery(part)
        return plain and bool(columns) and columns <= physical

    asked = [[part for part in parts if askable(part)] for parts in readers]
    if not all(asked):
        return scan
    if len(asked) == 1:
        every = asked[0]
    else:
        # What any reader wants, each reader by the condition that says most about few columns.
        every = [any_of(*dict.fromkeys(_joined(parts) for parts in asked))]
    source, left = scan.source.with_filters(every)
    if len(left) == len(every):
        every = _alternatives(asked)
        source, left = scan.source.with_filters(every) if every else (source, every)
        if len(left) == len(every):
            return scan
    pushed = tuple(part for part in every if part not in left)
    names = [each.name for each in scan.fields]
    texts = tuple(expression_text(part, lambda index: names[index]) for part in pushed)
    return replace(scan, source=source, pushed=pushed, pushed_texts=texts)


def _joined(parts: list[Expression]) -> Expression:
    joined = all_of(parts)
    assert joined is not None
    return joined


def _alternatives(asked: list[list[Expression]]) -> list[Expression]:
    """For each column that every reader asks a condition of alone: that one of them holds."""
    columns = [
        {next(iter(input_columns(part))): part for part in parts if len(input_columns(part)) == 1}
        for parts in asked
    ]
    common = frozenset(columns[0]).intersection(*columns[1:])
    return [any_of(*dict.fromkeys(each[column] for each in columns)) for column in sorted(common)]


def drop_applied(node: LogicalNode) -> LogicalNode:
    """A filter over a table does not repeat what the table's source does exactly."""
    if not isinstance(node, nodes.Filter):
        return node
    columns: tuple[Expression, ...] = references(node.fields)
    below = node.input
    while isinstance(below, nodes.Project | nodes.WatermarkAssigner | nodes.Filter):
        if isinstance(below, nodes.Project):
            columns = tuple(substitute(each, below.expressions) for each in columns)
        below = below.input
    if not isinstance(below, nodes.Scan) or not below.pushed:
        return node
    kept = [
        part for part in conjuncts(node.predicate) if substitute(part, columns) not in below.pushed
    ]
    predicate = all_of(kept)
    return node.input if predicate is None else replace(node, predicate=predicate)


def push_limit(node: nodes.Sort) -> LogicalNode | None:
    """A limit without an order over a scan: the source reads no further than needed."""
    if node.keys or node.fetch is None:
        return None
    above = node.input if isinstance(node.input, nodes.Project) else None
    scan = node.input if above is None else above.input
    if not isinstance(scan, nodes.Scan) or scan.limit is not None:
        return None
    if scan.source.changelog_mode is not ChangelogMode.INSERT_ONLY:
        return None
    rows = node.offset + node.fetch
    limited = replace(scan, source=scan.source.with_limit(rows), limit=rows)
    return replace(node, input=limited if above is None else replace(above, input=limited))
