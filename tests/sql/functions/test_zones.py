"""Instants and what clocks show, against Python's zoneinfo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.sql.functions.zones import find_zone, from_local, to_local

_ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]
_MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1))


def _shown(instant: datetime, zone: str) -> datetime:
    local = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return local.replace(tzinfo=None)


@settings(deadline=None)
@given(_MOMENTS, st.sampled_from(_ZONES))
def test_local_time_is_that_of_the_zone(instant: datetime, zone: str) -> None:
    frame = pl.DataFrame({"x": [instant]})
    assert frame.select(to_local(pl.col("x"), zone)).item() == _shown(instant, zone)


@settings(deadline=None)
@given(_MOMENTS, st.sampled_from(_ZONES))
def test_local_time_leads_back_to_an_instant_that_shows_it(instant: datetime, zone: str) -> None:
    local = _shown(instant, zone)
    frame = pl.DataFrame({"x": [local]})
    found = frame.select(from_local(pl.col("x"), zone)).item()
    assert _shown(found, zone) == local
    assert found <= instant


@pytest.mark.parametrize(
    ("name", "hours"), [("+08:00", 8), ("-0330", -3.5), ("GMT+2", 2), ("UTC-01:00", -1)]
)
def test_offsets_are_zones(name: str, hours: float) -> None:
    zone = find_zone(name)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=hours)
    frame = pl.DataFrame({"x": [datetime(2024, 1, 1)]})
    shifted = frame.select(to_local(pl.col("x"), name)).item()
    assert shifted == datetime(2024, 1, 1) + timedelta(hours=hours)


def test_an_unknown_zone_is_none() -> None:
    assert find_zone("Nowhere/City") is None


def test_nanoseconds_go_through_a_zone() -> None:
    moment = pl.Series([1_700_000_000_123_456_789]).cast(pl.Datetime("ns"))
    for zone in ("Europe/Berlin", "GMT+02:00"):
        local = pl.DataFrame({"x": moment}).select(to_local(pl.col("x"), zone))
        back = local.select(from_local(pl.col("x"), zone)).to_series()
        assert back.to_list() == moment.to_list()
        assert back.dtype == pl.Datetime("ns")
