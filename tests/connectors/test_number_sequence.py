from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.connectors.number_sequence import NumberSequenceSource, divide_range
from flott.testing.connectors import SourceJob, check_source


def test_both_bounds_are_included() -> None:
    assert SourceJob(NumberSequenceSource(3, 7)).finish() == [3, 4, 5, 6, 7]


def test_one_reader_gives_the_numbers_in_order() -> None:
    assert SourceJob(NumberSequenceSource(-50, 50)).finish(rows_max=7) == list(range(-50, 51))


def test_more_readers_than_numbers() -> None:
    assert sorted(SourceJob(NumberSequenceSource(1, 2), parallelism=4).finish()) == [1, 2]


def test_every_reader_gets_a_part() -> None:
    job = SourceJob(NumberSequenceSource(1, 8), parallelism=4)
    assert all(job.step(subtask, 100) for subtask in range(4))
    assert sorted(job.records) == list(range(1, 9))


@given(start=st.integers(-100, 100), length=st.integers(0, 100), parts=st.integers(1, 10))
def test_parts_are_gapless_and_of_nearly_equal_length(start: int, length: int, parts: int) -> None:
    splits = divide_range(start, start + length, parts)
    assert [n for s in splits for n in range(s.start, s.stop)] == list(range(start, start + length))
    lengths = [split.stop - split.start for split in splits]
    assert max(lengths, default=0) - min(lengths, default=0) <= 1


@given(data=st.data(), start=st.integers(-10, 10), length=st.integers(1, 60))
def test_each_number_comes_once_whatever_happens(
    data: st.DataObject, start: int, length: int
) -> None:
    source = NumberSequenceSource(start, start + length - 1)
    check_source(data, source, range(start, start + length))


def test_a_backward_range_is_refused() -> None:
    with pytest.raises(ValueError, match="less than its start"):
        NumberSequenceSource(2, 1)


def test_bounds_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        NumberSequenceSource(1, 2.5)  # type: ignore[arg-type]
