"""What every source must do, whatever it reads: give each record once, however often it is stopped.

``SourceJob`` runs a source's enumerator and readers as a job would, one step at a time, with an
output that is rolled back to the last checkpoint when the job crashes. ``check_source`` has
somebody choose the steps: how much is read by whom, when checkpoints are taken, when the job
crashes and with how many readers it comes back.
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flott.core.column_batch import ColumnBatch
from flott.core.source import Source, SplitBatch, SplitEnumerator
from flott.testing.connectors.choices import Choices, choices_of
from flott.testing.connectors.context import (
    START_MS,
    RecordedCoordinator,
    SubtaskContext,
    travel,
)
from flott.testing.harness.clock import ManualClock

#: A turn without progress lets this much time pass.
IDLE_MS = 100
#: A job that makes no progress for so many turns hangs.
IDLE_TURNS_MAX = 100
#: A run has at most so many steps before the rest is read without faults.
STEPS_MAX = 25


@dataclass
class Checkpoint:
    """Everything a restart needs; the counts are lengths to roll back to."""

    enumerator: Any
    splits: list[Any]
    record_count: int
    rejected_count: int


class ReaderTask:
    """A subtask: a reader and what the source operator keeps about it."""

    def __init__(self, job: SourceJob, subtask: int, splits: Sequence[Any]) -> None:
        self.context = SubtaskContext(
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

    def check(self, found: SplitBatch) -> None:
        """What a reader gives is of splits that it has, and adds up."""
        named = {found.split_id, *(split_id for split_id, _ in found.parts)}
        unknown = named - self.open_splits
        assert not unknown, f"the reader gives records of splits it has not got: {unknown}"
        if found.batch is None:
            return
        assert found.batch.row_count > 0, "an empty batch; without records, batch is None"
        rows = sum(rows for _, rows in found.parts)
        assert not found.parts or rows == found.batch.row_count, (
            f"parts have {rows} records and the batch {found.batch.row_count}"
        )

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        splits = self.reader.snapshot(checkpoint_id)
        kept = Counter(split.split_id for split in splits)
        twice = [split_id for split_id, count in kept.items() if count > 1]
        assert not twice, f"the snapshot has splits twice: {twice}"
        strange = kept.keys() - self.open_splits
        assert not strange, f"the snapshot has splits that are finished or not its own: {strange}"
        return splits

    @property
    def is_finished(self) -> bool:
        return self.is_last and not self.open_splits


class SourceJob:
    """A source that is read by ``parallelism`` subtasks, step by step.

    Args:
        source: The source.
        parallelism: How many readers there are at first.
        configuration: Options of the job.

    Attributes:
        records: What has been read, as after the last crash.
        rejected: What could not be read.

    >>> from flott.connectors.number_sequence import NumberSequenceSource
    >>> job = SourceJob(NumberSequenceSource(1, 5))
    >>> job.step(0, rows_max=2), job.records
    (True, [1, 2])
    >>> job.take_checkpoint()
    >>> job.step(0, rows_max=2), job.records
    (True, [1, 2, 3, 4])
    >>> job.crash(parallelism=3)
    >>> job.finish()
    [1, 2, 3, 4, 5]
    """

    def __init__(
        self, source: Source, parallelism: int = 1, configuration: Mapping[str, str] | None = None
    ) -> None:
        self.source = travel(source)
        self.configuration = configuration
        self.clock = ManualClock(START_MS)
        self.records: list[Any] = []
        self.rejected: list[Any] = []
        self.checkpoint_id = 0
        self.restored_id: int | None = None
        self.last = Checkpoint(None, [], 0, 0)
        self._given: list[tuple[Any, bytes]] = []
        self._start(parallelism, None, [])

    def _start(self, parallelism: int, state: Any, splits: list[Any]) -> None:
        self.parallelism = parallelism
        self.coordinator = RecordedCoordinator(parallelism)
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
        task.check(found)
        self.rejected += found.rejected
        if found.batch is not None:
            self.records += rows_of(found.batch)
        if found.finished:
            task.open_splits.discard(found.split_id)
        return True

    def take_checkpoint(self) -> None:
        """Take a checkpoint that completes."""
        self.checkpoint_id += 1
        number = self.checkpoint_id
        state = travel(self.enumerator.snapshot(number))
        given = [split for task in self.tasks for split in task.snapshot(number)]
        self._given = [(split, pickle.dumps(split)) for split in given]
        self.last = Checkpoint(state, travel(given), len(self.records), len(self.rejected))
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
        """Let time pass, for the enumerator and for the readers."""
        self.clock.set(self.clock.now_ms() + ms)
        self.coordinator.run_calls()
        for task in self.tasks:
            task.context.advance(0)
        self._deliver()

    def close(self) -> None:
        """End the readers and the enumerator."""
        for task in self.tasks:
            task.reader.close()
        self.enumerator.close()
        for split, was in self._given:
            assert pickle.dumps(split) == was, (
                f"the split {split.split_id} of a snapshot changed when the reader read on; give "
                "a new one, for a checkpoint may be written later than it is taken"
            )
        self._given = []

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
    return batch.frame.rows() if isinstance(batch, ColumnBatch) else list(batch.values)


def run_steps(choices: Choices, job: SourceJob) -> None:
    """Take steps that somebody chooses."""
    for _ in range(choices.integer(0, STEPS_MAX)):
        action = choices.pick(["step", "step", "step", "checkpoint", "crash", "time"])
        if action == "step":
            job.step(choices.integer(0, job.parallelism - 1), choices.integer(1, 20))
        elif action == "checkpoint":
            job.take_checkpoint()
        elif action == "crash":
            job.crash(choices.integer(1, 4))
        else:
            job.pass_time(choices.integer(1, 500))


def check_source(
    choices: Any,
    source: Source,
    expected: Sequence[Any],
    configuration: Mapping[str, str] | None = None,
    in_order_by: Callable[[Any], Any] | None = None,
) -> SourceJob:
    """Whatever happens on the way, the records are ``expected``, each as often as it is there.

    Args:
        choices: A seed, or what ``hypothesis.strategies.data()`` gives.
        source: The source; bounded, for all of it is read.
        expected: Its records, as Python values or, of columns, tuples.
        configuration: Options of the job.
        in_order_by: What tells the records of one split; they must come in the order of
            ``expected``. None where no order is promised.

    Returns:
        The job at its end.

    Raises:
        AssertionError: The source gave something else; the message says what.

    >>> from flott.connectors.number_sequence import NumberSequenceSource
    >>> for seed in range(10):
    ...     job = check_source(seed, NumberSequenceSource(1, 50), range(1, 51))
    """
    chooser = choices_of(choices)
    job = SourceJob(source, chooser.integer(1, 4), configuration)
    run_steps(chooser, job)
    job.finish(chooser.integer(1, 50))
    found, wanted = Counter(map(repr, job.records)), Counter(map(repr, expected))
    missing, surplus = list((wanted - found).elements()), list((found - wanted).elements())
    assert found == wanted, f"records missing: {missing[:10]}; too many: {surplus[:10]}"
    if in_order_by is not None:
        found_lists = _lists_by(in_order_by, job.records)
        for split, records in _lists_by(in_order_by, expected).items():
            assert found_lists[split] == records, f"the records of {split} came in another order"
    return job


def _lists_by(key_of: Callable[[Any], Any], records: Iterable[Any]) -> dict[Any, list[Any]]:
    lists: dict[Any, list[Any]] = defaultdict(list)
    for record in records:
        lists[key_of(record)].append(record)
    return lists
