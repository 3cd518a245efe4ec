"""Connections: in order, delayed, cut."""

from flott.testing.simulation.network import Pipe
from flott.testing.simulation.scheduler import Scheduler


def run_all(scheduler: Scheduler) -> None:
    while scheduler.step():
        pass


def test_what_is_sent_arrives_in_order_whatever_the_delays() -> None:
    scheduler, seen = Scheduler(0), []
    delays = iter([5.0, 1.0, 3.0])
    pipe = Pipe(scheduler, lambda: next(delays))
    for number in range(3):
        pipe.send(lambda number=number: seen.append(number))
    run_all(scheduler)
    assert seen == [0, 1, 2]
    assert scheduler.now_ms == 5


def test_a_cut_connection_loses_what_is_under_way_and_what_follows() -> None:
    scheduler, seen = Scheduler(0), []
    pipe = Pipe(scheduler, lambda: 1.0)
    pipe.send(lambda: seen.append("under way"))
    pipe.is_cut = True
    pipe.send(lambda: seen.append("later"))
    run_all(scheduler)
    assert seen == []


def test_a_held_connection_delivers_later_and_everything() -> None:
    scheduler, seen = Scheduler(0), []
    pipe = Pipe(scheduler, lambda: 1.0)
    pipe.hold(50)
    pipe.send(lambda: seen.append(scheduler.now_ms))
    run_all(scheduler)
    assert seen == [50]
