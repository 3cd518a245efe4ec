"""Timers of BATCH mode."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flott.core.element import MAX_WATERMARK
from flott.operators.rows.batch_timers import BatchTimerService
from tests.operators.harness import ManualClock


class Bench:
    """A service that records what fires."""

    def __init__(self) -> None:
        self.fired: list[Any] = []
        self.then: Any = None
        self.timers = BatchTimerService(ManualClock(7), self._event, self._processing)

    def _event(self, timestamp: int, key: Any, namespace: Any) -> None:
        self.fired.append(("event", timestamp, key, namespace))
        if self.then:
            self.then(timestamp)

    def _processing(self, timestamp: int, key: Any, namespace: Any) -> None:
        self.fired.append(("processing", timestamp, key, namespace))
        if self.then:
            self.then(timestamp)


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9), st.sampled_from("kl"))),
    st.integers(0, 9),
)
def test_they_agree_with_a_set(steps: list[Any], watermark: int) -> None:
    bench = Bench()
    pending: dict[bool, set[Any]] = {True: set(), False: set()}
    for adds, is_event, time, key in steps:
        timers = bench.timers
        if adds:
            (timers.register_event_time if is_event else timers.register_processing_time)(time, key)
            pending[is_event].add((time, key, None))
        else:
            (timers.delete_event_time if is_event else timers.delete_processing_time)(time, key)
            pending[is_event].discard((time, key, None))
    assert bench.timers.has_timers() == bool(pending[True] or pending[False])
    bench.timers.advance_watermark(watermark)
    due = {timer for timer in pending[True] if timer[0] <= watermark}
    assert {timer[1:] for timer in bench.fired} == due
    assert [timer[1] for timer in bench.fired] == sorted(timer[0] for timer in due)
    assert bench.timers.has_event_timers() == (pending[True] != due)
    bench.fired.clear()
    bench.timers.fire_all_processing_time()
    assert {timer[1:] for timer in bench.fired} == pending[False]
    assert [timer[1] for timer in bench.fired] == sorted(timer[0] for timer in pending[False])


def test_an_event_timer_may_register_another_that_fires_too() -> None:
    bench = Bench()
    bench.then = lambda time: bench.timers.register_event_time(time + 1, "k") if time < 3 else None
    bench.timers.register_event_time(1, "k")
    bench.timers.advance_watermark(MAX_WATERMARK)
    assert [timer[1] for timer in bench.fired] == [1, 2, 3]


def test_a_processing_timer_that_renews_itself_ends() -> None:
    bench = Bench()
    bench.then = lambda time: bench.timers.register_processing_time(time + 1, "k")
    bench.timers.register_processing_time(1, "k")
    bench.timers.fire_all_processing_time()
    assert [timer[1] for timer in bench.fired] == [1]
    bench.timers.forget()
    assert not bench.timers.has_timers()


def test_the_clock_is_told() -> None:
    assert Bench().timers.current_processing_time() == 7
