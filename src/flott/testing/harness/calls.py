"""Blocking calls without threads: made at once, answered in the loop's next round."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from flott.core.blocking import BlockingCalls

T = TypeVar("T")


class InlineCalls(BlockingCalls):
    """Makes each call where it is asked for and keeps the answer until ``deliver``."""

    def __init__(self) -> None:
        self._answers: deque[tuple[Callable[[Any], None], Any]] = deque()

    def submit(self, call: Callable[[], T], done: Callable[[T | BaseException], None]) -> None:
        result: T | BaseException
        try:
            result = call()
        except Exception as error:  # belongs to whoever asked for the call
            result = error
        self._answers.append((done, result))

    def deliver(self) -> bool:
        """Give the answers that wait; whether there were any."""
        worked = bool(self._answers)
        for _ in range(len(self._answers)):
            done, result = self._answers.popleft()
            done(result)
        return worked
