"""``Function``: what all classes of user functions share, a beginning and an end.

A subtask opens its function once, before the first record, and closes it once, also after a
failure. Wherever a function class is expected that has a single method, a plain callable will do.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import Any

from flott.operators.runtime_context import RuntimeContext

__all__ = ["Function", "FunctionWrapper"]


class Function(ABC):  # noqa: B024 subclasses have abstract methods
    """Base of all user function classes."""

    def open(self, runtime_context: RuntimeContext) -> None:  # noqa: B027
        """Get ready: connect, load, ask for state.

        Args:
            runtime_context: tells which subtask this is and gives state and metrics.
        """

    def close(self) -> None:  # noqa: B027
        """Let go of what ``open`` acquired. Called once, also after a failure."""


class FunctionWrapper(Function):
    """A function class around a plain callable."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self._func = func
