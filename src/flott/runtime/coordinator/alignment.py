"""Watermark alignment at the coordinator: reports of sources in, limits for sources out.

``progress.source_alignment`` decides how far each source task may go; this object belongs to one
attempt and turns its decisions into messages.
"""

from __future__ import annotations

from collections.abc import Callable

from flott.progress.source_alignment import AlignmentMember, SourceAlignment
from flott.runtime.messages import AlignSources, SourceWatermark, TaskId, ToWorker


class AlignmentCoordinator:
    """The alignment groups of one attempt of a job.

    Args:
        attempt: Number of the attempt.
        send: Sends a message to a task's worker.
    """

    def __init__(self, attempt: int, send: Callable[[TaskId, ToWorker], None]) -> None:
        assert attempt >= 0
        self._attempt = attempt
        self._send = send
        self._alignment = SourceAlignment()
        self._tasks: dict[AlignmentMember, TaskId] = {}

    def report(self, message: SourceWatermark) -> None:
        """A source task says how far it is."""
        assert message.attempt == self._attempt
        member = _member_of(message.task)
        self._tasks[member] = message.task
        self._alignment.report(message.group, member, message.watermark, message.max_drift_ms)
        self._announce()

    def task_drained(self, task: TaskId) -> None:
        """A task has come to its end; if it is a source, nobody waits for it any more."""
        if self._tasks.pop(_member_of(task), None) is not None:
            self._alignment.remove(_member_of(task))
            self._announce()

    def _announce(self) -> None:
        for limit in self._alignment.take_changes():
            task = self._tasks[limit.member]
            self._send(task, AlignSources(self._attempt, task, limit.group, limit.max_watermark))


def _member_of(task: TaskId) -> AlignmentMember:
    return AlignmentMember(str(task.vertex_id), task.subtask)
