"""Time zones: instants (naive UTC columns) to local date and time, and back."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

#: Names of the time zone database that Java's ``ZoneId`` does not know.
_NOT_JAVAS: Final = frozenset(("EST", "MST", "HST"))
#: Short names that Java's ``TimeZone`` knows, and ``ZoneId`` does not.
_SHORT_NAMES: Final = {
    "ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns",
    "CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris", "EST": "-05:00", "HST": "-10:00",
    "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
    "MIT": "Pacific/Apia", "MST": "-07:00", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
}  # fmt: skip
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?")


@lru_cache(maxsize=256)
def find_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name or an offset; ``None`` if there is none.

    >>> find_zone("GMT+02:00")
    datetime.timezone(datetime.timedelta(seconds=7200))
    """
    offset = _OFFSET.fullmatch("+00:00" if name == "Z" else name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name in _NOT_JAVAS:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def find_java_zone(name: str) -> tzinfo | None:
    """The zone of a name that Java's ``TimeZone`` takes, short names among them.

    >>> find_java_zone("PST")
    zoneinfo.ZoneInfo(key='America/Los_Angeles')
    """
    return find_zone(_SHORT_NAMES.get(name, name))


def fixed_offset_us(name: str) -> int | None:
    """The offset of a zone that never changes it, in microseconds; else ``None``."""
    zone = find_zone(name)
    if zone is None or name.upper() in ("UTC", "GMT", "Z", "ETC/UTC"):
        return 0
    if isinstance(zone, timezone):
        return zone.utcoffset(None) // timedelta(microseconds=1)
    return None


def to_local(value: pl.Expr, name: str) -> pl.Expr:
    """Instants as what clocks in the zone show."""
    fixed = fixed_offset_us(name)
    if fixed is not None:
        return value if fixed == 0 else value.dt.offset_by(f"{fixed}us")
    zoned = value.dt.replace_time_zone("UTC").dt.convert_time_zone(name)
    return zoned.dt.replace_time_zone(None)


def from_local(value: pl.Expr, name: str) -> pl.Expr:
    """What clocks in the zone show as instants: the earlier one where there are two, and moved on
    by the gap where there is none."""
    fixed = fixed_offset_us(name)
    if fixed is not None:
        return value if fixed == 0 else value.dt.offset_by(f"{-fixed}us")

    def instant(local: pl.Expr) -> pl.Expr:
        zoned = local.dt.replace_time_zone(name, ambiguous="earliest", non_existent="null")
        return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

    found = instant(value)
    return (
        pl.when(found.is_null() & value.is_not_null())
        .then(instant(value.dt.offset_by("-1h")).dt.offset_by("1h"))
        .otherwise(found)
    )
