"""Types of dates, times of day and timestamps.

Inside, a date is days since 1970-01-01, a time is microseconds of the day, a timestamp is
microseconds since the epoch with naive values read in the local time zone, as PyFlink does.
"""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Any

from flott.common.type_information import TypeInformation

__all__ = [
    "DateTypeInfo",
    "LocalTimeTypeInfo",
    "SqlTimeTypeInfo",
    "TimeTypeInfo",
    "TimestampTypeInfo",
]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


class DateTypeInfo(TypeInformation):
    """The type of ``datetime.date``."""

    __slots__ = ()

    EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, d: datetime.date | None) -> int | None:
        return None if d is None else d.toordinal() - self.EPOCH_ORDINAL

    def from_internal_type(self, v: int | None) -> datetime.date | None:
        return None if v is None else datetime.date.fromordinal(v + self.EPOCH_ORDINAL)


class TimeTypeInfo(TypeInformation):
    """The type of ``datetime.time``."""

    __slots__ = ()

    #: The local clock at the epoch, in microseconds; inner values count from there.
    EPOCH_ORDINAL = (_EPOCH.astimezone().replace(tzinfo=datetime.UTC) - _EPOCH) // _MICROSECOND

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, t: datetime.time | None) -> int | None:
        if t is None:
            return None
        since_midnight = datetime.timedelta(
            hours=t.hour, minutes=t.minute, seconds=t.second, microseconds=t.microsecond
        )
        if t.tzinfo is None:
            return since_midnight // _MICROSECOND - self.EPOCH_ORDINAL
        offset = t.utcoffset() or datetime.timedelta()
        return (since_midnight - offset) // _MICROSECOND

    def from_internal_type(self, t: int | None) -> datetime.time | None:
        if t is None:
            return None
        return (_EPOCH + (t + self.EPOCH_ORDINAL) * _MICROSECOND).time()


class TimestampTypeInfo(TypeInformation):
    """The type of ``datetime.datetime``."""

    __slots__ = ()

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, dt: datetime.datetime | None) -> int | None:
        # astimezone() reads a naive value in the local time zone.
        return None if dt is None else (dt.astimezone(datetime.UTC) - _EPOCH) // _MICROSECOND

    def from_internal_type(self, ts: int | None) -> datetime.datetime | None:
        if ts is None:
            return None
        return (_EPOCH + ts * _MICROSECOND).astimezone().replace(tzinfo=None)


class SqlTimeTypeInfo(TypeInformation):
    """Gives the three types of SQL time."""

    __slots__ = ()

    @staticmethod
    def DATE() -> TypeInformation:
        """Dates, ``datetime.date``."""
        return _DATE

    @staticmethod
    def TIME() -> TypeInformation:
        """Times of day, ``datetime.time``."""
        return _TIME

    @staticmethod
    def TIMESTAMP() -> TypeInformation:
        """Timestamps without time zone, ``datetime.datetime``."""
        return _TIMESTAMP


class LocalTimeTypeInfo(TypeInformation):
    """Dates, times and timestamps as the Table API names them."""

    __slots__ = ("_time_type",)

    class TimeType(Enum):
        """Which of the three kinds is meant."""

        LOCAL_DATE = 0
        LOCAL_TIME = 1
        LOCAL_DATE_TIME = 2

    def __init__(self, time_type: TimeType) -> None:
        if not isinstance(time_type, LocalTimeTypeInfo.TimeType):
            raise TypeError(f"Expected a LocalTimeTypeInfo.TimeType, found {time_type!r}")
        self._time_type = time_type

    def _parts(self) -> tuple[Any, ...]:
        return (self._time_type,)

    def __repr__(self) -> str:
        return f"LocalTimeTypeInfo<{self._time_type.name}>"


_DATE = DateTypeInfo()
_TIME = TimeTypeInfo()
_TIMESTAMP = TimestampTypeInfo()
