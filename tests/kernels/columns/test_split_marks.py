"""Watermarks of splits by kernel, held against a plain walk over the rows."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.kernels.columns.split_marks import MarkedRows, Sending, mark_splits

Row = tuple[int | None, int | None]


def micros(values: list[int | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("us"))


def walk(splits: list[list[Row]], reached: list[int], others: int, sending: Sending) -> MarkedRows:
    """Row by row; times and marks in microseconds."""
    at, sent, since, nulls = list(reached), sending.sent, sending.since, []
    rows, marks, row = [], [], 0
    for split, every in enumerate(splits):
        for time, mark in every:
            if time is None:
                nulls.append(row)
            else:
                lowest = min(others, *at)
                late = lowest > MIN_WATERMARK and time // 1000 <= lowest
                if late and lowest - sent > sending.rise_ms and since >= sending.gap:
                    rows.append(row)
                    marks.append(lowest)
                    sent, since = lowest, 0
            if mark is not None:
                at[split] = max(at[split], mark // 1000)
            row += 1
            since += 1
    return MarkedRows(at, rows, marks, nulls[0] if nulls else -1)


times = st.integers(-3_000, 20_000)
rows = st.lists(st.tuples(st.none() | times, st.none() | times), max_size=5)
levels = st.integers(-2, 10) | st.just(MIN_WATERMARK)


@given(st.data(), st.lists(rows, min_size=1, max_size=4))
def test_marks_are_those_of_a_walk_over_the_rows(
    data: st.DataObject, splits: list[list[Row]]
) -> None:
    reached = [data.draw(levels) for _ in splits]
    others = data.draw(levels | st.just(MAX_WATERMARK))
    gap, since = data.draw(st.integers(1, 3)), data.draw(st.integers(0, 3))
    sending = Sending(data.draw(levels), data.draw(st.integers(0, 2)), gap, since)
    every = [row for split in splits for row in split]
    found = mark_splits(
        micros([time for time, _ in every]),
        micros([mark for _, mark in every]),
        0,
        [len(split) for split in splits],
        reached,
        others,
        sending,
    )
    assert found == walk(splits, reached, others, sending)


@given(st.lists(times, max_size=8), st.integers(0, 5_000))
def test_delay_stands_for_marks(values: list[int], delay: int) -> None:
    sending = Sending(MIN_WATERMARK, 0)
    marks = micros([value - delay for value in values])
    sizes, reached = [len(values)], [MIN_WATERMARK]
    computed = mark_splits(micros([*values]), marks, 0, sizes, reached, MAX_WATERMARK, sending)
    by_delay = mark_splits(micros([*values]), None, delay, sizes, reached, MAX_WATERMARK, sending)
    assert by_delay == computed


def test_splits_make_up_the_batch() -> None:
    with pytest.raises(ValueError, match="do not make up the batch"):
        mark_splits(micros([1]), None, 0, [2], [0], 0, Sending(0, 0))
