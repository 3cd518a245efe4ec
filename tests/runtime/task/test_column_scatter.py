"""Routers with batches of columns."""

import pickle
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.core.column_batch import ColumnBatch
from flott.core.element import Element
from flott.core.partitioner import Broadcast, HashColumns, Partitioner, Rebalance
from flott.runtime.task.column_scatter import ChosenRows
from flott.runtime.task.router import Router, make_scatter
from flott.runtime.task.sender import Sender

BATCHES = st.lists(
    st.lists(st.tuples(st.none() | st.integers(0, 9), st.text(max_size=2)), min_size=1), max_size=5
)


class Kept(Sender):
    def __init__(self) -> None:
        self.elements: list[Element] = []

    def put(self, element: Element) -> None:
        self.elements.append(element)

    @property
    def has_room(self) -> bool:
        return True

    @property
    def rows(self) -> list[Any]:
        found: list[Any] = []
        for batch in self.elements:
            assert isinstance(batch, ColumnBatch)
            assert batch.row_count
            assert batch.kinds is not None
            found += zip(batch.kinds.to_list(), batch.frame.rows(), strict=True)
        return found


def route(partitioner: Partitioner, batches: list[list[Any]], receivers: int) -> list[list[Any]]:
    senders = [Kept() for _ in range(receivers)]
    router = Router(senders, partitioner, make_scatter(partitioner, receivers, 0, 128))
    for rows in batches:
        frame = pl.DataFrame(rows, schema={"f0": pl.Int64, "f1": pl.String}, orient="row")
        kinds = pl.Series([position % 4 for position in range(len(rows))], dtype=pl.Int8)
        router.emit(ColumnBatch(frame, kinds))
    return [sender.rows for sender in senders]


def numbered(batches: list[list[Any]]) -> list[Any]:
    return [(at % 4, row) for rows in batches for at, row in enumerate(rows)]


@settings(deadline=None)
@given(BATCHES, st.integers(1, 5))
def test_rows_of_a_key_go_to_one_receiver_in_order(batches: Any, receivers: int) -> None:
    parts = route(HashColumns((0,)), batches, receivers)
    assert sorted(repr(row) for part in parts for row in part) == sorted(
        map(repr, numbered(batches))
    )
    for key in {row[0] for rows in batches for row in rows}:
        mine = [[row for row in part if row[1][0] == key] for part in parts]
        holders = [part for part in mine if part]
        assert len(holders) <= 1
        expected = [row for row in numbered(batches) if row[1][0] == key]
        assert (holders or [[]])[0] == expected


@settings(deadline=None)
@given(BATCHES, st.integers(1, 3))
def test_without_a_key_whole_batches_take_turns(batches: Any, receivers: int) -> None:
    parts = route(Rebalance(), batches, receivers)
    for position, part in enumerate(parts):
        assert part == numbered(batches[position::receivers])


@settings(deadline=None)
@given(BATCHES)
def test_broadcast_sends_everything_everywhere(batches: Any) -> None:
    assert route(Broadcast(), batches, 3) == [numbered(batches)] * 3


NESTED = pl.DataFrame({"f0": [[1], [2, 3], None]})
PLAIN = pl.DataFrame({"f0": [1, 2, 3], "f1": ["a", None, "longer than twelve bytes"]})


@pytest.mark.parametrize("frame", [PLAIN, NESTED, pl.DataFrame(height=3)])
@pytest.mark.parametrize("kinds", [None, pl.Series([0, 3, 0], dtype=pl.Int8)])
@pytest.mark.parametrize("protocol", [4, 5])
def test_chosen_rows_travel_whether_somebody_has_looked_at_them_or_not(
    frame: pl.DataFrame, kinds: pl.Series | None, protocol: int
) -> None:
    batch = ColumnBatch(frame, kinds)
    rows = pl.Series([2, 1], dtype=pl.UInt32)
    fresh, seen = ChosenRows(batch, rows), ChosenRows(batch, rows)
    assert seen.frame.height == fresh.row_count == 2
    for chosen in (fresh, seen):
        copy = pickle.loads(pickle.dumps(chosen, protocol))
        assert copy.frame.equals(frame[rows])
        assert (copy.kinds is None) == (kinds is None)
        assert kinds is None or copy.kinds.to_list() == [0, 3]


def test_the_bytes_of_rows_travel_beside_the_pickle() -> None:
    chosen = ChosenRows(ColumnBatch(PLAIN), pl.Series([0], dtype=pl.UInt32))
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(chosen, 5, buffer_callback=buffers.append)
    assert len(buffers) == 1
    assert pickle.loads(data, buffers=buffers).frame.rows() == [(1, "a")]


def test_chosen_rows_have_no_other_attributes() -> None:
    chosen = ChosenRows(ColumnBatch(PLAIN), pl.Series([0], dtype=pl.UInt32))
    with pytest.raises(AttributeError):
        _ = chosen.columns  # type: ignore[attr-defined]
