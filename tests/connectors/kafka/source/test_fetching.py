from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.records.codecs import DecodedRecords
from flott.connectors.kafka.source.fetching import (
    cut_at_ends,
    origin_of,
    parts_of,
)
from flott.core.batch import RowBatch
from flott.core.column_batch import ColumnBatch
from tests.connectors.kafka.frames import A0, A1, B0, fetched_of

PARTS = [(A0, 2), (A1, 1), (B0, 3)]
VALUES: list[bytes | None] = [b"%d" % each for each in range(6)]


def test_nothing_is_cut_without_stops() -> None:
    fetched = fetched_of(VALUES, PARTS)
    assert cut_at_ends(fetched, {A0: None, A1: None, B0: None}) is fetched
    assert cut_at_ends(fetched, {A0: 12, A1: 99, B0: 13}) is fetched


def test_rows_at_and_beyond_a_stop_are_cut() -> None:
    found = cut_at_ends(fetched_of(VALUES, PARTS), {A0: None, A1: 10, B0: 12})
    assert found.parts == [(A0, 2), (B0, 2)]
    assert found.frame["value"].to_list() == [b"0", b"1", b"3", b"4"]
    assert found.positions == {A0: 12, A1: 11, B0: 13}


def test_partitions_that_are_not_read_any_more_are_cut() -> None:
    found = cut_at_ends(fetched_of(VALUES, PARTS), {A1: None})
    assert found.parts == [(A1, 1)]
    assert found.frame["value"].to_list() == [b"2"]
    assert found.positions == {A1: 11}


def test_positions_of_what_is_not_read_are_cut_without_rows_too() -> None:
    fetched = fetched_of([], [(A0, 0), (A1, 0)])
    assert cut_at_ends(fetched, {A0: None}).positions == {A0: 10}


@given(st.data())
def test_a_cut_keeps_what_lies_before_the_stops(data: st.DataObject) -> None:
    """Offsets may have gaps, as in a compacted topic."""
    sizes = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    parts = [(TopicPartition("a", number), size) for number, size in enumerate(sizes)]
    offsets: list[int] = []
    for _, size in parts:
        numbers = st.lists(st.integers(0, 20), min_size=size, max_size=size, unique=True)
        offsets += sorted(data.draw(numbers))
    stops = {place: data.draw(st.none() | st.integers(0, 20)) for place, _ in parts}
    values: list[bytes | None] = [b"x"] * len(offsets)
    fetched = fetched_of(values, parts, offset=offsets)
    fetched.positions.update({place: 21 for place, _ in parts})  # type: ignore[attr-defined]
    places = [place for place, size in parts for _ in range(size)]
    expected = [
        (place.partition, offset)
        for place, offset in zip(places, offsets, strict=True)
        if stops[place] is None or offset < (stops[place] or 0)
    ]
    found = cut_at_ends(fetched, stops)
    assert found.frame.select("partition", "offset").rows() == expected
    assert sum(rows for _, rows in found.parts) == found.frame.height


def test_parts_of_a_batch_with_a_record_for_each_row() -> None:
    decoded = DecodedRecords(RowBatch(list(range(6))))
    assert parts_of(fetched_of(VALUES, PARTS), decoded) == [("a-0", 2), ("a-1", 1), ("b-0", 3)]


def test_parts_of_a_batch_with_none_or_many_for_a_row() -> None:
    rows = pl.Series([1, 1, 1, 3, 5], dtype=pl.UInt32)
    decoded = DecodedRecords(RowBatch(list(range(5))), rows)
    assert parts_of(fetched_of(VALUES, PARTS), decoded) == [("a-0", 3), ("b-0", 2)]


def test_the_partition_of_a_row() -> None:
    fetched = fetched_of(VALUES, PARTS)
    assert [fetched.partition_of(row) for row in range(6)] == [A0, A0, A1, B0, B0, B0]


def test_the_place_of_a_record() -> None:
    values = [object(), object()]
    decoded = DecodedRecords(RowBatch(values), pl.Series([1, 4], dtype=pl.UInt32))
    fetched = fetched_of(VALUES, PARTS)
    assert [origin_of(each, fetched, decoded) for each in values] == ["a-0 @ 11", "b-0 @ 11"]


def test_the_place_of_a_row_of_columns_is_that_of_the_batch() -> None:
    decoded = DecodedRecords(ColumnBatch(pl.DataFrame({"f0": [1]})))
    found = origin_of((1,), fetched_of(VALUES, PARTS), decoded)
    assert found == "a-0 @ 10 to 11, a-1 @ 10 to 10, b-0 @ 10 to 12"
