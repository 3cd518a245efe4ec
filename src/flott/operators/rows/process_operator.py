"""One operator for the whole process family: one or two inputs, keyed or not, with timers or not.

The members of the family differ in a table only: for each input the method to call, the key
selector and the context. The loop is written for speed: keys of a batch first, one reusable
context, results appended to local lists and sent as one batch. A result that is a pair of an
``OutputTag`` and a value goes to the side output.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, NamedTuple

from flott.common.output_tag import OutputTag
from flott.common.time_domain import TimeDomain
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.operator import PendingOutput
from flott.core.output import Output
from flott.operators.rows.functions import raise_not_iterable
from flott.operators.rows.process_context import OnTimerContext, ProcessContext
from flott.operators.rows.row_operator import RowOperator
from flott.operators.rows.side_outputs import SideOutputs
from flott.operators.rows.timer_service import NonKeyedTimerService, TimerService, TimerServiceImpl

__all__ = ["ProcessInput", "ProcessOperator"]


class ProcessInput(NamedTuple):
    """How records of one input are processed.

    Attributes:
        process: called with the record and the context.
        context: the context, changed before each call.
        key_of: finds the key; None if the input is not keyed.
    """

    process: Callable[[Any, Any], Any]
    context: ProcessContext
    key_of: Callable[[Any], Any] | None


class ProcessOperator(RowOperator):
    """Base of the family; subclasses say what their inputs are."""

    def open(self, context: OperatorContext, output: Output) -> None:
        self._sides = SideOutputs()
        self._open_timers(context)
        super().open(context, output)
        self._inputs = self._make_inputs()

    @abstractmethod
    def _make_inputs(self) -> tuple[ProcessInput, ...]:
        """The inputs, in order of their index; called after the user's ``open``."""

    def _make_timer_context(self, timers: TimerService) -> OnTimerContext:
        """The context for ``on_timer``."""
        return OnTimerContext(timers, self._store)

    def _open_timers(self, context: OperatorContext) -> None:
        self._plain_timers = NonKeyedTimerService(context.clock, context.operator_name)
        if all(key_of is None for key_of in self._key_of):
            self._engine_timers = None
            return
        self._store = context.keyed_store
        self._engine_timers = context.timer_service(
            "user-timers", self._on_event_time, self._on_processing_time
        )
        self._timers = TimerServiceImpl(self._engine_timers, self._store)
        self._timer_context = self._make_timer_context(self._timers)
        self._on_timer = getattr(self._function, "on_timer", None)
        self._timer_results = RowBatch([], [])

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        process, ctx, key_of = self._inputs[input_index]
        if key_of is None:
            # State of a key is out of reach here, also of the key of the last record or timer.
            if self._is_keyed:
                self._store.clear_key()
            self._process(batch, process, ctx, _NoKey(), repeat(None))
        else:
            self._process(batch, process, ctx, self._store, self.keys_of(batch.values, key_of))

    def _process(
        self,
        batch: RowBatch,
        process: Callable[[Any, Any], Any],
        ctx: Any,
        store: Any,
        keys: Iterable[Any],
    ) -> None:
        times: list[int] | None
        if batch.timestamps is None:
            results, times = self._process_untimed(batch, process, ctx, store, keys), None
        else:
            results, times = self._process_timed(batch, process, ctx, store, keys)
        self.emit_results(results, times)
        if not self._sides.is_empty:
            self._sides.flush(self.output)

    def _process_untimed(
        self,
        batch: RowBatch,
        process: Callable[[Any, Any], Any],
        ctx: Any,
        store: Any,
        keys: Iterable[Any],
    ) -> list[Any]:
        """The loop of ``_process_timed`` without what only timestamps need: a tenth faster."""
        results: list[Any] = []
        append, add_side, tag_class = results.append, self._sides.add, OutputTag
        found: Any = None
        ctx.record_timestamp = None
        try:
            for value, key in zip(batch.values, keys):
                store.current_key = key
                found = process(value, ctx)
                if found is None:
                    continue
                for result in found:
                    if type(result) is tuple and len(result) == 2 and type(result[0]) is tag_class:
                        add_side(result[0], result[1], None)
                    else:
                        append(result)
        except TypeError as error:
            method = getattr(process, "__name__", "process_element")
            raise_not_iterable(self.context.operator_name, method, found, error)
        return results

    def _process_timed(
        self,
        batch: RowBatch,
        process: Callable[[Any, Any], Any],
        ctx: Any,
        store: Any,
        keys: Iterable[Any],
    ) -> tuple[list[Any], list[int]]:
        results: list[Any] = []
        times: list[int] = []
        append, append_time = results.append, times.append
        add_side, tag_class = self._sides.add, OutputTag
        found: Any = None
        assert batch.timestamps is not None
        try:
            for value, key, timestamp in zip(batch.values, keys, batch.timestamps):
                store.current_key = key
                ctx.record_timestamp = timestamp
                found = process(value, ctx)
                if found is None:
                    continue
                for result in found:
                    if type(result) is tuple and len(result) == 2 and type(result[0]) is tag_class:
                        add_side(result[0], result[1], timestamp)
                    else:
                        append(result)
                        append_time(timestamp)
        except TypeError as error:
            method = getattr(process, "__name__", "process_element")
            raise_not_iterable(self.context.operator_name, method, found, error)
        return results, times

    def process_watermark(self, timestamp: int) -> None:
        self._plain_timers.watermark = timestamp
        if self._engine_timers is not None:
            self._engine_timers.advance_watermark(timestamp)
            self._emit_timer_results()
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput | None:
        timers = self._engine_timers
        if timers is None:
            return None
        return PendingOutput(timers.earliest_event_time(), timers.earliest_processing_time())

    def _on_event_time(self, timestamp: int, key: Any, namespace: Any) -> None:
        # Results wait for the end of process_watermark, so that all timers make one batch.
        self._fire(TimeDomain.EVENT_TIME, timestamp, key)

    def _on_processing_time(self, timestamp: int, key: Any, namespace: Any) -> None:
        self._fire(TimeDomain.PROCESSING_TIME, timestamp, key)
        self._emit_timer_results()

    def _fire(self, domain: TimeDomain, timestamp: int, key: Any) -> None:
        if self._on_timer is None:
            return
        ctx = self._timer_context
        self._store.current_key = key
        ctx.record_timestamp = timestamp
        ctx.domain = domain
        found = self._on_timer(timestamp, ctx)
        if found is None:
            return
        values, times = self._timer_results.values, self._timer_results.timestamps
        assert times is not None
        try:
            for result in found:
                if type(result) is tuple and len(result) == 2 and type(result[0]) is OutputTag:
                    self._sides.add(result[0], result[1], timestamp)
                else:
                    values.append(result)
                    times.append(timestamp)
        except TypeError as error:
            raise_not_iterable(self.context.operator_name, "on_timer", found, error)

    def _emit_timer_results(self) -> None:
        results = self._timer_results
        if results.values:
            self._timer_results = RowBatch([], [])
            self.emit_results(results.values, results.timestamps)
        self._sides.flush(self.output)


class _NoKey:
    """Stands where a store would, for inputs without keys."""

    __slots__ = ("current_key",)
