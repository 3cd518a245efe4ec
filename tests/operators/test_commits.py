"""Slow committers: what happens beside the task, in which order, and what is lost by nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from flott.core.blocking import BlockingCalls
from flott.core.context import OperatorContext
from flott.core.element import SnapshotKind
from flott.core.sink import Committer
from flott.operators.sink import SinkSpec
from tests.operators.harness import Harness
from tests.operators.test_sink import Once, Outside, Transactional


class Later(BlockingCalls):
    """Runs a blocking call when told to, and delivers its result when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.calls.append((call, done))

    def run(self) -> None:
        call, done = self.calls.pop(0)
        result: Any
        try:
            result = call()
        except Exception as error:
            result = error
        done(result)


class Slow(Once):
    is_slow = True

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.error: Exception | None = None

    def commit(self, committables: Sequence[Any]) -> None:
        if self.error is not None:
            raise self.error
        super().commit(committables)


class SlowSink(Transactional):
    def __init__(self) -> None:
        super().__init__()
        self.committer = Slow(self.outside)

    def create_committer(self, context: OperatorContext) -> Committer | None:
        return self.committer


class Case:
    def __init__(self, **options: Any) -> None:
        self.later = Later()
        self.sink = SlowSink()
        self.harness = Harness(SinkSpec(self.sink), blocking=self.later, **options)

    def checkpoint(self, number: int, *rows: int) -> Any:
        self.harness.push(*rows)
        snapshot = self.harness.snapshot(number)
        self.harness.complete(number)
        return snapshot


def test_a_slow_commit_does_not_hold_the_task() -> None:
    case = Case()
    case.checkpoint(1, 1)
    assert case.sink.outside.committed == []
    assert case.harness.operator.has_pending_work()
    case.harness.push(2)
    case.later.run()
    assert case.sink.outside.committed == [(1,)]
    assert not case.harness.operator.has_pending_work()


def test_one_slow_commit_runs_at_a_time_and_the_next_takes_all_that_is_ready() -> None:
    case = Case()
    for number in (1, 2, 3):
        case.checkpoint(number, number)
    assert len(case.later.calls) == 1
    case.later.run()
    assert case.sink.outside.committed == [(1,)]
    case.later.run()
    assert case.sink.outside.committed == [(1,), (2,), (3,)]
    assert case.later.calls == []


def test_what_is_being_committed_is_in_the_next_snapshot() -> None:
    case = Case()
    case.checkpoint(1, 1)
    snapshot = case.harness.snapshot(2)
    restored = SlowSink()
    Harness(SinkSpec(restored), restore=[snapshot])
    assert restored.outside.committed == [(1,)]


def test_a_restore_waits_for_a_slow_committer() -> None:
    before = Case()
    before.harness.push(1)
    snapshot = before.harness.snapshot(1)
    after = Case(restore=[snapshot])
    assert after.sink.outside.committed == [(1,)]
    assert after.later.calls == []


def test_a_slow_commit_that_fails_fails_the_task() -> None:
    case = Case()
    case.sink.committer.error = ConnectionError("gone")
    case.checkpoint(1, 1)
    case.later.run()
    with pytest.raises(ConnectionError, match="gone"):
        case.harness.run_mail()


def test_a_slow_commit_that_fails_at_the_end_is_told_by_closing() -> None:
    case = Case()
    case.sink.committer.error = ConnectionError("gone")
    case.checkpoint(1, 1)
    case.later.run()
    with pytest.raises(ConnectionError, match="gone"):
        case.harness.close()


def test_a_committer_that_is_busy_is_closed_when_it_is_done() -> None:
    case = Case()

    class Closing(Slow):
        def commit(self, committables: Sequence[Any]) -> None:
            case.harness.close()
            self.outside.log.append("commit")

    case.sink.committer = Closing(case.sink.outside)
    case.harness = Harness(SinkSpec(case.sink), blocking=case.later)
    case.checkpoint(1, 1)
    case.sink.outside.log.clear()
    case.later.run()
    assert case.sink.outside.log == ["close writer", "commit", "close committer"]


def test_a_slow_commit_that_begins_after_the_end_does_nothing() -> None:
    case = Case()
    case.checkpoint(1, 1)
    case.harness.close()
    case.later.run()
    assert case.sink.outside.committed == []


def test_a_plain_savepoint_begins_no_slow_commit() -> None:
    case = Case()
    case.harness.push(1)
    case.harness.snapshot(1, SnapshotKind.SAVEPOINT)
    case.harness.complete(1)
    assert case.later.calls == []
