"""Timers: when they fire, in which order, and that they survive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flott.common.errors import StateAccessError
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.snapshot import StatePart
from flott.state.timer_service import MemoryTimerService
from tests.state.stores import VALUE, ManualClock, make_store, snapshot


class Timers:
    """A timer service whose callbacks and alarms are written down."""

    def __init__(self, parts: list[StatePart] | None = None, **where: int) -> None:
        self.clock = ManualClock(0)
        self.store = make_store(clock=self.clock, **where)
        self.store.restore(parts or [])
        self.fired: list[Any] = []
        self.alarms: list[tuple[int, Callable[[], None]]] = []
        self.on_event: Callable[[int, Any, Any], None] = lambda *_: None
        self.on_processing: Callable[[int, Any, Any], None] = lambda *_: None
        self.service = MemoryTimerService(
            self.store,
            "timers",
            self.clock,
            lambda *timer: self._fire("event", timer, self.on_event),
            lambda *timer: self._fire("processing", timer, self.on_processing),
            lambda time_ms, callback: self.alarms.append((time_ms, callback)),
        )

    def _fire(self, kind: str, timer: Any, then: Callable[[int, Any, Any], None]) -> None:
        assert self.store.current_key == timer[1]
        assert len(self.fired) < 1000, "timers fire without end"
        self.fired.append(timer)
        then(*timer)

    def pass_time(self, now_ms: int) -> None:
        """Let the clock run, and the task take a turn for each alarm that is due."""
        self.clock.time_ms = now_ms
        due = [alarm for alarm in self.alarms if alarm[0] <= now_ms]
        self.alarms = [alarm for alarm in self.alarms if alarm[0] > now_ms]
        for _, callback in due:
            callback()


@pytest.fixture
def timers() -> Timers:
    return Timers()


def test_an_event_time_timer_fires_once_the_watermark_reaches_it(timers: Timers) -> None:
    timers.service.register_event_time(10, "k", "window")
    timers.service.advance_watermark(9)
    assert timers.fired == []
    timers.service.advance_watermark(10)
    timers.service.advance_watermark(11)
    assert timers.fired == [(10, "k", "window")]


def test_timers_fire_in_order_of_time_then_of_registration(timers: Timers) -> None:
    for timestamp, key in [(5, "b"), (3, "z"), (5, "a"), (4, "y")]:
        timers.service.register_event_time(timestamp, key)
    timers.service.advance_watermark(5)
    assert timers.fired == [(3, "z", None), (4, "y", None), (5, "b", None), (5, "a", None)]


def test_the_same_timer_twice_is_one(timers: Timers) -> None:
    for _ in range(2):
        timers.service.register_event_time(5, "k")
        timers.service.register_processing_time(5, "k")
    timers.service.advance_watermark(5)
    timers.pass_time(5)
    assert timers.fired == [(5, "k", None), (5, "k", None)]


def test_timers_differ_by_key_namespace_and_time(timers: Timers) -> None:
    for timer in [(5, "k", None), (5, "k", 1), (5, "l", None), (6, "k", None)]:
        timers.service.register_event_time(*timer)
    timers.service.advance_watermark(6)
    assert len(timers.fired) == 4


def test_a_deleted_timer_does_not_fire(timers: Timers) -> None:
    timers.service.register_event_time(5, "k")
    timers.service.register_event_time(5, "l")
    timers.service.register_processing_time(5, "k")
    timers.service.delete_event_time(5, "k")
    timers.service.delete_processing_time(5, "k")
    timers.service.delete_event_time(7, "never registered")
    timers.service.advance_watermark(9)
    timers.pass_time(9)
    assert timers.fired == [(5, "l", None)]


def test_a_past_event_time_timer_fires_at_the_next_watermark(timers: Timers) -> None:
    timers.service.advance_watermark(100)
    timers.service.register_event_time(50, "k")
    assert timers.fired == []
    timers.service.advance_watermark(101)
    assert timers.fired == [(50, "k", None)]


def test_timers_registered_by_a_callback_up_to_the_watermark_fire_at_once(timers: Timers) -> None:
    def register_more(timestamp: int, key: Any, namespace: Any) -> None:
        if timestamp < 8 and key != "same time":
            timers.service.register_event_time(timestamp + 2, key)
            timers.service.register_event_time(timestamp, "same time")

    timers.on_event = register_more
    timers.service.register_event_time(4, "k")
    timers.service.register_event_time(5, "l")
    timers.service.advance_watermark(7)
    times = [timestamp for timestamp, _, _ in timers.fired]
    assert times == sorted(times)
    assert [f for f in timers.fired if f[1] == "k"] == [(4, "k", None), (6, "k", None)]
    timers.service.advance_watermark(8)
    assert timers.fired[-1] == (8, "k", None)


def test_a_callback_may_delete_timers_that_are_due(timers: Timers) -> None:
    timers.on_event = lambda *_: [timers.service.delete_event_time(t, "b") for t in (5, 6)]
    for timer in [(5, "a"), (5, "b"), (6, "b"), (6, "c")]:
        timers.service.register_event_time(*timer)
    timers.service.advance_watermark(6)
    assert timers.fired == [(5, "a", None), (6, "c", None)]


def test_the_watermark_is_set_before_timers_fire(timers: Timers) -> None:
    seen = []
    timers.on_event = lambda *_: seen.append(timers.service.current_watermark)
    assert timers.service.current_watermark == MIN_WATERMARK
    timers.service.register_event_time(5, "k")
    timers.service.advance_watermark(7)
    assert seen == [7]


def test_the_last_watermark_fires_everything(timers: Timers) -> None:
    for timestamp in (MAX_WATERMARK, -5, MAX_WATERMARK - 1):
        timers.service.register_event_time(timestamp, "k")
    timers.service.advance_watermark(MAX_WATERMARK)
    assert [f[0] for f in timers.fired] == [-5, MAX_WATERMARK - 1, MAX_WATERMARK]
    assert not timers.service.has_timers()


def test_no_key_is_current_after_timers_have_fired(timers: Timers) -> None:
    state: Any = timers.store.state(VALUE)
    timers.on_event = lambda *_: state.update("seen")
    timers.service.register_event_time(5, "k")
    timers.service.advance_watermark(5)
    with pytest.raises(StateAccessError):
        state.value()
    timers.store.current_key = "k"
    assert state.value() == "seen"


def test_processing_time_timers_fire_when_the_clock_reaches_them(timers: Timers) -> None:
    timers.service.register_processing_time(10, "k", "window")
    timers.pass_time(9)
    assert timers.fired == []
    timers.pass_time(10)
    assert timers.fired == [(10, "k", "window")]
    assert timers.service.current_processing_time() == 10


def test_one_alarm_is_set_for_the_earliest_timer(timers: Timers) -> None:
    for timestamp in (30, 10, 20, 40):
        timers.service.register_processing_time(timestamp, "k")
    assert [time_ms for time_ms, _ in timers.alarms] == [30, 10]
    timers.pass_time(10)
    assert [time_ms for time_ms, _ in timers.alarms] == [30, 20]
    timers.pass_time(50)
    assert [f[0] for f in timers.fired] == [10, 20, 30, 40]
    assert timers.alarms == []


def test_all_timers_that_are_due_fire_in_one_turn(timers: Timers) -> None:
    for timestamp in (3, 1, 2):
        timers.service.register_processing_time(timestamp, "k")
    timers.pass_time(100)
    assert [f[0] for f in timers.fired] == [1, 2, 3]


def test_an_alarm_whose_timer_was_deleted_is_harmless(timers: Timers) -> None:
    timers.service.register_processing_time(10, "k")
    timers.service.delete_processing_time(10, "k")
    timers.service.register_processing_time(20, "k")
    timers.pass_time(15)
    assert timers.fired == []
    timers.pass_time(20)
    assert timers.fired == [(20, "k", None)]


def test_an_overdue_timer_fires_in_a_turn_of_its_own(timers: Timers) -> None:
    timers.clock.time_ms = 100
    timers.service.register_processing_time(50, "k")
    assert timers.fired == []
    timers.pass_time(100)
    assert timers.fired == [(50, "k", None)]


def test_a_callback_that_registers_now_again_gets_one_turn_each_time(timers: Timers) -> None:
    timers.on_processing = lambda time_ms, key, _: timers.service.register_processing_time(
        time_ms, key
    )
    timers.service.register_processing_time(10, "k")
    for turn in range(1, 4):
        timers.pass_time(10)
        assert len(timers.fired) == turn


def test_what_callbacks_register_in_between_fires_in_order(timers: Timers) -> None:
    def register_next(time_ms: int, key: Any, namespace: Any) -> None:
        if time_ms == 10:
            timers.service.register_processing_time(15, "between")

    timers.on_processing = register_next
    for time_ms in (10, 20):
        timers.service.register_processing_time(time_ms, "k")
    timers.pass_time(20)
    assert [f[0] for f in timers.fired] == [10, 15, 20]


def test_an_alarm_counts_even_if_the_clock_was_set_back(timers: Timers) -> None:
    timers.service.register_processing_time(10, "k")
    ((_, alarm),) = timers.alarms
    timers.clock.time_ms = 5
    alarm()
    assert timers.fired == [(10, "k", None)]


def test_at_the_end_of_bounded_input_all_processing_time_timers_fire(timers: Timers) -> None:
    timers.on_processing = lambda time_ms, key, _: timers.service.register_processing_time(
        time_ms + 1, key
    )
    for time_ms in (300, 100, 301):
        timers.service.register_processing_time(time_ms, "k")
    timers.service.fire_all_processing_time()
    assert [f[0] for f in timers.fired] == [100, 300, 301]


@pytest.mark.parametrize("parallelism", [1, 2, 3])
def test_timers_are_restored_with_their_keys(parallelism: int) -> None:
    before = Timers()
    for key in range(30):
        before.service.register_event_time(key % 4, key)
        before.service.register_processing_time(key % 4, key, "window")
    parts = [snapshot(before.store)]
    before.service.advance_watermark(1)
    before.service.register_event_time(9, "new")
    parts.append(snapshot(before.store))
    fired = []
    for subtask in range(parallelism):
        after = Timers(parts, subtask=subtask, parallelism=parallelism)
        assert after.service.current_watermark == MIN_WATERMARK
        after.service.advance_watermark(9)
        after.pass_time(9)
        fired += after.fired
    expected = [(key % 4, key, None) for key in range(30) if key % 4 > 1] + [(9, "new", None)]
    expected += [(key % 4, key, "window") for key in range(30)]
    assert sorted(fired, key=repr) == sorted(expected, key=repr)


def test_overdue_processing_time_timers_fire_in_the_first_turn_after_a_restore() -> None:
    before = Timers()
    before.service.register_processing_time(10, "k")
    after = Timers([snapshot(before.store)])
    assert [time_ms for time_ms, _ in after.alarms] == [10]
    after.pass_time(500)
    assert after.fired == [(10, "k", None)]


def test_a_time_that_is_registered_again_while_it_fires_keeps_only_the_new_timer() -> None:
    before = Timers()
    before.on_processing = lambda *_: before.service.register_processing_time(10, "again")
    for key in range(99):
        before.service.register_event_time(500, key)
    before.service.register_processing_time(10, "k")
    parts = [snapshot(before.store)]
    before.pass_time(10)
    parts.append(snapshot(before.store))
    assert not parts[1].full
    after = Timers(parts)
    after.pass_time(10)
    assert after.fired == [(10, "again", None)]


def test_two_services_of_an_operator_keep_their_timers_apart() -> None:
    timers = Timers()
    other: list[Any] = []
    second = MemoryTimerService(
        timers.store, "other", timers.clock, lambda *t: other.append(t), print, lambda *_: None
    )
    timers.service.register_event_time(5, "k")
    second.advance_watermark(9)
    assert (other, timers.service.has_timers(), second.has_timers()) == ([], True, False)


def test_fired_timers_leave_one_change_for_each_time() -> None:
    timers = Timers()
    for key in range(1000):
        timers.service.register_event_time(key % 2, key)
    timers.service.register_event_time(9, "stays")
    snapshot(timers.store)
    timers.service.advance_watermark(5)
    part = snapshot(timers.store)
    assert len(part.payload) < 1000
