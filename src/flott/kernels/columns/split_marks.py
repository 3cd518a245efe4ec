"""Watermarks of a batch with rows of several splits, computed for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from flott.kernels import _native


class MarkedRows(NamedTuple):
    """What a batch does to the watermarks of its splits.

    Attributes:
        reached: The watermark of each split behind its rows.
        cut_rows: Late rows before which the watermark of all splits must be sent.
        cut_marks: The watermarks that belong there.
        null_time: The first row without a time; -1 if there is none.
    """

    reached: list[int]
    cut_rows: list[int]
    cut_marks: list[int]
    null_time: int


class Sending(NamedTuple):
    """When a watermark may be sent.

    Attributes:
        sent: The last one.
        rise_ms: The next exceeds it by more than this.
        gap: So many rows come between them at least.
        since: Rows since the last one.
    """

    sent: int
    rise_ms: int
    gap: int = 1
    since: int = 0


def mark_splits(
    times: pl.Series,
    marks: pl.Series | None,
    delay_us: int,
    sizes: Sequence[int],
    reached: Sequence[int],
    others: int,
    sending: Sending,
) -> MarkedRows:
    """Raise the watermarks of splits by their rows, which stand one split behind the other.

    Args:
        times: The time of each row, in microseconds.
        marks: The watermark each row stands for, likewise; without, it is ``delay_us`` behind the
            time.
        delay_us: See ``marks``.
        sizes: How many rows each split has.
        reached: Their watermarks before, in milliseconds.
        others: The lowest watermark of the splits that have no row here.
        sending: When a watermark may be sent.

    Raises:
        ValueError: The sizes do not make up the batch.

    >>> times = pl.Series([5_000_000, 9_000_000, 4_000_000]).cast(pl.Datetime("us"))
    >>> mark_splits(times, None, 0, [2, 1], [0, 0], 7000, Sending(0, 200))
    MarkedRows(reached=[9000, 4000], cut_rows=[], cut_marks=[], null_time=-1)
    """
    frame = (
        times.to_frame() if marks is None else pl.DataFrame([times.alias("t"), marks.alias("m")])
    )
    found = _native.mark_splits(frame, delay_us, list(sizes), list(reached), others, *sending)
    return MarkedRows(*found)
