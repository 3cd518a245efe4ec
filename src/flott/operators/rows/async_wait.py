"""Asynchronous calls to the outside world: many records under way at once.

Coroutines run in a thread of their own; everything else (order, capacity, timeouts, retries,
state) is decided here, in the task, by the task's clock. A record counts from its arrival until its
results have gone out; once ``capacity`` are under way the task takes no further input. Records
under way are part of a snapshot and are called again after a restore.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flott.common.errors import ProgramError
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.rows.async_call import AsyncCall, AsyncInvoker, OnDone
from flott.operators.rows.async_queue import (
    AsyncQueue,
    Entry,
    OrderedQueue,
    Signal,
    UnorderedQueue,
)
from flott.operators.rows.async_retry import NO_RETRY_STRATEGY, AsyncRetryStrategy
from flott.operators.rows.functions import bind_method, describe_function
from flott.operators.rows.row_operator import RowOperator

__all__ = ["AsyncWait", "AsyncWaitSpec"]

#: Makes what runs the coroutines, from the function to report to and a name.
MakeInvoker = Callable[[OnDone, str], AsyncInvoker]


@dataclass(frozen=True)
class AsyncWaitSpec(OperatorSpec):
    """Calls a coroutine function for each record.

    Attributes:
        function: an object with the method ``async def async_invoke(value)`` that gives a list of
            results and, optionally, ``timeout(value)``; or such a coroutine function.
        ordered: whether results keep the order of the records.
        timeout_ms: how long a record may take, attempts and pauses together; 0 for ever.
        capacity: how many records may be under way.
        retry_strategy: which outcomes are tried again; None for none.
        output_type: the declared type of the results; None lets any object pass.

    Raises:
        ProgramError: if capacity or timeout make no sense.
    """

    function: Any
    ordered: bool
    timeout_ms: int
    capacity: int = 100
    retry_strategy: AsyncRetryStrategy[Any] | None = None
    output_type: Any = None

    def __post_init__(self) -> None:
        if self.capacity < 1:
            raise ProgramError(f"The capacity must be at least 1, found {self.capacity}.")
        if self.timeout_ms < 0:
            raise ProgramError(f"The timeout must not be negative, found {self.timeout_ms} ms.")
        retries = self.retry_strategy not in (None, NO_RETRY_STRATEGY)
        if retries and self.timeout_ms == 0:
            raise ProgramError("Asynchronous calls with retries need a timeout above 0.")

    def build(self) -> Operator:
        return AsyncWait(self)

    @property
    def kind(self) -> str:
        return "Async-Wait"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


class AsyncWait(RowOperator):
    """See the module.

    Args:
        spec: what to do.
        make_invoker: what runs the coroutines; a thread of its own if not given.
    """

    def __init__(self, spec: AsyncWaitSpec, make_invoker: MakeInvoker | None = None) -> None:
        super().__init__(spec.function, spec.output_type)
        self._spec = spec
        self._invoke = bind_method(spec.function, "async_invoke")
        self._make_invoker = make_invoker
        self._invoker: AsyncInvoker | None = None
        strategy = spec.retry_strategy or NO_RETRY_STRATEGY
        self._strategy = strategy
        predicate = strategy.get_retry_predicate()
        self._retry_result = predicate.result_predicate()
        self._retry_error = predicate.exception_predicate()

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._queue: AsyncQueue = OrderedQueue() if self._spec.ordered else UnorderedQueue()
        #: Records that have come but wait for room among those under way.
        self._backlog: deque[Entry] = deque()
        self._under_way = 0
        self._deadlines: deque[Entry] = deque()
        self._is_armed = False
        self._finished: deque[tuple[AsyncCall, Any, BaseException | None]] = deque()
        self._is_notified = False
        self._state = context.operator_store.list_state("in flight")
        make = self._make_invoker
        if make is None:
            # asyncio takes a tenth of our start-up time; most programs don't need it.
            from flott.operators.rows.async_loop import LoopInvoker

            make = LoopInvoker
        self._invoker = make(self._on_done, f"async {context.operator_name}")
        self._admit(Entry(value, timestamp) for value, timestamp in self._state.get())

    def close(self) -> None:
        invoker, self._invoker = self._invoker, None
        if invoker is not None:
            invoker.close()
        super().close()

    # --- input -------------------------------------------------------------------------------

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        times: list[Any] = batch.timestamps or [None] * len(batch.values)
        self._admit(map(Entry, batch.values, times))

    def process_watermark(self, timestamp: int) -> None:
        self._queue.add_signal(Signal(watermark=timestamp))
        self._send_ready()

    def process_status(self, idle: bool) -> None:
        self._queue.add_signal(Signal(idle=idle))
        self._send_ready()

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._state.update([(entry.value, entry.timestamp) for entry in self._queue.entries()])

    def is_blocked(self) -> bool:
        return bool(self._backlog) or self._under_way >= self._spec.capacity

    def has_pending_work(self) -> bool:
        return len(self._queue) > 0

    def finish(self) -> None:
        assert not self.has_pending_work(), "the task waits for calls under way"

    # --- calls -------------------------------------------------------------------------------

    def _admit(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._queue.add(entry)
            self._backlog.append(entry)
        self._launch()

    def _launch(self) -> None:
        """Begin calls for records that wait, as far as there is room."""
        room = self._spec.capacity - self._under_way
        entries = [self._backlog.popleft() for _ in range(min(room, len(self._backlog)))]
        if not entries:
            return
        self._under_way += len(entries)
        timeout_ms = self._spec.timeout_ms
        if timeout_ms:
            deadline_ms = self.context.clock.now_ms() + timeout_ms
            for entry in entries:
                entry.deadline_ms = deadline_ms
            self._deadlines.extend(entries)
            self._arm()
        self._call(entries)

    def _call(self, entries: list[Entry]) -> None:
        for entry in entries:
            entry.attempts += 1
            entry.call = AsyncCall(partial(self._invoke, entry.value), entry)
        assert self._invoker is not None
        self._invoker.submit([entry.call for entry in entries])

    def _on_done(self, call: AsyncCall, result: Any, error: BaseException | None) -> None:
        """A call has ended. Runs in the other thread: append first, then look at the flag."""
        self._finished.append((call, result, error))
        if not self._is_notified:
            self._is_notified = True
            self.context.run_in_task(self._take_finished)

    def _take_finished(self) -> None:
        self._is_notified = False
        while self._finished:
            call, result, error = self._finished.popleft()
            entry: Entry = call.owner
            if entry.call is call and entry.results is None:
                self._settle(entry, entry.value, result, error)
        self._send_ready()

    def _settle(self, entry: Entry, value: Any, result: Any, error: BaseException | None) -> None:
        """Try again, complete the record, or let the error rise."""
        entry.call = None
        if self._deserves_retry(result, error) and self._strategy.can_retry(entry.attempts):
            pause_ms = self._strategy.get_backoff_time_millis(entry.attempts)
            due_ms = self.context.clock.now_ms() + pause_ms
            self.context.schedule(due_ms, partial(self._retry, entry))
        elif error is not None:
            raise error
        else:
            self._complete(entry, value, result, "async_invoke")

    def _deserves_retry(self, result: Any, error: BaseException | None) -> bool:
        if error is None:
            return self._retry_result is not None and self._retry_result(result)
        return (
            self._retry_error is not None
            and isinstance(error, Exception)
            and self._retry_error(error)
        )

    def _retry(self, entry: Entry) -> None:
        if self._invoker is not None and entry.results is None and entry.call is None:
            self._call([entry])

    def _complete(self, entry: Entry, value: Any, results: Any, method: str) -> None:
        if results is None or not hasattr(results, "__iter__"):
            raise ProgramError(
                f"{method}() of operator '{self.context.operator_name}' gave {results!r}. It must "
                "give a list of results; an empty one if there are none."
            )
        entry.results = list(results)
        self._queue.complete(entry)

    # --- timeouts ----------------------------------------------------------------------------

    def _arm(self) -> None:
        """Have the earliest deadline wake the task. All records have the same time to live, so
        the first that came is the first to time out."""
        deadlines = self._deadlines
        while deadlines and deadlines[0].results is not None:
            deadlines.popleft()
        if deadlines and not self._is_armed:
            self._is_armed = True
            deadline_ms = deadlines[0].deadline_ms
            assert deadline_ms is not None
            self.context.schedule(deadline_ms, self._on_deadline)

    def _on_deadline(self) -> None:
        self._is_armed = False
        if self._invoker is None:
            return
        now_ms = self.context.clock.now_ms()
        deadlines = self._deadlines
        while deadlines:
            entry = deadlines[0]
            if entry.results is None:
                assert entry.deadline_ms is not None
                if entry.deadline_ms > now_ms:
                    break
                self._time_out(entry, entry.value)
            deadlines.popleft()
        self._arm()
        self._send_ready()

    def _time_out(self, entry: Entry, value: Any) -> None:
        if entry.call is not None:
            assert self._invoker is not None
            self._invoker.cancel(entry.call)
        # Anything but None: a retry that is due later finds the record no longer waiting.
        entry.call = _TIMED_OUT
        on_timeout = getattr(self._function, "timeout", None)
        if on_timeout is None:
            raise TimeoutError(
                f"The asynchronous call took longer than {self._spec.timeout_ms} ms "
                f"in operator '{self.context.operator_name}'."
            )
        results = on_timeout(value)
        if inspect.isawaitable(results):
            raise ProgramError(
                f"timeout() of operator '{self.context.operator_name}' must be a plain function "
                "that gives a list, not a coroutine."
            )
        self._complete(entry, value, results, "timeout")

    # --- output ------------------------------------------------------------------------------

    def _send_ready(self) -> None:
        """Send what may go out, then begin calls in the room that it leaves."""
        results: list[Any] = []
        times: list[Any] = []
        for item in self._queue.take_ready():
            if isinstance(item, Entry):
                self._under_way -= 1
                assert item.results is not None
                if times and (times[0] is None) != (item.timestamp is None):
                    results, times = self._flush(results, times)
                results.extend(item.results)
                times.extend([item.timestamp] * len(item.results))
                continue
            results, times = self._flush(results, times)
            if item.watermark is not None:
                self.output.emit_watermark(item.watermark)
            else:
                self.output.emit_status(item.idle)
        self._flush(results, times)
        self._launch()

    def _flush(self, results: list[Any], times: list[Any]) -> tuple[list[Any], list[Any]]:
        if results:
            self.emit_results(results, None if times[0] is None else times)
        return [], []


_TIMED_OUT = object()
