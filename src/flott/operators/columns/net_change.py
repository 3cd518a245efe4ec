"""What a batch of changes comes to: rows that are new, and rows that are gone."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from flott.core.column_batch import ColumnBatch
from flott.operators.columns.changes import removals


class NetChange(NamedTuple):
    """Rows added and removed, each in order of arrival; no row is in both."""

    added: pl.DataFrame
    removed: pl.DataFrame


def net_change(batch: ColumnBatch) -> NetChange | None:
    """The rows that ``batch`` adds and removes in the end; ``None`` if that is nothing."""
    frame = batch.frame
    taken = removals(batch.kinds)
    if taken is None:
        return NetChange(frame, frame.clear()) if frame.height else None
    names = frame.columns
    counted = (
        frame.with_columns(
            pl.when(taken).then(-1).otherwise(1).alias("weight"),
            pl.int_range(pl.len(), dtype=pl.Int64).alias("row"),
        )
        .group_by(names, maintain_order=True)
        .agg(pl.col("weight").sum(), pl.col("row").last())
        .filter(pl.col("weight") != 0)
        .sort("row")
    )
    if not counted.height:
        return None
    added = _repeated(counted.filter(pl.col("weight") > 0), names)
    removed = _repeated(counted.filter(pl.col("weight") < 0), names)
    return NetChange(added, removed)


def _repeated(counted: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Each row as often as its weight says, whatever the sign."""
    times = counted["weight"].abs()
    if (times == 1).all():
        return counted.select(names)
    rows = pl.int_range(counted.height, dtype=pl.UInt32, eager=True).to_frame("row")
    repeated = rows.select(pl.col("row").repeat_by(times.cast(pl.UInt32))).explode("row")
    return counted[repeated["row"]].select(names)
