"""The worker machine by itself: control messages in, reports out."""

from dataclasses import replace
from typing import Any

import pytest

from flott.common import Configuration, WatermarkStrategy
from flott.core.element import Barrier, Element
from flott.core.transport import ChannelKey, DataTransport
from flott.datastream import MapFunction, StreamExecutionEnvironment
from flott.deploy.composition import runtime_services
from flott.plan.job_plan import JobPlan
from flott.runtime.messages import (
    AssignSplits,
    CancelTasks,
    CheckpointAcknowledged,
    CheckpointDeclined,
    DeployTasks,
    FinishTasks,
    NoMoreSplits,
    SplitRequested,
    StartTasks,
    StopWorker,
    TaskDrained,
    TaskFailed,
    TaskFinished,
    TaskId,
    TasksCancelled,
    TasksDeployed,
    TriggerCheckpoint,
)
from flott.runtime.task.failure import PeerLostError
from flott.runtime.wiring import place_tasks
from flott.runtime.worker.worker import Worker
from flott.testing import ManualClock, ManualSource, MemoryStorage, RecordingSink
from flott.testing.harness.calls import InlineCalls
from flott.testing.harness.manual_source import ManualSplit

CLOSED: list[str] = []


class Doubled(MapFunction):
    def map(self, value: int) -> int:
        if value < 0:
            raise ValueError("negative")
        return 2 * value

    def close(self) -> None:
        CLOSED.append("closed")


class Wire(DataTransport):
    """Carries elements between the workers of a test at once."""

    def __init__(self) -> None:
        self.workers: dict[int, Worker] = {}

    def send(self, worker: int, channel: ChannelKey, element: Element) -> None:
        self.workers[worker].receive(channel, element)

    def send_credits(self, worker: int, channel: ChannelKey, credits: int) -> None:
        self.workers[worker].receive_credits(channel, credits)


class Team:
    """The workers of a job; the test is the coordinator."""

    def __init__(self, workers: int = 1, **options: str) -> None:
        CLOSED.clear()
        self.source, self.out = ManualSource("in"), RecordingSink("out")
        self.plan = self._plan(workers, options)
        self.clock, self.storage, self.calls = ManualClock(), MemoryStorage(), InlineCalls()
        self.wire = Wire()
        self.reports: list[tuple[int, Any]] = []
        configuration = Configuration.from_dict(self.plan.configuration)
        plain = runtime_services(configuration, self.clock, self.calls, self.storage, lambda: None)
        services = replace(plain, open_storage=lambda root: self.storage)
        for index in range(workers):
            report = self._reporter(index)
            self.wire.workers[index] = Worker(index, services, self.wire, report)
        self.placement = place_tasks(self.plan, workers)
        self.first = TaskId(0, 0)

    def _plan(self, workers: int, options: dict[str, str]) -> JobPlan:
        configuration = Configuration()
        for name, value in options.items():
            configuration.set_string(name.replace("__", ".").replace("_", "-"), value)
        env = StreamExecutionEnvironment.get_execution_environment(configuration)
        env.set_parallelism(workers)
        stream = env.from_source(self.source, WatermarkStrategy.no_watermarks(), "in")
        stream.key_by(lambda n: n).map(Doubled()).name("doubled").sink_to(self.out)
        plan: JobPlan = env.get_job_plan("job")
        return plan

    def _reporter(self, index: int) -> Any:
        return lambda message: self.reports.append((index, message))

    def tell(self, message: Any) -> None:
        for worker in self.wire.workers.values():
            worker.handle(message)

    def deploy(self, attempt: int = 0) -> None:
        message = DeployTasks(
            attempt, "0" * 32, f"run_{attempt}", self.plan, self.placement, {}, None
        )
        self.tell(message)

    def start(self) -> None:
        self.deploy()
        self.tell(StartTasks(0))
        self.settle()
        self.tell(AssignSplits(0, self.first, (ManualSplit(),)))
        self.settle()

    def settle(self) -> None:
        worked = True
        while worked:
            worked = self.calls.deliver()
            for worker in self.wire.workers.values():
                worked |= worker.turn()

    def take(self, kind: type) -> list[Any]:
        found = [message for _, message in self.reports if isinstance(message, kind)]
        self.reports.clear()
        return found


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_records_go_from_source_to_sink(workers: int) -> None:
    team = Team(workers)
    team.start()
    team.source.push(*range(100))
    team.settle()
    assert sorted(team.out.values) == [2 * n for n in range(100)]


def test_deployed_tasks_do_nothing_before_they_are_started() -> None:
    team = Team()
    team.deploy()
    assert team.take(TasksDeployed) == [TasksDeployed(0, 0)]
    team.settle()
    assert team.take(SplitRequested) == []
    team.tell(StartTasks(0))
    team.settle()
    assert team.take(SplitRequested) == [SplitRequested(0, team.first)]


def test_bounded_pressure_many_batches_pass_through_few_places() -> None:
    team = Team(2)
    team.start()
    for number in range(500):
        team.source.push(number)
    team.settle()
    assert sorted(team.out.values) == [2 * n for n in range(500)]


def test_ended_tasks_drain_and_finish() -> None:
    team = Team()
    team.start()
    team.source.end()
    team.settle()
    team.tell(NoMoreSplits(0, team.first))
    team.settle()
    assert {message.task for message in team.take(TaskDrained)} == set(team.placement)
    team.tell(FinishTasks(0))
    assert {message.task for message in team.take(TaskFinished)} == set(team.placement)
    assert CLOSED == ["closed"]


def test_failing_task_is_reported_with_operator_and_record() -> None:
    team = Team()
    team.start()
    team.source.push(1, -5)
    team.settle()
    (failed,) = team.take(TaskFailed)
    report = failed.failure
    assert (report.operator, report.record, report.message) == ("doubled", "-5", "negative")


def test_cancelled_tasks_are_closed_and_it_is_told() -> None:
    team = Team()
    team.start()
    team.tell(CancelTasks(0))
    assert team.take(TasksCancelled) == [TasksCancelled(0, 0)]
    assert CLOSED == ["closed"]
    team.source.push(1)
    team.settle()
    assert team.out.values == []


def test_messages_of_another_attempt_change_nothing() -> None:
    team = Team()
    team.deploy(attempt=3)
    team.tell(StartTasks(2))
    team.settle()
    assert team.take(SplitRequested) == []


def test_elements_of_another_attempt_are_dropped() -> None:
    team = Team(2)
    team.start()
    stale = ChannelKey(7, 0, 0, 1)
    team.wire.workers[1].receive(stale, Barrier(99, 0))
    team.wire.workers[1].receive_credits(stale, 3)
    team.source.push(1)
    team.settle()
    assert team.out.values == [2]


@pytest.mark.parametrize("workers", [1, 3])
def test_checkpoint_is_acknowledged_by_every_task(workers: int) -> None:
    team = Team(workers, execution__checkpointing__interval="1 s")
    team.start()
    team.source.push(*range(20))
    team.settle()
    sources = tuple(task for task in team.placement if task.vertex_id == 0)
    team.tell(TriggerCheckpoint(0, Barrier(1, 0), sources))
    team.settle()
    acknowledged = team.take(CheckpointAcknowledged)
    assert sorted(message.task for message in acknowledged) == sorted(team.placement)
    assert {message.checkpoint_id for message in acknowledged} == {1}


def test_snapshot_that_cannot_be_stored_is_declined() -> None:
    team = Team(
        execution__checkpointing__interval="1 s",
        execution__checkpointing__data_inline_threshold="0 b",
    )
    team.start()
    team.storage.write_error = OSError("disk full")
    team.tell(TriggerCheckpoint(0, Barrier(1, 0), (team.first,)))
    team.settle()
    declined = team.take(CheckpointDeclined)
    assert declined
    assert "disk full" in declined[0].reason


def test_stopped_worker_closes_its_tasks() -> None:
    team = Team()
    team.start()
    team.tell(StopWorker())
    assert team.wire.workers[0].stopped
    assert CLOSED == ["closed"]


def test_new_deployment_closes_the_former_tasks() -> None:
    team = Team()
    team.start()
    team.deploy(attempt=1)
    assert CLOSED == ["closed"]


@pytest.mark.parametrize(("attempt", "fails"), [(0, True), (-1, False), (1, False)])
def test_broken_connection_fails_the_attempt_that_it_served(attempt: int, fails: bool) -> None:
    team = Team(2)
    team.start()
    worker = team.wire.workers[1]
    worker.lose_peer(attempt, PeerLostError("broken"))
    failures = [(index, m.task) for index, m in team.reports if isinstance(m, TaskFailed)]
    assert failures == ([(1, None)] if fails else [])
    worker.lose_peer(attempt, PeerLostError("broken"))  # it is told once
    assert len([m for _, m in team.reports if isinstance(m, TaskFailed)]) == len(failures)


def test_broken_connection_means_nothing_once_the_tasks_are_closed() -> None:
    team = Team(2)
    team.start()
    team.tell(CancelTasks(0))
    team.wire.workers[0].lose_peer(0, PeerLostError("broken"))
    assert not any(isinstance(m, TaskFailed) for _, m in team.reports)
