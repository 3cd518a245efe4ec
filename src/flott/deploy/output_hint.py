"""From the tasks' reports to the line that says why nothing comes out.

``progress.output_watch`` decides and words it; this finds out what holds a watermark back by
going from task to task against the stream, up to the source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flott.core.element import MIN_WATERMARK
from flott.plan.job_plan import JobPlan
from flott.progress.output_watch import OperatorReading, OutputWatch, WatermarkHolder
from flott.runtime.messages import TaskReport

Reports = Mapping[Any, TaskReport]


class OutputHint:
    """Says a line once; says it again only when something else is the reason.

    Args:
        plan: The job.
        silence_ms: How long input must have come without output.
    """

    def __init__(self, plan: JobPlan, silence_ms: int) -> None:
        self._plan = plan
        self._watch = OutputWatch(silence_ms)
        self._silence_ms = silence_ms
        self._said = ""
        self._quiet_until_ms = 0

    def look(self, now_ms: int, reports: Reports) -> str | None:
        """The line to say now, if there is a new one.

        Args:
            now_ms: Time by the clock, epoch milliseconds.
            reports: The last report of each task of the present attempt.
        """
        line = self._watch.observe(now_ms, readings_of(self._plan, reports))
        # What has changed are numbers most of the time: how long, how many.
        reason = "" if line is None else re.sub(r"\d+|, silent for .*", "", line)
        if line is None:
            self._said = ""
        elif reason != self._said and now_ms >= self._quiet_until_ms:
            self._said = reason
            self._quiet_until_ms = now_ms + self._silence_ms
            return line
        return None


def readings_of(plan: JobPlan, reports: Reports) -> list[OperatorReading]:
    """What each operator has counted, upstream first, with what holds its watermark back."""
    readings: list[OperatorReading] = []
    for task in sorted(reports):
        report = reports[task]
        is_source = plan.vertices[task.vertex_id].is_source
        holder = find_holder(plan, reports, report)
        for reading in report.operators:
            if is_source:  # the watermark arises in this task: nothing is known of it
                reading = replace(reading, event_time_due=None)
            readings.append(replace(reading, holder=holder))
    return readings


def find_holder(plan: JobPlan, reports: Reports, report: TaskReport) -> WatermarkHolder | None:
    """The source, or the input nearest to it, that keeps the watermark of a task from rising."""
    found: WatermarkHolder | None = None
    for _ in plan.vertices:  # a way through the plan is no longer than that
        task = report.held_by
        if task is None:
            return found
        vertex = plan.vertices[task.vertex_id]
        channel = f"{vertex.name}/{task.subtask}"
        watermark = report.input_watermarks.get(channel, MIN_WATERMARK)
        sender = reports.get(task)
        split = None if sender is None else sender.slowest_split
        name = channel if split is None else f"{channel}, split {split}"
        found = WatermarkHolder(name, watermark, report.held_since_ms)
        if sender is None or vertex.is_source:
            return found
        report = sender
    return found
