"""Parts and units of moments, against plain Python."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.sql_errors import RecordError
from flott.sql.expressions import InputRef, Literal
from flott.sql.functions import EvaluationSettings, compile_projection, resolve_call
from tests.sql.functions.evaluation import evaluate

_STAMP = t.TimestampType(3)
_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


def _call(name: str, unit: str | None, *values: object, zone: str = "UTC") -> object:
    types: list[t.DataType] = [t.DateType() if type(value) is date else _STAMP for value in values]
    args = [InputRef(each, index) for index, each in enumerate(types)]
    call = resolve_call(name, args, (("unit", unit),) if unit else ())
    frame = pl.DataFrame({f"f{i}": [value] for i, value in enumerate(values)})
    evaluation = EvaluationSettings(time_zone=zone)
    return compile_projection([call], types, evaluation).evaluate(frame)["f0"][0]


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError(day)


def _months(high: date, low: date) -> int:
    """How many months can be added to ``low`` without passing ``high``."""
    if high < low:
        return -_months(low, high)
    months = (high.year - low.year) * 12 + high.month - low.month
    return months if _add_months(low, months) <= high else months - 1


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_months_between_days_are_those_that_can_be_added(start: date, end: date) -> None:
    assert _call("TIMESTAMPDIFF", "MONTH", start, end) == _months(end, start)


@settings(deadline=None)
@given(_MOMENTS, _MOMENTS)
def test_shorter_units_are_cut_toward_zero(start: datetime, end: datetime) -> None:
    seconds = abs(end - start) // timedelta(seconds=1)
    for unit, size in (("MINUTE", 60), ("HOUR", 3600), ("DAY", 86400), ("WEEK", 604800)):
        expected = seconds // size if end >= start else -(seconds // size)
        assert _call("TIMESTAMPDIFF", unit, start, end) == expected


@settings(deadline=None)
@given(_MOMENTS)
def test_parts_are_those_of_the_calendar(moment: datetime) -> None:
    expected = {
        "YEAR": moment.year, "QUARTER": (moment.month + 2) // 3, "MONTH": moment.month,
        "WEEK": moment.isocalendar()[1], "DAY": moment.day, "DOY": moment.timetuple().tm_yday,
        "DOW": moment.isoweekday() % 7 + 1, "HOUR": moment.hour, "SECOND": moment.second,
        "MILLISECOND": moment.microsecond // 1000,
    }  # fmt: skip
    for unit, value in expected.items():
        assert _call("EXTRACT", unit, moment) == value


@settings(deadline=None)
@given(_MOMENTS, st.sampled_from(["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE"]))
def test_floor_is_the_last_start_of_a_unit_and_ceil_the_next(moment: datetime, unit: str) -> None:
    low, high = _call("FLOOR", unit, moment), _call("CEIL", unit, moment)
    assert isinstance(low, datetime)
    assert isinstance(high, datetime)
    assert low <= moment
    assert _call("FLOOR", unit, low) == low == _call("CEIL", unit, low)
    if unit == "WEEK":  # Flink takes the Sunday that a moment is in for both
        assert low.isoweekday() == high.isoweekday() == 7
        assert (low == high) == (low.date() == moment.date())
    else:
        assert moment <= high
        assert (low == high) == (low == moment)


def test_floor_of_an_instant_follows_the_zone() -> None:
    zoned = t.LocalZonedTimestampType(3)
    call = resolve_call("FLOOR", [InputRef(zoned, 0)], (("unit", "DAY"),))
    frame = pl.DataFrame({"f0": [datetime(2024, 1, 1, 3)]})
    evaluation = EvaluationSettings(time_zone="America/New_York")
    found = compile_projection([call], [zoned], evaluation).evaluate(frame)["f0"][0]
    assert found == datetime(2023, 12, 31, 5)


@pytest.mark.parametrize("months", [1, 12, -1, 25])
@settings(deadline=None)
@given(day=st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_months_are_added_up_to_the_end_of_the_month(months: int, day: date) -> None:
    interval = t.YearMonthIntervalType(nullable=False)
    types: list[t.DataType] = [t.DateType(), interval]
    constant = resolve_call("+", [InputRef(types[0], 0), Literal(interval, months)])
    varying = resolve_call("+", [InputRef(types[0], 0), InputRef(interval, 1)])
    frame = pl.DataFrame({"f0": [day], "f1": pl.Series([months], dtype=pl.Int32)})
    found = compile_projection([constant, varying], types, EvaluationSettings()).evaluate(frame)
    assert found.row(0) == (_add_months(day, months),) * 2


def test_nanoseconds_do_not_wrap() -> None:
    stamp = "CAST(TIMESTAMP '2261-01-01 00:00:00' AS TIMESTAMP(9))"
    assert evaluate(f"{stamp} + INTERVAL '1' DAY").startswith("2261-01-02")
    with pytest.raises(RecordError, match="1678 to 2261"):
        evaluate(f"TIMESTAMPADD(DAY, 1000, {stamp})")
