"""Calls that may block, made away from the worker's loop.

The real implementation runs ``call`` on a thread and brings the result back into the loop; the
simulator runs it at a moment of its choosing. ``done`` always runs in the loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class BlockingCalls(ABC):
    """Runs blocking work beside the loop."""

    @abstractmethod
    def submit(self, call: Callable[[], T], done: Callable[[T | BaseException], None]) -> None:
        """Run ``call``; then, in the loop, ``done`` with its result or the exception it raised."""
