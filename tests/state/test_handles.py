"""What user functions see of each kind of state."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import StateAccessError, UnsupportedFeature
from flott.common.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    StateDescriptor,
    ValueStateDescriptor,
)
from flott.state.memory_store import MemoryKeyedStore
from tests.state.stores import AGGREGATING, LIST, MAP, REDUCING, VALUE, keyed, make_store


@pytest.fixture(params=[None, (0, 10)], ids=["main namespace", "window"])
def namespace(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def store() -> MemoryKeyedStore:
    return keyed(make_store(), "k")


def test_value_is_none_until_it_is_set(store: Any, namespace: Any) -> None:
    state = store.state(VALUE, namespace)
    assert state.value() is None
    state.update(7)
    assert state.value() == 7


def test_update_with_none_removes_the_value(store: Any, namespace: Any) -> None:
    state = store.state(VALUE, namespace)
    state.update(7)
    state.update(None)
    assert state.value() is None
    assert list(store.keys("value", namespace)) == []


def test_each_key_has_its_own_value(store: Any, namespace: Any) -> None:
    state = store.state(VALUE, namespace)
    state.update(1)
    store.current_key = "other"
    assert state.value() is None
    state.update(2)
    store.current_key = "k"
    assert state.value() == 1


def test_falsy_values_are_values(store: Any, namespace: Any) -> None:
    state = store.state(VALUE, namespace)
    for value in (0, "", [], False):
        state.update(value)
        assert state.value() == value


def test_default_value_is_a_copy_each_time(store: Any, namespace: Any) -> None:
    state = store.state(ValueStateDescriptor("d", default_value=[]), namespace)
    state.value().append(1)
    assert state.value() == []
    state.update([2])
    assert state.value() == [2]


def test_empty_list_state_is_an_empty_iterable(store: Any, namespace: Any) -> None:
    state = store.state(LIST, namespace)
    assert list(state.get()) == []
    assert list(state) == []


def test_list_state_keeps_the_order_of_addition(store: Any, namespace: Any) -> None:
    state = store.state(LIST, namespace)
    state.add(1)
    state.add_all([2, 3])
    state.add(4)
    assert list(state.get()) == [1, 2, 3, 4]


def test_list_state_may_be_added_to_while_it_is_read(store: Any, namespace: Any) -> None:
    state = store.state(LIST, namespace)
    state.add_all([1, 2])
    for item in state.get():
        state.add(item * 10)
    assert list(state) == [1, 2, 10, 20]


def test_update_of_list_state_takes_a_copy(store: Any, namespace: Any) -> None:
    state = store.state(LIST, namespace)
    mine = [1]
    state.update(mine)
    mine.append(2)
    assert list(state) == [1]


def test_list_state_may_be_updated_from_itself(store: Any, namespace: Any) -> None:
    state = store.state(LIST, namespace)
    state.add_all(range(4))
    state.update(item for item in state.get() if item % 2)
    assert list(state) == [1, 3]


def test_update_of_list_state_with_nothing_clears_it(store: Any, namespace: Any) -> None:
    state = store.state(LIST, namespace)
    state.add(1)
    state.update([])
    assert list(store.keys("list", namespace)) == []


def test_map_state_answers_as_a_dict_would(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    assert state.is_empty()
    assert state.get("x") is None
    state.put("x", 1)
    state.put_all({"y": 2, "z": 3})
    state["w"] = 4
    del state["z"]
    assert "x" in state
    assert not state.contains("z")
    assert dict(state.items()) == {"x": 1, "y": 2, "w": 4}
    assert list(state.keys()) == list(state) == ["x", "y", "w"]
    assert list(state.values()) == [1, 2, 4]
    assert not state.is_empty()


def test_map_state_keeps_none_as_a_value(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    state.put("x", None)
    assert state.contains("x")
    assert state.get("x") is None


def test_removing_what_the_map_has_not_changes_nothing(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    state.remove("x")
    state.put("y", 1)
    del state["x"]
    assert list(state) == ["y"]


def test_map_is_gone_with_its_last_entry(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    state.put("x", 1)
    state.remove("x")
    assert state.is_empty()
    assert list(store.keys("map", namespace)) == []


def test_map_state_must_not_change_while_it_is_iterated_over(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    state.put_all({1: 1, 2: 2})
    entries = state.items()
    next(entries)
    state.put(3, 3)
    with pytest.raises(RuntimeError, match=r"iterator's own remove\(\)"):
        next(entries)


def test_map_iterator_removes_the_entry_last_returned(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    state.put_all({n: n for n in range(6)})
    entries = state.items()
    for key, _ in entries:
        if key % 2:
            entries.remove()
    assert list(state) == [0, 2, 4]


def test_map_iterator_removes_each_entry_once(store: Any, namespace: Any) -> None:
    state = store.state(MAP, namespace)
    state.put("x", 1)
    keys = state.keys()
    with pytest.raises(RuntimeError, match="next"):
        keys.remove()
    next(keys)
    keys.remove()
    with pytest.raises(RuntimeError, match="next"):
        keys.remove()


def test_reducing_state_starts_with_the_first_value(store: Any, namespace: Any) -> None:
    state = store.state(REDUCING, namespace)
    assert state.get() is None
    state.add("a")
    state.add("b")
    assert state.get() == "ab"
    state.clear()
    assert state.get() is None


def test_aggregating_state_gives_the_result_of_its_accumulator(store: Any, namespace: Any) -> None:
    state = store.state(AGGREGATING, namespace)
    assert state.get() is None
    for value in (1, 2, 6):
        state.add(value)
    assert state.get() == 3


@pytest.mark.parametrize("descriptor", [REDUCING, AGGREGATING])
def test_adding_none_clears(store: Any, namespace: Any, descriptor: StateDescriptor) -> None:
    state = store.state(descriptor, namespace)
    state.add(1)
    state.add(None)
    assert state.get() is None


def test_windows_of_a_key_have_their_own_state(store: Any) -> None:
    first, second = store.state(VALUE, (0, 10)), store.state(VALUE, (10, 20))
    first.update(1)
    assert (second.value(), store.state(VALUE).value()) == (None, None)
    assert store.state(VALUE, (0, 10)).value() == 1


def test_a_handle_of_a_window_outlives_the_dropping_of_its_state(store: Any) -> None:
    state = store.state(LIST, (0, 10))
    state.add(1)
    state.clear()
    for start in range(1000):  # enough for empty windows to be swept
        store.state(VALUE, (start, start)).update(1)
        store.state(VALUE, (start, start)).clear()
    state.add(2)
    assert list(store.state(LIST, (0, 10)).get()) == [2]
    assert store.entry_count == 1


@pytest.mark.parametrize("descriptor", [VALUE, LIST, MAP, REDUCING, AGGREGATING])
def test_state_without_a_current_key_raises(descriptor: StateDescriptor, namespace: Any) -> None:
    store = make_store()
    state: Any = store.state(descriptor, namespace)
    with pytest.raises(StateAccessError, match="no key is current"):
        state.clear()
    store.current_key = "k"
    state.clear()
    store.clear_key()
    with pytest.raises(StateAccessError, match="no key is current"):
        getattr(state, "get", getattr(state, "value", None))(*("x" * (descriptor is MAP)))


def test_the_same_descriptor_gives_the_same_handle(store: Any, namespace: Any) -> None:
    again = ValueStateDescriptor("value")
    assert store.state(VALUE, namespace) is store.state(again, namespace)


@pytest.mark.parametrize("descriptor", [ListStateDescriptor("value"), MapStateDescriptor("value")])
def test_a_name_stands_for_one_kind_of_state(store: Any, descriptor: StateDescriptor) -> None:
    store.state(VALUE)
    with pytest.raises(
        StateAccessError, match="'value' of operator Map is declared as value state"
    ):
        store.state(descriptor)


def test_descriptors_of_another_making_are_refused(store: Any) -> None:
    class OwnDescriptor(StateDescriptor):
        pass

    with pytest.raises(UnsupportedFeature, match="OwnDescriptor"):
        store.state(OwnDescriptor("x"))


def test_keys_may_be_iterated_over_while_the_store_changes(store: Any) -> None:
    state = store.state(VALUE)
    for key in range(5):
        keyed(store, key)
        state.update(key)
    for key in store.keys("value"):
        keyed(store, key)
        state.clear()
    assert list(store.keys("value")) == []
    assert list(store.keys("unheard of")) == []


def test_a_table_and_a_state_may_share_a_name(store: Any) -> None:
    store.table("value").put(None, "k", "table")
    store.state(VALUE).update("state")
    assert store.table("value").get(None, "k") == "table"


def test_state_bytes_grow_with_the_state(store: Any) -> None:
    assert store.state_bytes == 0
    state = store.state(VALUE)
    state.update("x" * 1000)
    one = store.state_bytes
    assert one > 1000
    for key in range(99):
        keyed(store, key)
        state.update("x" * 1000)
    assert store.state_bytes > 50 * one
