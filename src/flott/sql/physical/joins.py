"""Joins: of windows, within an interval of time, or of everything that ever came."""

from __future__ import annotations

from dataclasses import replace

from flott.core.operator import OperatorSpec
from flott.sql.expressions import Expression, InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind
from flott.sql.physical.exchanges import single
from flott.sql.physical.join_keys import (
    EqualPair,
    TimeBounds,
    is_event_time,
    split_comparisons,
    split_condition,
    time_bounds,
)
from flott.sql.physical.join_sides import Sides, join_sides
from flott.sql.physical.join_traits import join_changes, join_growth, join_keys
from flott.sql.physical.node import BeforeNeed, PhysicalNode, SpecFactory
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import listed
from flott.sql.physical.traits import (
    ANYWHERE,
    INSERT_ONLY,
    SINGLE,
    Distribution,
    Growth,
    GrowthClass,
    Traits,
    hashed,
)
from flott.sql.physical.windows import WindowColumns, window_columns

#: Joins whose result has the left columns only.
LEFT_ONLY = frozenset({JoinKind.SEMI, JoinKind.ANTI})
_BY_INTERVAL = frozenset({JoinKind.INNER, JoinKind.LEFT, JoinKind.RIGHT, JoinKind.FULL})


def plan_join(planner: Planner, node: nodes.Join) -> PhysicalNode:
    """The join that keeps least."""
    parts = split_condition(node.condition, len(node.left.fields), len(node.right.fields))
    if not planner.is_batch and not node.null_aware:
        windows = _windows(node, parts.pairs)
        if windows is not None and _are_timely(planner, node):
            return _window_join(planner, node, parts.pairs, parts.rest, windows)
        if node.kind in _BY_INTERVAL:
            bounds = time_bounds(node, parts.rest)
            if bounds is not None and _are_timely(planner, node):
                return _interval_join(planner, node, parts.pairs, bounds)
    return _regular_join(planner, node, parts.pairs, parts.rest)


def _are_timely(planner: Planner, node: nodes.Join) -> bool:
    inputs = planner.plan(node.left), planner.plan(node.right)
    return all(each.traits.changes.is_insert_only and each.traits.is_timely for each in inputs)


def _fields(node: nodes.Join, sides: Sides) -> tuple[nodes.Field, ...]:
    """The operator's columns: those of the node, between them those computed for keys."""
    if node.kind in LEFT_ONLY:
        return sides.left.fields
    fields = list(sides.output_fields)
    for column, field in enumerate(node.fields):
        fields[sides.place(column)] = field
    return tuple(fields)


def _distribution(node: nodes.Join, sides: Sides) -> Distribution:
    """Rows padded with NULL are not where the hash of their NULL keys would be."""
    if not sides.left_keys:
        return SINGLE
    if node.kind in (JoinKind.RIGHT, JoinKind.FULL):
        return ANYWHERE
    return hashed(sides.left_keys)


def _text(node: nodes.Join, sides: Sides, rest: list[Expression]) -> str:
    names = {
        JoinKind.INNER: "InnerJoin",
        JoinKind.CROSS: "InnerJoin",
        JoinKind.LEFT: "LeftOuterJoin",
        JoinKind.RIGHT: "RightOuterJoin",
        JoinKind.FULL: "FullOuterJoin",
        JoinKind.SEMI: "LeftSemiJoin",
        JoinKind.ANTI: "LeftAntiJoin",
    }
    aware = ", isNullAware=[true]" if node.null_aware else ""
    select = listed(each.name for each in node.fields)
    return f"joinType=[{names[node.kind]}], where=[{sides.key_text(rest)}]{aware}, select={select}"


def _regular_join(
    planner: Planner, node: nodes.Join, pairs: list[EqualPair], rest: list[Expression]
) -> PhysicalNode:
    if node.null_aware:
        sides = _null_aware_sides(planner, node, pairs)
    else:
        sides = join_sides(planner, node.left, node.right, pairs)
    left, right = sides.left.traits, sides.right.traits
    detail = _text(node, sides, rest)
    comparisons, others = split_comparisons(rest)
    left_ttl_ms, right_ttl_ms = _ttl(planner, node)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.joins.regular import JoinSpec

        return JoinSpec(
            join_kind=node.kind.value,
            left_keys=sides.left_keys,
            right_keys=sides.right_keys,
            null_safe=sides.null_safe,
            condition=sides.predicate(planner, others),
            left_types=sides.left.types,
            right_types=sides.right.types,
            left_retracts=not left.changes.is_insert_only,
            right_retracts=not right.changes.is_insert_only,
            null_aware=node.null_aware,
            left_ttl_ms=left_ttl_ms,
            right_ttl_ms=right_ttl_ms,
            final_only=planner.is_batch,
            comparisons=tuple(
                (sides.place(first), comparison, sides.place(second))
                for first, comparison, second in comparisons
            ),
            description=f"Join({detail})",
        )

    is_single = not sides.left_keys or node.null_aware
    keys = join_keys(node.kind, sides)
    operator = PhysicalNode(
        "Join",
        detail,
        _fields(node, sides),
        (sides.left, sides.right),
        Traits(
            INSERT_ONLY if planner.is_batch else join_changes(node.kind, left, right),
            keys,
            keys,
            SINGLE if is_single else _distribution(node, sides),
            join_growth(planner, node, sides),
            left.is_bounded and right.is_bounded,
            is_timely=planner.is_batch,
        ),
        spec,
        BeforeNeed.ALWAYS,
        is_stateful=True,
        is_single=is_single,
    )
    return sides.trimmed(planner, operator, node.fields)


def _null_aware_sides(planner: Planner, node: nodes.Join, pairs: list[EqualPair]) -> Sides:
    """A NULL concerns every row, so all rows must meet."""

    sides = join_sides(planner, node.left, node.right, pairs)

    def gathered(side: PhysicalNode) -> PhysicalNode:
        return single(side.inputs[0] if side.is_exchange else side)

    return replace(sides, left=gathered(sides.left), right=gathered(sides.right))


def _ttl(planner: Planner, node: nodes.Join) -> tuple[int, int]:
    default = planner.settings.state_ttl_ms
    hints = dict(dict(node.hints).get("STATE_TTL", ()))
    return int(hints.get("left", default)), int(hints.get("right", default))


def _windows(
    node: nodes.Join, pairs: list[EqualPair]
) -> tuple[tuple[int, int], tuple[int, int], WindowColumns] | None:
    """The window columns of both sides that ``pairs`` hold equal."""
    left, right = window_columns(node.left), window_columns(node.right)
    if left is None or right is None or left.shape != right.shape:
        return None
    if node.kind is JoinKind.CROSS:
        return None
    start = _pair(pairs, left.starts, right.starts)
    end = _pair(pairs, left.ends, right.ends)
    if start is None or end is None:
        return None
    return (start[0], end[0]), (start[1], end[1]), left


def _pair(
    pairs: list[EqualPair], left: frozenset[int], right: frozenset[int]
) -> tuple[int, int] | None:
    for pair in pairs:
        if isinstance(pair.left, InputRef) and isinstance(pair.right, InputRef):
            found = pair.left.index, pair.right.index
            if found[0] in left and found[1] in right:
                return found
    return None


def _window_join(
    planner: Planner,
    node: nodes.Join,
    pairs: list[EqualPair],
    rest: list[Expression],
    windows: tuple[tuple[int, int], tuple[int, int], WindowColumns],
) -> PhysicalNode:
    left_window, right_window, found = windows
    borders = set(zip(left_window, right_window, strict=True))
    kept = [
        pair
        for pair in pairs
        if not isinstance(pair.left, InputRef)
        or not isinstance(pair.right, InputRef)
        or (pair.left.index, pair.right.index) not in borders
    ]
    sides = join_sides(planner, node.left, node.right, kept)
    detail = (
        f"leftWindow={listed(sides.left.names[each] for each in left_window)}, "
        f"rightWindow={listed(sides.right.names[each] for each in right_window)}, "
        f"{_text(node, sides, rest)}"
    )

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.joins.window_join import WindowJoinSpec

        return WindowJoinSpec(
            join_kind=node.kind.value,
            left_keys=sides.left_keys,
            right_keys=sides.right_keys,
            null_safe=sides.null_safe,
            left_window=left_window,
            right_window=right_window,
            condition=sides.predicate(planner, rest),
            left_types=sides.left.types,
            right_types=sides.right.types,
            is_event_time=found.is_event_time,
            zone=planner.settings.time_zone if found.shape[-1] else None,
            description=f"WindowJoin({detail})",
        )

    growth = Growth(GrowthClass.WINDOW, "rows of both inputs in open windows")
    return _timed(planner, node, sides, "WindowJoin", detail, spec, growth)


def _interval_join(
    planner: Planner, node: nodes.Join, pairs: list[EqualPair], bounds: TimeBounds
) -> PhysicalNode:
    sides = join_sides(planner, node.left, node.right, pairs)
    rest = list(bounds.rest)
    times = f"{sides.left.names[bounds.left]}, {sides.right.names[bounds.right]}"
    detail = (
        f"windowBounds=[isRowTime={str(is_event_time(node, bounds)).lower()}, times=[{times}], "
        f"lower={bounds.lower_ms} ms, upper={bounds.upper_ms} ms], {_text(node, sides, rest)}"
    )

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.joins.interval import IntervalJoinSpec

        return IntervalJoinSpec(
            join_kind=node.kind.value,
            left_keys=sides.left_keys,
            right_keys=sides.right_keys,
            null_safe=sides.null_safe,
            left_time=bounds.left,
            right_time=bounds.right,
            lower_ms=bounds.lower_ms,
            upper_ms=bounds.upper_ms,
            condition=sides.predicate(planner, rest),
            left_types=sides.left.types,
            right_types=sides.right.types,
            is_event_time=is_event_time(node, bounds),
            description=f"IntervalJoin({detail})",
        )

    growth = Growth(GrowthClass.WINDOW, "rows of both inputs within the interval")
    return _timed(planner, node, sides, "IntervalJoin", detail, spec, growth)


def _timed(
    planner: Planner,
    node: nodes.Join,
    sides: Sides,
    name: str,
    detail: str,
    spec: SpecFactory,
    growth: Growth,
) -> PhysicalNode:
    """A join that is final and so makes inserts only."""
    keys = join_keys(node.kind, sides)
    bounded = sides.left.traits.is_bounded and sides.right.traits.is_bounded
    operator = PhysicalNode(
        name,
        detail,
        _fields(node, sides),
        (sides.left, sides.right),
        Traits(INSERT_ONLY, keys, keys, _distribution(node, sides), growth, bounded),
        spec,
        is_stateful=True,
        is_single=not sides.left_keys,
    )
    return sides.trimmed(planner, operator, node.fields)
