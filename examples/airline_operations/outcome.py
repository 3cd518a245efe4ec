"""What a run has left behind: the committed Parquet files, as tables that can be compared."""

from __future__ import annotations

from pathlib import Path

import polars as pl

RESULTS = ("carriers", "airports", "alerts", "late")


def read_results(folder: Path) -> dict[str, pl.DataFrame]:
    """The four results of a run, each sorted by all its columns.

    Files that no checkpoint covers yet have hidden names; a reader does not see them.
    """
    return {name: read_result(folder / name) for name in RESULTS}


def read_result(folder: Path) -> pl.DataFrame:
    """One result, sorted by all its columns."""
    table = pl.read_parquet(folder / "part-*.parquet")
    return table.sort(table.columns)


def find_differences(
    results: dict[str, pl.DataFrame], others: dict[str, pl.DataFrame]
) -> list[str]:
    """Names of the results that are not equal, row by row and value by value."""
    return [name for name in RESULTS if not results[name].equals(others[name])]


def summarise_carriers(carriers: pl.DataFrame, late: pl.DataFrame) -> pl.DataFrame:
    """The year of each carrier, the most punctual last."""
    flown = pl.col("departures")
    late_counts = late.group_by(pl.col("carrier").alias("code")).agg(pl.len().alias("late"))
    return (
        carriers.group_by("code", "name")
        .agg(
            flown.sum(),
            pl.col("cancelled").sum(),
            ((pl.col("mean_delay_min") * flown).sum() / flown.sum()).alias("mean_delay_min"),
        )
        .join(late_counts, on="code", how="left")
        .with_columns(pl.col("late").fill_null(0))
        .sort("mean_delay_min", "code", descending=[True, False])
    )


def longest_silences(alerts: pl.DataFrame, count: int) -> pl.DataFrame:
    """The times without departures that lasted longest, each with its end."""
    resumed = alerts.filter(pl.col("kind") == "departures resumed")
    minutes = pl.col("text").str.extract(r"(\d+) minutes").cast(pl.Int64).alias("minutes")
    return resumed.with_columns(minutes).sort("minutes", "time_ms", descending=True).head(count)
