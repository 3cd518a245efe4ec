"""The sink operator: what is committed when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import SinkError
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import SnapshotKind
from flott.core.sink import Committer, Sink, SinkWriter
from flott.operators.sink import SinkSpec
from tests.operators.harness import Harness


class Outside:
    """The outside system: what was committed, and what was done in which order."""

    def __init__(self) -> None:
        self.committed: list[Any] = []
        self.log: list[Any] = []


class Writer(SinkWriter):
    """Makes one committable of the rows since the last one; its state is how many rows it saw."""

    def __init__(self, outside: Outside, restored: list[Any]) -> None:
        self.outside = outside
        self.rows: list[Any] = []
        self.seen = sum(restored)

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        self.rows += batch.values
        self.seen += len(batch.values)

    def flush(self, end_of_input: bool) -> None:
        self.outside.log.append(("flush", end_of_input))

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        self.outside.log.append(("prepare", checkpoint_id))
        rows, self.rows = self.rows, []
        return [tuple(rows)] if rows else []

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        self.outside.log.append(("snapshot", checkpoint_id))
        return [self.seen]

    def close(self) -> None:
        self.outside.log.append("close writer")


class Once(Committer):
    """Commits a committable once, however often it is asked."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside

    def commit(self, committables: Sequence[Any]) -> None:
        for rows in committables:
            if rows not in self.outside.committed:
                self.outside.committed.append(rows)

    def close(self) -> None:
        self.outside.log.append("close committer")


class Transactional(Sink):
    """A sink of two phases, or of one."""

    def __init__(self, has_committer: bool = True) -> None:
        self.outside = Outside()
        self.has_committer = has_committer
        self.writers: list[Writer] = []

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        self.writers.append(Writer(self.outside, restored))
        return self.writers[-1]

    def create_committer(self, context: OperatorContext) -> Committer | None:
        return Once(self.outside) if self.has_committer else None


def test_a_checkpoint_is_committed_when_it_is_complete() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    harness.push(1, 2)
    harness.snapshot(1)
    assert sink.outside.committed == []
    harness.push(3)
    harness.complete(1)
    assert sink.outside.committed == [(1, 2)]


def test_the_writer_flushes_then_prepares_then_gives_its_state() -> None:
    sink = Transactional()
    Harness(SinkSpec(sink)).snapshot(4)
    assert sink.outside.log == [("flush", False), ("prepare", 4), ("snapshot", 4)]


def test_a_later_checkpoint_commits_the_earlier_ones_in_order() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    for checkpoint in (1, 2, 3):
        harness.push(checkpoint)
        harness.snapshot(checkpoint)
    harness.operator.notify_checkpoint_aborted(1)
    harness.complete(2)
    assert sink.outside.committed == [(1,), (2,)]
    harness.complete(2)
    harness.complete(3)
    assert sink.outside.committed == [(1,), (2,), (3,)]


def test_a_savepoint_commits_nothing_and_the_next_checkpoint_does() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    harness.push(1)
    harness.snapshot(1, SnapshotKind.SAVEPOINT)
    harness.complete(1)
    assert sink.outside.committed == []
    harness.snapshot(2)
    harness.complete(2)
    assert sink.outside.committed == [(1,)]


def test_stop_with_savepoint_commits() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    harness.push(1)
    harness.snapshot(1, SnapshotKind.STOP_SAVEPOINT)
    harness.complete(1)
    assert sink.outside.committed == [(1,)]


def test_a_restore_commits_what_its_checkpoint_covers() -> None:
    sink = Transactional()
    before = Harness(SinkSpec(sink))
    before.push(1)
    snapshot = before.snapshot(1)
    before.push(2)
    after = Harness(SinkSpec(sink), restore=[snapshot])
    assert sink.outside.committed == [(1,)]
    after.complete(1)
    after.push(3)
    after.snapshot(2)
    after.complete(2)
    assert sink.outside.committed == [(1,), (3,)]


def test_what_was_committed_is_not_in_the_next_snapshot() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    harness.push(1)
    harness.snapshot(1)
    harness.complete(1)
    snapshot = harness.snapshot(2)
    sink.outside.committed.clear()
    Harness(SinkSpec(sink), restore=[snapshot])
    assert sink.outside.committed == []


def test_writers_go_on_from_their_state() -> None:
    sink = Transactional()
    before = Harness(SinkSpec(sink))
    before.push(1, 2)
    after = Harness(SinkSpec(sink), restore=[before.snapshot(1)])
    after.push(3)
    assert sink.writers[-1].seen == 3


def test_without_checkpoints_the_end_commits() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink), checkpoints_enabled=False)
    harness.push(1)
    harness.end()
    assert sink.outside.committed == [(1,)]
    assert ("flush", True) in sink.outside.log


def test_without_checkpoints_a_savepoint_loses_nothing() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink), checkpoints_enabled=False)
    harness.push(1)
    harness.snapshot(7, SnapshotKind.SAVEPOINT)
    harness.push(2)
    harness.end()
    assert sink.outside.committed == [(1,), (2,)]


def test_with_checkpoints_the_end_waits_for_the_last_one() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    harness.push(1)
    harness.end()
    assert sink.outside.committed == []
    harness.snapshot(1)
    harness.complete(1)
    assert sink.outside.committed == [(1,)]


def test_a_sink_without_committer_just_writes() -> None:
    sink = Transactional(has_committer=False)
    harness = Harness(SinkSpec(sink))
    harness.snapshot(1)
    harness.complete(1)
    harness.end()


def test_committables_without_a_committer_are_an_error() -> None:
    harness = Harness(SinkSpec(Transactional(has_committer=False)))
    harness.push(1)
    with pytest.raises(SinkError, match=r"Transactional prepared 1 committables.*no committer"):
        harness.snapshot(1)


def test_restored_committables_without_a_committer_are_an_error() -> None:
    before = Harness(SinkSpec(Transactional()))
    before.push(1)
    with pytest.raises(SinkError, match="restored state holds 1 committables"):
        Harness(SinkSpec(Transactional(has_committer=False)), restore=[before.snapshot(1)])


def test_a_commit_that_fails_is_tried_again_after_a_restore() -> None:
    class Failing(Once):
        def commit(self, committables: Sequence[Any]) -> None:
            raise ConnectionError("gone")

    class Flaky(Transactional):
        def create_committer(self, context: OperatorContext) -> Committer:
            return (
                Failing(self.outside)
                if context.restored_checkpoint_id is None
                else Once(self.outside)
            )

    sink = Flaky()
    harness = Harness(SinkSpec(sink))
    harness.push(1)
    snapshot = harness.snapshot(1)
    with pytest.raises(ConnectionError):
        harness.complete(1)
    Harness(SinkSpec(sink), restore=[snapshot])
    assert sink.outside.committed == [(1,)]


def test_closing_closes_both_once() -> None:
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    harness.close()
    harness.close()
    assert sink.outside.log == ["close writer", "close committer"]


def test_pending_committables_are_shared_out_on_rescaling() -> None:
    sink = Transactional()
    before = Harness(SinkSpec(sink))
    for checkpoint in (1, 2, 3):
        before.push(checkpoint)
        snapshot = before.snapshot(checkpoint)
    for subtask in range(2):
        Harness(
            SinkSpec(sink),
            parallelism=2,
            subtask=subtask,
            restore=[snapshot],
            restored_checkpoint_id=3,
        )
    assert sorted(sink.outside.committed) == [(1,), (2,), (3,)]


STEPS = st.lists(
    st.sampled_from(["push", "checkpoint", "complete", "abort", "savepoint", "crash"]), max_size=30
)


@given(STEPS)
def test_every_row_is_committed_once_whatever_happens(steps: list[str]) -> None:
    """The source is replayed from the checkpoint the sink is restored to."""
    sink = Transactional()
    harness = Harness(SinkSpec(sink))
    next_row, checkpoint_id = 0, 0
    taken: dict[int, Any] = {}
    complete: tuple[int, Any, int] | None = None
    for step in [*steps, "checkpoint", "complete"]:
        if step == "push":
            harness.push(next_row)
            next_row += 1
        elif step in ("checkpoint", "savepoint"):
            checkpoint_id += 1
            kind = SnapshotKind.SAVEPOINT if step == "savepoint" else SnapshotKind.CHECKPOINT
            parts = harness.snapshot(checkpoint_id, kind)
            if step == "checkpoint":
                taken[checkpoint_id] = (parts, next_row)
        elif step == "complete" and taken:
            number = max(taken)
            complete = (number, *taken[number])
            taken.clear()
            harness.complete(number)
        elif step == "abort" and taken:
            taken.pop(max(taken))
        elif step == "crash":
            taken.clear()
            restore = [] if complete is None else [complete[1]]
            next_row = 0 if complete is None else complete[2]
            number_restored = None if complete is None else complete[0]
            harness = Harness(
                SinkSpec(sink), restore=restore, restored_checkpoint_id=number_restored
            )
    rows = [row for rows in sink.outside.committed for row in rows]
    assert rows == list(range(next_row))
