"""Frames and their events against a plain walk over every row of every partition."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flott.operators.columns.over import ranking
from flott.operators.columns.over.frames import (
    Frames,
    Partitions,
    events_of,
    partitions_of,
    range_frames,
    remaining_rows,
    rows_frames,
    ties_of,
)

Sorted = list[tuple[int, int | None]]

sorted_rows = st.lists(
    st.tuples(st.integers(0, 2), st.none() | st.integers(0, 6)), max_size=14
).map(lambda rows: sorted(rows, key=lambda row: (row[0], row[1] is not None, row[1] or 0)))
bounds = st.none() | st.integers(-3, 3)


def prepared(rows: Sorted) -> tuple[pl.DataFrame, Partitions, Partitions]:
    frame = pl.DataFrame(rows, schema={"slot": pl.Int64, "value": pl.Int64}, orient="row")
    partitions = partitions_of(frame["slot"])
    return frame, partitions, ties_of(frame, ["value"], partitions)


def members(frames: Frames, row: int) -> list[int]:
    return list(range(frames.lower[row], frames.upper[row]))


@given(sorted_rows, bounds, bounds)
def test_rows_frames_count_rows(rows: Sorted, lower: int | None, upper: int | None) -> None:
    _, partitions, _ = prepared(rows)
    frames = rows_frames(partitions, lower, upper)
    for i, (slot, _) in enumerate(rows):
        assert members(frames, i) == [
            j
            for j, (other, _) in enumerate(rows)
            if other == slot
            and (lower is None or j >= i - lower)
            and (upper is None or j <= i - upper)
        ]


def in_range(value: int | None, other: int | None, lower: int | None, upper: int | None) -> bool:
    if value is None or other is None:
        # NULLs lie before all values, and are equal to one another only.
        before = other is None and value is not None
        after = other is not None and value is None
        return (not before or lower is None) and (not after or upper is None)
    return (lower is None or other >= value - lower) and (upper is None or other <= value - upper)


@given(sorted_rows, bounds, bounds)
def test_range_frames_compare_values(rows: Sorted, lower: int | None, upper: int | None) -> None:
    frame, partitions, ties = prepared(rows)
    frames = range_frames(frame["value"], True, partitions, ties, lower, upper)
    for i, (slot, value) in enumerate(rows):
        assert members(frames, i) == [
            j
            for j, (other, its) in enumerate(rows)
            if other == slot and in_range(value, its, lower, upper)
        ]


@given(sorted_rows, bounds, bounds, st.integers(0, 14))
def test_events_bring_every_frame_about(
    rows: Sorted, lower: int | None, upper: int | None, old: int
) -> None:
    _, partitions, _ = prepared(rows)
    frames = rows_frames(partitions, lower, upper)
    events = events_of(frames, partitions, None)
    present: set[int] = set()
    asked = 0
    for row, weight, emit in zip(*events, strict=True):
        if weight > 0:
            present.add(row)
        elif weight < 0:
            present.remove(row)
        if emit:
            start = partitions.start[row]
            inside = sorted(each for each in present if each >= start)
            assert inside == members(frames, row)
            asked += 1
    assert asked == len(rows)


@given(sorted_rows, st.integers(0, 3), st.integers(1, 14))
def test_a_walk_in_two_parts_is_the_same_walk(rows: Sorted, lower: int, cut: int) -> None:
    slots = {slot for slot, _ in rows}
    whole = {slot: [value for other, value in rows if other == slot] for slot in slots}
    for values in whole.values():
        one = [(0, value) for value in values[:cut]]
        _, partitions, _ = prepared(one)
        frames = rows_frames(partitions, lower, 0)
        kept = [
            row for row, stays in zip(one, remaining_rows(frames, partitions), strict=True) if stays
        ]
        two = [*kept, *((0, value) for value in values[cut:])]
        _, partitions, _ = prepared(two)
        frames = rows_frames(partitions, lower, 0)
        is_new = pl.Series([False] * len(kept) + [True] * (len(two) - len(kept)), dtype=pl.Boolean)
        events = events_of(frames, partitions, is_new)
        present = list(range(len(kept)))
        for row, weight, emit in zip(*events, strict=True):
            if weight > 0:
                present.append(row)
            elif weight < 0:
                present.remove(row)
            if emit:
                position = len(one) - len(kept) + row
                assert len(present) == min(position + 1, lower + 1)


@given(sorted_rows)
def test_ranks_follow_their_definitions(rows: Sorted) -> None:
    _, partitions, ties = prepared(rows)
    numbers = ranking.row_numbers(partitions).to_list()
    ranks = ranking.ranks(partitions, ties).to_list()
    dense = ranking.dense_ranks(partitions, ties).to_list()
    shares = ranking.cume_dists(partitions, ties).to_list()
    percents = ranking.percent_ranks(partitions, ties).to_list()
    for i, (slot, value) in enumerate(rows):
        mine = [its for other, its in rows if other == slot]
        first = mine.index(value)
        assert ranks[i] == first + 1
        assert numbers[i] == 1 + sum(1 for j in range(i) if rows[j][0] == slot)
        assert dense[i] == 1 + len(dict.fromkeys(mine[:first]))
        assert shares[i] == (first + mine.count(value)) / len(mine)
        assert percents[i] == (first / (len(mine) - 1) if len(mine) > 1 else 0)


@given(st.integers(1, 20), st.integers(1, 7))
def test_ntiles_differ_by_one_at_most(count: int, buckets: int) -> None:
    _, partitions, _ = prepared([(0, 0)] * count)
    found = ranking.ntiles(partitions, buckets).to_list()
    sizes = [found.count(each) for each in range(1, min(buckets, count) + 1)]
    assert found == sorted(found)
    assert sum(sizes) == count
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)
