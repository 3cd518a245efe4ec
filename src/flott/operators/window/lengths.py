"""Checks of lengths of time and counts, so that each assigner and trigger refuses alike."""

from __future__ import annotations

import datetime

from flott.common.time import Duration, Time, to_milliseconds

__all__ = ["offset_ms", "positive_count", "positive_length_ms"]

Length = Duration | Time | datetime.timedelta | int


def positive_length_ms(length: Length, what: str) -> int:
    """Return a length in whole milliseconds.

    Raises:
        TypeError: if it is not a length of time.
        ValueError: if it is zero, negative, or shorter than a millisecond.
    """
    length_ms = to_milliseconds(length)
    if length_ms <= 0:
        raise ValueError(f"The {what} must be at least 1 ms, found {length!r}.")
    return length_ms


def offset_ms(offset: Length | None, period_ms: int, what: str) -> int:
    """Return an offset in whole milliseconds, which may be negative; ``None`` means none.

    Raises:
        TypeError: if it is not a length of time.
        ValueError: if it is not shorter than the period of the windows.
    """
    if offset is None:
        return 0
    length_ms = to_milliseconds(offset)
    if abs(length_ms) >= period_ms:
        raise ValueError(
            f"The offset of {what} must be shorter than their period of {period_ms} ms, "
            f"found {offset!r}."
        )
    return length_ms


def positive_count(count: int, what: str) -> int:
    """Return a count of at least one.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is zero or negative.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"The {what} must be a whole number of records, found {count!r}.")
    if count <= 0:
        raise ValueError(f"The {what} must be at least 1, found {count}.")
    return count
