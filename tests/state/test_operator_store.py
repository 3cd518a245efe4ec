"""State of subtasks: dealt out, given to all, or the same everywhere."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from flott.common.errors import RestoreError, UnpicklableError
from flott.core.snapshot import StateKind, StatePart
from flott.state.operator_store import MemoryOperatorStore


def subtasks(parallelism: int, parts: list[StatePart] | None = None) -> list[MemoryOperatorStore]:
    stores = [MemoryOperatorStore("op", i, parallelism, "Source") for i in range(parallelism)]
    for index, store in enumerate(stores):
        store.restore(parts or [], index, parallelism)
    return stores


def snapshots(stores: list[MemoryOperatorStore]) -> list[StatePart]:
    parts = [store.snapshot() for store in stores]
    return [part for part in parts if part is not None]


def filled(parallelism: int) -> list[StatePart]:
    stores = subtasks(parallelism)
    for index, store in enumerate(stores):
        store.list_state("list").add_all([f"{index}{letter}" for letter in "abc"])
        store.union_list_state("union").add(index)
        store.broadcast_state("rules")["rule"] = 42
    return snapshots(stores)


def test_without_declared_state_there_is_no_snapshot() -> None:
    assert MemoryOperatorStore("op").snapshot() is None


def test_declared_state_without_content_gives_no_snapshot() -> None:
    store = MemoryOperatorStore("op")
    store.union_list_state("union")
    store.list_state("list").add(1)
    store.broadcast_state("rules")["rule"] = 1
    assert store.snapshot() is not None
    store.list_state("list").clear()
    store.broadcast_state("rules").clear()
    assert store.snapshot() is None


def test_a_subtask_whose_list_was_empty_is_restored_empty() -> None:
    stores = subtasks(2)
    stores[1].list_state("list").add("b")
    restored = subtasks(2, snapshots(stores))
    assert [store.list_state("list").get() for store in restored] == [[], ["b"]]


def test_a_snapshot_is_one_full_part() -> None:
    (part,) = filled(1)
    assert (part.operator_id, part.kind, part.full) == ("op", StateKind.OPERATOR, True)


def test_list_state_behaves_as_a_list() -> None:
    state = MemoryOperatorStore("op").list_state("s")
    state.add(1)
    state.add_all([2, 3])
    copy = state.get()
    copy.append(99)
    assert state.get() == [1, 2, 3]
    state.update(item for item in state.get() if item > 1)
    assert state.get() == [2, 3]
    state.clear()
    assert state.get() == []


def test_a_name_gives_the_same_state_again() -> None:
    store = MemoryOperatorStore("op")
    store.list_state("s").add(1)
    store.broadcast_state("b")["k"] = 1
    assert store.list_state("s").get() == [1]
    assert store.broadcast_state("b") == {"k": 1}


def test_at_the_same_parallelism_each_subtask_keeps_its_items() -> None:
    lists = [store.list_state("list").get() for store in subtasks(2, filled(2))]
    assert lists == [["0a", "0b", "0c"], ["1a", "1b", "1c"]]


@pytest.mark.parametrize(("before", "after"), [(1, 3), (2, 3), (3, 2), (4, 1)])
def test_at_another_parallelism_items_are_dealt_out_evenly(before: int, after: int) -> None:
    lists = [store.list_state("list").get() for store in subtasks(after, filled(before))]
    everything = sorted(item for items in lists for item in items)
    assert everything == sorted(f"{i}{letter}" for i in range(before) for letter in "abc")
    assert max(map(len, lists)) - min(map(len, lists)) <= 1


@pytest.mark.parametrize("after", [1, 2, 5])
def test_union_state_goes_to_everybody(after: int) -> None:
    for store in subtasks(after, filled(2)):
        assert store.union_list_state("union").get() == [0, 1]


@pytest.mark.parametrize("after", [1, 2, 5])
def test_broadcast_state_is_the_same_everywhere_and_nobody_shares_it(after: int) -> None:
    stores = subtasks(after, filled(2))
    stores[0].broadcast_state("rules")["mine"] = 1
    assert all(store.broadcast_state("rules")["rule"] == 42 for store in stores)
    assert all("mine" not in store.broadcast_state("rules") for store in stores[1:])


def test_a_subtask_that_had_no_state_does_not_shift_the_others() -> None:
    stores = subtasks(3)
    stores[2].list_state("list").add("of the last")
    lists = [store.list_state("list").get() for store in subtasks(3, snapshots(stores))]
    assert lists == [[], [], ["of the last"]]


def test_subtasks_that_had_ended_do_not_hide_a_change_of_parallelism() -> None:
    stores = subtasks(3)
    stores[1].list_state("list").add_all([1, 2])
    lists = [store.list_state("list").get() for store in subtasks(2, snapshots(stores))]
    assert lists == [[1], [2]]


def test_restored_state_that_nobody_asks_for_stays() -> None:
    again = snapshots(subtasks(1, filled(1)))
    assert subtasks(1, again)[0].list_state("list").get() == ["0a", "0b", "0c"]


def test_a_name_stands_for_one_kind() -> None:
    (store,) = subtasks(1, filled(1))
    with pytest.raises(RestoreError, match="'list' of operator Source is list state"):
        store.broadcast_state("list")


def test_what_cannot_be_pickled_is_named() -> None:
    store = MemoryOperatorStore("op")
    store.list_state("fine").add(1)
    store.list_state("bad").add(iter(n for n in [1]))
    with pytest.raises(UnpicklableError, match=r"State 'bad'.* key 0 holds a generator"):
        store.snapshot()


@pytest.mark.parametrize("payload", [b"", b"FLTS\x01", b"FLTO\x09\0\0\0\0"])
def test_what_is_no_operator_state_is_refused(payload: bytes) -> None:
    part = StatePart("op", StateKind.OPERATOR, True, payload)
    with pytest.raises(RestoreError, match="Source"):
        subtasks(1, [part])


class Large:
    """Gives its bytes as a buffer."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self.data = data

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return Large, (pickle.PickleBuffer(self.data),)


def test_large_pieces_are_not_copied() -> None:
    data = bytes(range(256)) * 1000
    store = MemoryOperatorStore("op")
    store.list_state("logs").add_all([Large(data), Large(b"small"), Large(data)])
    part = store.snapshot()
    assert part is not None
    assert len(part.payload) % 4096 == 0
    assert [view.obj is data for view in part.buffers] == [True, True]
    for restored in (part, StatePart("op", StateKind.OPERATOR, True, part.content)):
        (after,) = subtasks(1, [restored])
        assert [bytes(each.data) for each in after.list_state("logs").get()] == [
            data,
            b"small",
            data,
        ]


def test_what_may_still_be_changed_is_copied() -> None:
    data = bytearray(100_000)
    store = MemoryOperatorStore("op")
    store.list_state("logs").add(Large(data))
    part = store.snapshot()
    assert part is not None
    assert part.buffers == ()
    data[0] = 1
    (after,) = subtasks(1, [part])
    assert after.list_state("logs").get()[0].data[0] == 0
