"""What every source must do, whatever it reads: give each record once, however often it is stopped.

``SourceJob`` runs a source's enumerator and readers as a job would, one step at a time, with an
output that is rolled back to the last checkpoint when the job crashes. ``check_exactly_once`` has
Hypothesis choose the steps: how much is read by whom, when checkpoints are taken, when the job
crashes and with how many readers it comes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from flott.core.column_batch import ColumnBatch
from flott.core.source import Source, SplitEnumerator
from tests.connectors.fakes import FakeContext, FakeCoordinator, ManualClock, travel

#: A turn without progress lets this much time pass.
IDLE_MS = 100
#: A job that makes no progress for so many turns hangs.
IDLE_TURNS_MAX = 100


@dataclass
class Checkpoint:
    """Everything a restart needs; ``outputs`` are lengths to roll back to."""

    enumerator: Any
    splits: list[Any]
    record_count: int
    rejected_count: int


class ReaderTask:
    """A subtask: a reader and what the source operator keeps about it."""

    def __init__(self, job: SourceJob, subtask: int, splits: Sequence[Any]) -> None:
        self.context = FakeContext(
            subtask, job.parallelism, job.clock, job.configuration, job.restored_id
        )
        self.reader = job.source.create_reader(self.context)
        self.open_splits: set[str] = set()
        self.has_asked = False
        self.is_last = False
        if splits:
            self.add_splits(splits)

    def add_splits(self, splits: Sequence[Any]) -> None:
        self.has_asked = False
        self.open_splits.update(split.split_id for split in splits)
        self.reader.add_splits(splits)

    @property
    def is_finished(self) -> bool:
        return self.is_last and not self.open_splits


class SourceJob:
    """A source that is read by ``parallelism`` subtasks."""

    def __init__(
        self, source: Source, parallelism: int = 1, configuration: dict[str, str] | None = None
    ) -> None:
        self.source = travel(source)
        self.configuration = configuration
        self.clock = ManualClock()
        self.records: list[Any] = []
        self.rejected: list[Any] = []
        self.checkpoint_id = 0
        self.restored_id: int | None = None
        self.last = Checkpoint(None, [], 0, 0)
        self._start(parallelism, None, [])

    def _start(self, parallelism: int, state: Any, splits: list[Any]) -> None:
        self.parallelism = parallelism
        self.coordinator = FakeCoordinator(parallelism)
        self.enumerator: SplitEnumerator = self.source.create_enumerator(self.coordinator, state)
        shares = [splits[subtask::parallelism] for subtask in range(parallelism)]
        self.tasks = [ReaderTask(self, subtask, share) for subtask, share in enumerate(shares)]
        self.enumerator.start()
        for subtask in range(parallelism):
            self.enumerator.add_reader(subtask)
        self.coordinator.run_calls()
        self._deliver()

    def step(self, subtask: int, rows_max: int) -> bool:
        """Give a subtask a turn; false if it had nothing to do."""
        task = self.tasks[subtask]
        if task.is_finished:
            return False
        if not task.open_splits and not task.has_asked:
            task.has_asked = True
            self.enumerator.handle_split_request(subtask)
            self._deliver()
        found = task.reader.poll(rows_max)
        self._deliver()
        if found is None:
            return False
        self.rejected += found.rejected
        if found.batch is not None:
            assert found.batch.row_count > 0
            self.records += rows_of(found.batch)
        if found.finished:
            task.open_splits.discard(found.split_id)
        return True

    def take_checkpoint(self) -> None:
        self.checkpoint_id += 1
        number = self.checkpoint_id
        state = travel(self.enumerator.snapshot(number))
        splits = [travel(each) for task in self.tasks for each in task.reader.snapshot(number)]
        self.last = Checkpoint(state, splits, len(self.records), len(self.rejected))
        self.restored_id = number
        self.enumerator.notify_checkpoint_complete(number)
        for task in self.tasks:
            task.reader.notify_checkpoint_complete(number)
        self._deliver()

    def crash(self, parallelism: int) -> None:
        """Lose everything since the last checkpoint, and start again from there."""
        self.close()
        del self.records[self.last.record_count :]
        del self.rejected[self.last.rejected_count :]
        self._start(parallelism, travel(self.last.enumerator), travel(self.last.splits))

    def finish(self, rows_max: int = 7) -> list[Any]:
        """Read all that is left."""
        idle_turns = 0
        while not all(task.is_finished for task in self.tasks):
            progress = [self.step(subtask, rows_max) for subtask in range(self.parallelism)]
            idle_turns = 0 if any(progress) else idle_turns + 1
            assert idle_turns < IDLE_TURNS_MAX, "the source makes no progress"
            if idle_turns:
                self.pass_time(IDLE_MS)
                self.take_checkpoint()
        self.close()
        return self.records

    def pass_time(self, ms: int) -> None:
        self.clock.time_ms += ms
        self.coordinator.run_calls()
        for task in self.tasks:
            task.context.advance(0)
        self._deliver()

    def close(self) -> None:
        for task in self.tasks:
            task.reader.close()
        self.enumerator.close()

    def _deliver(self) -> None:
        """Carry messages until nobody has one left."""
        while True:
            messages = self.coordinator.take()
            events = [(task, event) for task in self.tasks for event in task.context.events]
            if not messages and not events:
                return
            for task, event in events:
                task.context.events.remove(event)
                self.enumerator.handle_source_event(task.context.subtask_index, travel(event))
            for kind, subtask, payload in messages:
                task = self.tasks[subtask]
                if kind == "assign":
                    assert not task.is_last, "splits after the last one"
                    task.add_splits(payload)
                elif kind == "end":
                    task.is_last = True
                else:
                    task.reader.handle_source_event(payload)


def rows_of(batch: Any) -> list[Any]:
    """The records of a batch of rows, or of columns as tuples."""
    return batch.frame.rows() if isinstance(batch, ColumnBatch) else batch.values


def draw_run(draw: Any, job: SourceJob, steps_max: int = 25) -> None:
    """Take steps that Hypothesis chooses."""
    for _ in range(draw(st.integers(0, steps_max))):
        action = draw(st.sampled_from(["step", "step", "step", "checkpoint", "crash", "time"]))
        if action == "step":
            job.step(draw(st.integers(0, job.parallelism - 1)), draw(st.integers(1, 20)))
        elif action == "checkpoint":
            job.take_checkpoint()
        elif action == "crash":
            job.crash(draw(st.integers(1, 4)))
        else:
            job.pass_time(draw(st.integers(1, 500)))


def check_exactly_once(
    draw: Any,
    source: Source,
    expected: Sequence[Any],
    configuration: dict[str, str] | None = None,
) -> SourceJob:
    """Whatever happens on the way, the records are ``expected``, each as often as it is there."""
    job = SourceJob(source, draw(st.integers(1, 4)), configuration)
    draw_run(draw, job)
    job.finish(draw(st.integers(1, 50)))
    assert Counter(map(repr, job.records)) == Counter(map(repr, expected))
    return job
