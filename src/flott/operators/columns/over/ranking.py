"""Rank functions over rows sorted by partition and order."""

from __future__ import annotations

import polars as pl

from flott.common.constant_series import constant
from flott.operators.columns.over.frames import Partitions


def row_numbers(partitions: Partitions) -> pl.Series:
    """1, 2, 3, ... in each partition."""
    rows = pl.int_range(partitions.start.len(), dtype=pl.Int64, eager=True)
    return rows - partitions.start + 1


def ranks(partitions: Partitions, ties: Partitions) -> pl.Series:
    """The row number of the first of equal rows."""
    return ties.start - partitions.start + 1


def dense_ranks(partitions: Partitions, ties: Partitions) -> pl.Series:
    """Like ``ranks``, without gaps."""
    rows = pl.int_range(ties.start.len(), dtype=pl.Int64, eager=True)
    table = pl.DataFrame({"begins": rows == ties.start, "partition": partitions.start})
    return table.select(pl.col("begins").cum_sum().over("partition").cast(pl.Int64)).to_series()


def percent_ranks(partitions: Partitions, ties: Partitions) -> pl.Series:
    """(rank - 1) / (rows - 1); 0 in a partition of one row."""
    count = partitions.end - partitions.start
    rank = ties.start - partitions.start
    return (rank / (count - 1)).zip_with(count > 1, constant(0.0, count.len(), pl.Float64))


def cume_dists(partitions: Partitions, ties: Partitions) -> pl.Series:
    """The share of rows that come no later than this one."""
    return (ties.end - partitions.start) / (partitions.end - partitions.start)


def ntiles(partitions: Partitions, buckets: int) -> pl.Series:
    """Buckets of nearly equal size; the first ones get the rows left over."""
    table = pl.DataFrame(
        {"number": row_numbers(partitions) - 1, "count": partitions.end - partitions.start}
    )
    size, rest = pl.col("count") // buckets, pl.col("count") % buckets
    large = rest * (size + 1)
    number = pl.col("number")
    bucket = (
        pl.when(number < large)
        .then(number // (size + 1))
        .otherwise(rest + (number - large) // pl.max_horizontal(size, pl.lit(1)))
    )
    return table.select((bucket + 1).cast(pl.Int64)).to_series()
