"""The job machine by itself: what workers say goes in, what is sent to them comes out."""

from collections.abc import Callable
from typing import Any

import pytest

from flott.common import Configuration, WatermarkStrategy
from flott.common.errors import JobCancelledError, JobExecutionError
from flott.core.element import SnapshotKind
from flott.datastream import StreamExecutionEnvironment
from flott.runtime.coordinator.failures import EARLY_DEATHS_MAX
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import (
    CancelTasks,
    CheckpointAcknowledged,
    CheckpointCompleted,
    DeployTasks,
    DrainSources,
    FinishTasks,
    StartTasks,
    TaskDrained,
    TaskFailed,
    TaskFinished,
    TasksCancelled,
    TasksDeployed,
    TriggerCheckpoint,
)
from flott.runtime.task.failure import PeerLostError, describe_failure
from flott.runtime.wiring import all_tasks
from flott.testing import ManualClock, ManualSource, MemoryStorage, RecordingSink
from flott.testing.harness.calls import InlineCalls

WORKERS = 2


class HeldCalls(InlineCalls):
    """Calls that can be held back, as those of a slow disk are."""

    def __init__(self) -> None:
        super().__init__()
        self.is_holding = False
        self._held: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        if self.is_holding:
            self._held.append((call, done))
        else:
            super().submit(call, done)

    def release(self) -> None:
        self.is_holding = False
        for call, done in self._held:
            self.submit(call, done)
        self.deliver()


class Stage:
    """A coordinator whose two workers are played by the test."""

    def __init__(self, **options: str) -> None:
        configuration = Configuration()
        for name, value in options.items():
            configuration.set_string(name.replace("__", ".").replace("_", "-"), value)
        env = StreamExecutionEnvironment.get_execution_environment(configuration)
        env.set_parallelism(WORKERS)
        source = env.from_source(ManualSource("in"), WatermarkStrategy.no_watermarks(), "in")
        source.key_by(lambda n: n).map(lambda n: n).sink_to(RecordingSink("out"))
        self.plan = env.get_job_plan("job")
        self.clock = ManualClock()
        self.storage = MemoryStorage()
        self.calls = HeldCalls()
        self.sent: list[tuple[int, Any]] = []
        self.phases: list[JobPhase] = []
        self.started: list[int] = []
        self.stopped: list[int] = []
        services = CoordinatorServices(
            start_id="start",
            clock=self.clock,
            blocking=self.calls,
            storage=self.storage,
            open_storage=lambda root: self.storage,
            workers=WORKERS,
            send=lambda worker, message: self.sent.append((worker, message)),
            stop_worker=self.stopped.append,
            start_worker=self.started.append,
            on_phase=self.phases.append,
            on_event=lambda task, operator_id, event: None,
            on_report=lambda report: None,
        )
        self.job = JobCoordinator("0" * 32, self.plan, configuration, services)
        self.tasks = all_tasks(self.plan)

    def take(self, kind: type) -> list[tuple[int, Any]]:
        """Messages of a kind sent so far; forgets all that was sent."""
        found = [(worker, message) for worker, message in self.sent if isinstance(message, kind)]
        self.sent.clear()
        return found

    def each(self, make: Callable[[int], Any]) -> None:
        for worker in range(WORKERS):
            self.job.handle(worker, make(worker))

    def run(self) -> None:
        """Bring the job to RUNNING."""
        for worker in range(WORKERS):
            self.job.worker_ready(worker)
        self.deployed()

    def deployed(self) -> None:
        attempt = self.job.attempt
        self.each(lambda worker: TasksDeployed(attempt, worker))

    def fail(self) -> None:
        failure = describe_failure(ValueError("broken"), "task")
        self.job.handle(0, TaskFailed(self.job.attempt, self.tasks[0], failure))

    def cancelled(self) -> None:
        attempt = self.job.attempt
        self.each(lambda worker: TasksCancelled(attempt, worker))

    def drained(self) -> None:
        for task in self.tasks:
            self.job.handle(task.subtask, TaskDrained(self.job.attempt, task))

    def acknowledge(self, checkpoint_id: int) -> None:
        for task in self.tasks:
            message = CheckpointAcknowledged(self.job.attempt, checkpoint_id, task, (), 0, 0, 0)
            self.job.handle(task.subtask, message)
        self.calls.deliver()

    def advance(self, duration_ms: int) -> None:
        self.clock.set(self.clock.now_ms() + duration_ms)
        self.job.advance()
        self.calls.deliver()


def test_deployment_waits_for_all_workers() -> None:
    stage = Stage()
    stage.job.worker_ready(0)
    assert stage.sent == []
    stage.job.worker_ready(1)
    assert [worker for worker, _ in stage.take(DeployTasks)] == [0, 1]
    assert stage.job.phase is JobPhase.DEPLOYING


def test_tasks_start_when_all_are_deployed() -> None:
    stage = Stage()
    stage.run()
    assert len(stage.take(StartTasks)) == WORKERS
    assert stage.job.phase is JobPhase.RUNNING


def test_job_without_checkpoints_ends_when_all_have_drained() -> None:
    stage = Stage()
    stage.run()
    stage.drained()
    assert len(stage.take(FinishTasks)) == WORKERS
    for task in stage.tasks:
        stage.job.handle(task.subtask, TaskFinished(0, task))
    assert stage.phases[-2:] == [JobPhase.FINISHING, JobPhase.FINISHED]


def test_job_with_checkpoints_takes_one_more_before_its_end() -> None:
    stage = Stage(execution__checkpointing__interval="1 s")
    stage.run()
    stage.drained()
    ((_, trigger), *_) = stage.take(TriggerCheckpoint)
    assert set(trigger.tasks) == set(stage.tasks)
    stage.acknowledge(trigger.barrier.checkpoint_id)
    kinds = [type(message) for _, message in stage.sent]
    assert kinds.index(CheckpointCompleted) < kinds.index(FinishTasks)


def test_failure_without_a_strategy_ends_the_job() -> None:
    stage = Stage()
    stage.run()
    stage.fail()
    assert len(stage.take(CancelTasks)) == WORKERS
    assert stage.job.phase is JobPhase.FAILING
    stage.cancelled()
    assert stage.job.phase is JobPhase.FAILED
    assert isinstance(stage.job.error, JobExecutionError)


def restarting() -> Stage:
    stage = Stage(
        restart_strategy__type="fixed-delay",
        restart_strategy__fixed_delay__delay="1 s",
        restart_strategy__fixed_delay__attempts="3",
        task__cancellation__timeout="30 s",
    )
    stage.run()
    stage.sent.clear()
    return stage


def test_failure_with_a_strategy_restarts_after_the_delay() -> None:
    stage = restarting()
    stage.fail()
    stage.cancelled()
    assert stage.job.phase is JobPhase.RESTARTING
    stage.advance(999)
    assert stage.take(DeployTasks) == []
    stage.advance(1)
    assert [message.attempt for _, message in stage.take(DeployTasks)] == [1, 1]


def test_job_names_the_lost_worker_rather_than_the_connection_that_broke() -> None:
    stage = Stage()
    stage.run()
    failure = describe_failure(PeerLostError("the connection to worker 0 is broken"), "worker 1")
    stage.job.handle(1, TaskFailed(0, None, failure))
    stage.job.handle(1, TasksCancelled(0, 1))
    stage.job.worker_lost(0, "its process ended with exit code -9")
    assert stage.job.phase is JobPhase.FAILED
    assert "worker 0 was lost" in str(stage.job.error)


def test_lost_worker_is_started_anew_and_waited_for() -> None:
    stage = restarting()
    stage.job.worker_lost(1, "it died")
    assert stage.started == [1]
    stage.job.handle(0, TasksCancelled(0, 0))
    stage.advance(5000)
    assert stage.job.phase is JobPhase.RESTARTING
    stage.job.worker_ready(1)
    assert stage.job.phase is JobPhase.DEPLOYING


def test_messages_of_a_former_attempt_are_ignored() -> None:
    stage = restarting()
    stage.fail()
    stage.cancelled()
    stage.advance(1000)
    stage.each(lambda worker: TasksDeployed(0, worker))
    assert stage.job.phase is JobPhase.DEPLOYING
    stage.deployed()
    assert stage.job.phase is JobPhase.RUNNING


def test_worker_that_does_not_cancel_is_stopped() -> None:
    stage = restarting()
    stage.fail()
    stage.job.handle(0, TasksCancelled(0, 0))
    stage.advance(30_000)
    assert stage.stopped == [1]


def test_workers_that_die_before_they_are_ready_end_the_job() -> None:
    stage = Stage()
    for _ in range(EARLY_DEATHS_MAX + 1):
        assert stage.job.phase is JobPhase.CREATED
        stage.job.worker_lost(0, "exit code 1")
    assert stage.job.phase is JobPhase.FAILED


def test_cancelled_job_waits_for_its_workers() -> None:
    stage = Stage()
    stage.run()
    stage.job.cancel()
    assert stage.job.phase is JobPhase.CANCELLING
    stage.cancelled()
    assert stage.job.phase is JobPhase.CANCELED
    assert isinstance(stage.job.error, JobCancelledError)


@pytest.mark.parametrize("is_restarting", [False, True])
def test_job_that_does_not_run_is_cancelled_at_once(is_restarting: bool) -> None:
    stage = Stage()
    if is_restarting:
        stage = restarting()
        stage.fail()
        stage.cancelled()
    stage.job.cancel()
    assert stage.job.phase is JobPhase.CANCELED


def test_cancel_of_a_failing_job_wins_over_its_restart() -> None:
    stage = restarting()
    stage.fail()
    stage.job.cancel()
    stage.cancelled()
    assert stage.job.phase is JobPhase.CANCELED


def test_savepoint_of_a_job_that_does_not_run_is_refused() -> None:
    answers: list[Any] = []
    Stage().job.trigger_savepoint("somewhere", answers.append)
    assert "not running" in str(answers[0])


def test_failure_while_draining_is_told_to_who_asked() -> None:
    stage, answers = restarting(), list[Any]()
    stage.job.stop_with_savepoint("somewhere", True, answers.append)
    assert len(stage.take(DrainSources)) == WORKERS
    stage.fail()
    assert "before its savepoint" in str(answers[0])
    stage.cancelled()
    stage.advance(1000)
    stage.deployed()
    stage.drained()
    assert len(answers) == 1
    assert stage.job.phase is JobPhase.FINISHING


def test_job_cannot_be_drained_twice_at_once() -> None:
    stage, answers = restarting(), list[Any]()
    for _ in range(2):
        stage.job.stop_with_savepoint("somewhere", True, answers.append)
    assert ["already" in str(answer) for answer in answers] == [True]


@pytest.mark.parametrize("drains", [True, False])
@pytest.mark.parametrize("ask", ["savepoint", "stop", "drain"])
def test_job_that_is_being_stopped_takes_no_other_savepoint(drains: bool, ask: str) -> None:
    stage, answers = restarting(), list[Any]()
    stage.job.stop_with_savepoint("somewhere", drains, lambda _: None)
    stage.sent.clear()
    if ask == "savepoint":
        stage.job.trigger_savepoint("somewhere", answers.append)
    else:
        stage.job.stop_with_savepoint("somewhere", ask == "drain", answers.append)
    assert "already" in str(answers[0])
    assert stage.sent == []


def test_tasks_that_drain_while_they_are_stopped_take_one_last_checkpoint() -> None:
    stage = Stage(execution__checkpointing__interval="1 s")
    stage.run()
    stage.job.stop_with_savepoint("somewhere", False, lambda _: None)
    stage.acknowledge(1)
    assert {m.barrier.checkpoint_id for _, m in stage.take(TriggerCheckpoint)} == {1, 2}
    stage.drained()
    assert {m.barrier.checkpoint_id for _, m in stage.take(TriggerCheckpoint)} == {2}
    stage.acknowledge(2)
    assert len(stage.take(FinishTasks)) == WORKERS


def test_job_that_drained_and_died_before_its_end_only_ends() -> None:
    stage = Stage(
        execution__checkpointing__interval="1 s",
        restart_strategy__type="fixed-delay",
        restart_strategy__fixed_delay__delay="1 ms",
    )
    stage.run()
    stage.job.stop_with_savepoint("somewhere", True, lambda _: None)
    stage.drained()
    for checkpoint_id in (1, 2):  # the savepoint, and the checkpoint by which it is committed
        stage.acknowledge(checkpoint_id)
    stage.fail()
    stage.cancelled()
    stage.sent.clear()
    stage.advance(1)
    stage.deployed()
    kinds = [type(message) for _, message in stage.sent]
    assert kinds.index(DrainSources) < kinds.index(StartTasks)


def test_no_checkpoint_is_taken_between_the_request_to_drain_and_its_savepoint() -> None:
    stage = Stage(execution__checkpointing__interval="1 s")
    stage.run()
    stage.job.stop_with_savepoint("somewhere", True, lambda _: None)
    stage.advance(5000)
    assert stage.take(TriggerCheckpoint) == []
    stage.drained()
    ((_, trigger), *_) = stage.take(TriggerCheckpoint)
    assert trigger.barrier.kind is SnapshotKind.STOP_SAVEPOINT


def test_checkpoints_go_on_after_a_drain_that_failed() -> None:
    stage = Stage(
        execution__checkpointing__interval="1 s",
        restart_strategy__type="fixed-delay",
        restart_strategy__fixed_delay__delay="1 ms",
    )
    stage.run()
    stage.job.stop_with_savepoint("somewhere", True, lambda _: None)
    stage.fail()
    stage.cancelled()
    stage.advance(1)
    stage.deployed()
    stage.sent.clear()
    stage.advance(1000)
    assert len(stage.take(TriggerCheckpoint)) == WORKERS


def test_late_acknowledgement_completes_nothing() -> None:
    stage = Stage(execution__checkpointing__interval="1 s")
    stage.run()
    stage.advance(1000)
    ((_, trigger), *_) = stage.take(TriggerCheckpoint)
    stage.advance(600_000)  # the timeout of checkpoints
    stage.sent.clear()
    stage.acknowledge(trigger.barrier.checkpoint_id)
    assert stage.take(CheckpointCompleted) == []


def test_manifest_that_is_deleted_because_a_newer_one_is_there_is_no_failure() -> None:
    stage = Stage(execution__checkpointing__interval="1 s")
    stage.run()
    stage.advance(1000)
    stage.drained()  # the last checkpoint does not wait for the one before it
    stage.calls.is_holding = True
    stage.acknowledge(1)
    stage.calls.is_holding = False
    stage.acknowledge(2)
    stage.storage.write_error = FileNotFoundError("deleted while it was written")
    stage.calls.release()
    assert stage.job.phase is JobPhase.FINISHING
