"""Runs the split enumerators of a job: one for each source vertex.

What an enumerator asks for becomes messages to source tasks. Its snapshot is taken in the same
step in which the barrier is sent to the sources, and messages to a worker keep their order: so a
split is either in the enumerator's snapshot or has been assigned before the barrier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flott.core.blocking import BlockingCalls
from flott.core.source import EnumeratorContext, Source, SplitEnumerator
from flott.plan.job_plan import JobPlan, JobVertex
from flott.runtime.messages import (
    AssignSplits,
    CoordinatorEvent,
    NoMoreSplits,
    TaskId,
    ToWorker,
)

SendToTask = Callable[[TaskId, ToWorker], None]


class SourceCoordinator(EnumeratorContext):
    """The enumerator of one source vertex in one attempt."""

    def __init__(
        self,
        vertex: JobVertex,
        attempt: int,
        restored: Any | None,
        send: SendToTask,
        schedule: Callable[[int, Callable[[], None]], None],
        blocking: BlockingCalls,
        fail: Callable[[BaseException], None],
    ) -> None:
        source = vertex.head.spec.source
        assert isinstance(source, Source)
        self.parallelism = vertex.parallelism
        self.operator_id = vertex.head.operator_id
        self._vertex_id = vertex.vertex_id
        self._attempt = attempt
        self._send = send
        self._schedule = schedule
        self._blocking = blocking
        self._fail = fail
        self._closed = False
        self._enumerator: SplitEnumerator = source.create_enumerator(self, restored)

    def start(self) -> None:
        """Start the enumerator; all readers are there."""
        self._enumerator.start()
        for subtask in range(self.parallelism):
            self._enumerator.add_reader(subtask)

    # --- what readers say --------------------------------------------------------------------

    def handle_split_request(self, subtask: int) -> None:
        """A reader wants a split."""
        self._enumerator.handle_split_request(subtask)

    def handle_event(self, subtask: int, event: Any) -> None:
        """A reader sent an event."""
        self._enumerator.handle_source_event(subtask, event)

    def snapshot(self, checkpoint_id: int) -> Any:
        """The enumerator's state."""
        return self._enumerator.snapshot(checkpoint_id)

    def notify_complete(self, checkpoint_id: int) -> None:
        """A checkpoint is complete."""
        self._enumerator.notify_checkpoint_complete(checkpoint_id)

    def close(self) -> None:
        """Stop; what is still under way is ignored."""
        if not self._closed:
            self._closed = True
            self._enumerator.close()

    # --- what the enumerator asks for ----------------------------------------------------------

    def assign(self, splits: Mapping[int, Sequence[Any]]) -> None:
        for subtask, assigned in splits.items():
            task = TaskId(self._vertex_id, subtask)
            if assigned:
                self._send(task, AssignSplits(self._attempt, task, tuple(assigned)))

    def no_more_splits(self, subtask: int) -> None:
        task = TaskId(self._vertex_id, subtask)
        self._send(task, NoMoreSplits(self._attempt, task))

    def send_event(self, subtask: int, event: Any) -> None:
        task = TaskId(self._vertex_id, subtask)
        self._send(task, CoordinatorEvent(self._attempt, task, self.operator_id, event))

    def call_periodically(
        self,
        call: Callable[[], Any],
        done: Callable[[Any | BaseException], None],
        delay_ms: int,
        period_ms: int | None,
    ) -> None:
        def finished(result: Any | BaseException) -> None:
            if self._closed:
                return
            self._guard(lambda: done(result))
            if period_ms is not None:
                self._schedule(period_ms, begin)

        def begin() -> None:
            if not self._closed:
                self._blocking.submit(call, finished)

        if delay_ms > 0:
            self._schedule(delay_ms, begin)
        else:
            begin()

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            self._fail(error)


def source_vertices(plan: JobPlan) -> list[JobVertex]:
    """The vertices that read from outside."""
    return [vertex for vertex in plan.vertices if vertex.is_source]
