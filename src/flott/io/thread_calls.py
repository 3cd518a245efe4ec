"""Blocking calls on a few threads, their results brought back into the loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from flott.core.blocking import BlockingCalls

T = TypeVar("T")

#: Uploads and look-ups mostly wait; a few threads are enough and bound what is under way.
THREADS_MAX: Final = 4


class ThreadCalls(BlockingCalls):
    """Runs calls on threads made at first use.

    Args:
        wake: Called from a thread when a result is ready; the loop then calls ``deliver``.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._pool: ThreadPoolExecutor | None = None
        self._done: deque[tuple[Callable[[Any], None], Any]] = deque()

    def submit(self, call: Callable[[], T], done: Callable[[T | BaseException], None]) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="flott-blocking")
        self._pool.submit(self._run, call, done)

    def _run(self, call: Callable[[], T], done: Callable[[T | BaseException], None]) -> None:
        result: T | BaseException
        try:
            result = call()
        except BaseException as error:  # handed to whoever asked for the call
            result = error
        self._done.append((done, result))
        self._wake()

    @property
    def has_results(self) -> bool:
        """Whether ``deliver`` has something to do."""
        return bool(self._done)

    def deliver(self) -> bool:
        """Hand results to those who wait for them; whether there were any."""
        worked = False
        while self._done:
            done, result = self._done.popleft()
            done(result)
            worked = True
        return worked

    def close(self) -> None:
        """Start nothing more; what is under way ends by itself."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
