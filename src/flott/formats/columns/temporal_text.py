"""Dates, times and timestamps in texts, by Flink's rules for CSV and JSON.

Values are whole numbers, as columns hold them: days, nanoseconds of the day, microseconds (or, for
more than six digits, nanoseconds) since 1970.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

_DATE = r"(\d{4})-(\d{2})-(\d{2})"
_LOOSE_DATE = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_TIME = r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d{0,9}))?"
_SHORT_TIME = r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?"
_EPOCH_DAY: Final = datetime.date(1970, 1, 1).toordinal()
_DAY_SECONDS: Final = 86_400
_LONG_MAX: Final = (1 << 63) - 1

_date = re.compile(_DATE).fullmatch
_loose_date = re.compile(_LOOSE_DATE).fullmatch
_time = re.compile(_TIME).fullmatch
_short_time = re.compile(_SHORT_TIME).fullmatch


class TimestampStandard(Enum):
    """How timestamps are written: ``timestamp-format.standard``."""

    SQL = "SQL"
    """``2024-02-29 12:34:56.789``, with a zone ``...Z``."""
    ISO_8601 = "ISO-8601"
    """``2024-02-29T12:34:56.789``, with a zone ``...Z``."""


def parse_date(text: str) -> int:
    """Days since 1970.

    Raises:
        ValueError: If ``text`` is not a date.

    >>> parse_date("1970-01-02")
    1
    """
    match = _date(text)
    if match is None:
        raise ValueError(f"no date: {text!r}; expected YYYY-MM-DD")
    return _days(match)


def parse_loose_date(text: str) -> int:
    """The same, with months and days of one digit, too."""
    match = _loose_date(text)
    if match is None:
        raise ValueError(f"no date: {text!r}; expected YYYY-MM-DD")
    return _days(match)


def parse_time(text: str) -> int:
    """Nanoseconds of the day, cut to milliseconds, of ``HH:MM:SS`` with or without a fraction.

    >>> parse_time("00:00:01.5")
    1500000000
    """
    match = _time(text)
    if match is None:
        raise ValueError(f"no time: {text!r}; expected HH:MM:SS")
    return _millis_only(_nanos(match))


def parse_iso_time(text: str) -> int:
    """The same of ``HH:MM`` or ``HH:MM:SS``."""
    match = _short_time(text)
    if match is None:
        raise ValueError(f"no time: {text!r}; expected HH:MM:SS")
    return _millis_only(_nanos(match))


def timestamp_parser(
    standard: TimestampStandard, is_local_zoned: bool, precision: int
) -> Callable[[str], int]:
    """The function that reads the texts of a timestamp type.

    >>> timestamp_parser(TimestampStandard.SQL, False, 3)("1970-01-01 00:00:01.5")
    1500000
    >>> timestamp_parser(TimestampStandard.ISO_8601, True, 9)("1970-01-01T00:00Z")
    0
    """
    is_sql = standard is TimestampStandard.SQL
    separator, time = (" ", _TIME) if is_sql else ("T", _SHORT_TIME)
    pattern = _DATE + separator + time + ("Z" if is_local_zoned else "")
    matches = re.compile(pattern).fullmatch
    shown = f"YYYY-MM-DD{separator}HH:MM:SS" + ("Z" if is_local_zoned else "")
    units, nanos_per_unit = (10**6, 1000) if precision <= 6 else (10**9, 1)

    # Digits beyond the precision are kept only as far as the column holds them.
    def parse(text: str) -> int:
        match = matches(text)
        if match is None:
            raise ValueError(f"no timestamp: {text!r}; expected {shown}")
        nanos = _nanos_at(match, 4)
        value = _days(match) * _DAY_SECONDS * units + nanos // nanos_per_unit
        if abs(value) > _LONG_MAX:
            raise ValueError(f"no timestamp of nine digits: {text!r}; those are from 1678 to 2262")
        return value

    return parse


def format_time(value: datetime.time) -> str:
    """``HH:MM:SS`` with as many digits of a fraction as it has."""
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}" + _fraction(value.microsecond)


def timestamp_writer(
    standard: TimestampStandard, is_local_zoned: bool
) -> Callable[[datetime.datetime], str]:
    """The function that writes the values of a timestamp type.

    >>> write = timestamp_writer(TimestampStandard.ISO_8601, True)
    >>> write(datetime.datetime(2024, 2, 29, 12, 34, 56, 789000))
    '2024-02-29T12:34:56.789Z'
    """
    separator = " " if standard is TimestampStandard.SQL else "T"
    ending = "Z" if is_local_zoned else ""

    def write(value: datetime.datetime) -> str:
        return (
            f"{value.year:04d}-{value.month:02d}-{value.day:02d}{separator}{value.hour:02d}:"
            f"{value.minute:02d}:{value.second:02d}{_fraction(value.microsecond)}{ending}"
        )

    return write


def _fraction(microsecond: int) -> str:
    return f".{microsecond:06d}".rstrip("0") if microsecond else ""


def _days(match: Any) -> int:
    try:
        day = datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise ValueError(f"no date: {match[0]!r}: {error}") from None
    return day.toordinal() - _EPOCH_DAY


def _nanos(match: Any) -> int:
    return _nanos_at(match, 1)


def _nanos_at(match: Any, first: int) -> int:
    hour, minute, second = int(match[first]), int(match[first + 1]), int(match[first + 2] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"no time of day: {match[0]!r}")
    fraction = match[first + 3]
    nanos = int(fraction.ljust(9, "0")) if fraction else 0
    return ((hour * 60 + minute) * 60 + second) * 10**9 + nanos


def _millis_only(nanos: int) -> int:
    return nanos // 10**6 * 10**6
