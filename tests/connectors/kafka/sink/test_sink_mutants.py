"""The plays notice broken sinks; plays that notice nothing prove nothing."""

from __future__ import annotations

import pytest

from flott.testing.connectors.choices import SeededChoices
from tests.connectors.kafka.sink_jobs import create_broker
from tests.connectors.kafka.sink_mutants import MUTANTS, Mutant
from tests.connectors.kafka.sink_play import Play, check_order

SEEDS = 1000


def is_noticed(mutant: Mutant, seed: int) -> bool:
    broker = create_broker()
    play = Play(
        SeededChoices(seed), broker, mutant.parallelism_max, mutant.is_storm, **mutant.options
    )
    try:
        play.run()
        if mutant.parallelism_max == 1:
            check_order(broker)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_sink_is_noticed(name: str) -> None:
    assert any(is_noticed(MUTANTS[name], seed) for seed in range(SEEDS)), name


@pytest.mark.parametrize("is_storm", [False, True])
def test_the_sink_as_it_is_passes_the_same_plays(is_storm: bool) -> None:
    for seed in range(100):
        assert not is_noticed(Mutant({}, 3, is_storm), seed)
        assert not is_noticed(Mutant({}, 1, is_storm), seed)
