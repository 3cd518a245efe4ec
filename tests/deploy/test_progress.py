"""What a client learns of a running job: records, checkpoints, workers, restarts."""

import os
import signal
from pathlib import Path

import pytest

from flott.common import Configuration
from flott.common.job_status import JobStatus
from flott.datastream import StreamExecutionEnvironment
from flott.deploy.client import DrivenJobClient, make_driver
from flott.deploy.driver import JobDriver
from flott.runtime.coordinator.status import JobPhase


def driver_of(numbers: int, folder: Path, target: str) -> JobDriver:
    configuration = Configuration()
    configuration.set_string("execution.target", target)
    configuration.set_string("execution.checkpointing.dir", str(folder))
    configuration.set_string("execution.checkpointing.interval", "50 ms")
    configuration.set_string("restart-strategy.type", "fixed-delay")
    configuration.set_string("restart-strategy.fixed-delay.delay", "10 ms")
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(1 if target == "embedded" else 2)
    env.from_sequence(1, numbers).map(str).filter(lambda text: text == "7").print()
    plan, _ = env._take_job("count")
    return make_driver(plan, env._configuration)


def test_a_job_without_workers_counts_its_records(tmp_path: Path) -> None:
    client = DrivenJobClient(driver_of(300_000, tmp_path, "embedded"))
    assert client.get_progress().status is JobStatus.CREATED
    client.drive()
    progress = client.get_progress()
    assert (progress.status, progress.records_read) == (JobStatus.FINISHED, 300_000)
    assert (progress.worker_pids, progress.restarts) == ((), 0)


def test_workers_are_named_while_they_live(tmp_path: Path) -> None:
    driver = driver_of(1000, tmp_path, "processes")
    client = DrivenJobClient(driver)
    pids = client.get_progress().worker_pids
    assert len(pids) == 2
    for pid in pids:
        os.kill(pid, 0)
    client.drive()
    assert client.get_progress().worker_pids == ()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_killed_worker_is_replaced_and_the_checkpoint_named(tmp_path: Path) -> None:
    driver = driver_of(10**9, tmp_path, "processes")
    client = DrivenJobClient(driver)
    driver.run_until(lambda: client.get_progress().checkpoint_id is not None)
    before = client.get_progress()
    os.kill(before.worker_pids[1], signal.SIGKILL)
    driver.run_until(lambda: client.get_progress().restarts == 1)
    driver.run_until(lambda: driver.coordinator.phase is JobPhase.RUNNING)
    after = client.get_progress()
    driver.coordinator.cancel()
    driver.run_to_end()
    assert before.restored_checkpoint_id is None
    assert after.restored_checkpoint_id is not None
    assert after.restored_checkpoint_id >= before.checkpoint_id
    assert after.worker_pids[0] == before.worker_pids[0]
    assert after.worker_pids[1] != before.worker_pids[1]
