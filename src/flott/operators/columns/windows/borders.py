"""The columns window_start, window_end and window_time of a result."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from flott.common.physical_types import column_name
from flott.operators.columns.windows.time import WallClock

#: Every border a window has, in the order of the table functions.
BORDERS = ("window_start", "window_end", "window_time")


def with_window(
    results: pl.DataFrame, columns: Sequence[str], clock: WallClock, start_ms: int, end_ms: int
) -> pl.DataFrame:
    """``results`` of one window, borders in local milliseconds, with ``columns`` behind."""
    values = {
        "window_start": start_ms,
        "window_end": end_ms,
        "window_time": clock.instant(end_ms - 1),
    }
    return results.with_columns(
        pl.lit(values[name] * 1000, dtype=pl.Int64)
        .cast(pl.Datetime("us"))
        .alias(column_name(results.width + number))
        for number, name in enumerate(columns)
    )


def with_windows(
    results: pl.DataFrame,
    columns: Sequence[str],
    clock: WallClock,
    start_ms: pl.Series,
    end_ms: pl.Series,
) -> pl.DataFrame:
    """``results`` of many windows, borders as instants, with ``columns`` behind."""
    values = {
        "window_start": _local(clock, start_ms),
        "window_end": _local(clock, end_ms),
        "window_time": end_ms - 1,
    }
    return results.with_columns(
        (values[name] * 1000).cast(pl.Datetime("us")).alias(column_name(results.width + number))
        for number, name in enumerate(columns)
    )


def _local(clock: WallClock, instants_ms: pl.Series) -> pl.Series:
    if clock.zone is None or clock.zone == "UTC":
        return instants_ms
    zoned = (instants_ms * 1000).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(clock.zone)
    return zoned.dt.replace_time_zone(None, ambiguous="earliest").to_physical() // 1000
