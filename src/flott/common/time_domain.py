"""Which clock a timer or window follows."""

from __future__ import annotations

from enum import Enum

__all__ = ["TimeDomain"]


class TimeDomain(Enum):
    """The clock that fired a timer."""

    EVENT_TIME = 0
    """The time inside the records, as watermarks report it."""

    PROCESSING_TIME = 1
    """The clock of the machine."""
