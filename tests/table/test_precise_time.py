"""Moments of nanoseconds come back whole."""

import datetime
import pickle

import polars as pl

from flott.table import EnvironmentSettings, TableEnvironment
from flott.table.precise_time import PreciseTime, precise_time

QUERY = """
SELECT t, ARRAY[t] AS a, ROW(t) AS r, CAST(t AS TIMESTAMP_LTZ(9)) AS z, CAST(t AS TIMESTAMP(7)) AS s
FROM (VALUES TIMESTAMP '2021-04-13 20:12:11.123456789', TIMESTAMP '1960-01-01 00:00:00.1') AS v (t)
"""
PLAIN = datetime.datetime(2021, 4, 13, 20, 12, 11, 123456)


def _tables() -> TableEnvironment:
    tables = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    tables.get_config().set("table.local-time-zone", "Asia/Kolkata")
    tables.get_config().set("table.display.max-column-width", "40")
    return tables


def test_nanoseconds_are_printed() -> None:
    lines = list(_tables().execute_sql(QUERY).lines())
    cells = [each.strip() for each in lines[3].strip("|").split("|")]
    text = "2021-04-13 20:12:11.123456789"
    assert cells == [text, f"[{text}]", f"({text})", text, text[:-2]]
    assert lines[4].startswith("| 1960-01-01 00:00:00.100000000 |")


def test_rows_hold_moments_that_know_their_nanoseconds() -> None:
    first, second = list(_tables().execute_sql(QUERY).collect())
    assert (first.t, first.a, first.r[0]) == (PLAIN, [PLAIN], PLAIN)
    assert isinstance(first.t, PreciseTime)
    assert (first.t.nanosecond, first.a[0].nanosecond, first.z.nanosecond) == (789, 789, 789)
    assert first.z.isoformat() == "2021-04-13T20:12:11.123456+05:30"
    assert type(second.t) is datetime.datetime


def test_frames_hold_nanoseconds() -> None:
    frame = _tables().execute_sql(QUERY).to_polars()
    whole = pl.Series("t", [1618344731123456789], pl.Int64)
    assert frame["t"][:1].cast(pl.Int64).equals(whole)
    assert frame["a"].explode()[:1].cast(pl.Int64).to_list() == whole.to_list()
    assert frame["r"].struct.field(frame["r"].struct.fields[0])[:1].cast(pl.Int64).to_list() == [
        whole[0]
    ]


def test_precise_moments_are_moments() -> None:
    moment = precise_time(1_618_344_731_123_456_789)
    assert (moment, repr(moment)) == (PLAIN, repr(PLAIN))
    copy = pickle.loads(pickle.dumps(moment))
    assert (copy, copy.nanosecond) == (PLAIN, 789)
    assert precise_time(-1) == datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
