"""Top-N, deduplication, sorting and limits."""

from __future__ import annotations

from dataclasses import replace

from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.sql.expressions import InputRef, Literal, SortKey
from flott.sql.logical import nodes
from flott.sql.logical.nodes import RankKind, TimeAttribute
from flott.sql.physical.calcs import project
from flott.sql.physical.columns import orders, position
from flott.sql.physical.exchanges import by_columns, single
from flott.sql.physical.node import BeforeNeed, BeforeOutput, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import columns_text, listed, sort_text
from flott.sql.physical.traits import (
    INSERT_ONLY,
    Changes,
    Growth,
    GrowthClass,
    Key,
    shortest,
    smallest,
)
from flott.sql.physical.windows import window_columns


def plan_top_n(planner: Planner, node: nodes.TopN) -> PhysicalNode:
    """The first rows of each partition: of each window where there are windows.

    Raises:
        SqlValidationError: An endless stream is asked for ranks below 1, or for several rows of
            the same rank in a window.
    """
    if node.last < 1 and planner.is_batch:
        return planner.plan(nodes.Values(node.fields, ()))
    if node.last < 1:
        raise SqlValidationError(
            f"The end of a range of ranks is not below 1, but is {node.last}",
            hint="Ranks begin with 1.",
        )
    if not planner.is_batch:
        found = window_columns(node.input)
        if found is not None and found.closes(node.partition):
            source = planner.plan(node.input)
            if source.traits.changes.is_insert_only:
                start, end = found.pair(node.partition)
                _check_kind(node)
                return _window_top_n(planner, node, source, start, end)
    return _top_n(planner, node, planner.plan(node.input))


def _check_kind(node: nodes.TopN) -> None:
    if node.kind is not RankKind.ROW_NUMBER:
        raise SqlValidationError(
            f"{node.kind.value}() is not supported for the Top-N of a window",
            hint="Use ROW_NUMBER().",
        )


def _rank_text(node: nodes.TopN) -> str:
    if node.first == node.last or node.first == 1:
        return f"rank{'=' if node.first == node.last else '<='}{node.last}"
    return f"{node.first}<=rank<={node.last}"


def _detail(node: nodes.TopN, source: PhysicalNode) -> str:
    return (
        f"rankType=[{node.kind.value}], rankRange=[{_rank_text(node)}], "
        f"partitionBy={columns_text(node.partition, source.names)}, "
        f"orderBy=[{sort_text(node.keys, source.names)}], "
        f"select={listed(each.name for each in node.fields)}"
    )


def _rank_keys(node: nodes.TopN, source: PhysicalNode) -> frozenset[Key]:
    keys = set(source.traits.keys)
    partition = frozenset(node.partition)
    if node.kind is RankKind.ROW_NUMBER:
        if node.first == node.last:
            keys.add(partition)
        elif node.has_rank:
            keys.add(partition | {len(source.fields)})
    return smallest(keys)


def _top_n(planner: Planner, node: nodes.TopN, below: PhysicalNode) -> PhysicalNode:
    source = by_columns(below, node.partition)
    inserts = source.traits.changes.is_insert_only
    is_limit = not node.partition and not node.has_rank
    name = "SortLimit" if is_limit else "Rank"
    detail = _detail(node, source)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.top_n import TopNSpec

        return TopNSpec(
            partition=node.partition,
            order=orders(node.keys),
            rank_kind=node.kind.value,
            first=node.first,
            last=node.last,
            has_rank=node.has_rank,
            input_types=source.types,
            input_retracts=not inserts,
            unique_key=shortest(source.traits.keys),
            emits_update_before=emits_before,
            ttl_ms=planner.settings.state_ttl_ms,
            final_only=planner.is_batch,
            description=f"{name}({detail})",
        )

    keys = _rank_keys(node, source)
    is_first = node.first == node.last == 1
    changes = Changes(updates=True, deletes=not (inserts and (node.has_rank or is_first)))
    each = f" of each {columns_text(node.partition, source.names)}" if node.partition else ""
    what = f"{node.last} rows{each}" if inserts else f"all rows{each}"
    growth = Growth(
        GrowthClass.CONSTANT if inserts and not node.partition else GrowthClass.KEYS, what
    )
    return PhysicalNode(
        name,
        detail,
        node.fields,
        (source,),
        replace(
            source.traits,
            changes=INSERT_ONLY if planner.is_batch else changes,
            keys=keys,
            upsert_keys=keys,
            growth=growth,
        ),
        spec,
        BeforeNeed.ALWAYS,
        BeforeOutput.ASKED,
        is_stateful=True,
        is_single=not node.partition,
    )


def _window_top_n(
    planner: Planner, node: nodes.TopN, below: PhysicalNode, start: int, end: int
) -> PhysicalNode:
    partition = tuple(each for each in node.partition if each not in (start, end))
    source = by_columns(below, partition)
    is_event_time = _is_event_time(node.input)
    detail = _detail(node, source)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.windows.top_n import WindowTopNSpec

        return WindowTopNSpec(
            partition=partition,
            order=orders(node.keys),
            rank_kind=node.kind.value,
            first=node.first,
            last=node.last,
            has_rank=node.has_rank,
            window_start=start,
            window_end=end,
            input_types=source.types,
            is_event_time=is_event_time,
            description=f"WindowRank({detail})",
        )

    keys = _rank_keys(node, source)
    growth = Growth(GrowthClass.WINDOW, f"{node.last} rows of each partition of open windows")
    return PhysicalNode(
        "WindowRank",
        detail,
        node.fields,
        (source,),
        replace(source.traits, keys=keys, upsert_keys=keys, growth=growth),
        spec,
        is_stateful=True,
        is_single=not partition,
    )


def _is_event_time(node: nodes.LogicalNode) -> bool:
    found = window_columns(node)
    return found is None or found.is_event_time


def plan_deduplicate(planner: Planner, node: nodes.Deduplicate) -> PhysicalNode:
    """The first or last row of each key by time; a window's at the window's end."""
    found = window_columns(node.input)
    time = node.input.fields[node.time_column]
    source = planner.plan(node.input)
    in_window = found is not None and found.closes(node.keys)
    timely = source.traits.changes.is_insert_only and source.traits.is_timely
    by_clock = time.time is TimeAttribute.PROCTIME and not node.keeps_last
    if not timely and by_clock and not planner.is_batch:
        return _top_n(planner, _as_top_n(node), _without_clock(planner, source, node.time_column))
    if in_window or not timely:
        return plan_top_n(planner, _as_top_n(node))
    source = by_columns(source, node.keys)
    is_event_time = time.time is TimeAttribute.ROWTIME
    keep = "LastRow" if node.keeps_last else "FirstRow"
    order = "ROWTIME" if is_event_time else "PROCTIME"
    detail = f"keep=[{keep}], key={columns_text(node.keys, source.names)}, order=[{order}]"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.deduplicate import DeduplicateSpec

        return DeduplicateSpec(
            keys=node.keys,
            time_column=node.time_column,
            keeps_last=node.keeps_last,
            is_event_time=is_event_time,
            input_types=source.types,
            emits_update_before=emits_before,
            ttl_ms=planner.settings.state_ttl_ms,
            description=f"Deduplicate({detail})",
        )

    keys = smallest({*source.traits.keys, frozenset(node.keys)})
    what = f"a row of each {columns_text(node.keys, source.names)}"
    return PhysicalNode(
        "Deduplicate",
        detail,
        node.fields,
        (source,),
        replace(
            source.traits,
            changes=Changes(updates=True) if node.keeps_last else INSERT_ONLY,
            keys=keys,
            upsert_keys=keys,
            growth=Growth(GrowthClass.KEYS, what),
        ),
        spec,
        BeforeNeed.ALWAYS,
        BeforeOutput.ASKED,
        is_stateful=True,
    )


def _without_clock(planner: Planner, source: PhysicalNode, clock: int) -> PhysicalNode:
    """Changes without the time at which they came: a row that goes is the one that came. Those
    that are equal otherwise stay in the order of their coming."""
    columns = [
        (
            Literal(each.data_type.nullable_(), None)
            if place == clock
            else InputRef(each.data_type, place),
            replace(each, data_type=each.data_type.nullable_()) if place == clock else each,
        )
        for place, each in enumerate(source.fields)
    ]
    return project(planner, source, columns)


def _as_top_n(node: nodes.Deduplicate) -> nodes.TopN:
    column = InputRef(node.input.types[node.time_column], node.time_column)
    keys = (SortKey(column, not node.keeps_last),)
    kind = RankKind.ROW_NUMBER
    return nodes.TopN(node.fields, node.input, node.keys, keys, kind, 1, 1, has_rank=False)


def plan_sort(planner: Planner, node: nodes.Sort) -> PhysicalNode:
    """ORDER BY without FETCH, or FETCH without ORDER BY; in BATCH mode all of them."""
    source = single(planner.plan(node.input))
    if not node.keys:
        return _limit(planner, node, source)
    detail = f"orderBy=[{sort_text(node.keys, source.names)}]"
    if node.offset or node.fetch is not None:
        detail += f", offset=[{node.offset}], fetch=[{node.fetch}]"
    time = position(node.keys[0].expression)
    temporal = not planner.is_batch
    name = "TemporalSort" if temporal else "Sort"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.sort import SortSpec, TemporalSortSpec

        if temporal:
            return TemporalSortSpec(
                order=orders(node.keys[1:]),
                time_column=time,
                is_event_time=node.input.fields[time].time is not TimeAttribute.PROCTIME,
                input_types=source.types,
                description=f"{name}({detail})",
            )
        return SortSpec(
            order=orders(node.keys),
            input_types=source.types,
            offset=node.offset,
            fetch=node.fetch,
            description=f"{name}({detail})",
        )

    kind = GrowthClass.WINDOW if temporal else GrowthClass.UNBOUNDED
    growth = Growth(kind, "rows the watermark has not passed" if temporal else "all rows")
    return PhysicalNode(
        name,
        detail,
        node.fields,
        (source,),
        replace(source.traits, growth=growth),
        spec,
        is_stateful=True,
        is_single=True,
    )


def _limit(planner: Planner, node: nodes.Sort, source: PhysicalNode) -> PhysicalNode:
    if not source.traits.changes.is_insert_only:
        key = SortKey(InputRef(node.input.types[0], 0))
        last = node.offset + (node.fetch or 0)
        kind = RankKind.ROW_NUMBER
        top = nodes.TopN(
            node.fields, node.input, (), (key,), kind, node.offset + 1, last, has_rank=False
        )
        return _top_n(planner, top, source)
    detail = f"offset=[{node.offset}], fetch=[{node.fetch}]"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.limit import LimitSpec

        return LimitSpec(node.offset, node.fetch, source.types, description=f"Limit({detail})")

    growth = Growth(GrowthClass.CONSTANT, "how many rows have passed")
    return PhysicalNode(
        "Limit",
        detail,
        node.fields,
        (source,),
        replace(source.traits, growth=growth),
        spec,
        is_stateful=True,
        is_single=True,
    )
