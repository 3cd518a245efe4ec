"""Rows that wait for their time, held against a sorted list."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flott.kernels.columns.time_buffer import TimeBuffer

SCHEMA = {"f0": pl.Int64()}
ADDED = st.tuples(st.just("add"), st.lists(st.integers(0, 20), max_size=5))
STEPS = st.lists(ADDED | st.tuples(st.sampled_from(["take", "restore"]), st.integers(0, 20)))


def expected_of(waiting: list[tuple[int, int]], until: int) -> list[int]:
    return [number for time, number in sorted(waiting) if time <= until]


@given(STEPS)
def test_rows_leave_by_time_and_then_by_arrival(steps: list[tuple[str, list[int] | int]]) -> None:
    buffer, payloads = TimeBuffer(SCHEMA), []
    waiting: list[tuple[int, int]] = []
    count, released = 0, -1
    for step, value in steps:
        if isinstance(value, list):
            value = [time for time in value if time > released]
            numbers = list(range(count, count + len(value)))
            count += len(value)
            waiting += zip(value, numbers, strict=True)
            frame = pl.DataFrame({"f0": numbers}, schema=SCHEMA)
            buffer.add(frame, pl.Series(value, dtype=pl.Int64))
        elif step == "take":
            found, released = buffer.take(value), max(released, value)
            expected = expected_of(waiting, value)
            assert (found["f0"].to_list() if found is not None else []) == expected
            waiting = [each for each in waiting if each[0] > value]
        else:
            payloads.append(buffer.snapshot(value % 2 == 0, False))
            buffer = TimeBuffer(SCHEMA)
            buffer.restore([each for each in payloads if each is not None], 0, 0)
            payloads = [buffer.snapshot(True, False)]
        assert buffer.row_count == len(waiting)
        assert buffer.earliest == min((time for time, _ in waiting), default=None)
    assert buffer.memory_bytes >= 8 * len(waiting)


def test_rows_that_came_in_order_of_time_leave_without_being_sorted_or_copied() -> None:
    buffer = TimeBuffer(SCHEMA)
    frame = pl.DataFrame({"f0": [3, 1, 2]})
    buffer.add(frame, pl.Series([1, 1, 5], dtype=pl.Int64))
    assert buffer.take(0) is None
    taken = buffer.take(9)
    assert taken is not None
    assert taken["f0"].to_list() == [3, 1, 2]
