"""Tables of the engine's operators, and what they record."""

from __future__ import annotations

from typing import Any

import pytest

from flott.state.memory_table import MemoryTable
from flott.state.table_kind import TableKind, TableSpec
from tests.state.stores import make_store, restored, snapshot


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable(TableSpec("t", TableKind.TABLE))


def test_get_gives_the_default_where_there_is_nothing(table: MemoryTable) -> None:
    assert table.get("w", "k") is None
    assert table.get("w", "k", 0) == 0
    assert table.get_many("w", ["k"], 0) == [0]


def test_many_keys_are_read_and_written_in_one_call(table: MemoryTable) -> None:
    table.put_many("w", {"a": 1, "b": 2})
    assert table.get_many("w", ["b", "c", "a"], 0) == [2, 0, 1]
    table.put_many("v", {})
    assert list(table.namespaces()) == ["w"]


def test_none_is_a_value(table: MemoryTable) -> None:
    table.put("w", "k", None)
    assert table.get("w", "k", "default") is None


def test_items_come_in_order_of_first_insertion(table: MemoryTable) -> None:
    for key in "bac":
        table.put("w", key, 1)
    table.put("w", "b", 2)
    assert list(table.items("w")) == [("b", 2), ("a", 1), ("c", 1)]


def test_namespaces_without_keys_are_not_listed(table: MemoryTable) -> None:
    table.put("w", "k", 1)
    table.put("v", "k", 1)
    table.remove("w", "k")
    table.drop("v")
    assert list(table.namespaces()) == []
    assert table.spaces == {}


def test_removing_and_dropping_nothing_changes_nothing(table: MemoryTable) -> None:
    table.begin_interval(full=True)
    table.remove("w", "k")
    table.drop("w")
    assert table.change_count == 0


def test_nothing_is_recorded_before_the_first_snapshot(table: MemoryTable) -> None:
    table.put("w", "k", 1)
    table.remove("w", "k")
    assert table.changes is None
    assert table.change_count == 0


def test_a_dropped_namespace_is_one_change(table: MemoryTable) -> None:
    table.put_many("w", {n: n for n in range(100)})
    table.begin_interval(full=True)
    table.put("w", 0, -1)
    table.drop("w")
    assert table.change_count == 1


def test_a_namespace_that_came_and_went_is_no_change(table: MemoryTable) -> None:
    table.begin_interval(full=True)
    table.put_many("w", {n: n for n in range(100)})
    table.drop("w")
    table.put("v", "k", 1)
    table.remove("v", "k")
    assert table.change_count == 0


def test_the_main_namespace_can_be_dropped(table: MemoryTable) -> None:
    table.put(None, "k", 1)
    table.begin_interval(full=True)
    table.drop(None)
    assert list(table.namespaces()) == []
    assert table.change_count == 1


def test_empty_namespaces_do_not_pile_up(table: MemoryTable) -> None:
    for number in range(10_000):
        table.space(number)
    assert len(table.spaces) <= 65


@pytest.mark.parametrize("again", [False, True])
def test_dropping_reaches_the_checkpoint(again: bool) -> None:
    store = make_store()
    table = store.table("t")
    table.put_many("w", {n: n for n in range(9)})
    table.put_many("v", {n: n for n in range(9)})
    parts = [snapshot(store)]
    table.drop("w")
    if again:
        table.put("w", "new", 1)
    parts.append(snapshot(store))
    after = dict(restored(parts).table("t").items("w"))
    assert after == ({"new": 1} if again else {})


def test_a_namespace_that_began_after_the_base_can_be_dropped_too() -> None:
    store = make_store()
    table = store.table("t")
    table.put_many("stays", {n: n for n in range(99)})
    parts = [snapshot(store)]
    table.put("w", "k", 1)
    parts.append(snapshot(store))
    table.drop("w")
    parts.append(snapshot(store))
    assert [part.full for part in parts] == [True, False, False]
    assert list(restored(parts).table("t").namespaces()) == ["stays"]


def key_in(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def test_key_of_decides_where_an_entry_moves() -> None:
    store = make_store()
    table = store.table("t", key_in)
    for key in range(40):
        table.put(None, (key, "more"), key)
    part = snapshot(store)
    halves = [restored([part], subtask=i, parallelism=2) for i in range(2)]
    keys = [{pair[0] for pair, _ in half.table("t", key_in).items(None)} for half in halves]
    assert keys[0] | keys[1] == set(range(40))
    assert not keys[0] & keys[1]
    assert all(keys)
