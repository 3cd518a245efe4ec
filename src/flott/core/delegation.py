"""Operators and contexts that wrap another one and pass everything on, but for what they override.

A method that is forgotten here is one that such an operator silently does not have, so a test
compares the lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.operator import Operator, OperatorSpec, PendingOutput, SourceOperator, SourcePoll
from flott.core.output import Output

if TYPE_CHECKING:
    from flott.common.watermark_strategy import WatermarkAlignment
    from flott.core.keyed_store import KeyedStore
    from flott.core.operator_store import OperatorStore
    from flott.core.timer import TimerCallback, TimerService


@dataclass(frozen=True)
class DelegatingSpec(OperatorSpec):
    """An operator that runs another one; named and told apart as that one is.

    Attributes:
        inner: The other one.
    """

    inner: OperatorSpec

    @property
    def kind(self) -> str:
        return self.inner.kind

    @property
    def meaning(self) -> str:
        return self.inner.meaning

    @property
    def is_stateless(self) -> bool:
        return self.inner.is_stateless


class DelegatingOperator(Operator):
    """Passes every call on. Not its row function: that would bypass what is overridden."""

    def __init__(self, inner: Operator) -> None:
        self._inner = inner

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._inner.open(context, output)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._inner.process_batch(batch, input_index)

    def process_watermark(self, timestamp: int) -> None:
        self._inner.process_watermark(timestamp)

    def process_status(self, idle: bool) -> None:
        self._inner.process_status(idle)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._inner.prepare_snapshot(barrier)

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._inner.notify_checkpoint_complete(checkpoint_id)

    def notify_checkpoint_aborted(self, checkpoint_id: int) -> None:
        self._inner.notify_checkpoint_aborted(checkpoint_id)

    def end_input(self, input_index: int) -> None:
        self._inner.end_input(input_index)

    def finish(self) -> None:
        self._inner.finish()

    def handle_coordinator_event(self, event: Any) -> None:
        self._inner.handle_coordinator_event(event)

    def has_pending_work(self) -> bool:
        return self._inner.has_pending_work()

    def is_blocked(self) -> bool:
        return self._inner.is_blocked()

    def pending_output(self) -> PendingOutput | None:
        return self._inner.pending_output()

    def close(self) -> None:
        self._inner.close()


class DelegatingSourceOperator(DelegatingOperator, SourceOperator):
    """The same for a source."""

    _inner: SourceOperator

    def __init__(self, inner: SourceOperator) -> None:
        super().__init__(inner)

    @property
    def records_read(self) -> int:  # type: ignore[override]
        return self._inner.records_read

    def poll(self, rows_max: int) -> SourcePoll:
        return self._inner.poll(rows_max)

    def add_splits(self, splits: list[Any]) -> None:
        self._inner.add_splits(splits)

    def no_more_splits(self) -> None:
        self._inner.no_more_splits()

    def align_watermark(self, group: str, max_watermark: int) -> None:
        self._inner.align_watermark(group, max_watermark)

    def describe_position(self, value: Any) -> str | None:
        return self._inner.describe_position(value)

    def slowest_split(self) -> str | None:
        return self._inner.slowest_split()

    @property
    def alignment_progress(self) -> tuple[WatermarkAlignment, int | None] | None:
        return self._inner.alignment_progress


class DelegatingContext(OperatorContext):
    """A context for an operator or reader within another one; its attributes are those of
    ``outer``."""

    def __init__(self, outer: OperatorContext) -> None:
        self._outer = outer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)

    @property
    def keyed_store(self) -> KeyedStore:
        return self._outer.keyed_store

    @property
    def operator_store(self) -> OperatorStore:
        return self._outer.operator_store

    def timer_service(
        self, name: str, on_event_time: TimerCallback, on_processing_time: TimerCallback
    ) -> TimerService:
        return self._outer.timer_service(name, on_event_time, on_processing_time)

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        self._outer.schedule(timestamp_ms, callback)

    def run_in_task(self, callback: Callable[[], None]) -> None:
        self._outer.run_in_task(callback)

    def wake(self) -> None:
        self._outer.wake()

    def send_to_coordinator(self, event: Any) -> None:
        self._outer.send_to_coordinator(event)

    def request_split(self) -> None:
        self._outer.request_split()
