"""State that expires."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)
from flott.common.time import Time
from flott.state.compaction import compact
from flott.state.memory_store import CleaningMemoryKeyedStore, MemoryKeyedStore
from tests.state.stores import ManualClock, Mean, add, keyed, make_store, restored, snapshot

TTL_MS = 100


def quiet() -> Any:
    """A configuration without cleanup but on access."""
    return StateTtlConfig.new_builder(Time.milliseconds(TTL_MS)).disable_cleanup_in_background()


def expiring(descriptor: StateDescriptor, builder: Any = None) -> Any:
    descriptor.enable_time_to_live((builder or quiet()).build())
    return descriptor


def value_state(builder: Any = None) -> ValueStateDescriptor:
    return expiring(ValueStateDescriptor("value"), builder)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(clock: ManualClock) -> MemoryKeyedStore:
    return keyed(make_store(clock=clock), "k")


@pytest.fixture(params=[None, (0, 10)], ids=["main namespace", "window"])
def namespace(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_value_expires_when_its_time_is_over(store: Any, clock: Any, namespace: Any) -> None:
    state = store.state(value_state(), namespace)
    state.update(1)
    clock.time_ms += TTL_MS - 1
    assert state.value() == 1
    clock.time_ms += 1
    assert state.value() is None
    assert store.expired_count == 1
    assert store.entry_count == 0


def test_writing_begins_life_anew(store: Any, clock: Any, namespace: Any) -> None:
    state = store.state(value_state(), namespace)
    for number in range(3):
        state.update(number)
        clock.time_ms += TTL_MS - 1
    assert state.value() == 2


def test_reading_prolongs_life_only_if_asked_for(store: Any, clock: Any) -> None:
    usual = store.state(value_state())
    read = store.state(
        expiring(ValueStateDescriptor("read"), quiet().update_ttl_on_read_and_write())
    )
    usual.update(1)
    read.update(1)
    for _ in range(2):
        clock.time_ms += TTL_MS - 1
        seen = (usual.value(), read.value())
    assert seen == (None, 1)


def test_expired_values_may_be_seen_until_they_are_cleaned_up(store: Any, clock: Any) -> None:
    state = store.state(value_state(quiet().return_expired_if_not_cleaned_up()))
    state.update(1)
    clock.time_ms += TTL_MS
    assert state.value() == 1
    assert state.value() is None


def test_a_disabled_configuration_is_no_configuration(store: Any, clock: Any) -> None:
    state = store.state(value_state(quiet().set_update_type(StateTtlConfig.UpdateType.Disabled)))
    state.update(1)
    clock.time_ms += 10 * TTL_MS
    assert state.value() == 1


def test_expired_value_gives_the_default(store: Any, clock: Any) -> None:
    state = store.state(expiring(ValueStateDescriptor("d", default_value=9)))
    state.update(1)
    clock.time_ms += TTL_MS
    assert state.value() == 9


def test_a_clock_set_back_expires_nothing(store: Any, clock: Any) -> None:
    state = store.state(value_state())
    state.update(1)
    clock.time_ms -= 10 * TTL_MS
    assert state.value() == 1


def test_items_of_a_list_expire_one_by_one(store: Any, clock: Any, namespace: Any) -> None:
    state = store.state(expiring(ListStateDescriptor("list")), namespace)
    state.add(1)
    clock.time_ms += TTL_MS // 2
    state.add_all([2, 3])
    assert list(state.get()) == [1, 2, 3]
    clock.time_ms += TTL_MS // 2
    assert list(state.get()) == [2, 3]
    clock.time_ms += TTL_MS // 2
    assert list(state) == []
    assert (store.expired_count, store.entry_count) == (3, 0)


def test_entries_of_a_map_expire_one_by_one(store: Any, clock: Any, namespace: Any) -> None:
    state = store.state(expiring(MapStateDescriptor("map")), namespace)
    state.put("old", 1)
    clock.time_ms += TTL_MS // 2
    state.put_all({"new": 2})
    clock.time_ms += TTL_MS // 2
    assert state.get("old") is None
    assert not state.contains("old")
    assert dict(state.items()) == {"new": 2}
    clock.time_ms += TTL_MS // 2
    assert list(state.keys()) == list(state.values()) == []
    assert state.is_empty()
    assert store.entry_count == 0


def test_reading_entries_of_a_map_prolongs_those_read(store: Any, clock: Any) -> None:
    builder = quiet().update_ttl_on_read_and_write()
    state = store.state(expiring(MapStateDescriptor("map"), builder))
    state.put_all({"read": 1, "left": 2})
    clock.time_ms += TTL_MS - 1
    assert state.get("read") == 1
    clock.time_ms += TTL_MS - 1
    assert dict(state.items()) == {"read": 1}


def test_folding_begins_anew_after_expiry(store: Any, clock: Any, namespace: Any) -> None:
    reducing = store.state(expiring(ReducingStateDescriptor("reducing", add)), namespace)
    mean = store.state(expiring(AggregatingStateDescriptor("mean", Mean())), namespace)
    for value in (1, 3):
        reducing.add(value)
        mean.add(value)
    assert (reducing.get(), mean.get()) == (4, 2)
    clock.time_ms += TTL_MS
    reducing.add(7)
    mean.add(7)
    assert (reducing.get(), mean.get()) == (7, 7)
    clock.time_ms += TTL_MS
    assert (reducing.get(), mean.get()) == (None, None)


def fill(store: Any, state: Any, count: int) -> None:
    for key in range(count):
        keyed(store, key)
        state.update(key)


def test_incremental_cleanup_looks_at_few_entries_with_each_access(store: Any, clock: Any) -> None:
    state = store.state(value_state(quiet().cleanup_incrementally(3, False)))
    fill(store, state, 30)
    clock.time_ms += TTL_MS
    for access in range(1, 6):
        keyed(store, "elsewhere")
        state.value()
        assert store.entry_count == 30 - 3 * access


def test_background_cleanup_is_five_entries_an_access_by_default(store: Any, clock: Any) -> None:
    state = store.state(value_state(StateTtlConfig.new_builder(Time.milliseconds(TTL_MS))))
    fill(store, state, 20)
    clock.time_ms += TTL_MS
    keyed(store, "elsewhere")
    state.value()
    assert store.entry_count == 15


def test_incremental_cleanup_goes_round_and_round(store: Any, clock: Any) -> None:
    state = store.state(value_state(quiet().cleanup_incrementally(2, False)))
    fill(store, state, 10)
    for _ in range(7):
        state.value()
    clock.time_ms += TTL_MS
    keyed(store, "elsewhere")
    for _ in range(5):
        state.value()
    assert (store.entry_count, store.expired_count) == (0, 10)


def test_incremental_cleanup_takes_entries_of_maps_one_by_one(store: Any, clock: Any) -> None:
    builder = quiet().cleanup_incrementally(4, False)
    state = store.state(expiring(MapStateDescriptor("map"), builder))
    state.put_all({n: n for n in range(10)})
    clock.time_ms += TTL_MS
    keyed(store, "elsewhere")
    state.get(0)
    assert store.expired_count == 4


def test_incremental_cleanup_shortens_lists(store: Any, clock: Any) -> None:
    builder = quiet().cleanup_incrementally(1, False)
    state = store.state(expiring(ListStateDescriptor("list"), builder))
    state.add_all(range(10))
    clock.time_ms += TTL_MS
    state.add(99)
    keyed(store, "elsewhere")
    state.get()
    assert store.expired_count == 10
    assert list(keyed(store, "k").state(expiring(ListStateDescriptor("list")))) == [99]


def test_cleanup_with_every_record_needs_no_access(store: Any, clock: Any) -> None:
    state = store.state(value_state(quiet().cleanup_incrementally(2, True)))
    assert type(store) is CleaningMemoryKeyedStore
    fill(store, state, 10)
    clock.time_ms += TTL_MS
    for key in range(100, 105):
        store.current_key = key
        assert store.current_key == key
    assert store.entry_count == 0


def test_a_store_without_such_cleanup_has_a_plain_key(store: Any) -> None:
    store.state(value_state())
    assert type(store) is MemoryKeyedStore


def test_full_snapshots_leave_expired_entries_out_if_asked_for(clock: ManualClock) -> None:
    def size_after_expiry(builder: Any) -> int:
        store = make_store(clock=clock)
        state = store.state(value_state(builder))
        fill(store, state, 50)
        clock.time_ms += TTL_MS
        keyed(store, "new")
        state.update(1)
        return restored([snapshot(store, full=True)]).entry_count

    assert size_after_expiry(quiet()) == 51
    assert size_after_expiry(quiet().cleanup_full_snapshot()) == 1


@pytest.mark.parametrize("kind", [ListStateDescriptor, MapStateDescriptor])
def test_changes_fit_on_a_full_snapshot_that_left_entries_out(
    clock: ManualClock, kind: Any
) -> None:
    store = keyed(make_store(clock=clock), "k")
    state = store.state(expiring(kind("s"), quiet().cleanup_full_snapshot()))
    grow = state.add if kind is ListStateDescriptor else lambda n: state.put(n, n)
    grow(1)
    clock.time_ms += TTL_MS
    grow(2)
    parts = [snapshot(store, full=True)]
    grow(3)
    parts.append(snapshot(store))
    after: Any = keyed(restored(parts, clock=clock), "k").state(expiring(kind("s")))
    assert list(after) == [2, 3]


def test_compaction_leaves_expired_entries_out(store: Any, clock: Any) -> None:
    builder = quiet().cleanup_in_rocksdb_compact_filter(1000)
    value = store.state(value_state(builder))
    entries = store.state(expiring(MapStateDescriptor("map"), builder))
    value.update(1)
    entries.put("old", 1)
    first = snapshot(store)
    clock.time_ms += TTL_MS
    entries.put("new", 1)
    second = snapshot(store)
    merged = compact([first, second], now_ms=clock.time_ms)
    after = restored([merged])
    assert {name: t.spaces for (_, name), t in after._tables.items()} == {
        "value": {},
        "map": {None: {"k": {"new": (1, clock.time_ms)}}},
    }


def test_changes_fit_on_a_compaction_that_left_a_whole_map_out(store: Any, clock: Any) -> None:
    builder = quiet().cleanup_in_rocksdb_compact_filter(1000)
    state = store.state(expiring(MapStateDescriptor("map"), builder))
    state.put_all({"old": 1, "older": 1})
    first = snapshot(store)
    clock.time_ms += TTL_MS
    merged = compact([first], now_ms=clock.time_ms)
    assert restored([merged]).entry_count == 0
    state.put("new", 1)
    state.remove("older")
    after = keyed(restored([merged, snapshot(store)], clock=clock), "k")
    assert dict(after.state(expiring(MapStateDescriptor("map"))).items()) == {"new": 1}


def test_expiry_goes_on_after_a_restore(store: Any, clock: Any) -> None:
    store.state(value_state()).update(1)
    part = snapshot(store)
    clock.time_ms += TTL_MS
    after = keyed(restored([part], clock=clock), "k")
    assert after.state(value_state()).value() is None


def test_restored_entries_are_cleaned_up_incrementally_as_well(store: Any, clock: Any) -> None:
    builder = quiet().cleanup_incrementally(50, False)
    fill(store, store.state(value_state(builder)), 20)
    after = restored([snapshot(store)], clock=clock)
    clock.time_ms += TTL_MS
    keyed(after, "elsewhere").state(value_state(builder)).value()
    assert after.entry_count == 0


def test_expiry_reaches_the_next_changes(store: Any, clock: Any) -> None:
    state = store.state(value_state())
    state.update(1)
    parts = [snapshot(store)]
    clock.time_ms += TTL_MS
    state.value()
    parts.append(snapshot(store))
    assert restored(parts).entry_count == 0
