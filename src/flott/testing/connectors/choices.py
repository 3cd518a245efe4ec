"""Who chooses what happens in a run: Hypothesis, which also finds short failures, or a seed."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Choices(ABC):
    """Chooses what happens next in a run."""

    @abstractmethod
    def integer(self, low: int, high: int) -> int:
        """A number, both bounds included."""

    def boolean(self) -> bool:
        """Yes or no."""
        return self.integer(0, 1) == 1

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.integer(0, len(options) - 1)]


class SeededChoices(Choices):
    """The same choices whenever the seed is the same.

    >>> SeededChoices(7).integer(0, 99) == SeededChoices(7).integer(0, 99)
    True
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self._random.randint(low, high)


class DrawnChoices(Choices):
    """Hypothesis chooses: simple runs first, and the shortest one that fails is shown."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        from hypothesis import strategies

        self._draw = draw
        self._integers = strategies.integers

    def integer(self, low: int, high: int) -> int:
        chosen: int = self._draw(self._integers(low, high))
        return chosen


def choices_of(given: Any) -> Choices:
    """Choices from what a test has.

    Args:
        given: A seed, or what ``hypothesis.strategies.data()`` gives, or its ``draw``.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(given, Choices):
        return given
    if isinstance(given, int):
        return SeededChoices(given)
    draw = getattr(given, "draw", given)
    if not callable(draw):
        raise TypeError(f"choices come from a seed or from st.data() of Hypothesis, not {given!r}")
    return DrawnChoices(draw)
