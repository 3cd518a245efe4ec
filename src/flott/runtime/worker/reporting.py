"""The regular report of a task."""

from __future__ import annotations

from flott.runtime.messages import TaskReport
from flott.runtime.task.task import Task


def report_task(task: Task) -> TaskReport:
    """What the coordinator should know about ``task`` now."""
    watermarks, idle = task.input_watermarks()
    return TaskReport(
        attempt=task.deployment.attempt,
        task=task.deployment.task,
        records_in=task.records_in,
        records_out=task.records_out,
        watermark=task.watermark,
        input_watermarks=watermarks,
        idle_inputs=idle,
        last_input_ms=task.last_input_ms,
        last_output_ms=task.last_output_ms,
        blocked_ms=task.blocked_ms,
        busy_ms=task.busy_ms,
        state_bytes=task.state_bytes,
        metrics=task.metrics(),
    )
