"""Evictors on lists of records."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.common.time import Time
from flott.operators.window import (
    CountEvictor,
    DeltaEvictor,
    GlobalWindow,
    TimeEvictor,
    TimestampedValue,
)


def elements(*values: int, times: list[int] | None = None) -> list[TimestampedValue[int]]:
    return [TimestampedValue(v, None if times is None else times[i]) for i, v in enumerate(values)]


def left(evictor: Any, rows: list[TimestampedValue[int]], after: bool = False) -> list[int]:
    evict = evictor.evict_after if after else evictor.evict_before
    evict(rows, len(rows), GlobalWindow.get(), None)
    return [row.value for row in rows]


def test_count_evictor_keeps_the_last_records() -> None:
    assert left(CountEvictor.of(2), elements(1, 2, 3)) == [2, 3]
    assert left(CountEvictor.of(5), elements(1, 2, 3)) == [1, 2, 3]
    assert left(CountEvictor.of(0), elements(1, 2, 3)) == []


def test_time_evictor_keeps_what_is_younger_than_the_youngest_less_its_size() -> None:
    rows = elements(1, 2, 3, 4, times=[0, 90, 100, 81])
    assert left(TimeEvictor.of(Time(10)), rows) == [3]
    rows = elements(1, 2, 3, 4, times=[0, 91, 100, 81])
    assert left(TimeEvictor.of(Time(10)), rows) == [2, 3]


def test_time_evictor_keeps_everything_without_timestamps() -> None:
    assert left(TimeEvictor.of(Time(10)), elements(1, 2)) == [1, 2]


def test_delta_evictor_compares_with_the_last_record() -> None:
    evictor = DeltaEvictor.of(3, lambda element, last: last - element)
    assert left(evictor, elements(1, 7, 8, 5, 9)) == [7, 8, 9]


@pytest.mark.parametrize(
    "make",
    [
        lambda after: CountEvictor.of(1, after),
        lambda after: TimeEvictor.of(1, after),
        lambda after: DeltaEvictor.of(1, lambda a, b: b - a, after),
    ],
)
def test_an_evictor_works_either_before_or_after(make: Any) -> None:
    def rows() -> Any:
        return elements(1, 5, times=[1, 5])

    assert left(make(False), rows()) == [5]
    assert left(make(False), rows(), after=True) == [1, 5]
    assert left(make(True), rows()) == [1, 5]
    assert left(make(True), rows(), after=True) == [5]
    assert left(make(False), []) == []


def test_impossible_evictors_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more records, found -1"):
        CountEvictor.of(-1)
    with pytest.raises(ValueError, match="size of TimeEvictor"):
        TimeEvictor.of(0)
    with pytest.raises(ProgramError, match="get_delta"):
        DeltaEvictor.of(1, "no function")  # type: ignore[arg-type]


@given(st.integers(), st.none() | st.integers(), st.integers(0, 1))
def test_records_in_windows_survive_pickling(value: int, time: int | None, side: int) -> None:
    row = TimestampedValue(value, time, side)
    assert pickle.loads(pickle.dumps(row)) == row


def test_evictors_print_what_they_keep() -> None:
    assert repr(CountEvictor.of(2)) == "CountEvictor(2)"
    assert repr(TimeEvictor.of(2)) == "TimeEvictor(2)"
    assert repr(TimestampedValue("x", 5)) == "TimestampedValue('x', 5)"
