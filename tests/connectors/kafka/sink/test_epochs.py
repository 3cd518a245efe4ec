"""Records of an epoch are handed over in order, and kept as they were."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flott.connectors.kafka.sink.blocks import Blocks
from flott.connectors.kafka.sink.epochs import OpenEpoch
from flott.connectors.kafka.sink.record_log import RecordLog


def frame(*values: bytes | None) -> pl.DataFrame:
    return pl.DataFrame({"value": values}, schema={"value": pl.Binary})


def pack(frames: list[pl.DataFrame]) -> RecordLog:
    epoch = OpenEpoch(Blocks())
    for each in frames:
        epoch.add(each)
    return pack_of(epoch)


def pack_of(epoch: OpenEpoch) -> RecordLog:
    log = epoch.pack()
    assert log is not None
    return log


def values(frames: list[pl.DataFrame]) -> list[bytes | None]:
    return [value for each in frames for value in each["value"].to_list()]


def test_frames_come_back_as_they_were() -> None:
    headers = pl.List(pl.Struct({"key": pl.String, "value": pl.Binary}))
    first = pl.DataFrame(
        {"key": [b"k", None], "value": [None, b""], "headers": [[{"key": "h", "value": b"1"}], []]},
        schema={"key": pl.Binary, "value": pl.Binary, "headers": headers},
    )
    packed = list(pack([first, frame(b"a"), frame(b"b")]).frames())
    assert len(packed) == 3
    assert_frame_equal(packed[0], first)
    assert values(packed[1:]) == [b"a", b"b"]


def test_nothing_is_packed_as_nothing() -> None:
    assert list(pack([]).frames()) == []


@given(st.lists(st.integers(0, 4), max_size=6), st.integers(0, 30))
def test_records_that_were_handed_over_are_left_out(sizes: list[int], skipped: int) -> None:
    names = iter(range(100))
    frames = [frame(*(str(next(names)).encode() for _ in range(size))) for size in sizes]
    expected = values(frames)[skipped:]
    assert values(list(pack(frames).frames(skipped))) == expected


@given(st.lists(st.integers(1, 4), max_size=6), st.lists(st.integers(0, 3), max_size=20))
def test_records_are_handed_over_in_order(sizes: list[int], takes: list[int]) -> None:
    epoch = OpenEpoch(Blocks())
    names = iter(range(100))
    given_values: list[bytes | None] = []
    for size in sizes:
        part = frame(*(str(next(names)).encode() for _ in range(size)))
        given_values += part["value"].to_list()
        epoch.add(part)
    taken: list[bytes | None] = []
    for take in takes:
        rest = epoch.rest
        if rest is None:
            break
        count = min(take, rest.height)
        taken += rest["value"].to_list()[:count]
        epoch.take(count)
    assert taken == given_values[: epoch.produced]
    epoch.rewind()
    assert epoch.produced == 0
    rest = epoch.rest
    if given_values:
        assert rest is not None
        assert rest["value"][0] == given_values[0]
    assert values(list(pack_of(epoch).frames())) == given_values


def test_records_that_are_not_kept_are_let_go() -> None:
    epoch = OpenEpoch(None)
    epoch.add(frame(b"a", b"b"))
    epoch.take(2)
    assert epoch.rest is None
    assert epoch.pack() is None
    with pytest.raises(AssertionError):
        epoch.rewind()


def test_the_largest_record_is_that_with_most_bytes_of_key_and_value() -> None:
    epoch = OpenEpoch(Blocks())
    assert epoch.find_largest() == 0
    epoch.add(frame(b"aaa", None))
    epoch.add(
        pl.DataFrame(
            {"key": [b"kk", None], "value": [b"vv", b"v"]},
            schema={"key": pl.Binary, "value": pl.Binary},
        )
    )
    assert epoch.find_largest() == 4
