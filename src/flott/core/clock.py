"""Time as the engine sees it: handed in, so that tests and the simulator hold the hands."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Clock(ABC):
    """Processing time."""

    @abstractmethod
    def now_ms(self) -> int:
        """Wall-clock time in epoch milliseconds. May jump in both directions."""

    @abstractmethod
    def monotonic_ms(self) -> float:
        """Milliseconds since some fixed moment; never goes back."""
