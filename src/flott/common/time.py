"""Lengths of time and points in time.

Timestamps inside the engine are plain integers, milliseconds since the epoch. ``Duration``,
``Time`` and ``Instant`` are how programs write them down; they are immutable and exact.
"""

from __future__ import annotations

import datetime
from functools import total_ordering
from typing import Any

from flott.common.quantity_text import nanos_of_text

__all__ = ["Duration", "Instant", "Time", "to_milliseconds"]

_NANOS_PER_MILLI = 1_000_000
_NANOS_PER_SECOND = 1_000_000_000


def _checked_int(value: object, unit: str) -> int:
    """Refuse fractions, which would be rounded without a word."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"Expected a whole number of {unit}, found {value!r}. "
            "Write a fraction in a smaller unit, for example of_millis(1500)."
        )
    return value


@total_ordering
class Duration:
    """A length of time, exact to the nanosecond.

    >>> Duration.of_seconds(90)
    Duration.of_seconds(90)
    >>> print(Duration.of_seconds(90), Duration.of_millis(1500).to_millis())
    PT1M30S 1500
    """

    __slots__ = ("_nanos",)

    def __init__(self, nanos: int) -> None:
        self._nanos = _checked_int(nanos, "nanoseconds")

    @staticmethod
    def of_days(days: int) -> Duration:
        """Make a duration of days of 24 hours."""
        return Duration(_checked_int(days, "days") * 86_400 * _NANOS_PER_SECOND)

    @staticmethod
    def of_hours(hours: int) -> Duration:
        """Make a duration of hours."""
        return Duration(_checked_int(hours, "hours") * 3_600 * _NANOS_PER_SECOND)

    @staticmethod
    def of_minutes(minutes: int) -> Duration:
        """Make a duration of minutes."""
        return Duration(_checked_int(minutes, "minutes") * 60 * _NANOS_PER_SECOND)

    @staticmethod
    def of_seconds(seconds: int) -> Duration:
        """Make a duration of seconds."""
        return Duration(_checked_int(seconds, "seconds") * _NANOS_PER_SECOND)

    @staticmethod
    def of_millis(millis: int) -> Duration:
        """Make a duration of milliseconds."""
        return Duration(_checked_int(millis, "milliseconds") * _NANOS_PER_MILLI)

    @staticmethod
    def of_nanos(nanos: int) -> Duration:
        """Make a duration of nanoseconds."""
        return Duration(nanos)

    @staticmethod
    def parse(text: str) -> Duration:
        """Read a duration as options write it, for example ``200 ms`` or ``10 min``.

        Raises:
            ConfigurationError: if the text is not a duration.

        >>> Duration.parse("10 min")
        Duration.of_minutes(10)
        """
        return Duration(nanos_of_text(text))

    def to_millis(self) -> int:
        """Return the length in whole milliseconds, rounded down."""
        return self._nanos // _NANOS_PER_MILLI

    def to_nanos(self) -> int:
        """Return the length in nanoseconds."""
        return self._nanos

    def to_timedelta(self) -> datetime.timedelta:
        """Return the length as ``datetime.timedelta``, rounded down to microseconds."""
        return datetime.timedelta(microseconds=self._nanos // 1000)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and self._nanos == other._nanos

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Duration):
            return NotImplemented
        return self._nanos < other._nanos

    def __hash__(self) -> int:
        return hash(self._nanos)

    def __reduce__(self) -> tuple[Any, ...]:
        return Duration, (self._nanos,)

    def __repr__(self) -> str:
        unit, nanos = next(each for each in _DURATION_UNITS if self._nanos % each[1] == 0)
        return f"Duration.of_{unit}({self._nanos // nanos})"

    def __str__(self) -> str:
        """Return the ISO-8601 form, for example ``PT1M30S``."""
        if not self._nanos:
            return "PT0S"
        sign = "-" if self._nanos < 0 else ""
        seconds, nanos = divmod(abs(self._nanos), _NANOS_PER_SECOND)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        fraction = f".{nanos:09}".rstrip("0") if nanos else ""
        text = f"{sign}{hours}H" if hours else ""
        text += f"{sign}{minutes}M" if minutes else ""
        return "PT" + text + (f"{sign}{seconds}{fraction}S" if seconds or nanos else "")


_DURATION_UNITS = (
    ("days", 86_400 * _NANOS_PER_SECOND),
    ("hours", 3_600 * _NANOS_PER_SECOND),
    ("minutes", 60 * _NANOS_PER_SECOND),
    ("seconds", _NANOS_PER_SECOND),
    ("millis", _NANOS_PER_MILLI),
    ("nanos", 1),
)


@total_ordering
class Instant:
    """A point on the time line.

    Args:
        seconds: whole seconds since 1970-01-01T00:00:00Z, negative before.
        nanos: nanoseconds within that second, counted forward.

    >>> Instant.of_epoch_milli(-1)
    Instant<-1, 999000000>
    >>> Instant.of_epoch_milli(-1).to_epoch_milli()
    -1
    """

    __slots__ = ("nanos", "seconds")

    def __init__(self, seconds: int, nanos: int) -> None:
        self.seconds = seconds
        self.nanos = nanos

    @staticmethod
    def of_epoch_milli(epoch_milli: int) -> Instant:
        """Make an instant from milliseconds since the epoch."""
        seconds, millis = divmod(_checked_int(epoch_milli, "milliseconds"), 1000)
        return Instant(seconds, millis * _NANOS_PER_MILLI)

    def to_epoch_milli(self) -> int:
        """Return the milliseconds since the epoch, rounded down."""
        return self.seconds * 1000 + self.nanos // _NANOS_PER_MILLI

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instant):
            return False
        return self.seconds == other.seconds and self.nanos == other.nanos

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Instant):
            return NotImplemented
        return (self.seconds, self.nanos) < (other.seconds, other.nanos)

    def __hash__(self) -> int:
        return hash((self.seconds, self.nanos))

    def __reduce__(self) -> tuple[Any, ...]:
        return Instant, (self.seconds, self.nanos)

    def __repr__(self) -> str:
        return f"Instant<{self.seconds}, {self.nanos}>"


class Time:
    """A length of time in milliseconds, as windows and state TTL take it.

    >>> print(Time.minutes(5))
    300000 ms
    """

    __slots__ = ("_milliseconds",)

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = _checked_int(milliseconds, "milliseconds")

    def to_milliseconds(self) -> int:
        """Return the length in milliseconds."""
        return self._milliseconds

    @staticmethod
    def milliseconds(milliseconds: int) -> Time:
        """Make a length of milliseconds."""
        return Time(milliseconds)

    @staticmethod
    def seconds(seconds: int) -> Time:
        """Make a length of seconds."""
        return Time(_checked_int(seconds, "seconds") * 1000)

    @staticmethod
    def minutes(minutes: int) -> Time:
        """Make a length of minutes."""
        return Time(_checked_int(minutes, "minutes") * 60_000)

    @staticmethod
    def hours(hours: int) -> Time:
        """Make a length of hours."""
        return Time(_checked_int(hours, "hours") * 3_600_000)

    @staticmethod
    def days(days: int) -> Time:
        """Make a length of days of 24 hours."""
        return Time(_checked_int(days, "days") * 86_400_000)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and self._milliseconds == other._milliseconds

    def __hash__(self) -> int:
        return hash(self._milliseconds)

    def __reduce__(self) -> tuple[Any, ...]:
        return Time, (self._milliseconds,)

    def __repr__(self) -> str:
        return f"Time.milliseconds({self._milliseconds})"

    def __str__(self) -> str:
        return f"{self._milliseconds} ms"


def to_milliseconds(length: Duration | Time | datetime.timedelta | int) -> int:
    """Return any length of time in whole milliseconds; integers are milliseconds already.

    Raises:
        TypeError: if the value is not a length of time.

    >>> to_milliseconds(Duration.of_seconds(1)), to_milliseconds(datetime.timedelta(minutes=1))
    (1000, 60000)
    """
    if isinstance(length, Duration):
        return length.to_millis()
    if isinstance(length, Time):
        return length.to_milliseconds()
    if isinstance(length, datetime.timedelta):
        return length // datetime.timedelta(milliseconds=1)
    if isinstance(length, int) and not isinstance(length, bool):
        return length
    raise TypeError(
        f"Expected a Duration, Time, timedelta or whole number of milliseconds, found {length!r}"
    )
