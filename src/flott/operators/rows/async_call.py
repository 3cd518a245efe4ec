"""One asynchronous call, and the contract of what runs it.

Apart from the loop itself, so that a program without asynchronous calls never loads asyncio.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

__all__ = ["AsyncCall", "AsyncInvoker", "OnDone", "run_call"]


class AsyncCall:
    """One call of a coroutine function.

    Attributes:
        begin: makes the awaitable; called in the loop's thread.
        owner: what the call is for.
    """

    __slots__ = ("begin", "is_cancelled", "owner", "task")

    def __init__(self, begin: Callable[[], Awaitable[Any]], owner: Any) -> None:
        self.begin = begin
        self.owner = owner
        self.is_cancelled = False
        self.task: Any = None


#: Called with the call, its result and its error; exactly once unless the call was cancelled.
OnDone = Callable[[AsyncCall, Any, BaseException | None], None]


class AsyncInvoker(ABC):
    """Runs calls."""

    @abstractmethod
    def submit(self, calls: Sequence[AsyncCall]) -> None:
        """Begin these calls."""

    @abstractmethod
    def cancel(self, call: AsyncCall) -> None:
        """Give a call up; it is not reported any more, or its report may be ignored."""

    @abstractmethod
    def close(self) -> None:
        """Give up everything."""


async def run_call(call: AsyncCall, on_done: OnDone) -> None:
    """Run one call to its end and report it."""
    try:
        result = await call.begin()
    except BaseException as error:
        # A cancellation of the user's own making must be told, or the record would wait for ever.
        if not call.is_cancelled:
            on_done(call, None, error)
    else:
        if not call.is_cancelled:
            on_done(call, result, None)
