"""Parts and units of moments: EXTRACT, YEAR(...), FLOOR(... TO MONTH), TIMESTAMPDIFF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.to_temporal import BEYOND_NANOSECONDS, in_nanoseconds
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, FunctionEntry, Resolution
from flott.sql.functions.families.intervals import (
    add_milliseconds,
    add_months,
    is_interval,
    moved,
    moved_by_months,
)
from flott.sql.functions.signatures import BIGINT, INT
from flott.sql.functions.zones import to_local

_STAMPS = (t.TimestampType, t.LocalZonedTimestampType)
_MOMENTS = (t.DateType, t.TimeType, *_STAMPS)
_TEXT = (t.CharType, t.VarCharType)
#: Milliseconds of the units that always last as long.
UNIT_MS: Final = {
    "MILLISECOND": 1, "SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000,
    "WEEK": 7 * 86_400_000,
}  # fmt: skip
#: Months of the others.
UNIT_MONTHS: Final = {
    "MONTH": 1, "QUARTER": 3, "YEAR": 12, "DECADE": 120, "CENTURY": 1200, "MILLENNIUM": 12_000,
}  # fmt: skip
_TRUNCATE = {
    "YEAR": "1y", "QUARTER": "1q", "MONTH": "1mo", "DAY": "1d", "HOUR": "1h", "MINUTE": "1m",
    "SECOND": "1s", "MILLISECOND": "1ms",
}  # fmt: skip
#: Further units to which a date is rounded, which leave it as it is.
_WITHIN_DATES: Final = ("MICROSECOND", "NANOSECOND", "DOW", "EPOCH")
_MILLISECONDS: Final = 3
_MICROSECONDS: Final = 6
#: Units by names that also stand for them.
_SYNONYMS = {"SQL_TSI_" + unit: unit for unit in (*UNIT_MS, *UNIT_MONTHS)} | {
    "DAYOFYEAR": "DOY", "DAYOFWEEK": "DOW", "DAYOFMONTH": "DAY",
}  # fmt: skip


def unit_of(settings: dict[str, object]) -> str:
    """The unit of a call, by its plain name."""
    unit = str(settings.get("unit", "")).upper()
    unit = unit.removesuffix("S") if unit.removesuffix("S") in UNIT_MS else unit
    return _SYNONYMS.get(unit, unit)


def local_moment(site: Site, index: int) -> pl.Expr:
    """The moment at ``index`` as clocks in the session's zone show it."""
    value = site.arg(index)
    if isinstance(site.types[index], t.LocalZonedTimestampType):
        return to_local(value, site.settings.time_zone)
    return value


Extract = Callable[[pl.Expr], pl.Expr]
_DAY_PARTS: dict[str, Extract] = {
    "YEAR": lambda x: x.dt.year(),
    "QUARTER": lambda x: x.dt.quarter(),
    "MONTH": lambda x: x.dt.month(),
    "WEEK": lambda x: x.dt.week(),
    "DAY": lambda x: x.dt.day(),
    "DOY": lambda x: x.dt.ordinal_day(),
    "DOW": lambda x: x.dt.weekday().cast(pl.Int64) % 7 + 1,
    "ISODOW": lambda x: x.dt.weekday(),
    "ISOYEAR": lambda x: x.dt.iso_year(),
    "DECADE": lambda x: x.dt.year() // 10,
    "CENTURY": lambda x: (x.dt.year() + 99) // 100,
    "MILLENNIUM": lambda x: (x.dt.year() + 999) // 1000,
    "EPOCH": lambda x: x.dt.epoch("s"),
}
#: How long a part of the clock is in nanoseconds, and how many there are of it.
_CLOCK_PARTS: dict[str, tuple[int, int]] = {
    "HOUR": (3_600_000_000_000, 24), "MINUTE": (60_000_000_000, 60), "SECOND": (1_000_000_000, 60),
    "MILLISECOND": (1_000_000, 1000), "MICROSECOND": (1000, 1_000_000),
    "NANOSECOND": (1, 1_000_000_000),
}  # fmt: skip
#: What a TIME has.
_TIME_PARTS: Final = ("HOUR", "MINUTE", "SECOND", "MILLISECOND")
_INTERVAL_PARTS: dict[str, tuple[int, int]] = {
    "DAY": (86_400_000, 0), "HOUR": (3_600_000, 24), "MINUTE": (60_000, 60), "SECOND": (1000, 60),
    "MILLISECOND": (1, 1000), "EPOCH": (1000, 0), "YEAR": (12, 0), "MONTH": (1, 12),
    "QUARTER": (3, 4),
}  # fmt: skip


def _infer_extract(call: Arguments) -> Resolution | None:
    if len(call) != 1:
        return None
    given, unit = call.types[0], _part_of(call.name, call.settings)
    result = Resolution(BIGINT.with_nullable(given.nullable), call.types)
    if is_interval(given):
        monthly = unit in ("YEAR", "MONTH", "QUARTER")
        fits = isinstance(given, t.YearMonthIntervalType) == monthly
        return result if fits and unit in _INTERVAL_PARTS else None
    if isinstance(given, t.TimeType):
        return result if unit in _TIME_PARTS else None
    known = unit in _DAY_PARTS or unit in _CLOCK_PARTS
    if isinstance(given, t.DateType):
        known = unit in _DAY_PARTS or unit in _TIME_PARTS
    return result if known and isinstance(given, (t.DateType, *_STAMPS)) else None


def _part_of(name: str, settings: dict[str, object]) -> str:
    return unit_of(settings) if name == "EXTRACT" else _SYNONYMS.get(name, name)


def _extract(site: Site) -> pl.Expr:
    assert hasattr(site.call, "function")
    unit = _part_of(site.call.function, site.keywords)
    given = site.types[0]
    if is_interval(given):
        return _interval_part(site.arg(0).cast(pl.Int64), unit)
    value = local_moment(site, 0)
    if isinstance(given, t.DateType) and unit in ("HOUR", "MINUTE", "SECOND", "MILLISECOND"):
        # Flink takes the number of the day for milliseconds here.
        return _interval_part(value.to_physical().cast(pl.Int64), unit)
    if unit in _CLOCK_PARTS and not isinstance(given, t.DateType):
        return _clock_part(value, given, unit)
    if unit in _CLOCK_PARTS:
        return value.to_physical().cast(pl.Int64) * 0
    return _DAY_PARTS[unit](value).cast(pl.Int64)


def _clock_part(value: pl.Expr, given: t.DataType, unit: str) -> pl.Expr:
    """By arithmetic, which is several times faster than the calendar."""
    is_micros = isinstance(given, _STAMPS) and given.precision <= 6
    size, count = _CLOCK_PARTS[unit]
    ticks = value.to_physical()
    if not is_micros:
        return ticks // size % count
    if size >= 1000:
        return ticks // (size // 1000) % count
    return ticks % 1_000_000 * 1000


def _interval_part(value: pl.Expr, unit: str) -> pl.Expr:
    size, wrap = _INTERVAL_PARTS[unit]
    found = value.truncdiv(pl.lit(size, dtype=pl.Int64))
    return found - found.truncdiv(pl.lit(wrap, dtype=pl.Int64)) * wrap if wrap else found


def infer_moment_unit(call: Arguments) -> Resolution | None:
    """FLOOR and CEIL of a moment TO a unit: the moment's type."""
    unit, given = unit_of(call.settings), call.types[0]
    if len(call) != 1:
        return None
    if isinstance(given, t.DateType) and unit in _WITHIN_DATES:
        return Resolution(given, call.types)
    if unit not in UNIT_MS and unit not in UNIT_MONTHS:
        return None
    if isinstance(given, t.TimeType):
        return Resolution(given, call.types) if unit in UNIT_MS else None
    return Resolution(given, call.types) if isinstance(given, (t.DateType, *_STAMPS)) else None


def floor_or_ceil_moment(site: Site, is_floor: bool) -> pl.Expr:
    """The start of the unit a moment is in; or the end, unless it is at its start."""
    unit, given = unit_of(site.keywords), site.types[0]
    if isinstance(given, t.TimeType):
        if UNIT_MS[unit] >= UNIT_MS["DAY"]:
            return site.arg(0)
        step = UNIT_MS[unit] * 1_000_000
        nanos = site.arg(0).to_physical()
        whole = nanos // step * step if is_floor else -(-nanos // step) * step
        return (whole % (86_400 * 10**9)).cast(pl.Time)
    value = local_moment(site, 0)
    if isinstance(given, t.DateType) and unit not in (*UNIT_MONTHS, "DAY", "WEEK"):
        return value
    is_fine = unit in UNIT_MONTHS and getattr(given, "precision", 0) > _MICROSECONDS
    if is_fine:
        # The end of a millennium is beyond what a column of nanoseconds holds.
        value = value.cast(pl.Datetime("us"))
    floored = _floor(value, unit)
    if not is_floor:
        floored = _ceil(value, floored, unit, given)
    if isinstance(given, t.LocalZonedTimestampType):
        # The offset of the moment itself, though clocks may change in between: as Flink does.
        instant = site.arg(0)
        floored = floored - (value - (instant.cast(pl.Datetime("us")) if is_fine else instant))
    if is_fine:
        site.fail_where(~in_nanoseconds(floored), BEYOND_NANOSECONDS, value)
        return floored.cast(pl.Datetime("ns"), strict=False)
    return floored


def _ceil(value: pl.Expr, floored: pl.Expr, unit: str, given: t.DataType) -> pl.Expr:
    """The end of the unit, or the moment itself at its start; with the exceptions Flink has."""
    after = floored.dt.offset_by(_offset_text(unit))
    if unit == "DECADE" or (unit == "DAY" and isinstance(given, t.DateType)):
        return after
    start = value
    if unit == "WEEK":
        start = value.dt.truncate("1d")
    elif unit != "MILLISECOND" and getattr(given, "precision", 0) > 3:
        start = value.dt.truncate("1ms")
    return pl.when(floored == start).then(floored).otherwise(after)


def _offset_text(unit: str) -> str:
    if unit in UNIT_MONTHS:
        return f"{UNIT_MONTHS[unit]}mo"
    return "7d" if unit == "WEEK" else _TRUNCATE[unit]


def _floor(value: pl.Expr, unit: str) -> pl.Expr:
    if unit == "WEEK":
        # Weeks start on Sunday here, though EXTRACT counts ISO weeks.
        return value.dt.offset_by("1d").dt.truncate("1w").dt.offset_by("-1d")
    if unit in ("DECADE", "CENTURY", "MILLENNIUM"):
        years = UNIT_MONTHS[unit] // 12
        first = 0 if unit == "DECADE" else 1
        behind = (value.dt.year() - first) % years
        return value.dt.truncate("1y").dt.offset_by((-behind).cast(pl.String) + pl.lit("y"))
    return value.dt.truncate(_TRUNCATE[unit])


def _infer_diff(call: Arguments) -> Resolution | None:
    unit = unit_of(call.settings)
    known = unit in UNIT_MS or unit in UNIT_MONTHS or unit in _FRACTIONS
    if len(call) != 2 or not known:
        return None
    if all(isinstance(each, t.TimeType) for each in call.types):
        fits = unit not in UNIT_MONTHS
    else:
        fits = all(isinstance(each, (t.DateType, *_STAMPS)) for each in call.types)
    instants = [isinstance(each, t.LocalZonedTimestampType) for each in call.types]
    if not fits or (any(instants) and not all(instants)):
        return None
    result = BIGINT if unit == "NANOSECOND" else INT
    return Resolution(result.with_nullable(call.any_nullable()), call.types)


#: How many of them make a second, of units for which Flink counts whole seconds.
_FRACTIONS: Final = {
    "MILLISECOND": 1000, "MICROSECOND": 1_000_000, "FRAC_SECOND": 1_000_000,
    "NANOSECOND": 1_000_000_000,
}  # fmt: skip


def _diff(site: Site) -> pl.Expr:
    unit = unit_of(site.keywords)
    if unit in _FRACTIONS:
        seconds = _span_ms(site).truncdiv(pl.lit(1000, dtype=pl.Int64))
        return (seconds * _FRACTIONS[unit]).cast(site.result_type, wrap_numerical=True)
    if unit in UNIT_MS:
        whole = _span_ms(site).truncdiv(pl.lit(UNIT_MS[unit], dtype=pl.Int64))
        return whole.cast(pl.Int32, wrap_numerical=True)
    start, end = (local_moment(site, i).cast(pl.Datetime("ms")) for i in (0, 1))
    months = months_between(start, end)
    return months.truncdiv(pl.lit(UNIT_MONTHS[unit], dtype=pl.Int32))


def _span_ms(site: Site) -> pl.Expr:
    """The milliseconds from the first operand to the second."""
    if isinstance(site.types[0], t.TimeType):
        start, end = (site.arg(i).to_physical() // 1_000_000 for i in (0, 1))
    elif all(isinstance(each, t.LocalZonedTimestampType) for each in site.types):
        # Between instants, whatever clocks showed.
        start, end = (site.arg(i).cast(pl.Datetime("ms")).to_physical() for i in (0, 1))
    else:
        start, end = (local_moment(site, i).cast(pl.Datetime("ms")).to_physical() for i in (0, 1))
    return end - start


def _infer_minus(call: Arguments) -> Resolution | None:
    """``(a - b) unit``: two moments of one kind, and the unit of the interval between them."""
    unit = unit_of(call.settings)
    result: t.DataType = t.DayTimeIntervalType("SECOND", fractional_precision=3)
    if unit in UNIT_MONTHS:
        result = t.YearMonthIntervalType("MONTH")
    if len(call) != 2 or not unit:
        return None
    if len({type(each) for each in call.types}) > 1 or not isinstance(call.types[0], _MOMENTS):
        return None
    if isinstance(call.types[0], t.TimeType) and unit in UNIT_MONTHS:
        return None
    return Resolution(result.with_nullable(call.any_nullable()), call.types)


def _minus(site: Site) -> pl.Expr:
    if isinstance(site.data_type, t.DayTimeIntervalType):
        return -_span_ms(site)
    end, start = (local_moment(site, i).cast(pl.Datetime("ms")) for i in (0, 1))
    return months_between(start, end).cast(pl.Int32)


def months_between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Whole months from ``start`` to ``end``; a month ends early where it has no such day."""
    first, last = start.dt.date(), end.dt.date()
    forward = last >= first
    low = pl.when(forward).then(first).otherwise(last)
    high = pl.when(forward).then(last).otherwise(first)
    size = _month_number(high) - _month_number(low)
    clipped = pl.min_horizontal(low.dt.day(), high.dt.days_in_month())
    size = size - (clipped > high.dt.day()).cast(pl.Int32)
    months = pl.when(forward).then(size).otherwise(-size)
    # Where these months lead to the day of the end, its time of day counts.
    reached = pl.min_horizontal(first.dt.day(), last.dt.days_in_month()) == last.dt.day()
    reached = reached & (_month_number(first) + months == _month_number(last))
    return months - (reached & (end.dt.time() < start.dt.time())).cast(pl.Int32)


def _month_number(day: pl.Expr) -> pl.Expr:
    return day.dt.year() * 12 + day.dt.month().cast(pl.Int32)


def _infer_add(call: Arguments) -> Resolution | None:
    unit = unit_of(call.settings)
    if len(call) != 2 or (unit not in UNIT_MS and unit not in UNIT_MONTHS):
        return None
    count, moment = call.types
    if not isinstance(count, t.IntegralType) or not isinstance(moment, _MOMENTS):
        return None
    result: t.DataType = moment
    if isinstance(moment, t.DateType) and unit == "MILLISECOND":
        return None
    if isinstance(moment, t.DateType) and UNIT_MS.get(unit, 86_400_000) < 86_400_000:
        result = t.TimestampType(6)
    if isinstance(moment, _STAMPS) and unit == "MILLISECOND" and moment.precision < _MILLISECONDS:
        result = type(moment)(_MILLISECONDS)
    return Resolution(result.with_nullable(call.any_nullable()), (count, moment))


def _add(site: Site) -> pl.Expr:
    unit = unit_of(site.keywords)
    count, moment = site.args()
    if isinstance(site.types[1], t.DateType):
        moment = moment.cast(site.result_type)
    if unit in UNIT_MONTHS:
        if isinstance(site.types[1], t.TimeType):
            return pl.when(count.is_not_null()).then(moment)
        constant = site.constant(0)
        months = constant * UNIT_MONTHS[unit] if isinstance(constant, int) else NOT_CONSTANT
        varying = count.cast(pl.Int64) * UNIT_MONTHS[unit]
        return moved_by_months(site, moment, varying, months, 1, site.data_type)
    return moved(site, moment, count.cast(pl.Int64) * UNIT_MS[unit], site.data_type)


def _infer_overlaps(call: Arguments) -> Resolution | None:
    if len(call) != 4:
        return None
    for start, end in (call.types[:2], call.types[2:]):
        if not isinstance(start, _MOMENTS):
            return None
        if not is_interval(end) and not isinstance(end, type(start)):
            return None
    if type(call.types[0]) is not type(call.types[2]):
        return None
    return Resolution(t.BooleanType(nullable=call.any_nullable()), call.types)


def _overlaps(site: Site) -> pl.Expr:
    bounds: list[pl.Expr] = []
    for index in (0, 2):
        start, end = site.arg(index), site.arg(index + 1)
        if isinstance(site.types[index + 1], t.YearMonthIntervalType):
            end = add_months(start, end, site.constant(index + 1), 1)
        elif isinstance(site.types[index + 1], t.DayTimeIntervalType):
            end = add_milliseconds(start, end, site.types[index])
        swapped = start > end
        bounds.append(pl.when(swapped).then(end).otherwise(start))
        bounds.append(pl.when(swapped).then(start).otherwise(end))
    known = pl.all_horizontal([bound.is_not_null() for bound in bounds])
    return pl.when(known).then((bounds[1] >= bounds[2]) & (bounds[3] >= bounds[0]))


def _part(name: str, doc: str, example: int) -> FunctionEntry:
    examples = [(f"{name}(TIMESTAMP '2024-02-29 12:34:56')", example)]
    return FunctionEntry(name, _infer_extract, _extract, doc, "moment", examples)


_MOMENT = "moment, moment"

ENTRIES: Final = (
    FunctionEntry("EXTRACT", _infer_extract, _extract, "A part of a moment or an interval.",
                  "unit FROM moment", [("EXTRACT(DAY FROM DATE '2024-02-29')", 29)]),
    _part("YEAR", "The year.", 2024),
    _part("QUARTER", "The quarter of the year, 1 to 4.", 1),
    _part("MONTH", "The month, 1 to 12.", 2),
    _part("WEEK", "The ISO week of the year.", 9),
    _part("DAYOFYEAR", "The day of the year, from 1.", 60),
    _part("DAYOFMONTH", "The day of the month, from 1.", 29),
    _part("DAYOFWEEK", "The day of the week, Sunday is 1.", 5),
    _part("HOUR", "The hour, 0 to 23.", 12),
    _part("MINUTE", "The minute.", 34),
    _part("SECOND", "The second.", 56),
    FunctionEntry("TIMESTAMPDIFF", _infer_diff, _diff, "Whole units from one moment to another.",
                  "unit, moment, moment",
                  [("TIMESTAMPDIFF(MONTH, DATE '2024-01-31', DATE '2024-02-29')", 1)]),
    FunctionEntry("TIMESTAMPADD", _infer_add, _add, "A moment moved by some units.",
                  "unit, whole number, moment",
                  [("TIMESTAMPADD(DAY, 1, DATE '2024-02-28')", "2024-02-29")]),
    FunctionEntry("MINUS_DATE", _infer_minus, _minus,
                  "The interval between two moments, written (later - earlier) unit.",
                  "later - earlier",
                  [("CAST((DATE '2024-03-01' - DATE '2024-02-01') DAY AS STRING)",
                    "+29 00:00:00.000")]),
    FunctionEntry("OVERLAPS", _infer_overlaps, _overlaps,
                  "Whether two periods have a moment in common.", "(start, end), (start, end)",
                  [("(DATE '2024-01-01', DATE '2024-02-01') OVERLAPS "
                    "(DATE '2024-02-01', DATE '2024-03-01')", True)]),
)  # fmt: skip
