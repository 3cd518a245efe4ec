"""A small job and reports of its tasks, as the runtime would send them."""

from dataclasses import replace
from typing import Any

from flott.core.element import MIN_WATERMARK
from flott.datastream import StreamExecutionEnvironment
from flott.plan.job_plan import JobPlan
from flott.progress.output_watch import OperatorReading
from flott.runtime.messages import TaskId, TaskReport

SOURCES = TaskId(0, 0), TaskId(1, 0)
COUNT = TaskId(2, 0)


def sample_plan() -> JobPlan:
    """Two sources, joined in a keyed operation with a sink."""
    env = StreamExecutionEnvironment.get_execution_environment()
    orders = env.from_collection([1]).name("orders")
    clicks = env.from_collection([2]).name("clicks")
    orders.union(clicks).key_by(str).reduce(max).name("count").print().name("out")
    return env.get_job_plan()


def report(task: TaskId, **changes: Any) -> TaskReport:
    """A report of ``task`` that has nothing to tell but ``changes``."""
    empty = TaskReport(0, task, 0, 0, MIN_WATERMARK, {}, 0.0, 0.0, 0, {})
    return replace(empty, **changes)


def source_report(task: TaskId, name: str, records: int, split: str | None = None) -> TaskReport:
    """A source that has read ``records``."""
    reading = OperatorReading(
        name, name, records_in=records, records_out=records, is_source=True, event_time_due=9
    )
    return report(task, records_in=records, operators=(reading,), slowest_split=split)


def count_report(records_in: int, written: int, **changes: Any) -> TaskReport:
    """The keyed operation with its sink: a window that closes at 12:05."""
    window = OperatorReading(
        "count",
        "count",
        records_in=records_in,
        records_out=written,
        watermark=43_390_000,
        event_time_due=43_500_000,
        due_is_window=True,
    )
    sink = OperatorReading("out", "out", records_in=written, is_sink=True)
    return report(COUNT, operators=(window, sink), watermark=43_390_000, **changes)
