"""The two orders of results, without any calls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.operators.rows.async_queue import (
    AsyncQueue,
    Entry,
    OrderedQueue,
    Signal,
    UnorderedQueue,
)

QUEUES = pytest.mark.parametrize("make", [OrderedQueue, UnorderedQueue])


def complete(queue: AsyncQueue, entry: Entry) -> None:
    entry.results = [entry.value]
    queue.complete(entry)


def ready(queue: AsyncQueue) -> list[Any]:
    return [item.value if isinstance(item, Entry) else item for item in queue.take_ready()]


@QUEUES
def test_entries_are_listed_as_they_came(make: Any) -> None:
    queue = make()
    entries = [Entry(number, None) for number in range(4)]
    for entry in entries:
        queue.add(entry)
        queue.add_signal(Signal(watermark=entry.value))
    complete(queue, entries[2])
    assert queue.entries() == entries
    assert len(queue) == 8


@QUEUES
def test_a_change_of_idleness_replaces_nothing(make: Any) -> None:
    queue = make()
    entry = Entry("a", None)
    queue.add(entry)
    signals = [Signal(watermark=1), Signal(idle=True), Signal(idle=False), Signal(watermark=2)]
    for signal in signals:
        queue.add_signal(signal)
    complete(queue, entry)
    assert ready(queue) == ["a", *signals]
    assert len(queue) == 0


@QUEUES
def test_an_empty_queue_lets_a_signal_through(make: Any) -> None:
    queue = make()
    queue.add_signal(Signal(watermark=7))
    assert ready(queue) == [Signal(watermark=7)]
    assert ready(queue) == []


STEPS = st.lists(
    st.one_of(st.just("add"), st.tuples(st.just("complete"), st.integers(0, 9)), st.just("signal")),
    max_size=40,
)


@given(st.sampled_from([OrderedQueue, UnorderedQueue]), STEPS)
def test_nothing_is_lost_and_nothing_passes_a_signal(make: Any, steps: list[Any]) -> None:
    queue = make()
    pending: list[Entry] = []
    epoch_of: dict[int, int] = {}
    out: list[Any] = []
    epoch = number = 0
    for step in steps:
        if step == "add":
            entry = Entry(number, None)
            epoch_of[number] = epoch
            queue.add(entry)
            pending.append(entry)
            number += 1
        elif step == "signal":
            epoch += 1
            queue.add_signal(Signal(watermark=epoch))
        elif pending:
            complete(queue, pending.pop(step[1] % len(pending)))
        out += ready(queue)
    for entry in pending:
        complete(queue, entry)
    out += ready(queue)
    assert len(queue) == 0
    reached = 0
    for item in out:
        if isinstance(item, Signal):
            assert item.watermark is not None
            assert item.watermark > reached
            reached = item.watermark
        else:
            assert epoch_of[item] >= reached
    assert reached == epoch
    assert sorted(item for item in out if not isinstance(item, Signal)) == list(range(number))
