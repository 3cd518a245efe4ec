"""Where contents of windows are kept: panes, and what stands inside other entries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.core.key_group import KeyGroupRange
from flott.operators.rows.windows.fold import ABSENT, AggregateFold, Fold, ReduceFold, own
from flott.operators.rows.windows.keep import FoldKeep, Keep, ListKeep
from flott.operators.rows.windows.panes import (
    CHUNK_ROWS,
    FoldedPanes,
    ListPanes,
    PairedPanes,
    Panes,
    key_of_chunk,
)
from flott.state.memory_store import MemoryKeyedStore
from tests.operators.harness import ManualClock
from tests.operators.rows.windows.window_cases import Sum


def store() -> MemoryKeyedStore:
    return MemoryKeyedStore("0" * 32, KeyGroupRange(0, 127), 128, ManualClock())


def folds() -> list[Fold]:
    return [AggregateFold(Sum()), ReduceFold(lambda a, b: (a[0], a[1] + b[1]))]


@pytest.mark.parametrize("make", [lambda s: ListPanes(s), lambda s: FoldedPanes(s, folds()[0])])
def test_panes_are_found_by_window_and_key(make: Any) -> None:
    panes: Panes = make(store())
    assert panes.add("w", "a", ("a", 1)) is True
    assert panes.add("w", "a", ("a", 2)) is False
    panes.add_groups("w", {"b": [("b", 3)]})
    panes.add_groups("v", {"a": [("a", 4)]})
    assert list(panes.keys("w")) == ["a", "b"]
    assert sorted(panes.namespaces()) == ["v", "w"]
    assert panes.get("v", "b") is ABSENT
    panes.remove("w", "a")
    panes.remove("w", "missing")
    assert [key for key, _ in panes.items("w")] == ["b"]
    panes.drop("w")
    assert panes.items("w") == []


def test_a_list_that_is_given_out_can_be_changed() -> None:
    panes = ListPanes(store())
    panes.add("w", "a", 1)
    panes.get("w", "a").append(2)
    assert panes.get("w", "a") == [1]


@given(st.lists(st.integers(1, 700), max_size=8))
def test_long_lists_are_kept_in_chunks_in_order(lengths: list[int]) -> None:
    panes, expected = ListPanes(store()), list[int]()
    for length in lengths:
        rows = list(range(len(expected), len(expected) + length))
        expected += rows
        panes.add_groups("w", {"a": rows})
    if expected:
        assert panes.get("w", "a") == expected
        tail = panes._tails.get("w", "a")[1]
        assert len(tail) < CHUNK_ROWS


def test_dropping_a_long_list_leaves_nothing() -> None:
    keyed = store()
    panes = ListPanes(keyed)
    for window in ("v", "w"):
        panes.add_groups(window, {"a": list(range(5000)), "b": [1]})
        panes.add_groups(window, {"a": list(range(5000))})
    panes.remove("v", "a")
    assert panes.items("v") == [("b", [1])]
    panes.drop("v")
    panes.replace("w", "a", [7])
    assert panes.get("w", "a") == [7]
    panes.replace("w", "a", [])
    assert panes.get("w", "a") is ABSENT
    panes.drop("w")
    assert keyed.entry_count == 0


@pytest.mark.parametrize("fold", folds())
def test_folding_in_groups_is_folding_one_by_one(fold: Fold) -> None:
    one_by_one, in_groups = FoldedPanes(store(), fold), FoldedPanes(store(), fold)
    for number in range(4):
        one_by_one.add("w", "a", ("a", number))
    in_groups.add_groups("w", {"a": [("a", 0), ("a", 1), ("a", 2)]})
    in_groups.add_groups("w", {"a": [("a", 3)]})
    assert one_by_one.items("w") == in_groups.items("w")
    assert [[result] for result in in_groups.results("w")] == [in_groups.get("w", "a")]


@pytest.mark.parametrize("make", [lambda s: ListPanes(s), lambda s: FoldedPanes(s, folds()[1])])
def test_merging_moves_contents_behind_those_of_the_target(make: Any) -> None:
    panes: Panes = make(store())
    for window, number in (("u", 1), ("v", 2), ("w", 4)):
        panes.add(window, "a", ("a", number))
        panes.add(window, "b", ("b", 8))
    panes.merge("a", "u", ["v", "missing", "w"])
    contents = panes.get("u", "a")
    assert sum(value for _, value in contents) == 7
    assert panes.get("v", "a") is panes.get("w", "a") is ABSENT
    assert panes.get("v", "b") is not ABSENT
    panes.merge("a", "new", ["u"])
    assert panes.get("new", "a") == contents


def test_paired_panes_keep_two_inputs_apart() -> None:
    panes = PairedPanes(store())
    panes.add_groups("w", {"a": [1], "b": [2]}, 0)
    panes.add("w", "a", 3, 1)
    panes.add("v", "c", 4, 1)
    assert panes.items("w") == [("a", ([1], [3])), ("b", ([2], []))]
    assert panes.get("v", "c") == ([], [4])
    assert panes.get("v", "a") is ABSENT
    assert sorted(panes.namespaces()) == ["v", "w"]
    panes.merge("a", "w", iter(["v"]))
    panes.remove("w", "b")
    assert list(panes.keys("w")) == ["a"]
    panes.drop("w")
    assert list(panes.namespaces()) == ["v"]


def test_chunks_belong_to_the_key_group_of_their_key() -> None:
    assert key_of_chunk(("key", 7)) == "key"


@pytest.mark.parametrize("make", [lambda s: ListKeep(s, "chunks"), lambda s: FoldKeep(folds()[0])])
def test_kept_values_add_and_merge(make: Any) -> None:
    keep: Keep = make(store())
    first = keep.add("a", ABSENT, [("a", 1), ("a", 2)])
    second = keep.add("a", keep.add("a", ABSENT, [("a", 4)]), [("a", 8)])
    merged = keep.merge("a", first, second)
    contents = keep.contents("a", merged)
    assert sum(row if isinstance(row, int) else row[1] for row in contents) == 15
    keep.discard("a", merged)
    keep.release("a")


@given(st.lists(st.lists(st.integers(1, 600), min_size=1, max_size=3), min_size=1, max_size=4))
def test_merged_lists_keep_every_record_once_and_leave_nothing(parts: list[list[int]]) -> None:
    keyed = store()
    keep = ListKeep(keyed, "chunks")
    merged: Any = ABSENT
    serial, expected = 0, list[int]()
    for lengths in parts:
        kept: Any = ABSENT
        for length in lengths:
            rows = list(range(serial, serial + length))
            serial += length
            expected += rows
            kept = keep.add("a", kept, rows)
        merged = kept if merged is ABSENT else keep.merge("a", merged, kept)
    assert keep.contents("a", merged) == expected
    keep.discard("a", merged)
    keep.release("a")
    assert keyed.entry_count == 0


def test_a_reduce_function_gets_a_copy_of_what_it_could_change() -> None:
    row = {"n": 1}
    assert ReduceFold(max).fold(ABSENT, [row]) is not row
    assert ReduceFold(max).result(row) == row
    assert ReduceFold(max).results([row])[0] is not row
    assert own((1, [2])) == (1, [2])


def test_an_accumulator_that_is_its_own_result_is_copied() -> None:
    class Collect(Sum):
        def get_result(self, accumulator: Any) -> Any:
            return accumulator

    fold, kept = AggregateFold(Collect()), [1]
    assert fold.result(kept) == [1]
    assert fold.result(kept) is not kept
    assert fold.results([kept])[0] is not kept
    assert repr(ABSENT) == "ABSENT"
