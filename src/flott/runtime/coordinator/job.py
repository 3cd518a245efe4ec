"""The job machine: from workers being ready to the last task being closed.

What happens comes in by methods (a worker is ready or lost, a message has arrived, the user
cancels), what is to be done goes out through ``CoordinatorServices``. One failure restarts the
whole job from its latest checkpoint: with keyed exchanges every task depends on every other.
"""

from __future__ import annotations

from collections.abc import Callable

from flott.checkpoint.restore import FoundCheckpoint
from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, FlottError, JobCancelledError
from flott.common.options.deployment import TASK_CANCELLATION_TIMEOUT
from flott.common.options.flott import ERRORS_ENGINE_FRAMES
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.alignment import AlignmentCoordinator
from flott.runtime.coordinator.checkpoints import Checkpoints
from flott.runtime.coordinator.ending import SavepointDone
from flott.runtime.coordinator.failures import Failures, lost_report
from flott.runtime.coordinator.recovery import Recovery, RestoredJob
from flott.runtime.coordinator.restarts import GiveUp, make_restart_strategy
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.coordinator.splits import SourceCoordinator, source_vertices
from flott.runtime.coordinator.status import TERMINAL, TRANSITIONS, JobPhase
from flott.runtime.messages import (
    CancelTasks,
    CheckpointAcknowledged,
    CheckpointDeclined,
    DeployTasks,
    DrainSources,
    FinishTasks,
    OperatorEvent,
    SourceWatermark,
    SplitRequested,
    StartTasks,
    TaskDrained,
    TaskFailed,
    TaskFinished,
    TaskId,
    TaskReport,
    TasksCancelled,
    TasksDeployed,
    ToCoordinator,
    ToWorker,
)
from flott.runtime.task.failure import FailureReport, describe_failure
from flott.runtime.task.schedule import Schedule
from flott.runtime.wiring import all_tasks, place_tasks


class JobCoordinator:
    """Runs one job.

    Attributes:
        phase: Where the job stands.
        attempt: Number of the current execution, from 0.
        error: Why the job failed or was cancelled, once it has.
        failures: What has gone wrong.
    """

    def __init__(
        self,
        job_id: str,
        plan: JobPlan,
        configuration: Configuration,
        services: CoordinatorServices,
    ) -> None:
        self.job_id = job_id
        self.plan = plan
        self.phase = JobPhase.CREATED
        self.attempt = 0
        self.restarts = 0
        self.error: FlottError | None = None
        self._configuration = configuration
        self._services = services
        self._schedule = Schedule()
        self._tasks = tuple(all_tasks(plan))
        self._placement = place_tasks(plan, services.workers)
        self._ready: set[int] = set()
        self._awaited: set[int] = set()
        self._drained: set[TaskId] = set()
        self._finished: set[TaskId] = set()
        self._sources: dict[int, SourceCoordinator] = {}
        self._alignment = AlignmentCoordinator(self.attempt, self._send_to_task)
        self._draining_into: tuple[str | None, SavepointDone] | None = None
        self._ends_at_once = False
        self._restart_due = True
        self._run = ""
        self.skipped_checkpoints: tuple[FoundCheckpoint, ...] = ()
        self.checkpoints = Checkpoints(plan, configuration, services, self._send_all, self._fail_by)
        self._recovery = Recovery(plan, configuration, services)
        self.failures = Failures(make_restart_strategy(configuration, self.checkpoints.enabled))
        self._handlers: dict[type, Callable[..., None]] = {
            TasksDeployed: self._on_deployed,
            TaskDrained: self._on_drained,
            TaskFinished: self._on_finished,
            TaskFailed: self._on_failed,
            TasksCancelled: self._on_cancelled,
            CheckpointAcknowledged: lambda m: self.checkpoints.acknowledge(m),
            CheckpointDeclined: lambda m: self.checkpoints.decline(m),
            SplitRequested: self._on_split_request,
            OperatorEvent: self._on_operator_event,
            SourceWatermark: lambda m: self._alignment.report(m),
            TaskReport: lambda m: services.on_report(m),
        }

    # --- what comes in -----------------------------------------------------------------------

    def worker_ready(self, worker: int) -> None:
        """A worker has started and can be given tasks."""
        assert 0 <= worker < self._services.workers
        self._ready.add(worker)
        self.failures.early_deaths = 0
        if self.phase is JobPhase.CREATED or (
            self.phase is JobPhase.RESTARTING and self._restart_due
        ):
            self._deploy_if_ready()

    def worker_lost(self, worker: int, reason: str) -> None:
        """A worker is gone, with all its tasks; or its process ended before it was ready."""
        if self.phase in TERMINAL:
            return
        if worker not in self._ready:
            if self.failures.note_early_death():
                self._fail(lost_report(worker, reason))
        elif worker in self._awaited and self.phase in (JobPhase.FAILING, JobPhase.CANCELLING):
            self.failures.explain_by(lost_report(worker, reason))
            self._ready.discard(worker)
            self._awaited.discard(worker)
            self._when_cancelled()
        else:
            self._ready.discard(worker)
            self._fail(lost_report(worker, reason))
        if self.phase not in TERMINAL and self.phase is not JobPhase.CANCELLING:
            self._services.start_worker(worker)

    def handle(self, worker: int, message: ToCoordinator) -> None:
        """Act on a worker's message; those of a former attempt are ignored."""
        if message.attempt != self.attempt or self.phase in TERMINAL:
            return
        self._handlers[type(message)](message)

    def cancel(self) -> None:
        """Cancel the job."""
        if self.phase in TERMINAL or self.phase is JobPhase.CANCELLING:
            return
        self.error = JobCancelledError(f"Job {self.plan.name!r} was cancelled")
        if self.phase in (JobPhase.CREATED, JobPhase.RESTARTING):
            self._end(JobPhase.CANCELED)
            return
        already_cancelling = self.phase is JobPhase.FAILING
        self._set_phase(JobPhase.CANCELLING)
        if not already_cancelling:
            self._cancel_tasks()

    def trigger_savepoint(self, directory: str | None, done: SavepointDone) -> None:
        """Take a savepoint and go on."""
        self._require_running(done, lambda: self.checkpoints.trigger_savepoint(directory, done))

    def stop_with_savepoint(self, directory: str | None, drain: bool, done: SavepointDone) -> None:
        """Take a savepoint and end; with ``drain`` windows and timers fire first."""

        def stop() -> None:
            if drain:
                self._drain(directory, done)
                return
            self.checkpoints.trigger_stop(directory, self._finish_tasks, done)

        self._require_running(done, stop)

    def _drain(self, directory: str | None, done: SavepointDone) -> None:
        try:
            place = self.checkpoints.savepoint_place(directory)
        except ConfigurationError as error:
            done(error)
            return
        self._draining_into = (place, done)
        self.checkpoints.begin_drain()
        self._send_all(DrainSources(self.attempt))

    def advance(self) -> bool:
        """Do what is due; whether there was anything."""
        now = int(self._services.clock.monotonic_ms())
        worked = self._schedule.run_due(now)
        if self.phase in (JobPhase.RUNNING, JobPhase.FINISHING):
            worked |= self.checkpoints.advance()
        return worked

    @property
    def next_deadline_ms(self) -> float | None:
        """When ``advance`` has something to do next, by the monotonic clock."""
        times = [t for t in (self._schedule.next_ms, self.checkpoints.next_due_ms) if t is not None]
        return min(times, default=None)

    # --- deployment --------------------------------------------------------------------------

    def _deploy_if_ready(self) -> None:
        if len(self._ready) == self._services.workers:
            self.checkpoints.when_quiet(self._deploy)

    def _deploy(self) -> None:
        if self.phase not in (JobPhase.CREATED, JobPhase.RESTARTING):
            return
        if len(self._ready) < self._services.workers:
            return
        self._set_phase(JobPhase.DEPLOYING)
        self._run = f"{self._services.start_id}_{self.attempt}"
        try:
            restored = self._recovery.restore()
            self._make_sources(restored)
        except Exception as error:
            self.failures.note_refusal(error)
            self._fail_by(error)
            return
        self.skipped_checkpoints += restored.skipped
        self.checkpoints.adopt(restored)
        self._ends_at_once = restored.has_drained
        self._awaited = set(self._ready)
        self._drained, self._finished = set(), set()
        self._alignment = AlignmentCoordinator(self.attempt, self._send_to_task)
        for worker in sorted(self._ready):
            self._services.send(worker, self._deployment_for(worker, restored))

    def _make_sources(self, restored: RestoredJob) -> None:
        self._sources = {
            vertex.vertex_id: SourceCoordinator(
                vertex,
                self.attempt,
                restored.coordinators.get(vertex.head.operator_id),
                self._send_to_task,
                self._after,
                self._services.blocking,
                self._fail_by,
            )
            for vertex in source_vertices(self.plan)
        }

    def _deployment_for(self, worker: int, restored: RestoredJob) -> DeployTasks:
        mine = {t: h for t, h in restored.tasks.items() if self._placement[t] == worker}
        return DeployTasks(
            self.attempt,
            self.job_id,
            self._run,
            restored.plan,
            self._placement,
            mine,
            restored.checkpoint_id,
            restored.root,
        )

    def _on_deployed(self, message: TasksDeployed) -> None:
        if self.phase is not JobPhase.DEPLOYING:
            return
        self._awaited.discard(message.worker)
        if self._awaited:
            return
        self._set_phase(JobPhase.RUNNING)
        self.checkpoints.start(self.attempt, self._run, self._tasks, self._sources)
        if self._ends_at_once:  # windows and timers have fired: nothing may be read any more
            self.checkpoints.begin_drain()
            self._send_all(DrainSources(self.attempt))
        self._send_all(StartTasks(self.attempt))
        try:
            for source in self._sources.values():
                source.start()
        except Exception as error:
            self._fail_by(error)

    # --- the end -----------------------------------------------------------------------------

    def _on_drained(self, message: TaskDrained) -> None:
        self._drained.add(message.task)
        self._alignment.task_drained(message.task)
        self.checkpoints.task_drained(message.task)
        if len(self._drained) < len(self._tasks) or self.phase is not JobPhase.RUNNING:
            return
        self._set_phase(JobPhase.FINISHING)
        if self._draining_into is not None:
            directory, done = self._draining_into
            self._draining_into = None

            def stopped(result: str | BaseException) -> None:
                if isinstance(result, BaseException):
                    self._fail_by(result)  # drained sources cannot go on; after a restart they do
                done(result)

            self.checkpoints.trigger_stop(directory, self._finish_tasks, stopped)
        elif self.checkpoints.enabled:
            self.checkpoints.trigger_final(self._finish_tasks)
        else:
            self._finish_tasks()

    def _finish_tasks(self) -> None:
        if self.phase is JobPhase.RUNNING:
            self._set_phase(JobPhase.FINISHING)
        if self.phase is JobPhase.FINISHING:
            self._send_all(FinishTasks(self.attempt))

    def _on_finished(self, message: TaskFinished) -> None:
        self._finished.add(message.task)
        if len(self._finished) == len(self._tasks) and self.phase is JobPhase.FINISHING:
            self._end(JobPhase.FINISHED)

    def _end(self, phase: JobPhase) -> None:
        assert phase in TERMINAL
        self._close_sources()
        self.checkpoints.stop(finished=phase is JobPhase.FINISHED)
        # Told before checkpoints are deleted: who dies in between must not begin the job again.
        self._set_phase(phase)
        self.checkpoints.end(phase)

    # --- failures ----------------------------------------------------------------------------

    def _on_failed(self, message: TaskFailed) -> None:
        if self.phase is JobPhase.DEPLOYING and self.failures.note_restore(message.failure):
            self._recovery.note_damage(message.failure.message)
        self._fail(message.failure)

    def _fail_by(self, error: BaseException) -> None:
        """Something failed in the coordinator: an enumerator, a restore."""
        self._fail(describe_failure(error, "job coordinator"), error)

    def _fail(self, failure: FailureReport, cause: BaseException | None = None) -> None:
        if self.phase in TERMINAL or self.phase in (JobPhase.FAILING, JobPhase.CANCELLING):
            return
        self.failures.note(failure, cause)
        self._set_phase(JobPhase.FAILING)
        self._cancel_tasks()

    def _cancel_tasks(self) -> None:
        self.checkpoints.stop()
        if self._draining_into is not None:
            done, self._draining_into = self._draining_into[1], None
            done(FlottError(f"Job {self.plan.name!r} stopped running before its savepoint"))
        self._close_sources()
        self._awaited = set(self._ready)
        attempt = self.attempt
        for worker in sorted(self._ready):
            self._services.send(worker, CancelTasks(attempt))
        timeout_ms = self._configuration.get(TASK_CANCELLATION_TIMEOUT).to_millis()
        if timeout_ms > 0:
            self._after(timeout_ms, lambda: self._stop_silent_workers(attempt))
        self._when_cancelled()

    def _stop_silent_workers(self, attempt: int) -> None:
        if attempt == self.attempt and self.phase in (JobPhase.FAILING, JobPhase.CANCELLING):
            for worker in sorted(self._awaited):
                self._services.stop_worker(worker)

    def _on_cancelled(self, message: TasksCancelled) -> None:
        self._awaited.discard(message.worker)
        self._when_cancelled()

    def _when_cancelled(self) -> None:
        if self._awaited:
            return
        if self.phase is JobPhase.CANCELLING:
            self._end(JobPhase.CANCELED)
        elif self.phase is JobPhase.FAILING:
            self._restart_or_fail()

    def _restart_or_fail(self) -> None:
        decision = self.failures.decide(self._services.clock.monotonic_ms())
        if isinstance(decision, GiveUp):
            shows_engine = self._configuration.get(ERRORS_ENGINE_FRAMES)
            self.error = self.failures.to_error(
                self.plan.name, self.restarts, shows_engine=shows_engine
            )
            self._end(JobPhase.FAILED)
            return
        self.failures.tell_restart(self.plan.name, decision.delay_ms)
        self._set_phase(JobPhase.RESTARTING)
        self.attempt += 1
        self.restarts += 1
        self._restart_due = False
        attempt = self.attempt

        def due() -> None:
            if self.phase is JobPhase.RESTARTING and attempt == self.attempt:
                self._restart_due = True
                self._deploy_if_ready()

        self._after(decision.delay_ms, due)

    # --- sources and events ------------------------------------------------------------------

    def _on_split_request(self, message: SplitRequested) -> None:
        source = self._sources.get(message.task.vertex_id)
        if source is not None:  # closed while the job is being cancelled
            self._guard(lambda: source.handle_split_request(message.task.subtask))

    def _on_operator_event(self, message: OperatorEvent) -> None:
        source = self._sources.get(message.task.vertex_id)
        if source is not None and source.operator_id == message.operator_id:
            self._guard(lambda: source.handle_event(message.task.subtask, message.event))
        else:
            self._services.on_event(message.task, message.operator_id, message.event)

    def _close_sources(self) -> None:
        for source in self._sources.values():
            self._guard(source.close)
        self._sources = {}

    # --- small things ------------------------------------------------------------------------

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            self._fail_by(error)

    def _require_running(self, done: SavepointDone, action: Callable[[], None]) -> None:
        if self.phase is not JobPhase.RUNNING:
            done(FlottError(f"Job {self.plan.name!r} is {self.phase.value}, not running"))
        elif self.checkpoints.is_ending:
            done(FlottError(f"Job {self.plan.name!r} is being stopped already"))
        else:
            action()

    def send_event(self, task: TaskId, message: ToWorker) -> None:
        """Send something to an operator from its half at the coordinator."""
        self._send_to_task(task, message)

    def _send_to_task(self, task: TaskId, message: ToWorker) -> None:
        self._services.send(self._placement[task], message)

    def _send_all(self, message: ToWorker) -> None:
        for worker in sorted(self._ready):
            self._services.send(worker, message)

    def _after(self, delay_ms: int, callback: Callable[[], None]) -> None:
        now = int(self._services.clock.monotonic_ms())
        self._schedule.add(now + delay_ms, callback)

    def _set_phase(self, phase: JobPhase) -> None:
        assert phase in TRANSITIONS[self.phase], f"{self.phase} -> {phase}"
        self.phase = phase
        self._services.on_phase(phase)
