"""Runs one operator by hand: records, watermarks and time in; output, state and snapshots out.

The stores are the real ones of ``flott.state``; the clock, the schedule of the task, its mailbox
and the coordinator are plain lists here, so that a test decides when anything happens.

    harness = Harness(MapSpec(str.upper))
    harness.push("a", "b")
    assert harness.values == ["A", "B"]

A snapshot can be restored into harnesses of another parallelism:

    half = Harness(spec, parallelism=2, subtask=0, restore=[harness.snapshot(1)])
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flott.common.configuration import Configuration
from flott.core.batch import Batch, RowBatch
from flott.core.blocking import BlockingCalls
from flott.core.clock import Clock
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, Barrier, SnapshotKind
from flott.core.key_group import key_group_range
from flott.core.keyed_store import KeyedStore
from flott.core.operator import Operator, OperatorSpec
from flott.core.operator_store import OperatorStore
from flott.core.output import Output
from flott.core.snapshot import StateKind, StatePart
from flott.core.timer import TimerCallback, TimerService
from flott.metrics.registry import InProcessMetricGroup
from flott.state.memory_store import MemoryKeyedStore
from flott.state.operator_store import MemoryOperatorStore
from flott.state.timer_service import MemoryTimerService

OPERATOR_ID = "0" * 32


class ManualClock(Clock):
    """A clock that stands still until it is set."""

    def __init__(self, now_ms: int = 0) -> None:
        self.wall_ms = now_ms
        self.elapsed_ms = 0.0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> float:
        return self.elapsed_ms

    def set(self, now_ms: int) -> None:
        """Move to ``now_ms``."""
        self.elapsed_ms += max(0, now_ms - self.wall_ms)
        self.wall_ms = now_ms


class RecordingOutput(Output):
    """Keeps what an operator emits.

    Attributes:
        events: everything in order: ("batch", RowBatch), ("side", tag, RowBatch),
            ("watermark", time), ("status", idle).
    """

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def emit(self, batch: Batch) -> None:
        assert batch.row_count > 0, "an empty batch was emitted"
        _check_batch(batch)
        self.events.append(("batch", batch))

    def emit_side(self, tag_id: str, batch: Batch) -> None:
        assert batch.row_count > 0, "an empty batch was emitted"
        _check_batch(batch)
        self.events.append(("side", tag_id, batch))

    def emit_watermark(self, timestamp: int) -> None:
        self.events.append(("watermark", timestamp))

    def emit_status(self, idle: bool) -> None:
        self.events.append(("status", idle))


def _check_batch(batch: Batch) -> None:
    if isinstance(batch, RowBatch):
        assert batch.timestamps is None or len(batch.timestamps) == len(batch.values)


class InlineBlockingCalls(BlockingCalls):
    """Runs a blocking call at once."""

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            result = call()
        except Exception as error:
            done(error)
        else:
            done(result)


class HarnessContext(OperatorContext):
    """The surroundings of the operator under test."""

    def __init__(
        self,
        clock: ManualClock,
        *,
        parallelism: int,
        subtask: int,
        max_parallelism: int,
        is_batch: bool,
        checkpoints_enabled: bool,
        configuration: Mapping[str, Any],
        job_parameters: Mapping[str, str],
        restore: Iterable[list[StatePart]],
        restored_checkpoint_id: int | None,
        blocking: BlockingCalls,
    ) -> None:
        self.job_id = "0" * 32
        self.job_name = "job"
        self.operator_id = OPERATOR_ID
        self.operator_name = "operator"
        self.subtask_index = subtask
        self.parallelism = parallelism
        self.max_parallelism = max_parallelism
        self.attempt = 0
        self.key_groups = key_group_range(max_parallelism, parallelism, subtask)
        self.clock = clock
        self.configuration = Configuration.from_dict(configuration)
        self.job_parameters = dict(job_parameters)
        self.metrics = InProcessMetricGroup()
        self.is_batch = is_batch
        self.checkpoints_enabled = checkpoints_enabled
        self.restored_checkpoint_id = restored_checkpoint_id
        self.blocking = blocking
        self.scheduled: list[tuple[int, int, Callable[[], None]]] = []
        self.mail: list[Callable[[], None]] = []
        self.sent: list[Any] = []
        self.split_requests = 0
        self.wakes = 0
        self._sequence = 0
        parts = [part for snapshot in restore for part in snapshot]
        self._keyed = MemoryKeyedStore(
            OPERATOR_ID, self.key_groups, max_parallelism, clock, operator_name="operator"
        )
        self._keyed.restore([part for part in parts if part.kind is StateKind.KEYED])
        self._operator = MemoryOperatorStore(OPERATOR_ID, subtask, parallelism, "operator")
        operator_parts = [part for part in parts if part.kind is StateKind.OPERATOR]
        self._operator.restore(operator_parts, subtask, parallelism)

    @property
    def keyed_store(self) -> KeyedStore:
        return self._keyed

    @property
    def operator_store(self) -> OperatorStore:
        return self._operator

    def timer_service(
        self, name: str, on_event_time: TimerCallback, on_processing_time: TimerCallback
    ) -> TimerService:
        return MemoryTimerService(
            self._keyed, name, self.clock, on_event_time, on_processing_time, self.schedule
        )

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        self._sequence += 1
        heapq.heappush(self.scheduled, (timestamp_ms, self._sequence, callback))

    def run_in_task(self, callback: Callable[[], None]) -> None:
        self.mail.append(callback)

    def wake(self) -> None:
        self.wakes += 1

    def send_to_coordinator(self, event: Any) -> None:
        self.sent.append(event)

    def request_split(self) -> None:
        self.split_requests += 1


class Harness:
    """One subtask of an operator.

    Args:
        spec: the operator.
        now_ms: processing time at the start.
        restore: snapshots of all former subtasks, as ``snapshot`` gave them.
        restored_checkpoint_id: the checkpoint they belong to.
    """

    def __init__(
        self,
        spec: OperatorSpec | Operator,
        *,
        now_ms: int = 0,
        parallelism: int = 1,
        subtask: int = 0,
        max_parallelism: int = 128,
        is_batch: bool = False,
        blocking: BlockingCalls | None = None,
        checkpoints_enabled: bool = True,
        configuration: Mapping[str, Any] | None = None,
        job_parameters: Mapping[str, str] | None = None,
        restore: Iterable[list[StatePart]] = (),
        restored_checkpoint_id: int | None = None,
    ) -> None:
        restore = list(restore)
        self.clock = ManualClock(now_ms)
        self.output = RecordingOutput()
        self.context = HarnessContext(
            self.clock,
            parallelism=parallelism,
            subtask=subtask,
            max_parallelism=max_parallelism,
            is_batch=is_batch,
            checkpoints_enabled=checkpoints_enabled,
            configuration=configuration or {},
            job_parameters=job_parameters or {},
            restore=restore,
            restored_checkpoint_id=(
                1 if restored_checkpoint_id is None and restore else restored_checkpoint_id
            ),
            blocking=blocking or InlineBlockingCalls(),
        )
        self.operator: Any = spec.build() if isinstance(spec, OperatorSpec) else spec
        self.operator.open(self.context, self.output)

    # --- input -------------------------------------------------------------------------------

    def push(self, *values: Any, at: list[int] | int | None = None, side: int = 0) -> None:
        """Send a batch to input ``side``, with timestamps ``at`` (one for all, or one each)."""
        times = [at] * len(values) if isinstance(at, int) else at
        self.operator.process_batch(RowBatch(list(values), times), side)

    def push_timed(self, *pairs: tuple[Any, int], side: int = 0) -> None:
        """Send a batch of (value, timestamp) pairs."""
        self.push(*(value for value, _ in pairs), at=[time for _, time in pairs], side=side)

    def watermark(self, timestamp: int) -> None:
        """The combined watermark rises."""
        self.operator.process_watermark(timestamp)

    def advance_to(self, now_ms: int) -> None:
        """Move the clock, running what is scheduled on the way, each thing at its time."""
        scheduled = self.context.scheduled
        while scheduled and scheduled[0][0] <= now_ms:
            due_ms, _, callback = heapq.heappop(scheduled)
            self.clock.set(max(self.clock.wall_ms, due_ms))
            callback()
        self.clock.set(now_ms)

    def run_mail(self) -> int:
        """Run what was put into the mailbox, and what that puts there; how much it was."""
        count = 0
        while self.context.mail:
            self.context.mail.pop(0)()
            count += 1
        return count

    def end(self, inputs: int = 1) -> None:
        """All inputs end, as a task does it: the last watermark, the ends, then ``finish``."""
        self.operator.process_watermark(MAX_WATERMARK)
        for index in range(inputs):
            self.operator.end_input(index)
        while self.operator.has_pending_work():
            assert self.run_mail(), "the operator has pending work and nothing to do it with"
        self.operator.finish()

    def snapshot(
        self,
        checkpoint_id: int,
        kind: SnapshotKind = SnapshotKind.CHECKPOINT,
        full: bool = True,
    ) -> list[StatePart]:
        """Take a snapshot at a barrier."""
        self.operator.prepare_snapshot(Barrier(checkpoint_id, 0, kind))
        parts = [self.context.keyed_store.snapshot(full), self.context.operator_store.snapshot()]
        return [part for part in parts if part is not None]

    def complete(self, checkpoint_id: int) -> None:
        """The checkpoint is complete."""
        self.operator.notify_checkpoint_complete(checkpoint_id)

    def close(self) -> None:
        """Close the operator."""
        self.operator.close()

    # --- output ------------------------------------------------------------------------------

    @property
    def batches(self) -> list[RowBatch]:
        """Batches of the main output."""
        return [event[1] for event in self.output.events if event[0] == "batch"]

    @property
    def values(self) -> list[Any]:
        """Records of the main output."""
        return [value for batch in self.batches for value in batch.values]

    @property
    def records(self) -> list[tuple[Any, int | None]]:
        """Records of the main output with their timestamps."""
        return [pair for batch in self.batches for pair in _pairs(batch)]

    def side(self, tag_id: str) -> list[Any]:
        """Records of a side output."""
        return [value for value, _ in self.side_records(tag_id)]

    def side_records(self, tag_id: str) -> list[tuple[Any, int | None]]:
        """Records of a side output with their timestamps."""
        events = self.output.events
        batches = [event[2] for event in events if event[0] == "side" and event[1] == tag_id]
        return [pair for batch in batches for pair in _pairs(batch)]

    @property
    def watermarks(self) -> list[int]:
        """Watermarks that were emitted."""
        return [event[1] for event in self.output.events if event[0] == "watermark"]

    @property
    def flow(self) -> list[Any]:
        """Main output in short: a list of values for each batch, else the event as it is."""
        return [
            event[1].values if event[0] == "batch" else event
            for event in self.output.events
            if event[0] != "side"
        ]

    def clear(self) -> None:
        """Forget the output so far."""
        self.output.events.clear()


def _pairs(batch: RowBatch) -> list[tuple[Any, int | None]]:
    times: list[Any] = batch.timestamps or [None] * len(batch.values)
    return list(zip(batch.values, times, strict=True))
