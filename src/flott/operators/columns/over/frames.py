"""Which rows belong to the frame of each row of an OVER window, and when they come and go.

All functions take rows sorted by partition and order, each partition in one piece. Frames of one
call move forward only, so that every row enters and leaves at most once: an aggregate is a walk
over these events (Leis et al., Efficient Processing of Window Functions in Analytical SQL Queries,
VLDB 2015, call it removable cumulative aggregation).
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class Partitions(NamedTuple):
    """Where the partition of each row begins and ends (exclusive)."""

    start: pl.Series
    end: pl.Series


class Frames(NamedTuple):
    """The frame of each row: from ``lower`` to ``upper`` (exclusive), as positions."""

    lower: pl.Series
    upper: pl.Series


class Events(NamedTuple):
    """What happens to an aggregate, in order.

    Attributes:
        row: Position of the row that comes or goes; of the asking row where ``emit``.
        weight: +1 comes, -1 goes, 0 neither.
        emit: Whether a result is due.
    """

    row: pl.Series
    weight: pl.Series
    emit: pl.Series


def partitions_of(slots: pl.Series) -> Partitions:
    """Begin and end of the run of equal ``slots`` around each row."""
    frame = pl.DataFrame({"slot": slots}).with_row_index("row")
    bounds = frame.select(
        pl.col("row").min().over("slot").cast(pl.Int64).alias("start"),
        (pl.col("row").max().over("slot").cast(pl.Int64) + 1).alias("end"),
    )
    return Partitions(bounds["start"], bounds["end"])


def ties_of(frame: pl.DataFrame, columns: list[str], partitions: Partitions) -> Partitions:
    """Begin and end of the run of rows that are equal in the order ``columns``."""
    rows = pl.int_range(frame.height, dtype=pl.Int64, eager=True)
    is_first = rows == partitions.start
    for name in columns:
        values = frame[name]
        is_first = is_first | values.ne_missing(values.shift(1))
    if frame.height:
        is_first = is_first | (rows == 0)
    return partitions_of(is_first.cast(pl.Int64).cum_sum())


def rows_frames(partitions: Partitions, lower: int | None, upper: int | None) -> Frames:
    """``ROWS``: so many rows before (negative: after) each row; ``None`` for unbounded."""
    rows = pl.int_range(partitions.start.len(), dtype=pl.Int64, eager=True)
    bounds = pl.DataFrame({"row": rows, "start": partitions.start, "end": partitions.end})
    start, end = pl.col("start"), pl.col("end")
    first = start if lower is None else (pl.col("row") - lower).clip(start, end)
    last = end if upper is None else (pl.col("row") - upper + 1).clip(start, end)
    found = bounds.select(first.alias("lower"), last.alias("upper"))
    return Frames(found["lower"], found["upper"])


def range_frames(
    values: pl.Series,
    is_ascending: bool,
    partitions: Partitions,
    ties: Partitions,
    lower: int | None,
    upper: int | None,
) -> Frames:
    """``RANGE``: rows whose order value lies so far before or after each row's own.

    Args:
        values: The order column in a unit in which ``lower`` and ``upper`` count; without an
            offset other than 0 it is not looked at.
        is_ascending: The direction of the order.
        partitions: Of each row.
        ties: Rows with an equal order value: what ``CURRENT ROW`` means.
        lower: How far before; ``None`` unbounded, 0 the row's ties.
        upper: The other end; negative for after.
    """
    sign = 1 if is_ascending else -1
    first = partitions.start if lower is None else ties.start
    last = partitions.end if upper is None else ties.end
    if lower:
        first = _reach(values, sign * lower, is_ascending, partitions, is_lower=True)
        first = first.zip_with(values.is_not_null(), ties.start)
    if upper:
        last = _reach(values, sign * upper, is_ascending, partitions, is_lower=False)
        last = last.zip_with(values.is_not_null(), ties.end)
    return Frames(first, last)


def _reach(
    values: pl.Series, back: int, is_ascending: bool, partitions: Partitions, *, is_lower: bool
) -> pl.Series:
    """For each row the first (last, exclusive) position whose value is within ``back``."""
    sign = 1 if is_ascending else -1
    rows = pl.int_range(values.len(), dtype=pl.Int64, eager=True)
    table = pl.DataFrame(
        {"row": rows, "part": partitions.start, "value": values, "target": values - back}
    ).with_columns(pl.col("value") * sign, pl.col("target") * sign)
    known = table.filter(pl.col("value").is_not_null())
    found = known.select("row", "part", "target").join_asof(
        known.select("part", "value", pl.col("row").alias("found")),
        left_on="target",
        right_on="value",
        by="part",
        strategy="forward" if is_lower else "backward",
        check_sortedness=False,
    )
    if is_lower:
        # The earliest of equal values: asof finds any, so walk to the begin of its run.
        starts = known.group_by("part", "value").agg(pl.col("row").min().alias("run"))
    else:
        starts = known.group_by("part", "value").agg((pl.col("row").max() + 1).alias("run"))
    reached = found.join(
        known.select(pl.col("row").alias("found"), "part", "value"),
        on=["found", "part"],
        how="left",
    ).join(starts, on=["part", "value"], how="left")
    # Beyond all values: NULLs may stand before the first or after the last of them.
    row = pl.col("row").filter(pl.col("value").is_not_null())
    fallback = (row.max() + 1 if is_lower else row.min()).over("part").alias("fallback")
    whole = (
        table.select("row", fallback)
        .join(reached.select("row", "run"), on="row", how="left", maintain_order="left")
        .select(pl.coalesce("run", "fallback"))
    )
    return whole.to_series()


def events_of(frames: Frames, partitions: Partitions, first_new: pl.Series | None) -> Events:
    """The walk over all frames.

    Args:
        frames: One for each row.
        partitions: Of each row.
        first_new: ``None``, or true where a row is new: the others have entered before, ask for
            nothing, and are here only because they may leave.
    """
    count = frames.lower.len()
    rows = pl.int_range(count, dtype=pl.Int64, eager=True)
    enters = frames.upper.search_sorted(rows, side="right").cast(pl.Int64)
    leaves = frames.lower.search_sorted(rows, side="right").cast(pl.Int64)
    table = pl.DataFrame({"row": rows, "enter": enters, "leave": leaves, "end": partitions.end})
    is_new = pl.lit(True) if first_new is None else first_new
    entering = (pl.col("enter") < pl.col("end")) & (pl.col("enter") < pl.col("leave"))
    leaving = pl.col("leave") < pl.col("end")
    weight = pl.Int8
    came = table.filter(entering & is_new)
    went = table.filter(leaving & (entering | ~is_new))
    asked = table.filter(is_new)
    walk = pl.concat(
        [
            went.select(pl.col("leave").alias("at"), pl.lit(0).alias("turn"), "row", _w(-1)),
            came.select(pl.col("enter").alias("at"), pl.lit(1).alias("turn"), "row", _w(1)),
            asked.select(pl.col("row").alias("at"), pl.lit(2).alias("turn"), "row", _w(0)),
        ]
    ).sort("at", "turn", "row")
    return Events(walk["row"], walk["weight"].cast(weight), walk["turn"] == 2)


def _w(weight: int) -> pl.Expr:
    return pl.lit(weight, dtype=pl.Int8).alias("weight")


def remaining_rows(frames: Frames, partitions: Partitions) -> pl.Series:
    """Which rows have not left when all frames have been walked: they may leave later."""
    rows = pl.int_range(frames.lower.len(), dtype=pl.Int64, eager=True)
    leaves = frames.lower.search_sorted(rows, side="right").cast(pl.Int64)
    return leaves >= partitions.end
