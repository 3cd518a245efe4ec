"""The worker machine: control messages and channel elements in, turns, reports out.

One worker is one thread. The loop that owns it calls ``handle`` and ``receive`` for what has
arrived and ``turn`` until there is nothing to do, then waits until ``next_deadline_ms`` or a
wake-up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flott.checkpoint.task_file import read_parts
from flott.common.configuration import Configuration
from flott.core.element import Element
from flott.core.snapshot import OperatorRestore
from flott.core.storage import CheckpointStorage
from flott.core.transport import ChannelKey, DataTransport
from flott.runtime.messages import (
    AlignSources,
    AssignSplits,
    CancelTasks,
    CheckpointAborted,
    CheckpointCompleted,
    CoordinatorEvent,
    DeployTasks,
    DrainSources,
    FinishTasks,
    NoMoreSplits,
    RestoreHandles,
    StartTasks,
    StopWorker,
    TaskDrained,
    TaskFailed,
    TaskFinished,
    TaskId,
    TasksCancelled,
    TasksDeployed,
    ToCoordinator,
    ToWorker,
    TriggerCheckpoint,
)
from flott.runtime.services import RuntimeServices
from flott.runtime.task.deployment import TaskDeployment
from flott.runtime.task.failure import PeerLostError, describe_failure
from flott.runtime.task.task import Task, TaskStatus
from flott.runtime.worker.builder import (
    ChannelBuilder,
    Channels,
    has_checkpoints,
    is_exactly_once,
)
from flott.runtime.worker.reporting import TaskReporter
from flott.runtime.worker.snapshot_writer import SnapshotWriter

#: How often counters go to the coordinator: often enough for a live status line.
REPORT_INTERVAL_MS: Final = 500


class Worker:
    """Runs the tasks placed on it.

    Args:
        index: Number of the worker, from 0.
        services: Clock, storage, state and so on.
        transport: Sends elements to other workers.
        report: Sends a message to the coordinator.
    """

    def __init__(
        self,
        index: int,
        services: RuntimeServices,
        transport: DataTransport,
        report: Callable[[ToCoordinator], None],
    ) -> None:
        self.index = index
        self.stopped = False
        self._services = services
        self._transport = transport
        self._report = report
        self._attempt = -1
        self._job_id = ""
        self._tasks: dict[TaskId, Task] = {}
        self._running: list[Task] = []
        self._reporters: dict[TaskId, TaskReporter] = {}
        self._channels = Channels()
        self._next_report_ms = 0.0
        self._is_finishing = False
        self._handlers: dict[type, Callable[..., None]] = {
            DeployTasks: self._deploy,
            StartTasks: self._start,
            TriggerCheckpoint: self._trigger,
            CheckpointCompleted: self._complete,
            CheckpointAborted: self._abort,
            AssignSplits: lambda m: self._with_task(m.task, lambda t: t.add_splits(m.splits)),
            NoMoreSplits: lambda m: self._with_task(m.task, Task.no_more_splits),
            CoordinatorEvent: lambda m: self._with_task(
                m.task, lambda t: t.handle_coordinator_event(m.operator_id, m.event)
            ),
            AlignSources: lambda m: self._with_task(
                m.task, lambda t: t.align(m.group, m.max_watermark)
            ),
            DrainSources: lambda m: self._each(Task.drain),
            FinishTasks: self._finish,
            CancelTasks: self._cancel,
        }

    # --- what comes in -----------------------------------------------------------------------

    def handle(self, message: ToWorker) -> None:
        """Act on a message of the coordinator; those of another attempt are ignored."""
        if isinstance(message, StopWorker):
            self._close_tasks()
            self.stopped = True
        elif isinstance(message, DeployTasks | CancelTasks) or message.attempt == self._attempt:
            self._handlers[type(message)](message)

    def receive(self, key: ChannelKey, element: Element) -> None:
        """Take an element that another worker sent."""
        end = self._channels.inputs.get(key)
        if end is not None:
            gate, channel = end
            gate.put(channel, element)

    def receive_credits(self, key: ChannelKey, credits: int) -> None:
        """Take credit that another worker gave back."""
        sender = self._channels.remote_senders.get(key)
        if sender is not None:
            sender.add_credits(credits)

    def lose_peer(self, attempt: int, error: PeerLostError) -> None:
        """A connection that served ``attempt`` broke: if that is the present one, it is over."""
        if attempt != self._attempt or not self._running:
            return
        self._running = []  # what they did from now on would be done without what was lost
        report = describe_failure(error, f"worker {self.index}")
        self._report(TaskFailed(self._attempt, None, report))

    # --- turns -------------------------------------------------------------------------------

    def turn(self) -> bool:
        """Let every task take one turn; whether any did something."""
        worked = False
        clock = self._services.clock
        before = clock.monotonic_ms()
        for task in self._running:
            try:
                progressed = task.turn()
            except Exception as error:
                self._fail(task, error)
                return True
            if progressed:
                worked = True
                after = clock.monotonic_ms()
                task.busy_ms += after - before
                before = after
            if task.status is TaskStatus.DRAINED and not task.reported_drained:
                task.reported_drained = True
                self._report_on(task)  # so that the totals at the end are right
                self._report(TaskDrained(self._attempt, task.deployment.task))
        if self._running and before >= self._next_report_ms:
            self._send_reports(before)
        return self._close_finished() or worked

    @property
    def next_deadline_ms(self) -> int | None:
        """Epoch milliseconds of the earliest timer of any task."""
        deadlines = [task.next_timer_ms for task in self._running]
        return min((time for time in deadlines if time is not None), default=None)

    @property
    def has_pending_work(self) -> bool:
        """Whether a task has asynchronous calls under way."""
        return any(task.has_pending_work for task in self._running)

    def _send_reports(self, now: float) -> None:
        self._next_report_ms = now + REPORT_INTERVAL_MS
        for task in self._running:
            self._report_on(task)

    def _report_on(self, task: Task) -> None:
        reporter = self._reporters.get(task.deployment.task)
        if reporter is None or reporter.task is not task:
            reporter = self._reporters[task.deployment.task] = TaskReporter(task)
        self._report(reporter.report(self._services.clock.now_ms()))

    # --- deployment --------------------------------------------------------------------------

    def _deploy(self, message: DeployTasks) -> None:
        self._close_tasks()
        self._attempt, self._job_id = message.attempt, message.job_id
        builder = ChannelBuilder(message, self.index, self._transport)
        builder.build_gates()
        configuration = Configuration.from_dict(dict(message.plan.configuration))
        for task_id in builder.tasks:
            try:
                task = self._build_task(message, task_id, builder, configuration)
                self._tasks[task_id] = task
                task.open()
            except Exception as error:
                self._report_failure(task_id, error, self._tasks.get(task_id), message)
                return
        self._channels = builder.channels
        self._report(TasksDeployed(self._attempt, self.index))

    def _build_task(
        self,
        message: DeployTasks,
        task_id: TaskId,
        builder: ChannelBuilder,
        configuration: Configuration,
    ) -> Task:
        plan = message.plan
        handles = message.restore.get(task_id, {})
        root = message.restore_root
        storage = self._services.storage if root is None else self._services.open_storage(root)
        deployment = TaskDeployment(
            task=task_id,
            vertex=self._services.isolate(plan.vertices[task_id.vertex_id]),
            attempt=message.attempt,
            job_id=message.job_id,
            job_name=plan.name,
            configuration=configuration,
            job_parameters=plan.job_parameters,
            is_batch=plan.is_batch,
            exactly_once=is_exactly_once(configuration),
            checkpoints_enabled=has_checkpoints(configuration) and not plan.is_batch,
            restored_checkpoint_id=message.restored_checkpoint_id,
            restore={name: _read(storage, found) for name, found in handles.items()},
        )
        own_chains = {name: found.keyed for name, found in handles.items() if found.is_own_chain}
        writer = SnapshotWriter(deployment, message.run, own_chains, self._services, self._report)
        return Task(
            deployment,
            self._services,
            builder.channels.gates[task_id],
            builder.build_routers(task_id),
            self._report,
            writer,
        )

    def _start(self, message: StartTasks) -> None:
        self._running = list(self._tasks.values())
        for task in self._running:
            task.start()

    # --- checkpoints -------------------------------------------------------------------------

    def _trigger(self, message: TriggerCheckpoint) -> None:
        for task_id in message.tasks:
            self._with_task(task_id, lambda task: task.trigger(message.barrier))

    def _complete(self, message: CheckpointCompleted) -> None:
        self._each(lambda task: task.notify_complete(message.checkpoint_id))

    def _abort(self, message: CheckpointAborted) -> None:
        self._each(lambda task: task.notify_aborted(message.checkpoint_id))

    # --- the end -----------------------------------------------------------------------------

    def _finish(self, message: FinishTasks) -> None:
        self._is_finishing = True
        self._close_finished()

    def _close_finished(self) -> bool:
        """Close what was told to finish, once slow commits have reported; whether it was done."""
        if not self._is_finishing or self.has_pending_work:
            return False
        self._is_finishing = False
        for task in self._running:
            errors = task.close()
            if errors:
                self._report_failure(task.deployment.task, errors[0], task, None)
                return True
        for task in self._running:
            self._report_on(task)
            self._report(TaskFinished(self._attempt, task.deployment.task))
        self._running = []
        return True

    def _cancel(self, message: CancelTasks) -> None:
        # Answered also if this worker never got to deploy the attempt.
        self._close_tasks()
        self._attempt = message.attempt
        self._report(TasksCancelled(message.attempt, self.index))

    def _close_tasks(self) -> None:
        """Close without a report: what fails while a job is being cancelled changes nothing."""
        for task in self._tasks.values():
            task.close()
        self._tasks, self._running = {}, []
        self._is_finishing = False
        self._channels = Channels()

    # --- failures ----------------------------------------------------------------------------

    def _with_task(self, task_id: TaskId, action: Callable[[Task], None]) -> None:
        task = self._tasks.get(task_id)
        if task is None or task.status in (TaskStatus.CLOSED, TaskStatus.CREATED):
            if task is not None and task.status is TaskStatus.CREATED:
                task.mailbox.append(lambda: action(task))
            return
        try:
            action(task)
        except Exception as error:
            self._fail(task, error)

    def _each(self, action: Callable[[Task], None]) -> None:
        for task_id in list(self._tasks):
            self._with_task(task_id, action)

    def _fail(self, task: Task, error: Exception) -> None:
        self._running = [other for other in self._running if other is not task]
        self._report_failure(task.deployment.task, error, task, None)

    def _report_failure(
        self, task_id: TaskId, error: BaseException, task: Task | None, message: DeployTasks | None
    ) -> None:
        if task is not None:
            report = task.describe(error)
        else:
            assert message is not None
            name = f"{message.plan.vertices[task_id.vertex_id].name} ({task_id.subtask + 1})"
            report = describe_failure(error, name)
        self._report(TaskFailed(self._attempt, task_id, report))


def _read(storage: CheckpointStorage, handles: RestoreHandles) -> OperatorRestore:
    return OperatorRestore(
        read_parts(storage, handles.keyed), read_parts(storage, handles.operator)
    )
