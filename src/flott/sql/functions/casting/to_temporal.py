"""Casts to dates, times, timestamps and intervals."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.sql.functions.casting.conversion import (
    CastTask,
    Conversion,
    by_distinct,
    by_series,
    failing_as_null,
)
from flott.sql.functions.casting.to_number import cast_to_number
from flott.sql.functions.zones import from_local, to_local

_TEXT = (t.CharType, t.VarCharType)
_EPOCH = datetime(1970, 1, 1)
_DATE = re.compile(r"(\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?: .*)?", re.ASCII | re.DOTALL)
_TIME = re.compile(r"(\d{1,9})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?", re.ASCII)
#: What Java's trim takes off.
_BLANKS = "".join(map(chr, range(33)))
_STAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?)?", re.ASCII
)


def cast_to_temporal(task: CastTask) -> Conversion:
    """To DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ."""
    if isinstance(task.source, _TEXT):
        return _from_text(task)
    value, source, target = task.value, task.source, task.target
    local = value
    if isinstance(source, t.LocalZonedTimestampType) and not isinstance(
        target, t.LocalZonedTimestampType
    ):
        local = to_local(value, task.zone)
    match target:
        case t.DateType():
            return Conversion(local.dt.date())
        case t.TimeType():
            clock = value if isinstance(source, t.TimeType) else local.dt.time()
            return Conversion(cut_time(clock, target.precision))
        case t.TimestampType() | t.LocalZonedTimestampType():
            if target.precision > 6 and getattr(source, "precision", 0) <= 6:
                return _to_nanoseconds(local, task)
            stamp = _as_stamp(local, source, target)
            zoned = isinstance(target, t.LocalZonedTimestampType)
            if zoned and not isinstance(source, t.LocalZonedTimestampType):
                stamp = from_local(stamp, task.zone)
            return Conversion(stamp)
    raise AssertionError(target)


_MICROSECONDS: Final = 6
#: Why a moment is not held with nanoseconds.
BEYOND_NANOSECONDS: Final = (
    "TIMESTAMP(7) to TIMESTAMP(9) hold the years 1678 to 2261, TIMESTAMP(6) those from 1 to 9999"
)


def in_nanoseconds(moment: pl.Expr) -> pl.Expr:
    """Whether a column of nanoseconds holds a moment."""
    return moment.dt.year().is_between(1678, 2261)


def _to_nanoseconds(local: pl.Expr, task: CastTask) -> Conversion:
    """To a type whose columns hold some years only."""
    is_time = isinstance(task.source, t.TimeType)
    inside = pl.lit(True) if is_time else in_nanoseconds(local)
    stamp = _as_stamp(pl.when(inside).then(local), task.source, task.target)
    zoned = isinstance(task.target, t.LocalZonedTimestampType)
    if zoned and not isinstance(task.source, t.LocalZonedTimestampType):
        stamp = from_local(stamp, task.zone)
    return replace(failing_as_null(task.value, stamp), hint=f"{BEYOND_NANOSECONDS}.")


def _as_stamp(value: pl.Expr, source: t.DataType, target: t.DataType) -> pl.Expr:
    assert isinstance(target, (t.TimestampType, t.LocalZonedTimestampType))
    dtype = polars_type(target)
    if isinstance(source, t.DateType):
        return value.cast(dtype)
    if isinstance(source, t.TimeType):
        value = value.cast(pl.Int64()).cast(pl.Datetime("ns"))
        return cut_stamp(value.cast(dtype), target)
    assert isinstance(source, (t.TimestampType, t.LocalZonedTimestampType))
    if source.precision <= target.precision:
        return value.cast(dtype)
    return cut_stamp(value, target, unit="us" if source.precision <= 6 else "ns").cast(dtype)


def cut_stamp(value: pl.Expr, target: t.DataType, unit: str | None = None) -> pl.Expr:
    """A Datetime column without the digits that ``target`` has no room for."""
    assert isinstance(target, (t.TimestampType, t.LocalZonedTimestampType))
    digits = {"us": 6, "ns": 9}[unit or ("us" if target.precision <= 6 else "ns")]
    if target.precision >= digits:
        return value
    step = 10 ** (digits - target.precision)
    whole: pl.Expr = value.to_physical() // step * step
    return whole.cast(pl.Datetime("us" if digits == 6 else "ns"))


def cut_time(value: pl.Expr, precision: int) -> pl.Expr:
    """A Time column with ``precision`` digits of the second."""
    if precision >= 9:
        return value
    step = 10 ** (9 - precision)
    whole: pl.Expr = value.to_physical() // step * step
    return whole.cast(pl.Time())


def _from_text(task: CastTask) -> Conversion:
    value, target = task.value, task.target
    match target:
        case t.DateType():
            found = by_series(value, _parse_dates, pl.Date())
        case t.TimeType():
            found = by_series(
                value, lambda texts: by_distinct(texts, parse_time, pl.Time()), pl.Time()
            )
            found = cut_time(found, target.precision)
        case t.TimestampType() | t.LocalZonedTimestampType():
            found = cut_stamp(_stamps(value, target.precision), target)
            if isinstance(target, t.LocalZonedTimestampType):
                found = from_local(found, task.zone)
            if target.precision > _MICROSECONDS:
                return replace(failing_as_null(value, found), hint=f"{BEYOND_NANOSECONDS}.")
        case _:
            raise AssertionError(target)
    return failing_as_null(value, found)


def _stamps(value: pl.Expr, precision: int) -> pl.Expr:
    dtype = pl.Datetime("us" if precision <= _MICROSECONDS else "ns")
    parse = parse_stamps if precision <= _MICROSECONDS else _parse_stamps_ns
    return by_series(value, parse, dtype)


def is_in_calendar(moments: pl.Series) -> bool:
    """Whether all moments are in the years 1 to 9999; Polars reads others, too."""
    return bool(moments.dt.year().is_between(1, 9999).all())


def _parse_dates(texts: pl.Series) -> pl.Series:
    plain = texts.str.to_date("%Y-%m-%d", strict=False)
    if plain.null_count() == texts.null_count() and is_in_calendar(plain):
        return plain
    return by_distinct(texts, parse_date, pl.Date())


def parse_stamps(texts: pl.Series) -> pl.Series:
    """Texts like ``2024-02-29 12:34:56.789`` as Datetime in microseconds; NULL for others."""
    plain = texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    if plain.null_count() == texts.null_count() and is_in_calendar(plain):
        return plain
    return by_distinct(texts, lambda text: _micros(parse_stamp(text)), pl.Int64()).cast(
        pl.Datetime("us")
    )


def _parse_stamps_ns(texts: pl.Series) -> pl.Series:
    def parse(text: str) -> int | None:
        nanos = parse_stamp(text)
        return nanos if nanos is not None and -(2**63) <= nanos < 2**63 else None

    return by_distinct(texts, parse, pl.Int64()).cast(pl.Datetime("ns"))


def _micros(nanos: int | None) -> int | None:
    return None if nanos is None else nanos // 1000


def parse_date(text: str) -> date | None:
    """A date as Flink casts it: month and day may be missing, a time may follow.

    >>> parse_date("2024-2"), parse_date("2024-02-30")
    (datetime.date(2024, 2, 1), None)
    """
    plain = text.strip(_BLANKS)
    found = _DATE.fullmatch(plain)
    if found is None or (text.startswith(" ") and " " in plain):
        return None  # after a blank only a date may come
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """A time of day; minutes and seconds may be missing."""
    found = _TIME.fullmatch(text.strip(_BLANKS))
    if found is None:
        return None
    micros = int((found[4] or "").ljust(6, "0")[:6])
    try:
        return time(int(found[1]), int(found[2] or 0), int(found[3] or 0), micros)
    except ValueError:
        return None


def parse_stamp(text: str) -> int | None:
    """Nanoseconds since the epoch; a day after the end of its month is the last one.

    >>> parse_stamp("1970-01-01 00:00:01.5"), parse_stamp("yesterday")
    (1500000000, None)
    """
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    hour, minute, second = int(found[4] or 0), int(found[5] or 0), int(found[6] or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31 and year and minute < 60 and second < 60):
        return None
    nanos = int((found[7] or "").ljust(9, "0"))
    if hour > 23 and (hour, minute, second, nanos) != (24, 0, 0, 0):
        return None
    day = min(day, calendar.monthrange(year, month)[1])
    moment = datetime(year, month, day) - _EPOCH + timedelta(hours=hour, minutes=minute)
    return (moment // timedelta(seconds=1) + second) * 10**9 + nanos


def cast_to_interval(task: CastTask) -> Conversion:
    """Numbers count months or milliseconds; intervals of a kind are all the same."""
    if not isinstance(task.source, t.NumericType):
        return Conversion(task.value)
    is_months = isinstance(task.target, t.YearMonthIntervalType)
    return cast_to_number(replace(task, target=t.IntType() if is_months else t.BigIntType()))
