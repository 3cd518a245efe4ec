"""Snapshots: exact at the barrier, no larger than what changed."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import UnpicklableError
from flott.state.memory_store import MemoryKeyedStore
from tests.state.stores import AGGREGATING, LIST, MAP, VALUE, keyed, make_store, restored, snapshot


def filled(count: int, **options: Any) -> MemoryKeyedStore:
    store = make_store(**options)
    for key in range(count):
        keyed(store, key).state(VALUE).update(text(key))
    return store


def text(key: int) -> str:
    return f"{key} " * 20


def test_an_empty_store_has_nothing_to_write() -> None:
    store = make_store()
    store.state(VALUE)
    assert store.snapshot(False) is None
    assert store.snapshot(True) is None


def test_the_first_snapshot_is_full() -> None:
    assert snapshot(filled(1)).full


def test_without_changes_there_is_no_second_snapshot() -> None:
    store = filled(1)
    snapshot(store)
    assert store.snapshot(False) is None


def test_a_full_snapshot_of_a_store_that_became_empty_says_so() -> None:
    store = filled(1)
    snapshot(store)
    store.state(VALUE).clear()
    part = snapshot(store, full=True)
    assert part.full
    assert restored([part]).entry_count == 0


def test_what_is_written_follows_what_changed() -> None:
    store = filled(5000)
    full = snapshot(store)
    keyed(store, 17).state(VALUE).update("new")
    changes = snapshot(store)
    assert not changes.full
    assert len(changes.payload) < 600 < len(full.payload) / 100


def test_appending_to_a_long_list_writes_what_was_appended() -> None:
    store = keyed(make_store(), "k")
    store.state(LIST).add_all(range(10_000))
    parts = [snapshot(store)]
    store.state(LIST).add(-1)
    parts.append(snapshot(store))
    assert len(parts[1].payload) < 600
    assert keyed(restored(parts), "k").state(LIST).get()[-2:] == [9_999, -1]


def test_items_appended_one_by_one_are_all_in_the_changes() -> None:
    store = keyed(make_store(), "k")
    store.state(LIST).add(0)
    parts = [snapshot(store)]
    for item in (1, 2, 3):
        store.state(LIST).add(item)
    parts.append(snapshot(store))
    assert list(keyed(restored(parts), "k").state(LIST)) == [0, 1, 2, 3]


def test_applying_the_same_changes_twice_changes_nothing() -> None:
    store = keyed(make_store(), "k")
    store.state(LIST).add_all([0, 1])
    store.state(MAP).put("x", 1)
    parts = [snapshot(store)]
    store.state(LIST).add(2)
    store.state(MAP).put("y", 2)
    parts += [snapshot(store)] * 2
    after = keyed(restored(parts), "k")
    assert list(after.state(LIST)) == [0, 1, 2]
    assert dict(after.state(MAP).items()) == {"x": 1, "y": 2}


def test_a_map_that_began_after_the_base_is_in_the_changes() -> None:
    store = keyed(make_store(), "k")
    store.state(MAP).put("x", 1)
    parts = [snapshot(store)]
    keyed(store, "new").state(MAP).put("y", 2)
    keyed(store, "k").state(MAP).clear()
    store.state(MAP).put("z", 3)
    parts.append(snapshot(store))
    after = restored(parts)
    assert dict(keyed(after, "new").state(MAP).items()) == {"y": 2}
    assert dict(keyed(after, "k").state(MAP).items()) == {"z": 3}


def test_changing_a_large_map_writes_the_entries_touched() -> None:
    store = keyed(make_store(), "k")
    store.state(MAP).put_all({n: n for n in range(10_000)})
    parts = [snapshot(store)]
    store.state(MAP).put(5, "new")
    store.state(MAP).remove(6)
    parts.append(snapshot(store))
    assert len(parts[1].payload) < 600
    state = keyed(restored(parts), "k").state(MAP)
    assert (state.get(5), state.contains(6), state.get(7)) == ("new", False, 7)


def test_entries_that_came_and_went_make_a_full_snapshot_the_cheaper_one() -> None:
    store = filled(10)
    snapshot(store)
    for key in range(1000):
        keyed(store, f"passing {key}").state(VALUE).update(1)
        store.state(VALUE).clear()
    assert snapshot(store).full


def test_later_changes_do_not_show_in_a_snapshot() -> None:
    store = keyed(make_store(), "k")
    value: list[int] = [1]
    store.state(VALUE).update(value)
    part = snapshot(store)
    value.append(2)
    assert keyed(restored([part]), "k").state(VALUE).value() == [1]


def test_an_accumulator_changed_in_place_is_in_the_changes() -> None:
    store = keyed(make_store(), "k")
    store.state(AGGREGATING).add(2)
    parts = [snapshot(store)]
    store.state(AGGREGATING).add(4)
    parts.append(snapshot(store))
    assert keyed(restored(parts), "k").state(AGGREGATING).get() == 3


def test_an_object_changed_in_place_without_update_is_in_full_snapshots_only() -> None:
    store = keyed(make_store(), "k")
    value: list[int] = [1]
    store.state(VALUE).update(value)
    snapshot(store)
    value.append(2)
    assert store.state(VALUE).value() == [1, 2]
    assert store.snapshot(False) is None
    assert keyed(restored([snapshot(store, full=True)]), "k").state(VALUE).value() == [1, 2]


def test_a_detached_snapshot_leaves_the_chain_alone() -> None:
    store = filled(3)
    parts = [snapshot(store)]
    keyed(store, 0).state(VALUE).update("changed before the savepoint")
    savepoint = snapshot(store, full=True, detached=True)
    keyed(store, 1).state(VALUE).update("changed after it")
    parts.append(snapshot(store))
    assert keyed(restored(parts), 0).state(VALUE).value() == "changed before the savepoint"
    assert keyed(restored([savepoint]), 1).state(VALUE).value() == text(1)


def test_a_store_that_is_not_incremental_always_writes_everything() -> None:
    store = filled(3, incremental=False)
    assert snapshot(store).full
    keyed(store, 0).state(VALUE).update("x")
    assert snapshot(store).full
    assert store.table("t").changes is None


def test_state_declared_after_the_first_snapshot_is_in_the_changes() -> None:
    store = filled(1)
    parts = [snapshot(store)]
    keyed(store, 0).state(LIST).add("late")
    parts.append(snapshot(store))
    assert list(keyed(restored(parts), 0).state(LIST)) == ["late"]


def test_state_that_is_never_declared_again_stays() -> None:
    first = filled(1)
    second = restored([snapshot(first)])
    third = restored([snapshot(second, full=True)])
    assert keyed(third, 0).state(VALUE).value() == text(0)


def test_a_restored_store_goes_on_with_changes() -> None:
    parts = [snapshot(filled(100))]
    store = restored(parts)
    keyed(store, 1).state(VALUE).update("new")
    parts.append(snapshot(store))
    assert not parts[1].full
    assert keyed(restored(parts), 1).state(VALUE).value() == "new"


def test_compressed_snapshots_are_smaller_and_the_same() -> None:
    plain, small = snapshot(filled(1000)), snapshot(filled(1000, compressed=True))
    assert len(small.payload) < len(plain.payload) / 3
    assert keyed(restored([small]), 999).state(VALUE).value() == text(999)


def test_many_small_windows_share_blocks() -> None:
    store = make_store()
    table = store.table("windows")
    for start in range(2000):
        table.put((start, start + 1), "k", 1)
    part = snapshot(store)
    assert len(part.payload) < 2000 * 30
    assert restored([part]).table("windows").entry_count == 2000


def test_large_state_is_cut_into_blocks() -> None:
    store = filled(20_000)
    keyed(store, "k").state(MAP).put_all(dict.fromkeys(range(20_000), "x"))
    after = restored([snapshot(store)])
    assert after.entry_count == 20_001
    assert len(list(keyed(after, "k").state(MAP))) == 20_000


def test_what_cannot_be_pickled_is_named_with_its_state_and_key() -> None:
    store = filled(3)
    keyed(store, "bad").state(VALUE).update(n for n in [1])
    with pytest.raises(UnpicklableError, match=r"State 'value' .* key 'bad' holds a generator"):
        store.snapshot(True)


def test_functions_can_be_state() -> None:
    store = keyed(make_store(), "k")
    store.state(VALUE).update(lambda n: n + 1)
    assert keyed(restored([snapshot(store)]), "k").state(VALUE).value()(1) == 2
