"""The regular report of a task.

When a channel last brought a record is found by comparing counts from report to report: so it is
known to the interval of reports only, and costs nothing while records are processed.
"""

from __future__ import annotations

from flott.core.operator import LATE_RECORDS_METRIC, PendingOutput, SourceOperator
from flott.progress.output_watch import OperatorReading
from flott.runtime.messages import TaskReport
from flott.runtime.task.chain import Stage
from flott.runtime.task.task import Task


class _Pulse:
    """When a count changed last."""

    __slots__ = ("count", "last_ms")

    def __init__(self) -> None:
        self.count = 0
        self.last_ms: int | None = None

    def see(self, count: int, now_ms: int) -> None:
        """Take note of the count."""
        assert count >= self.count, "counts only grow"
        if count != self.count:
            self.count, self.last_ms = count, now_ms


class TaskReporter:
    """Reports on one task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._channels = [_Pulse() for _ in task.gate.channels]

    def report(self, now_ms: int) -> TaskReport:
        """What the coordinator should know about the task now."""
        task = self.task
        for pulse, channel in zip(self._channels, task.gate.channels, strict=True):
            pulse.see(channel.records, now_ms)
        holder = task.holding_channel
        head = task.operator(0)
        stages = task.stages()
        metrics = task.metrics()
        return TaskReport(
            attempt=task.deployment.attempt,
            task=task.deployment.task,
            records_in=task.records_in,
            records_out=task.records_out,
            watermark=task.watermark,
            input_watermarks=task.input_watermarks(),
            blocked_ms=task.blocked_ms,
            busy_ms=task.busy_ms,
            state_bytes=task.state_bytes,
            metrics=metrics,
            operators=tuple(self._read(stage, metrics) for stage in stages),
            held_by=None if holder is None else holder.sender,
            held_since_ms=None if holder is None else self._channels[holder.index].last_ms,
            slowest_split=head.slowest_split() if isinstance(head, SourceOperator) else None,
        )

    def _read(self, stage: Stage, metrics: dict[str, dict[str, object]]) -> OperatorReading:
        task = self.task
        plan = task.deployment.vertex.chain
        first = stage.positions[0]
        operator = task.operator(first)
        pending = operator.pending_output()
        late = metrics.get(plan[first].name, {}).get(LATE_RECORDS_METRIC, 0)
        return OperatorReading(
            operator_id=plan[first].operator_id,
            name=" -> ".join(plan[position].name for position in stage.positions),
            subtask=task.deployment.task.subtask,
            records_in=task.records_in if first == 0 else stage.consumer.records,
            records_out=stage.records_out,
            is_source=isinstance(operator, SourceOperator),
            is_sink=not stage.consumers,
            watermark=task.watermark,
            event_time_due=None if pending is None else _due(pending),
            clock_time_due=None if pending is None else pending.clock_ms,
            due_is_window=pending is not None and pending.is_window,
            late_dropped=late if isinstance(late, int) else 0,
        )


def _due(pending: PendingOutput) -> int | None:
    """The time in the words of users: a window that fires at 11:59:59.999 closes at 12:00."""
    time = pending.event_time_ms
    return time + 1 if time is not None and pending.is_window else time
