from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.core.batch import RowBatch
from flott.core.source import SplitBatch
from tests.connectors.fakes import FakeCoordinator


@dataclass(frozen=True)
class Letters:
    split_id: str
    text: str
    position: int = 0


class LetterCursor(SplitCursor):
    closed: list[str] = []

    def __init__(self, split: Letters) -> None:
        self.given = split

    def read(self, rows_max: int) -> SplitBatch | None:
        at, text = self.given.position, self.given.text
        if text[at : at + 1] == "-":  # nothing now
            self.given = replace(self.given, text=text.replace("-", "", 1))
            return None
        values: list[Any] = list(text[at : at + rows_max].split("-")[0])
        self.given = replace(self.given, position=at + len(values))
        return SplitBatch(self.given.split_id, RowBatch(values), at + len(values) == len(text))

    def split(self) -> Letters:
        return self.given

    def describe_position(self, value: Any) -> str | None:
        return f"{self.given.split_id}:{value}"

    def close(self) -> None:
        self.closed.append(self.given.split_id)


class Reader(SequentialReader):
    def __init__(self, *splits: Letters) -> None:
        self.wakes = 0
        LetterCursor.closed = []
        super().__init__(LetterCursor, self.count_wake)
        self.add_splits(splits)

    def count_wake(self) -> None:
        self.wakes += 1

    def next(self, rows_max: int = 1) -> str | None:
        found = self.poll(rows_max)
        return None if found is None else "".join(found.batch.values)  # type: ignore[union-attr]


A, B = Letters("a", "abc"), Letters("b", "xyz")


def test_splits_are_read_one_after_the_other() -> None:
    reader = Reader(A, B)
    assert [reader.next(2) for _ in range(5)] == ["ab", "c", "xy", "z", None]


def test_a_finished_split_is_closed_and_forgotten() -> None:
    reader = Reader(A, B)
    reader.next(3)
    assert LetterCursor.closed == ["a"]
    assert reader.snapshot(1) == [B]


def test_a_snapshot_holds_positions_of_what_is_open_and_splits_not_begun() -> None:
    reader = Reader(A, B)
    reader.next()
    assert reader.snapshot(1) == [replace(A, position=1), B]


def test_nothing_now_is_not_the_end() -> None:
    reader = Reader(Letters("a", "x-y"))
    assert [reader.next(), reader.next(), reader.next()] == ["x", None, "y"]


def test_paused_splits_wait_and_go_on_where_they_were() -> None:
    reader = Reader(A, B)
    reader.next()
    reader.pause_splits(["a"], [])
    assert reader.next() == "x"
    reader.pause_splits(["b"], [])
    assert reader.next() is None
    reader.pause_splits([], ["a", "b"])
    assert reader.wakes == 1
    assert reader.next(9) == "bc"
    assert reader.next(9) == "yz"


def test_a_split_may_be_paused_before_it_is_there() -> None:
    reader = Reader()
    reader.pause_splits(["a"], [])
    reader.add_splits([A, B])
    assert reader.next() == "x"


def test_positions_are_those_of_the_split_read_last() -> None:
    reader = Reader(A, B)
    assert reader.describe_position("a") is None
    reader.next(3)
    assert reader.describe_position("a") == "a:a"


def test_closing_closes_what_is_open() -> None:
    reader = Reader(A, B)
    reader.next()
    reader.close()
    reader.close()
    assert LetterCursor.closed == ["a"]


@given(
    texts=st.lists(st.text("ab-", min_size=1, max_size=5), max_size=4),
    turns=st.lists(st.tuples(st.integers(1, 3), st.sets(st.integers(0, 3))), max_size=30),
)
def test_pauses_neither_lose_nor_double_anything(
    texts: list[str], turns: list[tuple[int, set[int]]]
) -> None:
    splits = [Letters(str(n), text.strip("-") + "!") for n, text in enumerate(texts)]
    reader = Reader(*splits)
    names = {split.split_id for split in splits}
    read = dict.fromkeys(names, "")
    for rows_max, paused in [*turns, *[(1, set[int]())] * 60]:
        stop = {str(n) for n in paused} & names
        reader.pause_splits(sorted(stop), sorted(names - stop))
        found = reader.poll(rows_max)
        if found is not None and found.batch is not None:
            assert found.split_id not in stop
            read[found.split_id] += "".join(found.batch.values)  # type: ignore[attr-defined]
    assert read == {split.split_id: split.text.replace("-", "") for split in splits}


def test_the_queue_gives_each_split_once_and_then_ends() -> None:
    coordinator = FakeCoordinator(2)
    enumerator = SplitQueueEnumerator(coordinator, [A, B])
    enumerator.start()
    enumerator.handle_split_request(1)
    assert enumerator.snapshot(1) == [B]
    for subtask in (0, 0, 1):
        enumerator.handle_split_request(subtask)
    assert coordinator.take() == [
        ("assign", 1, [A]),
        ("assign", 0, [B]),
        ("end", 0, None),
        ("end", 1, None),
    ]
    enumerator.close()


def test_a_cursor_must_say_how_it_reads() -> None:
    with pytest.raises(TypeError):
        SplitCursor()  # type: ignore[abstract]
