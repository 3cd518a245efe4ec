"""Callbacks by the wall clock come in time, whatever is done to the clock."""

import pytest

from flott.core.clock import Clock
from flott.runtime.task.wall_schedule import WallSchedule


class HandClock(Clock):
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.wall_ms = 1_000_000.0
        self.steady_ms = 0.0

    def now_ms(self) -> int:
        return int(self.wall_ms)

    def monotonic_ms(self) -> float:
        return self.steady_ms

    def pass_time(self, duration_ms: float) -> None:
        self.wall_ms += duration_ms
        self.steady_ms += duration_ms


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def scheduled(clock: HandClock, *delays_ms: int) -> tuple[WallSchedule, list[int]]:
    schedule, fired = WallSchedule(clock), []
    for delay_ms in delays_ms:
        schedule.add(clock.now_ms() + delay_ms, lambda delay_ms=delay_ms: fired.append(delay_ms))
    return schedule, fired


def test_a_callback_comes_when_the_clock_reaches_its_time(clock: HandClock) -> None:
    schedule, fired = scheduled(clock, 10, 20)
    clock.pass_time(9)
    assert not schedule.run_due()
    clock.pass_time(1)
    assert schedule.run_due()
    assert fired == [10]
    assert schedule.next_ms == clock.now_ms() + 10


def test_a_clock_that_is_set_back_delays_nothing(clock: HandClock) -> None:
    schedule, fired = scheduled(clock, 10)
    clock.wall_ms -= 3_600_000
    assert schedule.next_ms == clock.now_ms() + 10
    clock.pass_time(10)
    schedule.run_due()
    assert fired == [10]


def test_a_callback_added_after_the_clock_was_set_back_does_not_come_at_once(
    clock: HandClock,
) -> None:
    schedule, _ = scheduled(clock)
    clock.wall_ms -= 3_600_000
    schedule.add(clock.now_ms() + 10, lambda: None)
    assert not schedule.run_due()
    clock.pass_time(10)
    assert schedule.run_due()


def test_a_clock_that_is_set_ahead_makes_due_what_it_has_reached(clock: HandClock) -> None:
    schedule, fired = scheduled(clock, 1000, 5000)
    schedule.run_due()
    clock.wall_ms += 2000
    schedule.run_due()
    assert fired == [1000]


def test_rounding_of_the_clock_does_not_add_up(clock: HandClock) -> None:
    schedule, fired = scheduled(clock, 1000)
    for _ in range(1999):
        clock.pass_time(0.5)
        schedule.run_due()
    assert fired == []
    clock.pass_time(1)
    schedule.run_due()
    assert fired == [1000]


def test_an_empty_schedule_has_no_next_time(clock: HandClock) -> None:
    schedule, _ = scheduled(clock)
    assert schedule.is_empty
    assert schedule.next_ms is None
