"""Whole jobs under faults: 500 seeds, in batches, each failure naming its seed."""

import pytest

from flott.testing.simulation.run import run_seed

SEEDS = 500
BATCH = 20


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_every_seed_gives_the_answer_of_a_run_without_faults(first: int) -> None:
    broken = {
        seed: violations
        for seed in range(first, first + BATCH)
        if (violations := run_seed(seed).violations)
    }
    assert not broken, "see python -m flott.testing.simulation --replay SEED"
