"""The scheduler: order of events, virtual time, the digest of the log."""

from flott.testing.simulation.clock import EPOCH_MS, SimulatedClock
from flott.testing.simulation.scheduler import Scheduler


def run_all(scheduler: Scheduler) -> None:
    while scheduler.step():
        pass


def test_events_come_in_order_of_time_and_then_of_scheduling() -> None:
    scheduler, seen = Scheduler(0), []
    for name, delay_ms in (("late", 5), ("first", 1), ("second", 1)):
        scheduler.after(delay_ms, lambda name=name: seen.append((name, scheduler.now_ms)))
    run_all(scheduler)
    assert seen == [("first", 1), ("second", 1), ("late", 5)]


def test_an_event_in_the_past_comes_now() -> None:
    scheduler = Scheduler(0)
    scheduler.after(2, lambda: None)
    run_all(scheduler)
    assert scheduler.at(0, lambda: None) == 2000


def test_step_says_when_nothing_is_left() -> None:
    assert not Scheduler(0).step()


def test_the_digest_follows_the_log_and_its_times() -> None:
    one, same, other = Scheduler(0), Scheduler(1, keep_log=True), Scheduler(0)
    one.note("a")
    same.note("a")
    other.after(1, lambda: other.note("a"))
    run_all(other)
    assert one.log_hash == same.log_hash != other.log_hash
    assert same.log == ["       0.000 a"]


def test_nothing_is_drawn_from_a_share_of_nothing() -> None:
    scheduler = Scheduler(0)
    assert not scheduler.is_drawn(0)
    assert scheduler.is_drawn(1)
    assert scheduler.draw_delay(0) == 0


def test_the_wall_clock_jumps_and_the_monotonic_one_does_not() -> None:
    scheduler = Scheduler(0)
    clock = SimulatedClock(scheduler)
    scheduler.after(10, lambda: None)
    run_all(scheduler)
    clock.offset_ms -= 1000
    assert clock.now_ms() == EPOCH_MS + 10 - 1000
    assert clock.monotonic_ms() == 10
