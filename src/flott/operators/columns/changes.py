"""Row kinds of a batch, and time columns in the engine's unit: what every column operator asks."""

from __future__ import annotations

from typing import Final

import polars as pl

from flott.common.constant_series import constant
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK

#: Watermarks beyond any time a column can hold, in milliseconds.
_TIME_MAX_MS: Final = 2**53


def removals(kinds: pl.Series | None) -> pl.Series | None:
    """Which rows take a row away (-U, -D); ``None`` if none does."""
    if kinds is None:
        return None
    mask = (kinds == UPDATE_BEFORE) | (kinds == DELETE)
    return mask if mask.any() else None


def plain_kinds(kinds: pl.Series) -> pl.Series | None:
    """``kinds``, or ``None`` if all rows are inserts."""
    return kinds if kinds.len() and kinds.max() != INSERT else None


def weights(kinds: pl.Series | None) -> pl.Series | None:
    """+1 for rows that are added, -1 for rows taken away, as ``Int8``; ``None`` for all +1."""
    mask = removals(kinds)
    if mask is None:
        return None
    return pl.select(pl.when(mask).then(-1).otherwise(1).cast(pl.Int8)).to_series()


def consolidate(batch: ColumnBatch) -> pl.DataFrame:
    """The rows that are left when every removal has taken away an equal row that came before."""
    taken = removals(batch.kinds)
    if taken is None:
        return batch.frame
    names = batch.frame.columns
    counted = (
        batch.frame.with_columns(pl.when(taken).then(-1).otherwise(1).alias("weight"))
        .group_by(names, maintain_order=True)
        .agg(pl.col("weight").sum())
        .filter(pl.col("weight") > 0)
    )
    return counted.select(pl.exclude("weight").repeat_by("weight")).explode(names)


def deletes_and_inserts(removed: pl.DataFrame, added: pl.DataFrame) -> ColumnBatch | None:
    """-D for each row of ``removed``, then +I for each of ``added``; ``None`` if there is none."""
    if not removed.height and not added.height:
        return None
    if not removed.height:
        return ColumnBatch(added)
    kinds = pl.concat(
        [
            constant(DELETE, removed.height, pl.Int8),
            constant(INSERT, added.height, pl.Int8),
        ]
    )
    return ColumnBatch(pl.concat([removed, added]), kinds)


def until_us(watermark_ms: int) -> int:
    """The last microsecond that ``watermark_ms`` covers."""
    if abs(watermark_ms) >= _TIME_MAX_MS:
        return MAX_WATERMARK if watermark_ms > 0 else MIN_WATERMARK
    return watermark_ms * 1000 + 999


def in_microseconds(times: pl.Series) -> pl.Series:
    """Points in time in the unit most columns have."""
    return times.dt.cast_time_unit("us") if times.dtype == pl.Datetime("ns") else times


def time_us(frame: pl.DataFrame, column: int) -> pl.Series:
    """The time column as microseconds since the epoch."""
    return in_microseconds(frame.to_series(column)).to_physical()


KINDS: Final = {"+I": INSERT, "-U": UPDATE_BEFORE, "+U": UPDATE_AFTER, "-D": DELETE}
