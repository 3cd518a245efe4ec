"""Python's collector waits while jobs run."""

from __future__ import annotations

import gc

from flott.datastream import StreamExecutionEnvironment
from flott.deploy.garbage import collecting_rarely


def test_thresholds_are_as_before_when_the_last_job_has_ended() -> None:
    before = gc.get_threshold()
    with collecting_rarely(), collecting_rarely():
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before


def test_a_collector_that_is_turned_off_stays_so() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with collecting_rarely():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


def test_functions_of_a_job_run_under_it() -> None:
    before = gc.get_threshold()
    env = StreamExecutionEnvironment.get_execution_environment()
    with (
        env.from_collection([1]).map(lambda _: gc.get_threshold()[0]).execute_and_collect() as found
    ):
        assert list(found) == [100_000]
    assert gc.get_threshold() == before
