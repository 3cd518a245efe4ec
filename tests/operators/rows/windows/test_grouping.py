"""Sorting a batch into windows and keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.operators.rows.windows.grouping import LateRow, group_sliding, group_tumbling

rows = st.lists(st.tuples(st.integers(-50, 50), st.sampled_from("ab")), max_size=30)


def plain(groups: Any) -> Any:
    return {start: dict(keys) for start, keys in groups.items() if keys}


@given(rows, st.integers(1, 20), st.integers(-9, 9), st.integers(-60, 60))
def test_records_go_into_tumbling_windows_in_order_of_arrival(
    given_rows: Any, size: int, offset: int, watermark: int
) -> None:
    offset = offset % size
    times, keys = [time for time, _ in given_rows], [key for _, key in given_rows]
    numbers = list(range(len(times)))
    groups, late = group_tumbling(numbers, times, keys, size, offset, watermark)
    expected: dict[int, dict[str, list[int]]] = {}
    passed = []
    for number, time, key in zip(numbers, times, keys):
        start = next(s for s in range(time - size + 1, time + 1) if (s - offset) % size == 0)
        if start + size - 1 <= watermark:
            passed.append(LateRow(number, time, key, (start,), False))
        else:
            expected.setdefault(start, {}).setdefault(key, []).append(number)
    assert plain(groups) == expected
    assert late == passed


@given(rows, st.integers(1, 20), st.integers(1, 20), st.integers(0, 9), st.integers(-60, 60))
def test_records_go_into_every_sliding_window_that_holds_them(
    given_rows: Any, size: int, slide: int, offset: int, watermark: int
) -> None:
    times, keys = [time for time, _ in given_rows], [key for _, key in given_rows]
    numbers = list(range(len(times)))
    groups, late = group_sliding(numbers, times, keys, size, slide, offset, watermark)
    expected: dict[int, dict[str, list[int]]] = {}
    passed = []
    for number, time, key in zip(numbers, times, keys):
        starts = [s for s in range(time, time - size, -1) if (s - offset) % slide == 0]
        gone = tuple(s for s in starts if s + size - 1 <= watermark)
        if gone or not starts:
            passed.append(LateRow(number, time, key, gone, len(gone) < len(starts)))
        for start in starts:
            if start not in gone:
                expected.setdefault(start, {}).setdefault(key, []).append(number)
    assert plain(groups) == expected
    assert late == passed


@pytest.mark.parametrize("time", [-(2**63), -(2**63) - 5])
def test_a_record_without_timestamp_is_refused(time: int) -> None:
    with pytest.raises(ProgramError, match="no timestamp"):
        group_tumbling(["x"], [time], ["a"], 10, 0, -(2**63))
    with pytest.raises(ProgramError, match="no timestamp"):
        group_sliding(["x"], [time], ["a"], 10, 5, 0, -(2**63))
