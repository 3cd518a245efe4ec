"""``CompletableFuture``: an answer that comes later, to whoever asks or waits for it.

Who runs the job decides what waiting means: with a thread of its own the waiter just sleeps; where
the caller itself must drive the job, a ``drive`` function is called until the answer is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["CompletableFuture"]

T = TypeVar("T")


class CompletableFuture(Generic[T]):
    """An answer that may not be there yet. Only the first completion counts.

    >>> future = CompletableFuture()
    >>> future.complete(42), future.complete(43)
    (True, False)
    >>> future.done(), future.result()
    (True, 42)

    Args:
        drive: called again and again by ``result`` until the answer is there; without it,
            ``result`` sleeps until another thread completes the future.
    """

    def __init__(self, drive: Callable[[], None] | None = None) -> None:
        import threading  # here, because most programs never make a future

        self._condition = threading.Condition()
        self._drive = drive
        self._state = "pending"
        self._value: T | None = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[CompletableFuture[T]], object]] = []

    @staticmethod
    def completed(value: T) -> CompletableFuture[T]:
        """Make a future whose answer is there already."""
        future: CompletableFuture[T] = CompletableFuture()
        future.complete(value)
        return future

    def complete(self, value: T) -> bool:
        """Complete the future with a result; return whether this was its first answer."""
        return self._finish("done", value, None)

    def complete_exceptionally(self, error: BaseException) -> bool:
        """Complete the future with an error; return whether this was its first answer."""
        return self._finish("failed", None, error)

    def cancel(self) -> bool:
        """Give up waiting for the answer; tell whether the future is cancelled now."""
        return self._finish("cancelled", None, None) or self.cancelled()

    def cancelled(self) -> bool:
        """Return whether the future was cancelled before there was an answer."""
        return self._state == "cancelled"

    def done(self) -> bool:
        """Return whether there is an answer or an error, or the future was cancelled."""
        return self._state != "pending"

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the answer and give it.

        Args:
            timeout_s: how many seconds to wait at most; for ever if not given. A future that is
                driven by its waiter has no time limit.

        Raises:
            TimeoutError: if there was no answer in time.
            JobCancelledError: if the future was cancelled.
            BaseException: the error that was given in place of the answer.
        """
        self._wait(timeout_s)
        if self._error is not None:
            raise self._error.with_traceback(None)  # frames of whoever found it say nothing here
        if self._state == "cancelled":
            from flott.common.errors import JobCancelledError

            raise JobCancelledError("The future was cancelled before there was an answer")
        return self._value  # type: ignore[return-value]

    def exception(self) -> BaseException | None:
        """Return the error, if there is one by now; does not wait."""
        return self._error

    def add_done_callback(self, callback: Callable[[CompletableFuture[T]], object]) -> None:
        """Call a function with this future once it is done; at once if it is done already."""
        with self._condition:
            if self._state == "pending":
                self._callbacks.append(callback)
                return
        callback(self)

    def then(self, function: Callable[[T], Any]) -> CompletableFuture[Any]:
        """Return a future of what a function makes of the answer."""
        after: CompletableFuture[Any] = CompletableFuture(self._drive)

        def carry_over(before: CompletableFuture[T]) -> None:
            if before.cancelled():
                after.cancel()
            elif before._error is not None:
                after.complete_exceptionally(before._error)
            else:
                try:
                    after.complete(function(before._value))  # type: ignore[arg-type]
                except Exception as error:  # the function's failure is the answer
                    after.complete_exceptionally(error)

        self.add_done_callback(carry_over)
        return after

    def _wait(self, timeout_s: float | None) -> None:
        if self._drive is not None:
            while not self.done():
                self._drive()
            return
        with self._condition:
            if not self._condition.wait_for(self.done, timeout_s):
                raise TimeoutError(f"There was no answer within {timeout_s} s")

    def _finish(self, state: str, value: T | None, error: BaseException | None) -> bool:
        with self._condition:
            if self._state != "pending":
                return False
            self._value, self._error, self._state = value, error, state
            callbacks, self._callbacks = self._callbacks, []
            self._condition.notify_all()
        for callback in callbacks:
            callback(self)
        return True

    def __str__(self) -> str:
        return f"CompletableFuture[{self._state}]"
