"""The simulator notices broken engines; a simulator that notices nothing proves nothing."""

import pytest

from flott.testing.simulation.run import run_seed
from tests.simulation.mutants import MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_engine_is_noticed_within_few_seeds(name: str) -> None:
    mutant = MUTANTS[name]
    assert any(
        run_seed(seed, variant=mutant.variant, faults=mutant.faults).violations
        for seed in range(mutant.seeds)
    ), f"{mutant.seeds} seeds did not notice: {name}"
