"""Java's date patterns, printed and read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.sql.functions.java_date_readers import (
    LocalMoment,
    java_sql_moment,
    lenient_reader,
    strict_reader,
)
from flott.sql.functions.java_dates import (
    BadPattern,
    finest_unit_us,
    format_moment,
    parts_of,
    strftime_of,
)

_MOMENT = datetime(2024, 2, 9, 17, 6, 5, 89_000)
_EPOCH = datetime(1970, 1, 1)
_PATTERNS = ["yyyy-MM-dd HH:mm:ss", "dd.MM.yyyy HH:mm:ss", "yyyyMMddHHmmss", "MMM d, yyyy H:m:s"]


def _nanos(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy-MM-dd", "2024-02-09"),
        ("yy/M/d", "24/2/9"),
        ("EEE, d MMM yyyy", "Fri, 9 Feb 2024"),
        ("EEEE MMMM", "Friday February"),
        ("h:mm a", "5:06 PM"),
        ("HH:mm:ss.SSS", "17:06:05.089"),
        ("SSSSSS", "089000"),
        ("D Q w u", "40 1 6 2024"),
        ("QQQ", "Q1"),
        ("yyyy'T'''''", "2024T''"),
        ("XXX z", "Z UTC"),
        ("W F c e", "2 2 6 6"),
    ],
)
def test_moments_print_as_java_prints_them(pattern: str, expected: str) -> None:
    assert format_moment(pattern, _MOMENT, _MOMENT.microsecond * 1000) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("u", "5"), ("[yyyy]", "[2024]"), ("EEEEE", "Friday"), ("SSSSSS", "000089"), ("F W", "2 2")],
)
def test_simple_patterns_mean_other_things(pattern: str, expected: str) -> None:
    nanos = _MOMENT.microsecond * 1000
    assert format_moment(pattern, _MOMENT, nanos, is_simple=True) == expected


def test_zones_print_their_offset() -> None:
    assert format_moment("xx XXX", _MOMENT, 0, "Asia/Kolkata") == "+0530 +05:30"


@pytest.mark.parametrize("pattern", ["yyyy-bb", "yyyy 'open", "ddd", "HHH", "#", "{", "cc", "V"])
def test_patterns_that_mean_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        parts_of(pattern)


@pytest.mark.parametrize("pattern", ["e", "N", "O", "QQQ"])
def test_letters_that_simple_patterns_have_not_are_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        parts_of(pattern, is_simple=True)


@settings(deadline=None)
@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.sampled_from(_PATTERNS),
)
def test_what_is_printed_reads_as_the_same_moment(moment: datetime, pattern: str) -> None:
    text = format_moment(pattern, moment)
    assert strict_reader(pattern)(text) == _nanos(moment)


@settings(deadline=None)
@given(st.datetimes(datetime(1600, 1, 1), datetime(9999, 12, 31)), st.text(" abc.", max_size=3))
def test_the_lenient_reader_takes_a_beginning(moment: datetime, rest: str) -> None:
    text = format_moment("yyyy-MM-dd HH:mm", moment) + rest
    whole_minute = moment.replace(second=0, microsecond=0)
    found = lenient_reader("yyyy-MM-dd HH:mm")(text)
    assert found == LocalMoment(_nanos(whole_minute) // 10**6)


def test_the_lenient_reader_carries_over() -> None:
    read = lenient_reader("yyyy-MM-dd")
    assert read("2024-13-01") == read("2025-01-01")
    assert read("2024-02-30") == read("2024-03-01")
    assert read("nothing") is None


@pytest.mark.parametrize(
    ("text", "offset_ms"), [("+0200", 7_200_000), ("PST", -28_800_000), ("GMT", 0)]
)
def test_the_lenient_reader_keeps_the_zone_of_a_text(text: str, offset_ms: int) -> None:
    found = lenient_reader("yyyy-MM-dd z")(f"1970-01-02 {text}")
    assert found == LocalMoment(86_400_000, offset_ms)
    assert found.utc_ms == 86_400_000 - offset_ms


def test_the_strict_reader_passes_over_zones() -> None:
    assert strict_reader("yyyy-MM-dd XXX")("1970-01-02 +02:00") == 86_400 * 10**9


def test_the_strict_reader_clips_days_and_knows_midnight() -> None:
    read = strict_reader("yyyy-MM-dd HH")
    assert read("2024-02-30 24") == _nanos(datetime(2024, 3, 1))
    assert read("2024-02-32 00") is None
    assert read("2024-02-03 25") is None


def test_missing_fields_are_those_of_the_epoch() -> None:
    assert strict_reader("HH:mm")("01:30") == 5400 * 10**9
    assert strict_reader("yyyy[-MM]")("1971") == _nanos(datetime(1971, 1, 1))


def test_java_sql_carries_days_over() -> None:
    assert java_sql_moment("2024-02-30") == _nanos(datetime(2024, 3, 1))
    assert java_sql_moment("2024-02-01 24:00:00") == _nanos(datetime(2024, 2, 2))
    assert java_sql_moment("2024-02-01T00:00:00") is None


def test_patterns_that_polars_knows_are_translated() -> None:
    assert strftime_of("yyyy-MM-dd HH:mm:ss.SSS") == "%Y-%m-%d %H:%M:%S.%3f"
    assert strftime_of("QQQ") is None


def test_the_finest_field_tells_how_much_of_a_moment_counts() -> None:
    units = [finest_unit_us(pattern) for pattern in ("yyyy", "HH", "mm", "ss", "SSS", "z")]
    assert units == [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1, 1]
