"""The table of operators that ``--verbose`` shows: a line each, summed over the subtasks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.deploy.status_line import format_count
from flott.plan.description import describe_type
from flott.plan.job_plan import JobPlan
from flott.progress.output_watch import OperatorReading, format_event_time
from flott.runtime.messages import TaskReport

#: Narrower terminals have no room for types.
_WIDTH_WITH_TYPES: Final = 110
COLUMNS: Final = ("operator", "type", "tasks", "in", "out", "watermark", "busy", "blocked", "state")


def table_rows(
    plan: JobPlan, reports: Mapping[Any, TaskReport], now_ms: int, running_ms: float
) -> list[tuple[str, ...]]:
    """The cells of the table, a row for each operator or run of fused operators.

    Args:
        plan: The job.
        reports: The last report of each task.
        now_ms: Time by the clock, epoch milliseconds.
        running_ms: For how long the tasks have been running.
    """
    rows: list[tuple[str, ...]] = []
    for vertex in plan.vertices:
        mine = [report for task, report in reports.items() if task.vertex_id == vertex.vertex_id]
        types = {operator.operator_id: describe_type(operator) for operator in vertex.chain}
        for position, readings in enumerate(zip(*(r.operators for r in mine), strict=False)):
            first: OperatorReading = readings[0]
            cells = [
                first.name,
                types.get(first.operator_id, ""),
                str(vertex.parallelism),
                format_count(sum(each.records_in for each in readings)),
                "" if first.is_sink else format_count(sum(each.records_out for each in readings)),
            ]
            # These are of the whole task: said once, beside its first operator.
            cells += _task_cells(mine, now_ms, running_ms) if position == 0 else [""] * 4
            rows.append(tuple(cells))
    return rows


def render_table(rows: list[tuple[str, ...]], width: int) -> str:
    """The table as text for a terminal of ``width`` columns."""
    from rich.console import Console  # loaded for --verbose only
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    has_types = width >= _WIDTH_WITH_TYPES
    for name in COLUMNS:
        if name == "operator":
            table.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1)
        elif name == "type" and has_types:
            table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=40)
        elif name != "type":
            table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    for row in rows:
        table.add_row(*(row if has_types else (row[0], *row[2:])))
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system=None, markup=False
    )
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))


def _task_cells(reports: list[TaskReport], now_ms: int, running_ms: float) -> list[str]:
    watermark = min(report.watermark for report in reports)
    is_time = watermark not in (MIN_WATERMARK, MAX_WATERMARK)
    state_bytes = sum(report.state_bytes for report in reports)
    share = len(reports) * max(running_ms, 1.0)
    return [
        format_event_time(watermark, now_ms) if is_time else "",
        f"{min(1.0, sum(report.busy_ms for report in reports) / share):.0%}",
        f"{min(1.0, sum(report.blocked_ms for report in reports) / share):.0%}",
        f"{format_count(state_bytes)}B" if state_bytes else "",
    ]
