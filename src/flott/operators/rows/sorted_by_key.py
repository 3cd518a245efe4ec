"""BATCH mode for keyed operators: one key after the other, each with its records by time.

All input is kept until it has ended. Inputs without keys (broadcast) are then processed first;
after them, key by key, the records by timestamp, the key's event-time timers and its
processing-time timers. For the operator within, the watermark is the smallest while a key's records
come, then the largest, then the smallest again for the next key. It need not know any of this: it
is given a context whose timers work that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from flott.common.errors import UnsupportedFeature
from flott.core.batch import BATCH_ROWS_MAX, Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.delegation import DelegatingContext, DelegatingSpec
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK, Barrier
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.core.timer import TimerCallback, TimerService
from flott.operators.rows.batch_timers import BatchTimerService
from flott.operators.rows.broadcast import KeyedBroadcastProcessSpec
from flott.operators.rows.co_process import KeyedCoProcessSpec
from flott.operators.rows.connect import CoFlatMapSpec, CoMapSpec
from flott.operators.rows.functions import bind_key_selector, has_lifecycle
from flott.operators.rows.interval_join import IntervalJoinSpec
from flott.operators.rows.key_order import in_key_order
from flott.operators.rows.key_reader import KeyReader
from flott.operators.rows.map import FilterSpec, FlatMapSpec, MapSpec
from flott.operators.rows.process import KeyedProcessSpec

__all__ = ["SortedByKeySpec", "sorted_by_key"]

#: Rows processed in one turn of the task.
_TURN_ROWS: Final = 10_000


@dataclass(frozen=True)
class SortedByKeySpec(DelegatingSpec):
    """A keyed operator as it runs in BATCH mode.

    Attributes:
        inner: the operator. Its attributes ``key_selector``, or ``key_selector1`` and
            ``key_selector2``, or ``key_selectors`` say which of its inputs are keyed; one with
            ``descriptors`` has a broadcast input as its second.
    """

    def build(self) -> Operator:
        return _SortedByKey(self.inner.build(), key_selectors_of(self.inner))


def sorted_by_key(spec: OperatorSpec) -> OperatorSpec:
    """Return an operator as it runs in BATCH mode: by key, if its function could tell the
    difference.

    Reduce, rolling aggregates and windows give final results only in BATCH mode by themselves.
    """
    if isinstance(spec, _ALWAYS):
        return SortedByKeySpec(spec)
    if isinstance(spec, _IF_KEYED) and has_lifecycle(spec.function) and _is_keyed(spec):
        return SortedByKeySpec(spec)
    return spec


_ALWAYS: Final = (
    KeyedProcessSpec,
    KeyedCoProcessSpec,
    KeyedBroadcastProcessSpec,
    IntervalJoinSpec,
)
_IF_KEYED: Final = (MapSpec, FilterSpec, FlatMapSpec, CoMapSpec, CoFlatMapSpec)


def _is_keyed(spec: Any) -> bool:
    selectors = (getattr(spec, "key_selector", None), getattr(spec, "key_selectors", None))
    return selectors != (None, None)


def key_selectors_of(spec: OperatorSpec) -> tuple[Any, ...]:
    """Return the key selector of each input of an operator; None for an input without keys."""
    if hasattr(spec, "key_selector1"):
        return (spec.key_selector1, spec.key_selector2)  # type: ignore[attr-defined]
    if getattr(spec, "key_selectors", None) is not None:
        return tuple(spec.key_selectors)  # type: ignore[attr-defined]
    selector = getattr(spec, "key_selector", None)
    assert selector is not None, f"{type(spec).__name__} has no keyed input"
    return (selector, None) if hasattr(spec, "descriptors") else (selector,)


class _SortedByKey(KeyReader):
    def __init__(self, inner: Operator, key_selectors: tuple[Any, ...]) -> None:
        self._inner = inner
        self._key_of = [None if s is None else bind_key_selector(s) for s in key_selectors]

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._batches: list[list[RowBatch]] = [[] for _ in self._key_of]
        self._open_inputs = set(range(len(self._key_of)))
        self._work: Iterator[int] | None = None
        self._services: list[BatchTimerService] = []
        self._collected = _CollectingOutput(output)
        self._inner.open(_BatchContext(context, self._services), self._collected)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        self._batches[input_index].append(batch)

    def process_watermark(self, timestamp: int) -> None:
        """Watermarks within the input mean nothing here; the last follows the last result."""

    def process_status(self, idle: bool) -> None:
        """Idleness means nothing here."""

    def prepare_snapshot(self, barrier: Barrier) -> None:
        raise UnsupportedFeature(
            "A checkpoint or savepoint of a job in BATCH mode",
            reason="Its operators work on all of their input at once.",
            successor="STREAMING mode",
        )

    def end_input(self, input_index: int) -> None:
        if input_index not in self._open_inputs:
            return
        self._open_inputs.remove(input_index)
        if not self._open_inputs:
            self._work = self._process_all()
            self.context.run_in_task(self._take_turn)

    def has_pending_work(self) -> bool:
        return self._work is not None

    def finish(self) -> None:
        assert self._work is None
        assert not self._open_inputs
        self._inner.finish()
        self._collected.flush()
        self.output.emit_watermark(MAX_WATERMARK)

    def close(self) -> None:
        self._work = None
        self._inner.close()

    def _take_turn(self) -> None:
        if self._work is None:
            return
        rows = 0
        for done in self._work:
            rows += done
            if rows >= _TURN_ROWS:
                self.context.run_in_task(self._take_turn)
                break
        else:
            self._work = None
        self._collected.flush()

    def _process_all(self) -> Iterator[int]:
        """Process everything, giving the number of rows after each piece."""
        for index, key_of in enumerate(self._key_of):
            if key_of is None:
                batches, self._batches[index] = self._batches[index], []
                for batch in batches:
                    self._inner.process_batch(batch, index)
                    yield batch.row_count
        groups = self._group()
        for key in in_key_order(groups):
            records = groups.pop(key)
            self._process_key(records)
            yield len(records)
        for index in range(len(self._key_of)):
            self._inner.end_input(index)

    def _group(self) -> dict[Any, list[tuple[int | None, int, Any]]]:
        """Records by key: (timestamp, input, record), as they came."""
        groups: dict[Any, list[tuple[int | None, int, Any]]] = {}
        for index, key_of in enumerate(self._key_of):
            batches, self._batches[index] = self._batches[index], []
            if key_of is None:
                continue
            for batch in batches:
                times: list[Any] = batch.timestamps or [None] * len(batch.values)
                keys = self.keys_of(batch.values, key_of)
                for value, key, time in zip(batch.values, keys, times, strict=True):
                    group = groups.get(key)
                    if group is None:
                        group = groups[key] = []
                    group.append((time, index, value))
        return groups

    def _process_key(self, records: list[tuple[int | None, int, Any]]) -> None:
        records.sort(key=_time_of)
        inner = self._inner
        for index, run in groupby(records, itemgetter(1)):
            found = list(run)
            times: list[Any] = [time for time, _, _ in found]
            values = [value for _, _, value in found]
            inner.process_batch(RowBatch(values, None if None in times else times), index)
        inner.process_watermark(MAX_WATERMARK)
        for service in self._services:
            service.fire_all_processing_time()
        if any(service.has_event_timers() for service in self._services):
            inner.process_watermark(MAX_WATERMARK)
        for service in self._services:
            service.forget()
        inner.process_watermark(MIN_WATERMARK)


def _time_of(record: tuple[int | None, int, Any]) -> int:
    return MIN_WATERMARK if record[0] is None else record[0]


class _BatchContext(DelegatingContext):
    """The task's context, but for timers: those of the current key only, fired at its end."""

    def __init__(self, outer: OperatorContext, services: list[BatchTimerService]) -> None:
        super().__init__(outer)
        self._services = services

    def timer_service(
        self, name: str, on_event_time: TimerCallback, on_processing_time: TimerCallback
    ) -> TimerService:
        service = BatchTimerService(self.clock, on_event_time, on_processing_time)
        self._services.append(service)
        return service


class _CollectingOutput(Output):
    """Joins the small batches of many keys to larger ones and keeps watermarks to itself."""

    __slots__ = ("_main", "_output", "_sides")

    def __init__(self, output: Output) -> None:
        self._output = output
        self._main = RowBatch([], [])
        self._sides: dict[str, RowBatch] = {}

    def emit(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        if not _append(self._main, batch):
            self._flush_main()
            self._main = _copy(batch)

    def emit_side(self, tag_id: str, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        before = self._sides.get(tag_id)
        if before is None:
            self._sides[tag_id] = _copy(batch)
        elif not _append(before, batch):
            self._output.emit_side(tag_id, before)
            self._sides[tag_id] = _copy(batch)

    def emit_watermark(self, timestamp: int) -> None:
        """A watermark of one key says nothing about the others."""

    def emit_status(self, idle: bool) -> None:
        """Idleness means nothing here."""

    def flush(self) -> None:
        """Send what was collected."""
        self._flush_main()
        sides, self._sides = self._sides, {}
        for tag_id, batch in sides.items():
            self._output.emit_side(tag_id, batch)

    def _flush_main(self) -> None:
        batch, self._main = self._main, RowBatch([], [])
        if batch.values:
            self._output.emit(batch)


def _copy(batch: RowBatch) -> RowBatch:
    times = batch.timestamps
    return RowBatch(list(batch.values), None if times is None else list(times))


def _append(target: RowBatch, batch: RowBatch) -> bool:
    """Append a batch to one that has not been sent; whether it fits."""
    if len(target.values) + len(batch.values) > BATCH_ROWS_MAX and target.values:
        return False
    if target.values and (target.timestamps is None) != (batch.timestamps is None):
        return False
    target.values.extend(batch.values)
    if batch.timestamps is None:
        target.timestamps = None
    else:
        if target.timestamps is None:
            target.timestamps = []
        target.timestamps.extend(batch.timestamps)
    return True
