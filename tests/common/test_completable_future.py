"""Futures are completed once, and give their answer to whoever waits or asks."""

import threading
from typing import Any

import pytest

from flott.common import CompletableFuture
from flott.common.errors import JobCancelledError


def test_first_completion_counts() -> None:
    future: CompletableFuture[int] = CompletableFuture()
    assert not future.done()
    assert str(future) == "CompletableFuture[pending]"
    assert future.complete(1)
    assert not future.complete(2)
    assert not future.complete_exceptionally(ValueError())
    assert not future.cancel()
    assert (future.done(), future.cancelled(), future.result(), future.exception()) == (
        True, False, 1, None,
    )  # fmt: skip


def test_failure() -> None:
    future: CompletableFuture[int] = CompletableFuture()
    error = ValueError("boom")
    future.complete_exceptionally(error)
    assert future.exception() is error
    with pytest.raises(ValueError, match="boom"):
        future.result()


def test_cancellation() -> None:
    future: CompletableFuture[int] = CompletableFuture()
    assert future.cancel()
    assert future.cancel()
    assert future.cancelled()
    with pytest.raises(JobCancelledError):
        future.result()


def test_completed() -> None:
    assert CompletableFuture.completed(5).result() == 5


def test_waiting_for_another_thread() -> None:
    future: CompletableFuture[int] = CompletableFuture()
    thread = threading.Thread(target=future.complete, args=(7,))
    thread.start()
    assert future.result(timeout_s=60) == 7
    thread.join()


def test_waiting_ends() -> None:
    with pytest.raises(TimeoutError, match=r"within 0\.001 s"):
        CompletableFuture().result(timeout_s=0.001)


def test_the_waiter_may_drive() -> None:
    steps = iter(range(3))

    def drive() -> None:
        if next(steps) == 2:
            future.complete("done")

    future: CompletableFuture[str] = CompletableFuture(drive)
    assert future.result() == "done"


def test_callbacks_run_once_before_or_after() -> None:
    seen: list[Any] = []
    future: CompletableFuture[int] = CompletableFuture()
    future.add_done_callback(lambda f: seen.append(("before", f.result())))
    future.complete(1)
    future.add_done_callback(lambda f: seen.append(("after", f.result())))
    assert seen == [("before", 1), ("after", 1)]


def test_then_goes_on_with_the_answer() -> None:
    future: CompletableFuture[int] = CompletableFuture()
    after = future.then(str)
    assert not after.done()
    future.complete(7)
    assert after.result() == "7"


def test_then_carries_failure_and_cancellation() -> None:
    failed: CompletableFuture[int] = CompletableFuture()
    failed.complete_exceptionally(KeyError("k"))
    assert isinstance(failed.then(str).exception(), KeyError)
    cancelled: CompletableFuture[int] = CompletableFuture()
    cancelled.cancel()
    assert cancelled.then(str).cancelled()


def test_then_reports_the_functions_own_failure() -> None:
    assert isinstance(CompletableFuture.completed("x").then(int).exception(), ValueError)
