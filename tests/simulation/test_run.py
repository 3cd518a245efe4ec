"""Runs: repeatable, right without faults, and short of nothing the report counts."""

import os
import subprocess
import sys

import pytest

from flott.testing.simulation.faults import FaultPlan
from flott.testing.simulation.run import run_seed

HASHES = (
    "from flott.testing.simulation.run import run_seed\n"
    "print(*(run_seed(seed).log_hash for seed in range(6)))"
)


def hashes_in_a_new_process(hash_seed: str) -> str:
    environment = dict(os.environ, PYTHONHASHSEED=hash_seed)
    command = [sys.executable, "-c", HASHES]
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout.decode()


def test_the_same_seed_gives_the_same_log_of_events() -> None:
    assert [run_seed(7).log_hash, run_seed(7).log_hash] == [run_seed(7).log_hash] * 2


def test_the_log_does_not_depend_on_the_hash_seed_of_the_process() -> None:
    first = hashes_in_a_new_process("1")
    assert len(first.split()) == 6
    assert first == hashes_in_a_new_process("2")


def test_other_seeds_give_other_logs() -> None:
    assert len({run_seed(seed).log_hash for seed in range(5)}) == 5


def test_keeping_the_log_changes_nothing() -> None:
    kept = run_seed(3, keep_log=True)
    assert kept.log
    assert kept.log_hash == run_seed(3).log_hash


@pytest.mark.parametrize("seed", range(8))
def test_jobs_are_right_without_faults_and_restart_never(seed: int) -> None:
    result = run_seed(seed, faults=FaultPlan())
    assert result.violations == ()
    assert (result.restores, result.injected.total()) == (0, 0)
    assert result.checkpoints >= 1


def test_faults_bring_restores_and_changes_of_parallelism() -> None:
    plan = FaultPlan(horizon_ms=600, coordinator_crash_ms=60, rescale_share=1.0)
    result = run_seed(6, faults=plan)
    assert result.violations == ()
    assert result.restores > 2
    assert len(set(result.parallelisms)) > 1
