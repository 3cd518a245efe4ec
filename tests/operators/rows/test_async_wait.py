"""Asynchronous calls: order, capacity, timeouts, retries, recovery.

The coroutines run on a loop that the test turns by hand, and wait for answers that the test gives;
time is the harness's. Only the last tests use the real thread, and wait for its results.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, TypeMismatchError
from flott.common.typeinfo import Types
from flott.core.element import MAX_WATERMARK
from flott.operators.rows import AsyncWaitSpec
from flott.operators.rows.async_call import AsyncCall, AsyncInvoker, OnDone, run_call
from flott.operators.rows.async_retry import (
    AsyncRetryStrategy,
    empty_result_predicate,
    has_exception_predicate,
)
from flott.operators.rows.async_wait import AsyncWait
from tests.operators.harness import Harness


class HandTurned(AsyncInvoker):
    """Runs coroutines when told to, in the test's own thread."""

    def __init__(self, on_done: OnDone) -> None:
        self._on_done = on_done
        self.loop = asyncio.new_event_loop()

    def submit(self, calls: Sequence[AsyncCall]) -> None:
        for call in calls:
            call.task = self.loop.create_task(run_call(call, self._on_done))
        self.turn()

    def cancel(self, call: AsyncCall) -> None:
        call.is_cancelled = True
        call.task.cancel()
        self.turn()

    def turn(self) -> None:
        async def settle() -> None:
            for _ in range(5):
                await asyncio.sleep(0)

        self.loop.run_until_complete(settle())

    def close(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.turn()
        self.loop.close()


class Service:
    """An outside service that answers when the test says so."""

    def __init__(self) -> None:
        self.waiting: dict[Any, asyncio.Future[Any]] = {}
        self.asked: list[Any] = []
        self.given_up: list[Any] = []

    async def async_invoke(self, value: Any) -> Any:
        self.asked.append(value)
        future = asyncio.get_running_loop().create_future()
        self.waiting[value] = future
        try:
            return await future
        except asyncio.CancelledError:
            self.given_up.append(value)
            raise


class Bench:
    """An operator with its service and its loop."""

    def __init__(
        self,
        ordered: bool = True,
        timeout_ms: int = 0,
        capacity: int = 100,
        retry: AsyncRetryStrategy[Any] | None = None,
        service: Service | None = None,
        output_type: Any = None,
        **settings: Any,
    ) -> None:
        self.service = service or Service()
        spec = AsyncWaitSpec(self.service, ordered, timeout_ms, capacity, retry, output_type)
        self.operator = AsyncWait(spec, self._make)
        self.harness = Harness(self.operator, **settings)

    def _make(self, on_done: OnDone, name: str) -> AsyncInvoker:
        self.invoker = HandTurned(on_done)
        return self.invoker

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *error: object) -> None:
        self.harness.close()

    def answer(self, value: Any, *results: Any) -> None:
        """The service answers a call."""
        self.service.waiting.pop(value).set_result(list(results))
        self._settle()

    def fail(self, value: Any, error: Exception) -> None:
        """The service fails a call."""
        self.service.waiting.pop(value).set_exception(error)
        self._settle()

    def _settle(self) -> None:
        self.invoker.turn()
        self.harness.run_mail()


# --- order -------------------------------------------------------------------------------------


def test_ordered_results_wait_for_earlier_ones() -> None:
    with Bench() as bench:
        bench.harness.push("a", "b", at=[1, 2])
        bench.answer("b", "B")
        assert bench.harness.values == []
        bench.answer("a", "A1", "A2")
        assert bench.harness.records == [("A1", 1), ("A2", 1), ("B", 2)]


def test_unordered_results_go_out_as_they_come() -> None:
    with Bench(ordered=False) as bench:
        bench.harness.push("a", "b", at=[1, 2])
        bench.answer("b", "B")
        assert bench.harness.records == [("B", 2)]
        bench.answer("a")
        assert not bench.operator.has_pending_work()


@pytest.mark.parametrize("ordered", [True, False])
def test_no_result_passes_a_watermark(ordered: bool) -> None:
    with Bench(ordered) as bench:
        bench.harness.push("a", at=1)
        bench.harness.watermark(5)
        bench.harness.push("b", at=6)
        bench.answer("b", "B")
        assert bench.harness.flow == []
        bench.answer("a", "A")
        assert bench.harness.flow[0] == ["A"]
        assert bench.harness.flow[1] == ("watermark", 5)
        assert bench.harness.flow[2] == ["B"]


@pytest.mark.parametrize("ordered", [True, False])
def test_watermarks_without_records_pass_at_once_and_join_behind_one(ordered: bool) -> None:
    with Bench(ordered) as bench:
        bench.harness.watermark(1)
        bench.harness.push("a", at=2)
        for time in range(10, 100):
            bench.harness.watermark(time)
        bench.operator.process_status(True)
        assert bench.harness.flow == [("watermark", 1)]
        bench.answer("a", "A")
        assert bench.harness.flow[1:] == [["A"], ("watermark", 99), ("status", True)]


@pytest.mark.parametrize("ordered", [True, False])
def test_records_with_and_without_timestamps_go_out_apart(ordered: bool) -> None:
    with Bench(ordered) as bench:
        bench.harness.push("a", at=1)
        bench.harness.push("b")
        bench.service.waiting.pop("b").set_result(["B"])
        bench.answer("a", "A")
        assert sorted(bench.harness.records) == [("A", 1), ("B", None)]


@given(st.booleans(), st.integers(1, 4), st.data())
def test_every_record_is_answered_once_in_some_legal_order(
    ordered: bool, capacity: int, data: Any
) -> None:
    with Bench(ordered, capacity=capacity) as bench:
        sent: list[int] = []
        for step in range(12):
            if data.draw(st.booleans()):
                sent.append(step)
                bench.harness.push(step, at=step)
            elif data.draw(st.booleans()):
                bench.harness.watermark(step)
            elif bench.service.waiting:
                chosen = data.draw(st.sampled_from(sorted(bench.service.waiting)))
                bench.answer(chosen, chosen)
            assert len(bench.service.waiting) <= capacity
        while bench.service.waiting:
            chosen = min(bench.service.waiting)
            bench.answer(chosen, chosen)
        assert sorted(bench.harness.values) == sent
        if ordered:
            assert bench.harness.values == sent
        reached = -1
        for event in bench.harness.output.events:
            if event[0] == "watermark":
                reached = event[1]
            else:
                assert all(time > reached for time in event[1].timestamps)


# --- capacity ----------------------------------------------------------------------------------


def test_no_more_than_the_capacity_is_under_way_and_the_task_is_stopped() -> None:
    with Bench(capacity=2) as bench:
        bench.harness.push(1)
        assert not bench.operator.is_blocked()
        bench.harness.push(2, 3, 4)
        assert bench.service.asked == [1, 2]
        assert bench.operator.is_blocked()
        bench.answer(1, 1)
        assert bench.service.asked == [1, 2, 3]
        bench.answer(2, 2)
        bench.answer(3, 3)
        assert not bench.operator.is_blocked()
        bench.answer(4, 4)
        assert bench.harness.values == [1, 2, 3, 4]


def test_results_that_wait_for_their_turn_count() -> None:
    with Bench(capacity=2) as bench:
        bench.harness.push(1, 2, 3)
        bench.answer(2, 2)
        assert bench.service.asked == [1, 2]


# --- errors and timeouts -----------------------------------------------------------------------


def test_an_error_of_the_call_rises_in_the_task() -> None:
    with Bench() as bench:
        bench.harness.push("a")
        with pytest.raises(ConnectionError, match="refused"):
            bench.fail("a", ConnectionError("refused"))


@pytest.mark.parametrize("result", [None, 7])
def test_a_call_must_give_a_list(result: Any) -> None:
    with Bench() as bench:
        bench.harness.push("a")
        bench.service.waiting["a"].set_result(result)
        with pytest.raises(ProgramError, match=rf"async_invoke\(\) of operator .* gave {result}"):
            bench._settle()


def test_a_call_that_takes_too_long_is_given_up_with_an_error() -> None:
    with Bench(timeout_ms=100) as bench:
        bench.harness.push("a")
        bench.harness.advance_to(99)
        with pytest.raises(TimeoutError, match="longer than 100 ms in operator 'operator'"):
            bench.harness.advance_to(100)
        assert bench.service.given_up == ["a"]


class Patient(Service):
    """Has results for calls that take too long."""

    def timeout(self, value: Any) -> list[Any]:
        return [f"{value} timed out"]


def test_the_function_may_answer_for_a_call_that_takes_too_long() -> None:
    with Bench(timeout_ms=100, service=Patient()) as bench:
        bench.harness.push("a", at=1)
        bench.harness.advance_to(50)
        bench.harness.push("b", at=2)
        bench.answer("b", "B")
        bench.harness.advance_to(100)
        assert bench.harness.records == [("a timed out", 1), ("B", 2)]


def test_an_answer_after_the_timeout_is_ignored() -> None:
    with Bench(timeout_ms=100, service=Patient()) as bench:
        bench.harness.push("a")
        late = bench.operator._queue.entries()[0].call
        bench.harness.advance_to(100)
        bench.operator._on_done(late, ["late"], None)
        bench.harness.run_mail()
        assert bench.harness.values == ["a timed out"]


def test_the_timeout_begins_with_the_call_not_with_the_arrival() -> None:
    with Bench(timeout_ms=100, capacity=1, service=Patient()) as bench:
        bench.harness.push("a", "b")
        bench.harness.advance_to(90)
        bench.answer("a", "A")
        bench.harness.advance_to(189)
        assert bench.harness.values == ["A"]
        bench.harness.advance_to(190)
        assert bench.harness.values == ["A", "b timed out"]


def test_a_timeout_function_must_not_be_a_coroutine() -> None:
    class Wrong(Service):
        async def timeout(self, value: Any) -> list[Any]:
            return []

    with Bench(timeout_ms=100, service=Wrong()) as bench:
        bench.harness.push("a")
        with (
            pytest.warns(RuntimeWarning, match="never awaited"),
            pytest.raises(ProgramError, match="must be a plain function"),
        ):
            bench.harness.advance_to(100)


def test_results_take_the_form_of_the_declared_type() -> None:
    with Bench(output_type=Types.INT()) as bench:
        bench.harness.push("a")
        with pytest.raises(TypeMismatchError, match="declared as Integer"):
            bench.answer("a", "text")


# --- retries -----------------------------------------------------------------------------------


def retry(attempts: int, result: Any = None, error: Any = None) -> AsyncRetryStrategy[Any]:
    return AsyncRetryStrategy.fixed_delay(attempts, 100, result, error)


def test_an_error_is_tried_again_after_the_pause() -> None:
    with Bench(timeout_ms=10_000, retry=retry(2, error=has_exception_predicate)) as bench:
        bench.harness.push("a")
        bench.fail("a", ConnectionError("first"))
        bench.harness.advance_to(99)
        assert bench.service.asked == ["a"]
        bench.harness.advance_to(100)
        assert bench.service.asked == ["a", "a"]
        bench.answer("a", "A")
        assert bench.harness.values == ["A"]


def test_after_the_last_attempt_the_error_rises() -> None:
    with Bench(timeout_ms=10_000, retry=retry(1, error=has_exception_predicate)) as bench:
        bench.harness.push("a")
        bench.fail("a", ConnectionError("first"))
        bench.harness.advance_to(100)
        with pytest.raises(ConnectionError, match="second"):
            bench.fail("a", ConnectionError("second"))


def test_an_empty_result_may_be_tried_again_and_the_last_counts() -> None:
    with Bench(timeout_ms=10_000, retry=retry(1, result=empty_result_predicate)) as bench:
        bench.harness.push("a", "b")
        bench.answer("b", "B")
        bench.answer("a")
        bench.harness.advance_to(100)
        bench.answer("a")
        assert bench.harness.values == ["B"]
        assert bench.service.asked == ["a", "b", "a"]


def test_other_errors_are_not_tried_again() -> None:
    strategy = retry(5, error=lambda error: isinstance(error, ConnectionError))
    with Bench(timeout_ms=10_000, retry=strategy) as bench:
        bench.harness.push("a")
        with pytest.raises(ValueError, match="no"):
            bench.fail("a", ValueError("no"))


def test_a_timeout_ends_the_retries() -> None:
    strategy = retry(50, error=has_exception_predicate)
    with Bench(timeout_ms=150, retry=strategy, service=Patient()) as bench:
        bench.harness.push("a")
        bench.fail("a", ConnectionError())
        bench.harness.advance_to(120)
        bench.fail("a", ConnectionError())
        bench.harness.advance_to(1000)
        assert bench.harness.values == ["a timed out"]
        assert bench.service.asked == ["a", "a"]


def test_retries_need_a_timeout() -> None:
    with pytest.raises(ProgramError, match="with retries need a timeout"):
        AsyncWaitSpec(Service(), True, 0, retry_strategy=retry(1))


@pytest.mark.parametrize("settings", [{"capacity": 0}, {"timeout_ms": -1}])
def test_numbers_that_make_no_sense_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ProgramError, match="must"):
        AsyncWaitSpec(Service(), True, **{"timeout_ms": 0, **settings})


# --- recovery and the end ----------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [True, False])
def test_records_under_way_are_called_again_after_a_restore(ordered: bool) -> None:
    with Bench(ordered, capacity=2) as before:
        before.harness.push("a", "b", "c", at=[1, 2, 3])
        before.service.waiting.pop("b").set_result(["lost"] if ordered else [])
        snapshot = before.harness.snapshot(1)
    with Bench(ordered, capacity=2, restore=[snapshot]) as after:
        assert after.service.asked == ["a", "b"]
        after.answer("a", "A")
        after.answer("b", "B")
        after.answer("c", "C")
        assert after.harness.records == [("A", 1), ("B", 2), ("C", 3)]


def test_what_has_gone_out_is_not_in_the_snapshot() -> None:
    with Bench() as before:
        before.harness.push("a")
        before.answer("a", "A")
        snapshot = before.harness.snapshot(1)
    with Bench(restore=[snapshot]) as after:
        assert after.service.asked == []


def test_the_end_waits_for_calls_under_way() -> None:
    with Bench() as bench:
        bench.harness.push("a")
        bench.harness.watermark(MAX_WATERMARK)
        assert bench.operator.has_pending_work()
        bench.answer("a", "A")
        assert bench.harness.flow == [["A"], ("watermark", MAX_WATERMARK)]
        bench.operator.finish()


def test_closing_gives_up_what_is_under_way() -> None:
    bench = Bench()
    bench.harness.push("a")
    bench.harness.close()
    bench.harness.close()
    assert bench.service.given_up == ["a"]


# --- with the real thread ----------------------------------------------------------------------


class Upper:
    """Answers by itself, in the loop's thread."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    async def async_invoke(self, value: str) -> list[str]:
        self.threads.add(threading.get_ident())
        await asyncio.sleep(0)
        if value == "cancel":
            raise asyncio.CancelledError("of the user's own")
        return [value.upper()]


class Threaded:
    """An operator with a real loop; mail is waited for."""

    def __init__(self, function: Any) -> None:
        self.mail: queue.Queue[Any] = queue.Queue()
        self.harness = Harness(AsyncWaitSpec(function, True, 60_000))
        self.harness.context.run_in_task = self.mail.put  # type: ignore[method-assign]

    def run(self) -> None:
        while self.harness.operator.has_pending_work():
            self.mail.get(timeout=30)()


def test_calls_run_in_a_thread_of_their_own() -> None:
    function = Upper()
    threaded = Threaded(function)
    threaded.harness.push(*map(str, "abcdefgh"))
    threaded.run()
    assert threaded.harness.values == list("ABCDEFGH")
    assert len(function.threads) == 1
    assert threading.get_ident() not in function.threads
    threaded.harness.close()


def test_a_plain_coroutine_function_may_be_called() -> None:
    async def double(value: int) -> list[int]:
        return [value * 2]

    threaded = Threaded(double)
    threaded.harness.push(1, 2)
    threaded.run()
    assert threaded.harness.values == [2, 4]
    threaded.harness.close()


def test_a_cancellation_of_the_users_own_is_an_error_and_not_a_hang() -> None:
    threaded = Threaded(Upper())
    threaded.harness.push("cancel")
    with pytest.raises(asyncio.CancelledError):
        threaded.run()
    threaded.harness.close()


def test_closing_ends_the_thread_though_a_call_never_would() -> None:
    class Never:
        def __init__(self) -> None:
            self.given_up = threading.Event()

        async def async_invoke(self, value: Any) -> Any:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self.given_up.set()

    function = Never()
    harness = Harness(AsyncWaitSpec(function, True, 0))
    harness.push("a")
    harness.close()
    assert "async operator" not in [thread.name for thread in threading.enumerate()]
