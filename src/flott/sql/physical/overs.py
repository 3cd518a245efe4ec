"""Functions over windows of neighbouring rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.sql.expressions import OverCall
from flott.sql.logical import nodes
from flott.sql.logical.nodes import TimeAttribute
from flott.sql.physical.columns import orders, position
from flott.sql.physical.exchanges import by_columns
from flott.sql.physical.node import BeforeNeed, BeforeOutput, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import call_text, columns_text, frame_text, listed, sort_text
from flott.sql.physical.traits import INSERT_ONLY, Changes, Growth, GrowthClass

if TYPE_CHECKING:
    from flott.operators.columns.over.over import OverColumn


def plan_over(planner: Planner, node: nodes.Over) -> PhysicalNode:
    """The input's rows with the functions' values."""
    window = node.calls[0].window
    if not planner.is_batch:
        _check_order(planner, node)
    partition = tuple(position(each) for each in window.partition_by)
    source = by_columns(planner.plan(node.input), partition)
    inserts = source.traits.changes.is_insert_only
    timely = inserts and source.traits.is_timely
    time_column = _time_column(planner, node) if timely else None
    time = None if time_column is None else node.input.fields[time_column].time
    detail = _detail(node, source, partition)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.over.over import OverSpec

        return OverSpec(
            partition=partition,
            order=orders(window.order_by),
            time_column=time_column,
            is_event_time=time is TimeAttribute.ROWTIME,
            calls=tuple(_column(call, source) for call in node.calls),
            input_types=source.types,
            input_retracts=not inserts,
            emits_update_before=emits_before,
            ttl_ms=planner.settings.state_ttl_ms,
            final_only=planner.is_batch,
            description=f"OverAggregate({detail})",
        )

    final = planner.is_batch or time_column is not None
    changes = INSERT_ONLY if final else Changes(updates=True, deletes=not inserts)
    return PhysicalNode(
        "OverAggregate",
        detail,
        node.fields,
        (source,),
        replace(source.traits, changes=changes, growth=_growth(node, source, final=final)),
        spec,
        BeforeNeed.ALWAYS,
        BeforeOutput.ASKED,
        is_stateful=True,
        is_single=not partition,
    )


def _check_order(planner: Planner, node: nodes.Over) -> None:
    """Refuse an order in which an endless stream cannot be walked.

    Raises:
        SqlValidationError: There is none, there are several columns, it is descending, or frames
            are bounded and it is not one of time.
    """
    order = node.calls[0].window.order_by
    if node.is_rank_without_end:
        raise SqlValidationError(
            "Rank end is not specified: an endless stream has no last rank",
            hint="Bound the rank from above, as in rank <= 10.",
        )
    if len(order) != 1:
        raise SqlValidationError(
            "In STREAMING mode an OVER window is ordered by one column",
            hint="Write OVER (... ORDER BY a time attribute), or run in BATCH mode.",
        )
    if not order[0].ascending:
        raise SqlValidationError("In STREAMING mode an OVER window is ordered ascending")
    is_bounded = any(call.window.lower.preceding is not None for call in node.calls)
    if is_bounded and _time_column(planner, node) is None:
        raise SqlValidationError(
            "In STREAMING mode a bounded OVER window is ordered by a time attribute",
            hint="Write UNBOUNDED PRECEDING, or order by a column with a WATERMARK.",
        )


def _time_column(planner: Planner, node: nodes.Over) -> int | None:
    """The time attribute that rows are ordered by, if that is all they are ordered by."""
    order = node.calls[0].window.order_by
    if planner.is_batch or len(order) != 1 or not order[0].ascending:
        return None
    column = position(order[0].expression)
    return None if node.input.fields[column].time is None else column


def _column(call: OverCall, source: PhysicalNode) -> OverColumn:
    from flott.operators.columns.over.over import OverColumn

    args = tuple(position(each) for each in call.args)
    return OverColumn(
        function=call.function,
        args=args,
        arg_types=tuple(source.types[each] for each in args),
        data_type=call.data_type,
        filter=None if call.filter is None else position(call.filter),
        is_distinct=call.is_distinct,
        settings=call.settings,
        is_rows=call.window.is_rows,
        lower=call.window.lower.preceding,
        upper=call.window.upper.preceding,
    )


def _detail(node: nodes.Over, source: PhysicalNode, partition: tuple[int, ...]) -> str:
    window = node.calls[0].window
    names = source.names
    parts = []
    if partition:
        parts.append(f"partitionBy={columns_text(partition, names)}")
    if window.order_by:
        parts.append(f"orderBy=[{sort_text(window.order_by, names)}]")
    frames = dict.fromkeys(frame_text(call.window) for call in node.calls)
    parts.append(f"window={listed(frames)}")
    own = node.fields[len(node.input.fields) :]
    calls = (
        f"{call_text(call, names)} AS {field.name}"
        for call, field in zip(node.calls, own, strict=True)
    )
    parts.append(f"select={listed([*names, *calls])}")
    return ", ".join(parts)


def _growth(node: nodes.Over, source: PhysicalNode, *, final: bool) -> Growth:
    window = node.calls[0].window
    partition = columns_text((position(each) for each in window.partition_by), source.names)
    each = f" of each {partition}" if window.partition_by else ""
    if not final:
        return Growth(
            GrowthClass.UNBOUNDED,
            f"all rows{each}",
            "order by a time attribute (a column with a WATERMARK), ascending, or let rows "
            "expire with 'table.exec.state.ttl'",
        )
    bounded = all(call.window.lower.preceding is not None for call in node.calls)
    if bounded and not all(call.window.is_rows for call in node.calls):
        return Growth(GrowthClass.WINDOW, f"the rows of the frame{each}")
    return Growth(GrowthClass.KEYS, f"{'the last rows' if bounded else 'running results'}{each}")
