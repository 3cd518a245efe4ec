"""Bugs that seeds have found, each with the faults that show it best."""

import pytest

from flott.testing.simulation.faults import FaultPlan
from flott.testing.simulation.run import run_seed
from flott.testing.simulation.variants import Variant

ONLY_FILES = Variant(options={"execution.checkpointing.data-inline-threshold": "0 b"})


@pytest.mark.parametrize("seed", [15, 17, 26])
def test_a_task_that_drains_while_its_snapshot_is_stored_takes_no_second_one(seed: int) -> None:
    assert run_seed(seed, faults=FaultPlan()).violations == ()


@pytest.mark.parametrize("seed", [4, 5, 8])
def test_a_job_whose_coordinator_dies_while_it_cleans_up_has_ended(seed: int) -> None:
    plan = FaultPlan(horizon_ms=2000, kill_points={"before a delete": 4})
    assert run_seed(seed, faults=plan).violations == ()


@pytest.mark.parametrize("seed", [79, 101])
def test_workers_of_a_former_coordinator_overwrite_no_checkpoint_file(seed: int) -> None:
    plan = FaultPlan(
        horizon_ms=900,
        coordinator_crash_ms=50,
        zombie_share=1,
        storage_delay_ms=30,
        control_delay_ms=3,
    )
    assert run_seed(seed, faults=plan, variant=ONLY_FILES).violations == ()


@pytest.mark.parametrize("seed", [0, 17, 20])
def test_a_clock_that_is_set_back_by_an_hour_holds_nothing_up(seed: int) -> None:
    plan = FaultPlan(horizon_ms=400, clock_jump_ms=30, worker_crash_ms=200)
    assert run_seed(seed, faults=plan).violations == ()


@pytest.mark.parametrize("seed", [17, 28, 30])
def test_nothing_is_committed_beyond_the_savepoint_that_a_job_is_stopped_with(seed: int) -> None:
    plan = FaultPlan(horizon_ms=500, stop_ms=80, rescale_share=0.5)
    assert run_seed(seed, faults=plan).violations == ()


@pytest.mark.parametrize("seed", range(3))
def test_a_job_that_dies_while_it_stops_commits_nothing_twice(seed: int) -> None:
    plan = FaultPlan(
        horizon_ms=700,
        stop_ms=60,
        worker_crash_ms=80,
        coordinator_crash_ms=150,
        kill_points={"finishing": 2, "completing": 9},
    )
    assert run_seed(seed, faults=plan).violations == ()


def test_a_task_that_sends_its_first_record_after_it_read_many_is_reported() -> None:
    plan = FaultPlan(
        horizon_ms=700,
        stop_ms=60,
        rescale_share=0.5,
        worker_crash_ms=80,
        coordinator_crash_ms=150,
        storage_failure_share=0.05,
        savepoint_ms=100,
        kill_points={"finishing": 2, "completing": 9},
    )
    assert run_seed(44, faults=plan).violations == ()


@pytest.mark.parametrize("seed", [6, 29])
def test_a_job_that_dies_after_it_has_drained_reads_nothing_more(seed: int) -> None:
    plan = FaultPlan(
        horizon_ms=600,
        stop_ms=120,
        drain_share=1.0,
        worker_crash_ms=60,
        storage_failure_share=0.1,
    )
    assert run_seed(seed, faults=plan).violations == ()


@pytest.mark.parametrize("seed", [4, 29, 105])
def test_a_job_that_is_being_stopped_is_not_drained_as_well(seed: int) -> None:
    plan = FaultPlan(
        horizon_ms=700,
        stop_ms=60,
        drain_share=0.5,
        worker_crash_ms=80,
        coordinator_crash_ms=100,
        rescale_share=0.5,
        kill_points={"finishing": 2, "completing": 9, "drained": 7},
    )
    assert run_seed(seed, faults=plan).violations == ()


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_flipped_bits_of_checkpoints_give_no_wrong_results(seed: int) -> None:
    plan = FaultPlan(horizon_ms=700, flip_ms=25, worker_crash_ms=80, coordinator_crash_ms=100)
    result = run_seed(seed, faults=plan, variant=ONLY_FILES)
    assert result.injected["bit flips"] > 0
    assert result.violations == ()
