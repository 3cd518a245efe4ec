"""Lengths and points of time are exact and refuse what would be rounded."""

import datetime
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Duration, Instant, Time
from flott.common.errors import ConfigurationError
from flott.common.time import to_milliseconds

UNITS = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000, "millis": 1}


@pytest.mark.parametrize(("unit", "milliseconds"), UNITS.items())
def test_duration_units(unit: str, milliseconds: int) -> None:
    duration = getattr(Duration, f"of_{unit}")(3)
    assert duration.to_millis() == 3 * milliseconds
    assert repr(duration) == f"Duration.of_{unit}(3)"


def test_nanoseconds_are_kept() -> None:
    assert Duration.of_nanos(1_500_001).to_nanos() == 1_500_001
    assert Duration.of_nanos(1_500_001).to_millis() == 1
    assert Duration.of_nanos(1_500_001).to_timedelta() == datetime.timedelta(microseconds=1500)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (Duration.of_nanos(0), "PT0S"),
        (Duration.of_seconds(90), "PT1M30S"),
        (Duration.of_hours(25), "PT25H"),
        (Duration.of_millis(1500), "PT1.5S"),
        (Duration.of_nanos(1), "PT0.000000001S"),
        (Duration.of_seconds(-61), "PT-1M-1S"),
    ],
)
def test_duration_as_text(duration: Duration, text: str) -> None:
    assert str(duration) == text


@given(st.integers(-(10**18), 10**18))
def test_duration_text_reads_back(nanos: int) -> None:
    assert Duration.parse(str(Duration.of_nanos(nanos))) == Duration.of_nanos(nanos)


@pytest.mark.parametrize("value", [1.5, "1", None, True])
def test_fractions_and_other_things_are_no_lengths(value: object) -> None:
    for make in (
        Duration.of_seconds,
        Duration.of_nanos,
        Time.seconds,
        Time,
        Instant.of_epoch_milli,
    ):
        with pytest.raises(TypeError, match="whole number"):
            make(value)  # type: ignore[arg-type]


def test_durations_compare() -> None:
    assert Duration.of_seconds(60) == Duration.of_minutes(1)
    assert hash(Duration.of_seconds(60)) == hash(Duration.of_minutes(1))
    assert Duration.of_seconds(59) < Duration.of_minutes(1) <= Duration.of_minutes(1)
    assert Duration.of_seconds(1) != Time.seconds(1)
    with pytest.raises(TypeError):
        assert Duration.of_seconds(1) < 5  # type: ignore[operator]


def test_unreadable_duration() -> None:
    with pytest.raises(ConfigurationError, match="such as '1 s'"):
        Duration.parse("soon")


@pytest.mark.parametrize(
    ("time", "milliseconds"),
    [
        (Time.milliseconds(7), 7),
        (Time.seconds(7), 7000),
        (Time.minutes(7), 420_000),
        (Time.hours(7), 25_200_000),
        (Time.days(7), 604_800_000),
    ],
)
def test_time_units(time: Time, milliseconds: int) -> None:
    assert time.to_milliseconds() == milliseconds
    assert str(time) == f"{milliseconds} ms"
    assert time == Time(milliseconds)
    assert hash(time) == hash(Time(milliseconds))


def test_time_differs_from_other_things() -> None:
    assert Time.seconds(1) != 1000
    assert repr(Time.seconds(1)) == "Time.milliseconds(1000)"


@given(st.integers(-(10**15), 10**15))
def test_instant_keeps_milliseconds(milliseconds: int) -> None:
    instant = Instant.of_epoch_milli(milliseconds)
    assert instant.to_epoch_milli() == milliseconds
    assert 0 <= instant.nanos < 10**9


def test_instants_compare() -> None:
    assert Instant(1, 5) == Instant(1, 5)
    assert hash(Instant(1, 5)) == hash(Instant(1, 5))
    assert Instant(1, 5) < Instant(1, 6) < Instant(2, 0)
    assert Instant(1, 5) != (1, 5)
    assert repr(Instant(1, 5)) == "Instant<1, 5>"
    with pytest.raises(TypeError):
        assert Instant(1, 5) < 7  # type: ignore[operator]


@pytest.mark.parametrize("value", [Duration.of_millis(5), Time.seconds(5), Instant(1, 2)])
def test_pickling(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    "length",
    [Duration.of_seconds(2), Time.seconds(2), datetime.timedelta(seconds=2), 2000],
)
def test_any_length_in_milliseconds(length: Duration | Time | datetime.timedelta | int) -> None:
    assert to_milliseconds(length) == 2000


@pytest.mark.parametrize("length", ["2 s", 2.0, True, None])
def test_what_is_no_length(length: object) -> None:
    with pytest.raises(TypeError, match="Duration, Time"):
        to_milliseconds(length)  # type: ignore[arg-type]
