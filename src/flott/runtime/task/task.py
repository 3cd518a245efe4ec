"""A task: one subtask of a chain, taking turns.

A turn does one bounded thing: run due timers, or take one element from the gate (one poll from a
source) through the whole chain. Between turns the worker delivers messages, so a checkpoint's
barrier enters a source exactly between two batches. A task without room in its outputs takes no
turn: that is how pressure reaches the source.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol

from flott.common.options.flott import ERRORS_RECORD_LENGTH
from flott.core.batch import Batch
from flott.core.element import (
    END_OF_INPUT,
    MAX_WATERMARK,
    MIN_WATERMARK,
    Barrier,
    EndOfInput,
    SnapshotKind,
    Watermark,
    WatermarkStatus,
)
from flott.core.operator import Operator, SourceOperator, SourcePoll
from flott.core.snapshot import OperatorRestore
from flott.progress.barrier_alignment import BarrierAlignment
from flott.progress.watermark_merge import Progress, WatermarkMerge
from flott.runtime.messages import OperatorEvent, SourceWatermark, SplitRequested, ToCoordinator
from flott.runtime.services import RuntimeServices
from flott.runtime.task.batch_size import BatchSize
from flott.runtime.task.chain import Chain, RoutersByOutput, Stage
from flott.runtime.task.context import TaskOperatorContext
from flott.runtime.task.deployment import TaskDeployment
from flott.runtime.task.failure import MISSING, FailureReport, describe_failure, find_culprit
from flott.runtime.task.gate import Gate, InputChannel
from flott.runtime.task.router import Router
from flott.runtime.task.wall_schedule import WallSchedule


class TaskStatus(Enum):
    """Where a task stands."""

    CREATED = "created"
    RUNNING = "running"
    ENDING = "ending"
    """All input has come; operators finish one after another."""
    DRAINED = "drained"
    """Nothing is left to do but a last checkpoint."""
    CLOSED = "closed"


class Snapshots(Protocol):
    """Takes the snapshots of a task to storage."""

    def take(
        self,
        barrier: Barrier,
        contexts: Sequence[TaskOperatorContext],
        aligned_ms: float,
        started_ms: float,
    ) -> None:
        """Take the state of ``contexts`` as it is now, store it and acknowledge the checkpoint."""


class Task:
    """Runs one subtask. All methods are called by the worker's loop."""

    def __init__(
        self,
        deployment: TaskDeployment,
        services: RuntimeServices,
        gate: Gate,
        routers: RoutersByOutput,
        report: Callable[[ToCoordinator], None],
        snapshots: Snapshots,
    ) -> None:
        self.deployment = deployment
        self.services = services
        self.schedule = WallSchedule(services.clock)
        self.mailbox: deque[Callable[[], None]] = deque()
        self.status = TaskStatus.CREATED
        self.gate = gate
        self.records_in = 0
        self.busy_ms = 0.0
        self._report = report
        self._blocked_since: float | None = None
        self._snapshots = snapshots
        self.reported_drained = False
        self.blocked_ms = 0.0
        self._routers: tuple[Router, ...] = tuple(r for group in routers.values() for r in group)
        self._chain = self._build_chain(routers)
        self._merge = WatermarkMerge([channel.input_index for channel in gate.channels])
        self._alignment = BarrierAlignment(len(gate.channels), deployment.exactly_once)
        self._alignment_since: float | None = None
        self._open_channels = [0] * (1 + max((c.input_index for c in gate.channels), default=0))
        for channel in gate.channels:
            self._open_channels[channel.input_index] += 1
        self._ending_position = 0
        self._snapshot_id = 0
        self._told_position = 0  # the head is told input by input
        self._batch_size = BatchSize(deployment.configuration)
        self._stopping_savepoint: int | None = None  # nothing moves after it
        self._drain_requested = False
        self.watermark = MIN_WATERMARK

    def _build_chain(self, routers: RoutersByOutput) -> Chain:
        plan, restore = self.deployment.vertex.chain, self.deployment.restore
        contexts = [
            TaskOperatorContext(
                self, operator, restore.get(operator.operator_id, OperatorRestore())
            )
            for operator in plan
        ]
        return Chain(plan, contexts, routers)

    # --- life --------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the operators; their state is loaded."""
        assert self.status is TaskStatus.CREATED
        self._chain.open()
        self._entry = self._chain.entry.emit
        head = self._chain.head
        self._blockers = tuple(
            operator
            for operator in self._chain.operators
            if type(operator).is_blocked is not Operator.is_blocked
        )
        self._source = head if isinstance(head, SourceOperator) else None
        assert (self._source is None) == bool(self.gate.channels), "a task reads or receives"

    def start(self) -> None:
        """Begin to take turns."""
        assert self.status is TaskStatus.CREATED
        self.status = TaskStatus.RUNNING
        self._report_alignment()

    def close(self) -> list[BaseException]:
        """Release everything; returns what went wrong while doing so."""
        if self.status is TaskStatus.CLOSED:
            return []
        self.status = TaskStatus.CLOSED
        self.mailbox.clear()
        return self._chain.close()

    # --- turns -------------------------------------------------------------------------------

    def turn(self) -> bool:
        """Do one bounded piece of work; whether there was any."""
        if self._stopping_savepoint is not None:
            return False  # what came now would be lost, or committed and then made once more
        worked = self._run_mail() if self.mailbox else False
        if not self.schedule.is_empty:
            worked |= self.schedule.run_due()
        if self.status is TaskStatus.RUNNING:
            if not self._has_room():
                if self._blocked_since is None:
                    self._blocked_since = self.services.clock.monotonic_ms()
                return worked
            if self._blocked_since is not None:
                self._note_room()
            if self._source is not None:
                return self._poll_source() or worked
            return self._take_element() or worked
        if self.status is TaskStatus.ENDING and self._has_room():
            return self._advance_ending() or worked
        return worked

    def _has_room(self) -> bool:
        for router in self._routers:
            if not router.has_room:
                return False
        return not any(operator.is_blocked() for operator in self._blockers)

    def _note_room(self) -> None:
        assert self._blocked_since is not None
        self.blocked_ms += self.services.clock.monotonic_ms() - self._blocked_since
        self._blocked_since = None

    def _run_mail(self) -> bool:
        for _ in range(len(self.mailbox)):
            self.mailbox.popleft()()
        return True

    def _poll_source(self) -> bool:
        assert self._source is not None
        if self._drain_requested:
            self._begin_ending()
            return True
        started, before = self.services.clock.monotonic_ms(), self._source.records_read
        outcome = self._source.poll(self._batch_size.rows)
        if outcome is SourcePoll.EMITTED:
            rows = self._source.records_read - before
            self._batch_size.adapt(rows, self.services.clock.monotonic_ms() - started)
            self.records_in += rows
            return True
        if outcome is SourcePoll.END:
            self._begin_ending()
            return True
        return False

    def _take_element(self) -> bool:
        taken = self.gate.take()
        if taken is None:
            return False
        channel, element = taken
        if isinstance(element, Batch):
            self.records_in += element.row_count
            if channel.input_index == 0:
                self._entry(element)
            else:
                self._chain.head.process_batch(element, channel.input_index)
        elif isinstance(element, Watermark):
            self._apply(self._merge.advance(channel.index, element.timestamp))
        elif isinstance(element, WatermarkStatus):
            self._apply(self._merge.set_idle(channel.index, element.idle))
        elif isinstance(element, Barrier):
            self._receive_barrier(channel.index, element)
        else:
            assert isinstance(element, EndOfInput)
            self._receive_end(channel.index, channel.input_index)
        return True

    def _apply(self, progress: Progress) -> None:
        entry = self._chain.entry
        if progress.idle is False:
            entry.emit_status(False)
        if progress.watermark is not None:
            assert progress.watermark > self.watermark, "a watermark never goes back"
            self.watermark = progress.watermark
            entry.emit_watermark(progress.watermark)
        if progress.idle:
            entry.emit_status(True)

    # --- end of input ------------------------------------------------------------------------

    def _receive_end(self, channel: int, input_index: int) -> None:
        self._apply(self._merge.end(channel))
        self._open_channels[input_index] -= 1
        assert self._open_channels[input_index] >= 0
        completed = self._alignment.on_end(channel)
        if completed is not None:
            self._complete_alignment(completed)
        else:
            self.gate.set_blocked(self._alignment.blocked)
        if self._open_channels[input_index] == 0:
            self._chain.head.end_input(input_index)
        if not any(self._open_channels):
            self._begin_ending()

    def _begin_ending(self) -> None:
        assert self.status is TaskStatus.RUNNING
        self.status = TaskStatus.ENDING
        if self._source is not None:
            self._source.process_watermark(MAX_WATERMARK)
        self._advance_ending()

    def _advance_ending(self) -> bool:
        """Finish operators from head to tail; one with work in flight is waited for."""
        operators = self._chain.operators
        while self._ending_position < len(operators):
            position = self._ending_position
            operator = operators[position]
            if position > self._told_position:
                self._told_position = position
                operator.end_input(0)
            if operator.has_pending_work():
                return False
            self._chain.finish(position)
            self._ending_position += 1
        for router in self._routers:
            router.broadcast(END_OF_INPUT)
        self.status = TaskStatus.DRAINED
        return True

    # --- messages ----------------------------------------------------------------------------

    def add_splits(self, splits: Sequence[Any]) -> None:
        """The enumerator assigned splits."""
        assert self._source is not None
        self._source.add_splits(list(splits))

    def no_more_splits(self) -> None:
        """The enumerator will assign nothing more."""
        assert self._source is not None
        self._source.no_more_splits()

    def handle_coordinator_event(self, operator_id: str, event: Any) -> None:
        """An operator's half at the coordinator sent ``event``."""
        for context, operator in zip(self._chain.contexts, self._chain.operators, strict=True):
            if context.operator_id == operator_id:
                operator.handle_coordinator_event(event)

    def align(self, group: str, max_watermark: int) -> None:
        """Splits of alignment group ``group`` ahead of ``max_watermark`` pause."""
        if self._source is not None:
            self._source.align_watermark(group, max_watermark)

    def _report_alignment(self) -> None:
        """Tell the coordinator how far this source is, now and at the interval of its group."""
        progress = None if self._source is None else self._source.alignment_progress
        if progress is None or self.status is not TaskStatus.RUNNING:
            return
        (group, max_drift_ms, interval_ms), watermark = progress
        task = self.deployment
        self._report(SourceWatermark(task.attempt, task.task, group, watermark, max_drift_ms))
        self.schedule.add(self.services.clock.now_ms() + interval_ms, self._report_alignment)

    def drain(self) -> None:
        """Sources end as if their input had."""
        self._drain_requested = self._source is not None

    def send_operator_event(self, operator_id: str, event: Any) -> None:
        """Send ``event`` to the operator's half at the coordinator."""
        task = self.deployment
        self._report(OperatorEvent(task.attempt, task.task, operator_id, event))

    def request_split(self) -> None:
        """Ask the enumerator for another split."""
        self._report(SplitRequested(self.deployment.attempt, self.deployment.task))

    # --- checkpoints -------------------------------------------------------------------------

    def trigger(self, barrier: Barrier) -> None:
        """The coordinator asks a source, or a task whose input has ended, for a snapshot.

        It may ask for one that was taken at the barrier, if its acknowledgement is under way yet.
        """
        if barrier.checkpoint_id <= self._snapshot_id:
            return
        is_source = self.status is TaskStatus.RUNNING and self._source is not None
        is_still = self.status is TaskStatus.DRAINED or self._stopping_savepoint is not None
        if is_source or is_still:
            self._take_snapshot(barrier, 0.0)

    def _receive_barrier(self, channel: int, barrier: Barrier) -> None:
        if self._alignment_since is None:
            self._alignment_since = self.services.clock.monotonic_ms()
        completed = self._alignment.on_barrier(channel, barrier)
        self._alignment.aborted.clear()  # the coordinator gives up older ones by itself
        if completed is not None:
            self._complete_alignment(completed)
        else:
            self.gate.set_blocked(self._alignment.blocked)

    def _complete_alignment(self, barrier: Barrier) -> None:
        assert not self._alignment.blocked
        since, now = self._alignment_since, self.services.clock.monotonic_ms()
        self._alignment_since = None
        self._take_snapshot(barrier, 0.0 if since is None else now - since)
        self.gate.set_blocked(())

    def _take_snapshot(self, barrier: Barrier, aligned_ms: float) -> None:
        assert barrier.checkpoint_id > self._snapshot_id, "one snapshot for each checkpoint"
        self._snapshot_id = barrier.checkpoint_id
        started = self.services.clock.monotonic_ms()
        for operator in self._chain.operators:
            operator.prepare_snapshot(barrier)
        if self.status is not TaskStatus.DRAINED and self._stopping_savepoint is None:
            for router in self._routers:
                router.broadcast(barrier)
        if barrier.kind is SnapshotKind.STOP_SAVEPOINT:
            self._stopping_savepoint = barrier.checkpoint_id
        self._snapshots.take(barrier, self._chain.contexts, aligned_ms, started)

    def notify_complete(self, checkpoint_id: int) -> None:
        """A checkpoint is complete: operators commit."""
        for operator in self._chain.operators:
            operator.notify_checkpoint_complete(checkpoint_id)

    def notify_aborted(self, checkpoint_id: int) -> None:
        """A checkpoint was given up: channels that wait for it go on, and so do
        tasks that it would have stopped."""
        if self._stopping_savepoint == checkpoint_id:
            self._stopping_savepoint = None
        self._alignment.on_abort(checkpoint_id)
        self.gate.set_blocked(self._alignment.blocked)
        for operator in self._chain.operators:
            operator.notify_checkpoint_aborted(checkpoint_id)

    @property
    def next_timer_ms(self) -> int | None:
        """When the task wants a turn at the latest, epoch milliseconds."""
        return None if self._stopping_savepoint is not None else self.schedule.next_ms

    # --- facts -------------------------------------------------------------------------------

    @property
    def records_out(self) -> int:
        """Records sent to other tasks."""
        return sum(router.records_out for router in self._routers)

    @property
    def has_outputs(self) -> bool:
        """Whether records go on to other tasks."""
        return bool(self._routers)

    @property
    def has_pending_work(self) -> bool:
        """Whether an operator has asynchronous calls under way."""
        return any(operator.has_pending_work() for operator in self._chain.operators)

    @property
    def state_bytes(self) -> int:
        """Rough size of keyed state."""
        return sum(context.state_bytes for context in self._chain.contexts)

    def metrics(self) -> dict[str, Any]:
        """The users' and operators' metrics by operator name."""
        return {c.operator_name: c.metrics.snapshot() for c in self._chain.contexts}

    def stages(self) -> list[Stage]:
        """The operators that count by themselves, upstream first."""
        return self._chain.stages()

    def operator(self, position: int) -> Operator:
        """The operator at a position of the chain."""
        return self._chain.operators[position]

    @property
    def holding_channel(self) -> InputChannel | None:
        """The channel that keeps the watermark from rising, if one does."""
        index = self._merge.holding_channel()
        return None if index is None else self.gate.channels[index]

    def input_watermarks(self) -> dict[str, int]:
        """Last watermark of each input channel, by the channel's name."""
        names = (channel.name for channel in self.gate.channels)
        return dict(zip(names, self._merge.channel_watermarks, strict=True))

    def describe(self, error: BaseException) -> FailureReport:
        """Put a failure of this task into words."""
        names = {
            id(operator): (plan.name, plan.location)
            for operator, plan in zip(self._chain.operators, self._chain.plan, strict=True)
        }
        deployment = self.deployment
        return describe_failure(
            error,
            deployment.name,
            names,
            self._position_of(find_culprit(error)[1]),
            record_length=deployment.configuration.get(ERRORS_RECORD_LENGTH),
            subtask=(deployment.task.subtask, deployment.vertex.parallelism),
        )

    def _position_of(self, record: Any) -> str | None:
        """Where the source of this task read ``record``, if it knows."""
        head = self._chain.head
        if record is MISSING or not isinstance(head, SourceOperator):
            return None
        try:
            return head.describe_position(record)
        except Exception:  # a source that cannot tell must not hide what went wrong
            return None
