"""Processes: they take turns, stall, and die without finishing what they were at."""

import pytest

from flott.testing.simulation.faults import FaultPlan, ProcessKilled
from flott.testing.simulation.process import Process
from flott.testing.simulation.world import World


class Machine(Process):
    """Takes a number of turns and notes its death."""

    def __init__(self, world: World, turns: int = 0) -> None:
        super().__init__("machine", world)
        self.turns_left = turns
        self.deaths: list[str] = []

    def turn(self) -> bool:
        self.turns_left -= 1
        return self.turns_left > 0

    def sleep_ms(self) -> float:
        return 500.0

    def on_death(self, reason: str) -> None:
        self.deaths.append(reason)


@pytest.fixture
def world() -> World:
    return World(0, FaultPlan(horizon_ms=1000, torn_share=1.0))


def run_for(world: World, duration_ms: float) -> None:
    end_ms = world.scheduler.now_ms + duration_ms
    while world.scheduler.now_ms < end_ms and world.scheduler.step():
        pass


def test_what_is_posted_is_run_in_order(world: World) -> None:
    machine, seen = Machine(world), []
    for number in range(5):
        machine.post(lambda number=number: seen.append(number))
    run_for(world, 100)
    assert seen == [0, 1, 2, 3, 4]


def test_a_stalled_process_does_nothing_until_it_goes_on(world: World) -> None:
    machine, seen = Machine(world), []
    machine.stall(50)
    machine.post(lambda: seen.append(world.scheduler.now_ms))
    run_for(world, 100)
    assert seen == [50]


def test_a_killed_process_drops_what_was_posted(world: World) -> None:
    machine, seen = Machine(world), []

    def killed() -> None:
        raise ProcessKilled("here")

    machine.post(killed)
    machine.post(lambda: seen.append("too late"))
    run_for(world, 100)
    assert (machine.alive, machine.deaths, seen) == (False, ["here"], [])
    assert world.current is None


def test_a_blocking_call_answers_later_with_its_result_or_its_error(world: World) -> None:
    machine, answers = Machine(world), []

    def broken() -> None:
        raise OSError("broken")

    machine.blocking.submit(lambda: 7, answers.append)
    machine.blocking.submit(broken, answers.append)
    assert answers == []
    run_for(world, 100)
    assert sorted(map(str, answers)) == ["7", "broken"]


def test_a_call_under_way_when_its_process_dies_is_never_answered(world: World) -> None:
    machine, answers = Machine(world), []
    machine.blocking.submit(lambda: machine.storage.write("chk-1/a", [b"ab"]), answers.append)
    machine.die("crash")
    run_for(world, 100)
    assert answers == []
    assert list(world.disk.files) == ["chk-1/.writing-1"]
