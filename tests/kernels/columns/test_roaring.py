"""Roaring bitmaps as bytes."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns import roaring

NUMBERS = st.sets(st.integers(-(2**31), 2**31 - 1), max_size=50)


@given(NUMBERS)
def test_a_bitmap_reads_as_its_numbers_unsigned_and_sorted(numbers: set[int]) -> None:
    assert roaring.read(roaring.write(numbers)) == sorted(n & 0xFFFFFFFF for n in numbers)


@given(NUMBERS, NUMBERS)
def test_two_bitmaps_combine_as_sets(one: set[int], two: set[int]) -> None:
    pair = roaring.write(one), roaring.write(two)
    assert roaring.combined(pair, "AND") == roaring.write(one & two)
    assert roaring.combined(pair, "OR") == roaring.write(one | two)
    assert roaring.combined(pair, "XOR") == roaring.write(one ^ two)
    assert roaring.combined(pair, "ANDNOT") == roaring.write(one - two)


def test_many_numbers_with_one_upper_half_are_kept_as_bits() -> None:
    numbers = list(range(0, 65536, 2))
    data = roaring.write(numbers)
    assert len(data) < 8300
    assert roaring.read(data) == numbers


def test_runs_are_written_where_they_are_shorter() -> None:
    data = bytes.fromhex("3b3000000100000900010001000900")
    assert roaring.write(range(1, 11)) == data
    assert roaring.read(data) == list(range(1, 11))


@given(
    st.sets(st.integers(0, 20), min_size=1).map(
        lambda keys: {k << 16 | low for k in keys for low in range(9)}
    )
)
def test_runs_in_many_containers_read_as_written(numbers: set[int]) -> None:
    assert roaring.read(roaring.write(numbers)) == sorted(numbers)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0" * 8, struct.pack("<II", 12346, 1), struct.pack("<II", 12346, 1 << 20)],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="bitmap"):
        roaring.read(data)


@settings(max_examples=40)
@given(
    st.one_of(NUMBERS, st.just(set(range(9000))), st.just(set(range(0, 20000, 2)))),
    st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), max_size=4),
    st.integers(0, 20),
)
def test_damaged_bytes_are_refused_or_are_another_bitmap(
    numbers: set[int], changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(roaring.write(numbers))
    for position, byte in changes:
        data[position % len(data)] = byte
    try:
        found = roaring.read(bytes(data[: len(data) - cut]))
    except ValueError:
        return
    assert found == sorted(set(found))
    assert roaring.read(roaring.write(found)) == found


def test_runs_that_overlap_are_not_written_out() -> None:
    everything = struct.pack("<HH", 0, 0xFFFF)
    head = struct.pack("<IBHH", 12347, 1, 0, 0xFFFF)
    with pytest.raises(ValueError, match="do not rise"):
        roaring.read(head + struct.pack("<H", 0xFFFF) + everything * 0xFFFF)
