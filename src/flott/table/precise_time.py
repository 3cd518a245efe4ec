"""Moments of nanoseconds, which Python's have no room for."""

from __future__ import annotations

import datetime
from typing import Any

_EPOCH = datetime.datetime(1970, 1, 1)


class PreciseTime(datetime.datetime):
    """A moment that knows what is beyond its microseconds; to all else it is a datetime.

    Attributes:
        nanosecond: 0 to 999.
    """

    nanosecond: int

    @classmethod
    def of(cls, moment: datetime.datetime, nanosecond: int) -> PreciseTime:
        """A moment and its nanoseconds."""
        found = cls.combine(moment.date(), moment.timetz())
        found.nanosecond = nanosecond
        return found

    def __repr__(self) -> str:
        return repr(self._plain)

    def __reduce_ex__(self, protocol: object) -> Any:
        return PreciseTime.of, (self._plain, self.nanosecond)

    @property
    def _plain(self) -> datetime.datetime:
        return datetime.datetime.combine(self.date(), self.timetz())


def precise_time(nanoseconds: int, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """The moment so many nanoseconds after 1970, in UTC or seen from a zone.

    >>> moment = precise_time(1_123_456_789)
    >>> moment, moment.nanosecond
    (datetime.datetime(1970, 1, 1, 0, 0, 1, 123456), 789)
    """
    microseconds, rest = divmod(nanoseconds, 1000)
    moment = _EPOCH + datetime.timedelta(microseconds=microseconds)
    if zone is not None:
        moment = moment.replace(tzinfo=datetime.UTC).astimezone(zone)
    return PreciseTime.of(moment, rest) if rest else moment
