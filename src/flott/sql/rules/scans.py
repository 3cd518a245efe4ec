"""What sources do themselves: filters and limits are handed to those that can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from flott.core.table import ChangelogMode
from flott.sql.expressions import Expression, input_columns
from flott.sql.functions import is_deterministic
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode
from flott.sql.rules.conditions import all_of, conjuncts


def shared_scans(roots: Sequence[LogicalNode]) -> frozenset[LogicalNode]:
    """Tables that several parts of a statement read: one reader for all beats filters of each."""
    found = Counter(
        node.path for root in roots for node in _each_once(root) if isinstance(node, nodes.Scan)
    )
    return frozenset(
        node
        for root in roots
        for node in _each_once(root)
        if isinstance(node, nodes.Scan) and found[node.path] > 1
    )


def _each_once(root: LogicalNode) -> list[LogicalNode]:
    # Equal filters over equal scans are one node in the end.
    return list(dict.fromkeys(nodes.walk(root)))


def push_into_scans(roots: Sequence[LogicalNode]) -> list[LogicalNode]:
    """Hand filters and limits to sources."""
    shared = shared_scans(roots)

    def rule(node: LogicalNode) -> LogicalNode:
        return push_filter(node, shared) or push_limit(node, shared) or node

    return [nodes.transform(root, rule) for root in roots]


def push_filter(node: LogicalNode, shared: frozenset[LogicalNode]) -> LogicalNode | None:
    """A filter right over a scan: the source applies what it can."""
    if not isinstance(node, nodes.Filter) or not isinstance(node.input, nodes.Scan):
        return None
    scan = node.input
    if scan in shared or scan.pushed or scan.limit is not None:
        return None
    if scan.source.changelog_mode is not ChangelogMode.INSERT_ONLY:
        return None
    parts = conjuncts(node.predicate)
    physical = frozenset(range(len(scan.columns)))
    asked = [part for part in parts if is_deterministic(part) and input_columns(part) <= physical]
    source, left = scan.source.with_filters(asked)
    if len(left) == len(asked):
        return None
    taken = tuple(part for part in asked if part not in left)
    rest: list[Expression] = [part for part in parts if part not in taken]
    filtered = replace(scan, source=source, pushed=taken)
    predicate = all_of(rest)
    return filtered if predicate is None else replace(node, input=filtered, predicate=predicate)


def push_limit(node: LogicalNode, shared: frozenset[LogicalNode]) -> LogicalNode | None:
    """A limit without an order over a scan: the source reads no further than needed."""
    if not isinstance(node, nodes.Sort) or node.keys or node.fetch is None:
        return None
    above = node.input if isinstance(node.input, nodes.Project) else None
    scan = node.input if above is None else above.input
    if not isinstance(scan, nodes.Scan) or scan in shared or scan.limit is not None:
        return None
    if scan.source.changelog_mode is not ChangelogMode.INSERT_ONLY:
        return None
    rows = node.offset + node.fetch
    limited = replace(scan, source=scan.source.with_limit(rows), limit=rows)
    return replace(node, input=limited if above is None else replace(above, input=limited))
