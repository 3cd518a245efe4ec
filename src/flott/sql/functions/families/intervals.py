"""Moments and intervals: ``ts + INTERVAL '1' MONTH``, ``INTERVAL '1' DAY * 2``."""

from __future__ import annotations

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.to_temporal import BEYOND_NANOSECONDS, in_nanoseconds
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, Resolution

_MOMENTS = (t.DateType, t.TimeType, t.TimestampType, t.LocalZonedTimestampType)
_INTERVALS = (t.YearMonthIntervalType, t.DayTimeIntervalType)
_DAY_MS = 86_400_000


def is_interval(data_type: t.DataType) -> bool:
    """Whether ``data_type`` is an interval of either kind."""
    return isinstance(data_type, _INTERVALS)


def infer_moment(call: Arguments) -> Resolution | None:
    """A moment and an interval, an interval and a moment (not for ``-``), or two intervals."""
    if len(call) != 2:
        return None
    left, right = call.types
    nullable = call.any_nullable()
    if is_interval(left) and isinstance(right, type(left)):
        return Resolution(left.with_nullable(nullable), call.types)
    moment, interval = (left, right) if is_interval(right) else (right, left)
    if not (isinstance(moment, _MOMENTS) and is_interval(interval)):
        return None
    if call.name == "-" and moment is not left:
        return None
    return Resolution(moment.with_nullable(nullable), call.types)


def infer_interval_times(call: Arguments) -> Resolution | None:
    """An interval times a number."""
    if len(call) != 2:
        return None
    left, right = call.types
    interval, number = (left, right) if is_interval(left) else (right, left)
    if not is_interval(interval) or not isinstance(number, t.IntegralType):
        return None
    return Resolution(interval.with_nullable(call.any_nullable()), call.types)


def evaluate_moment(site: Site, sign: int) -> pl.Expr:
    """The sum, or with ``sign`` -1 the difference."""
    if is_interval(site.data_type):
        return site.arg(0) + site.arg(1) if sign > 0 else site.arg(0) - site.arg(1)
    position = 1 if is_interval(site.types[1]) else 0
    interval, moment = site.arg(position), site.arg(1 - position)
    kind = site.types[1 - position]
    if isinstance(site.types[position], t.YearMonthIntervalType):
        if isinstance(kind, t.TimeType):
            return pl.when(interval.is_not_null()).then(moment)
        return moved_by_months(site, moment, interval, site.constant(position), sign, kind)
    return moved(site, moment, interval * sign, kind)


#: A column of nanoseconds holds no more milliseconds than this.
_MOST_MS = 2**63 // 1_000_000


def moved(site: Site, moment: pl.Expr, milliseconds: pl.Expr, kind: t.DataType) -> pl.Expr:
    """``add_milliseconds``; the job fails where a column of nanoseconds cannot hold the result."""
    result = add_milliseconds(moment, milliseconds, kind)
    if getattr(kind, "precision", 0) <= 6:
        return result
    forward = milliseconds > 0
    wrapped = (milliseconds != 0) & ((result > moment) != forward)
    far = milliseconds.abs() >= _MOST_MS
    site.fail_where(wrapped | far, BEYOND_NANOSECONDS, moment)
    return result


def add_milliseconds(moment: pl.Expr, milliseconds: pl.Expr, kind: t.DataType) -> pl.Expr:
    """``moment`` moved by milliseconds; a date by whole days, a time of day around midnight."""
    match kind:
        case t.DateType():
            days = milliseconds.truncdiv(pl.lit(_DAY_MS, dtype=pl.Int64()))
            return (moment.to_physical() + days.cast(pl.Int32())).cast(pl.Date())
        case t.TimeType():
            nanos = moment.to_physical() + milliseconds * 1_000_000
            return (nanos % (_DAY_MS * 1_000_000)).cast(pl.Time())
    assert isinstance(kind, (t.TimestampType, t.LocalZonedTimestampType))
    if kind.precision <= 6:
        return moment + (milliseconds * 1000).cast(pl.Duration("us"))
    return moment + (milliseconds * 1_000_000).cast(pl.Duration("ns"))


def moved_by_months(
    site: Site, moment: pl.Expr, months: pl.Expr, constant: object, sign: int, kind: t.DataType
) -> pl.Expr:
    """``add_months``; the job fails where a column of nanoseconds cannot hold the result."""
    if getattr(kind, "precision", 0) <= 6:
        return add_months(moment, months, constant, sign)
    exact = add_months(moment.cast(pl.Datetime("us")), months, constant, sign)
    site.fail_where(~in_nanoseconds(exact), BEYOND_NANOSECONDS, moment)
    return add_months(moment, months, constant, sign)


def add_months(moment: pl.Expr, months: pl.Expr, constant: object, sign: int) -> pl.Expr:
    """``moment`` moved by months; a day the month has not becomes its last one."""
    if isinstance(constant, int) and constant is not NOT_CONSTANT:
        return moment.dt.offset_by(f"{constant * sign}mo")
    text = (months * sign).cast(pl.String()) + pl.lit("mo")
    return moment.dt.offset_by(text)
