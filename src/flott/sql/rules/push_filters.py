"""Predicate push-down: a filter moves towards the sources as far as its meaning allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flott.sql.expressions import Expression, InputRef, OuterRef, input_columns
from flott.sql.functions import is_deterministic
from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, LogicalNode
from flott.sql.rules.conditions import (
    all_of,
    conjuncts,
    contains,
    has_over,
    has_subquery,
    renumbered,
    shifted,
    substitute,
)

#: Sides of a join whose rows are all in the result, so that what is known of a result row's
#: columns of that side may be asked of the side itself.
_KEEPS_LEFT = frozenset(
    {JoinKind.INNER, JoinKind.CROSS, JoinKind.LEFT, JoinKind.SEMI, JoinKind.ANTI}
)
_KEEPS_RIGHT = frozenset({JoinKind.INNER, JoinKind.CROSS, JoinKind.RIGHT})


def push_filter(node: LogicalNode) -> LogicalNode | None:
    """Move the conjuncts of a filter below its input, where that is the same."""
    if not isinstance(node, nodes.Filter) or has_subquery(node.predicate):
        return None
    push = _PUSHERS.get(type(node.input))
    if push is None:
        return None
    parts = conjuncts(node.predicate)
    if any(contains(part, OuterRef) for part in parts):
        return None
    return push(node, node.input, parts)


def _filtered(input_: LogicalNode, parts: Sequence[Expression]) -> LogicalNode:
    predicate = all_of(parts)
    return input_ if predicate is None else nodes.Filter(input_.fields, input_, predicate)


def _reads_only(part: Expression, columns: frozenset[int]) -> bool:
    read = input_columns(part)
    return bool(read) and read <= columns


def _split(
    parts: Sequence[Expression], pushable: Callable[[Expression], bool]
) -> tuple[list[Expression], list[Expression]]:
    down = [part for part in parts if is_deterministic(part) and pushable(part)]
    return down, [part for part in parts if part not in down]


def _through_project(
    node: nodes.Filter, below: nodes.Project, parts: list[Expression]
) -> LogicalNode | None:
    def pushable(part: Expression) -> bool:
        used = [below.expressions[index] for index in input_columns(part)]
        return not any(
            has_over(each) or has_subquery(each) or not is_deterministic(each) for each in used
        )

    down, up = _split(parts, pushable)
    if not down:
        return None
    moved = [substitute(part, below.expressions) for part in down]
    return _filtered(replace(below, input=_filtered(below.input, moved)), up)


def _through_join(
    node: nodes.Filter, below: nodes.Join, parts: list[Expression]
) -> LogicalNode | None:
    width, total = len(below.left.fields), len(below.left.fields) + len(below.right.fields)
    left, rest = _split(
        parts,
        lambda part: below.kind in _KEEPS_LEFT and max(input_columns(part), default=0) < width,
    )
    right, rest = _split(
        rest,
        lambda part: (
            below.kind in _KEEPS_RIGHT
            and bool(input_columns(part))
            and all(width <= column < total for column in input_columns(part))
        ),
    )
    inner = below.kind in (JoinKind.INNER, JoinKind.CROSS)
    condition = rest if inner else []
    if not left and not right and not condition:
        return None
    join = replace(
        below,
        left=_filtered(below.left, left),
        right=_filtered(below.right, [shifted(part, -width) for part in right]),
    )
    if condition:
        joined = all_of([*conjuncts(below.condition), *condition])
        join = replace(join, kind=JoinKind.INNER, condition=joined)
    return _filtered(join, [] if inner else rest)


def _through_left_only(
    node: nodes.Filter, below: nodes.SnapshotJoin, parts: list[Expression]
) -> LogicalNode | None:
    width = len(below.left.fields)
    down, up = _split(parts, lambda part: max(input_columns(part), default=width) < width)
    if not down:
        return None
    return _filtered(replace(below, left=_filtered(below.left, down)), up)


def _through_columns_before(
    node: nodes.Filter, below: nodes.Correlate, parts: list[Expression]
) -> LogicalNode | None:
    width = len(below.input.fields)
    down, up = _split(parts, lambda part: max(input_columns(part), default=width) < width)
    if not down:
        return None
    return _filtered(replace(below, input=_filtered(below.input, down)), up)


def _through_window(
    node: nodes.Filter, below: nodes.WindowTableFunction, parts: list[Expression]
) -> LogicalNode | None:
    # A row that a session never sees may change its borders, so only the key may be asked before.
    width = len(below.input.fields)
    allowed = (
        frozenset(below.partition_keys)
        if below.kind is nodes.WindowKind.SESSION
        else frozenset(range(width))
    )
    down, up = _split(
        parts, lambda part: bool(input_columns(part)) and input_columns(part) <= allowed
    )
    if not down:
        return None
    return _filtered(replace(below, input=_filtered(below.input, down)), up)


def _through_aggregate(
    node: nodes.Filter, below: nodes.Aggregate, parts: list[Expression]
) -> LogicalNode | None:
    if below.grouping_sets or not below.keys:
        return None
    width = len(below.keys)
    down, up = _split(
        parts, lambda part: bool(input_columns(part)) and max(input_columns(part)) < width
    )
    if not down:
        return None
    moved = [renumbered(part, lambda index: below.keys[index]) for part in down]
    return _filtered(replace(below, input=_filtered(below.input, moved)), up)


def _through_set(
    node: nodes.Filter, below: nodes.SetOperation, parts: list[Expression]
) -> LogicalNode | None:
    down, up = _split(parts, lambda part: True)
    if not down:
        return None
    inputs = tuple(_filtered(each, _typed(down, each)) for each in below.inputs)
    return _filtered(replace(below, inputs=inputs), up)


def _typed(parts: list[Expression], input_: LogicalNode) -> list[Expression]:
    """The conditions over an input whose columns may be NOT NULL where the others' are not."""
    columns = [InputRef(each.data_type, place) for place, each in enumerate(input_.fields)]
    return [substitute(part, columns) for part in parts]


def _through_partition(
    node: nodes.Filter, below: nodes.Over | nodes.TopN, parts: list[Expression]
) -> LogicalNode | None:
    """Conditions on the partition leave whole partitions out."""
    if isinstance(below, nodes.TopN):
        keys = frozenset(below.partition)
    else:
        partitions = below.calls[0].window.partition_by
        keys = frozenset(each.index for each in partitions if isinstance(each, InputRef))
    down, up = _split(parts, lambda part: _reads_only(part, keys))
    if not down:
        return None
    return _filtered(replace(below, input=_filtered(below.input, down)), up)


def _through_deduplicate(
    node: nodes.Filter, below: nodes.Deduplicate, parts: list[Expression]
) -> LogicalNode | None:
    keys = frozenset(below.keys)
    down, up = _split(parts, lambda part: _reads_only(part, keys))
    if not down:
        return None
    return _filtered(replace(below, input=_filtered(below.input, down)), up)


_PUSHERS: dict[type[LogicalNode], Callable[..., LogicalNode | None]] = {
    nodes.Project: _through_project,
    nodes.Join: _through_join,
    nodes.SnapshotJoin: _through_left_only,
    nodes.Correlate: _through_columns_before,
    nodes.WindowTableFunction: _through_window,
    nodes.Aggregate: _through_aggregate,
    nodes.SetOperation: _through_set,
    nodes.Over: _through_partition,
    nodes.TopN: _through_partition,
    nodes.Deduplicate: _through_deduplicate,
}


def push_join_condition(node: LogicalNode) -> LogicalNode | None:
    """Conditions of a join that ask one side only are asked of that side before."""
    if not isinstance(node, nodes.Join) or node.condition is None or node.null_aware:
        return None
    if has_subquery(node.condition) or contains(node.condition, OuterRef):
        return None
    width = len(node.left.fields)
    parts = conjuncts(node.condition)
    if not parts:
        inner = node.kind is JoinKind.INNER
        return replace(node, condition=None, kind=JoinKind.CROSS if inner else node.kind)
    left_columns = frozenset(range(width))
    right_columns = frozenset(range(width, width + len(node.right.fields)))
    takes_left = node.kind in (JoinKind.INNER, JoinKind.RIGHT, JoinKind.SEMI)
    takes_right = node.kind in (JoinKind.INNER, JoinKind.LEFT, JoinKind.SEMI, JoinKind.ANTI)
    left, rest = _split(parts, lambda part: takes_left and _reads_only(part, left_columns))
    right, rest = _split(rest, lambda part: takes_right and _reads_only(part, right_columns))
    if not left and not right:
        return None
    kept = all_of(rest)
    crossed = kept is None and node.kind is JoinKind.INNER
    return replace(
        node,
        left=_filtered(node.left, left),
        right=_filtered(node.right, [shifted(part, -width) for part in right]),
        condition=kept,
        kind=JoinKind.CROSS if crossed else node.kind,
    )
