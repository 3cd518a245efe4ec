from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.formats.columns.temporal_text import (
    TimestampStandard,
    parse_date,
    parse_iso_time,
    parse_time,
    timestamp_parser,
    timestamp_writer,
)

EPOCH = datetime.datetime(1970, 1, 1)


@given(st.datetimes(), st.sampled_from(TimestampStandard), st.booleans())
def test_a_timestamp_is_read_as_it_was_written(
    moment: datetime.datetime, standard: TimestampStandard, is_zoned: bool
) -> None:
    text = timestamp_writer(standard, is_zoned)(moment)
    micros = timestamp_parser(standard, is_zoned, 6)(text)
    assert EPOCH + datetime.timedelta(microseconds=micros) == moment


@given(st.dates())
def test_days_are_counted_from_1970(day: datetime.date) -> None:
    assert parse_date(day.isoformat()) == (day - EPOCH.date()).days


@pytest.mark.parametrize(
    "text", ["", "2024-2-29", "2023-02-29", "24-01-01", "2024-01-01 ", "0000-01-01"]
)
def test_no_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["24:00:00", "12:60:00", "12:00", "1:00:00", "12:00:00.1234567890"]
)
def test_no_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        parse_time(text)


def test_iso_times_may_lack_seconds() -> None:
    assert parse_iso_time("01:00") == 3600 * 10**9


def test_nine_digits_are_nanoseconds() -> None:
    read = timestamp_parser(TimestampStandard.SQL, False, 9)
    assert read("1970-01-01 00:00:00.123456789") == 123456789
