from __future__ import annotations

import datetime

import pytest

from flott.connectors.files.date_pattern import compile_pattern, parse_zone

MOMENT = datetime.datetime(2026, 7, 1, 9, 5, 3, 42_000)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd--HH", "2026-07-01--09"),
        ("yy/M/d H:m:s", "26/7/1 9:5:3"),
        ("uuuu.DDD", "2026.182"),
        ("MMM MMMM EEE EEEE", "Jul July Wed Wednesday"),
        ("hh a SSS SSSSSSSSS", "09 AM 042 042000000"),
        ("'year='yyyy'/it''s'", "year=2026/it's"),
        ("yyyy''MM", "2026'07"),
    ],
)
def test_dates_in_java_patterns(pattern: str, text: str) -> None:
    assert compile_pattern(pattern)(MOMENT) == text


def test_afternoon_hours() -> None:
    write = compile_pattern("h a")
    assert write(MOMENT.replace(hour=0)) == "12 AM"
    assert write(MOMENT.replace(hour=15)) == "3 PM"


def test_letters_that_mean_nothing_here_are_refused() -> None:
    with pytest.raises(ValueError, match="The letter 'Q' of the date pattern 'yyyy-Q'"):
        compile_pattern("yyyy-Q")


def test_a_quote_that_is_never_closed_is_refused() -> None:
    with pytest.raises(ValueError, match="position 4"):
        compile_pattern("yyyy'T")


@pytest.mark.parametrize(
    ("zone_id", "hours"),
    [("UTC", 0), ("Z", 0), ("GMT-08:00", -8), ("+02", 2), ("UTC+5:30", 5.5), ("Asia/Tokyo", 9)],
)
def test_time_zones(zone_id: str, hours: float) -> None:
    zone = parse_zone(zone_id)
    assert zone is not None
    assert zone.utcoffset(MOMENT) == datetime.timedelta(hours=hours)


def test_no_zone_is_the_local_one() -> None:
    assert parse_zone(None) is None


@pytest.mark.parametrize("zone_id", ["Mars/Olympus", "../etc/passwd", ""])
def test_zones_that_are_none_are_refused(zone_id: str) -> None:
    with pytest.raises(ValueError, match="There is no time zone"):
        parse_zone(zone_id)
