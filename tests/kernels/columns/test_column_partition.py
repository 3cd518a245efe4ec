"""Tests of flott.kernels.columns.partition."""

import datetime
import decimal
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.core.key_group import subtask_of_key_group
from flott.kernels.columns.partition import (
    column_key_groups,
    column_targets,
    pack_rows,
    scatter_rows,
    take_rows,
    unpack_rows,
)

VALUES = pl.DataFrame(
    {
        "f0": [1, 2, None],
        "f1": ["short", "rather longer than twelve bytes", None],
        "f2": [b"\x00", b"", None],
        "f3": [0.0, float("nan"), None],
        "f4": [decimal.Decimal("1.50"), decimal.Decimal(10) ** 30, None],
        "f5": [datetime.date(2020, 1, 1), datetime.date(1969, 1, 1), None],
        "f6": [[1, 2], [], None],
        "f7": [{"a": 1, "b": "x"}, {"a": None, "b": "y"}, None],
        "f8": [True, False, None],
        "f9": [datetime.time(1, 2, 3), datetime.time(0), None],
    }
)


def test_key_groups_are_the_same_for_ever() -> None:
    groups = [column_key_groups(VALUES, [i], 1 << 15).to_list() for i in range(VALUES.width)]
    assert groups == GOLDEN


@pytest.mark.parametrize("position", range(VALUES.width))
def test_the_group_of_a_row_does_not_depend_on_slices_or_chunks(position: int) -> None:
    whole = column_key_groups(VALUES, [position], 128).to_list()
    chunked = pl.concat([VALUES, VALUES], rechunk=False)
    assert column_key_groups(VALUES.slice(1), [position], 128).to_list() == whole[1:]
    assert column_key_groups(chunked, [position], 128).to_list() == whole * 2


@pytest.mark.parametrize("position", range(VALUES.width))
def test_rows_are_taken_as_polars_takes_them(position: int) -> None:
    frame = VALUES.select(f"f{position}").slice(1)
    rows = pl.Series([1, 0, 1, 1], dtype=pl.UInt32)
    assert take_rows(frame, rows).equals(frame[rows])
    assert take_rows(frame, rows).schema == frame.schema
    assert take_rows(frame, rows.clear()).schema == frame.schema


def test_a_row_that_is_not_there_is_not_taken() -> None:
    with pytest.raises(IndexError):
        take_rows(pl.DataFrame({"f0": [1]}), pl.Series([1], dtype=pl.UInt32))


def test_equal_floats_share_a_group() -> None:
    frame = pl.DataFrame({"f0": [0.0, -0.0]})
    assert column_key_groups(frame, [0], 1 << 15).n_unique() == 1


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-5, 5), st.text(max_size=14))), st.integers(1, 8))
def test_rows_are_scattered_to_the_owner_of_their_group(
    rows: list[tuple[int, str]], parallelism: int
) -> None:
    frame = pl.DataFrame(rows, schema={"f0": pl.Int64, "f1": pl.String}, orient="row")
    groups = column_key_groups(frame, [1, 0], 128).to_list()
    owners = [subtask_of_key_group(128, parallelism, group) for group in groups]
    assert column_targets(frame, [1, 0], 128, parallelism).to_list() == owners
    parts = scatter_rows(frame, [1, 0], 128, parallelism)
    assert [part.to_list() for part in parts] == [
        [i for i, owner in enumerate(owners) if owner == subtask] for subtask in range(parallelism)
    ]


def test_a_frame_of_no_rows_has_no_targets() -> None:
    assert column_targets(VALUES.clear(), [0, 1, 6], 128, 4).to_list() == []


def test_a_parallelism_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="parallelism must be between"):
        column_targets(VALUES, [0], 128, 129)


GOLDEN = [
    [15612, 10784, 22291],
    [12137, 227, 22291],
    [23862, 16412, 22291],
    [0, 22879, 22291],
    [10124, 7182, 22291],
    [27052, 950, 22291],
    [3449, 20405, 22291],
    [20577, 22285, 22291],
    [15612, 0, 22291],
    [20148, 0, 22291],
]


FLAT = VALUES.drop("f6", "f7")
LONG = st.sampled_from(["a text of more than twelve bytes", "another such text, longer still"])


@given(st.lists(st.integers(0, 2), max_size=9))
def test_packed_rows_are_those_that_were_chosen(chosen: list[int]) -> None:
    rows = pl.Series(chosen, dtype=pl.UInt32)
    assert unpack_rows(pack_rows(FLAT, rows) or b"").equals(FLAT[rows], null_equal=True)


@given(st.lists(st.none() | st.text(max_size=14) | LONG), st.integers(0, 5))
def test_texts_come_out_of_a_pack_as_they_went_in(texts: list[str | None], skipped: int) -> None:
    frame = pl.DataFrame({"f0": pl.Series(texts, dtype=pl.String)}).slice(skipped)
    unpacked = unpack_rows(bytearray(pack_rows(frame) or b""))
    assert unpacked.equals(frame)
    assert unpacked.schema == frame.schema


def test_a_text_that_many_rows_share_is_packed_once() -> None:
    text = pl.Series(["x" * 1000])
    frame = pl.DataFrame({"f0": text.new_from_index(0, 100)})
    assert len(pack_rows(frame) or b"") < 2000 + 100 * 16


def test_thousands_of_shared_texts_are_packed_a_few_times_each() -> None:
    pool = pl.Series([f"text number {number:05}" for number in range(4096)])
    frame = pl.DataFrame({"f0": pool.gather(Random(1).choices(range(4096), k=40_960))})
    packed = pack_rows(frame) or b""
    assert len(packed) < 40_960 * 16 + 3 * 4096 * 17
    assert unpack_rows(packed).equals(frame)


def test_nested_columns_are_not_packed() -> None:
    assert pack_rows(VALUES) is None


def test_rows_that_are_not_there_are_not_packed() -> None:
    with pytest.raises(IndexError):
        pack_rows(FLAT, pl.Series([3], dtype=pl.UInt32))


@given(st.integers(0, 400))
def test_a_pack_cut_short_is_refused(size: int) -> None:
    packed = pack_rows(FLAT)
    assert packed is not None
    if size < len(packed):
        with pytest.raises(ValueError, match="cut short"):
            unpack_rows(packed[:size])
