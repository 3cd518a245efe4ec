"""Faults: a set of its own for each seed, and none after the horizon."""

from dataclasses import fields
from random import Random

import pytest

from flott.testing.simulation.faults import (
    KILL_POINTS,
    FaultPlan,
    Faults,
    ProcessKilled,
    draw_fault_plan,
)
from flott.testing.simulation.scheduler import Scheduler


def test_the_same_seed_draws_the_same_faults() -> None:
    assert draw_fault_plan(Random("a")) == draw_fault_plan(Random("a"))


def test_every_fault_is_drawn_by_some_seeds_and_left_out_by_others() -> None:
    plans = [draw_fault_plan(Random(seed)) for seed in range(200)]
    for field in fields(FaultPlan):
        values = {str(getattr(plan, field.name)) for plan in plans}
        assert len(values) > 10, field.name
        assert any(getattr(p, field.name) == getattr(FaultPlan(), field.name) for p in plans)


def test_every_named_point_is_drawn() -> None:
    drawn = {point for seed in range(400) for point in draw_fault_plan(Random(seed)).kill_points}
    assert drawn == set(KILL_POINTS)


def test_nothing_strikes_after_the_horizon() -> None:
    faults = Faults(FaultPlan(horizon_ms=10, kill_points={"drained": 1}), Scheduler(0))
    assert faults.strikes("kind", 1.0)
    faults.active = False
    faults.pass_point("drained")
    assert not faults.strikes("kind", 1.0)
    assert not faults.lasts("kind", 1.0)
    assert faults.injected == {"kind": 1}


def test_a_named_point_kills_at_its_count() -> None:
    faults = Faults(FaultPlan(horizon_ms=10, kill_points={"drained": 2}), Scheduler(0))
    faults.pass_point("drained")
    with pytest.raises(ProcessKilled):
        faults.pass_point("drained")
    faults.pass_point("drained")


def test_an_outage_comes_and_goes_for_its_share_of_the_time() -> None:
    scheduler = Scheduler(0)
    faults = Faults(FaultPlan(horizon_ms=10_000), scheduler)
    failing = 0
    for _ in range(10_000):
        scheduler.now_us += 1000
        failing += faults.lasts("outage", 0.25)
    assert 1500 < failing < 3500
