"""The outside store: transactions become visible once, and only when they may."""

import pytest

from flott.testing.simulation.faults import FaultPlan
from flott.testing.simulation.outside import Committable, OutsideStore
from flott.testing.simulation.world import World


@pytest.fixture
def world() -> World:
    world = World(0, FaultPlan())
    world.store.complete_id = 5
    return world


def test_a_transaction_committed_twice_is_visible_once(world: World) -> None:
    store: OutsideStore = world.store
    store.stage("t", ("a", "b"))
    store.commit(Committable("t", 5, None))
    store.commit(Committable("t", 5, ("a", "b")))
    assert store.rows == ["a", "b"]
    assert world.violations == []


@pytest.mark.parametrize(
    ("committable", "violation"),
    [
        (Committable("t", 6, ("a",)), "newest complete checkpoint is 5"),
        (Committable("u", 5, None), "unknown"),
        (Committable("done", 5, ("other",)), "different rows"),
    ],
)
def test_a_commit_that_must_not_be_is_a_violation(
    world: World, committable: Committable, violation: str
) -> None:
    world.store.commit(Committable("done", 1, ("a",)))
    world.store.commit(committable)
    assert violation in world.violations[0]


def test_a_transaction_is_staged_once(world: World) -> None:
    world.store.stage("t", ("a",))
    world.store.stage("t", ("a",))
    assert "twice" in world.violations[0]
