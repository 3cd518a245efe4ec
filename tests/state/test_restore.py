"""Restoring: into the right hands, and refused by name where it does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import RestoreError
from flott.common.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    StateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)
from flott.common.time import Time
from flott.core.snapshot import StateKind, StatePart
from flott.state.memory_store import MemoryKeyedStore
from tests.state.stores import (
    VALUE,
    Subtasks,
    keyed,
    make_store,
    restored,
    snapshot,
    subtask_of,
)


def with_value() -> MemoryKeyedStore:
    store = keyed(make_store(), "k")
    store.state(VALUE).update(1)
    return store


def expiring(descriptor: StateDescriptor) -> StateDescriptor:
    config = StateTtlConfig.new_builder(Time.hours(1)).build()
    descriptor.enable_time_to_live(config)
    return descriptor


@pytest.mark.parametrize("descriptor", [ListStateDescriptor("value"), MapStateDescriptor("value")])
def test_another_kind_under_a_stored_name_is_refused(descriptor: StateDescriptor) -> None:
    store = restored([snapshot(with_value())])
    with pytest.raises(
        RestoreError, match=r"State 'value' of operator Map was stored as value state; .* declares"
    ):
        store.state(descriptor)


def test_turning_expiry_on_for_stored_state_is_refused() -> None:
    store = restored([snapshot(with_value())])
    with pytest.raises(RestoreError, match="stored as state without time-to-live"):
        store.state(expiring(ValueStateDescriptor("value")))


def test_turning_expiry_off_for_stored_state_is_refused() -> None:
    before = keyed(make_store(), "k")
    state: Any = before.state(expiring(ValueStateDescriptor("value")))
    state.update(1)
    with pytest.raises(RestoreError, match="stored as state with time-to-live"):
        restored([snapshot(before)]).state(VALUE)


def test_another_declared_type_is_accepted() -> None:
    store = restored([snapshot(with_value())])
    assert keyed(store, "k").state(ValueStateDescriptor("value", int)).value() == 1


@pytest.mark.parametrize("parallelism", [1, 2, 3, 7])
def test_keys_move_to_the_subtask_that_owns_their_group(parallelism: int) -> None:
    before = Subtasks(2)
    keys: list[Any] = [*range(50), *"abcdef", ("t", 1), None, 2.5]
    for key in keys:
        before.store_of(key).state(VALUE).update(repr(key))
    before.checkpoint()
    after = before.restart(before.parts(), parallelism)
    for subtask, store in enumerate(after.stores):
        mine = {repr(key) for key in keys if subtask_of(key, parallelism) == subtask}
        assert {repr(key) for key in store.keys("value")} == mine


def test_a_namespace_dropped_by_one_subtask_stays_with_the_others() -> None:
    before = Subtasks(2)
    for key in range(20):
        before.store_of(key).table("t").put("window", key, 1)
    before.checkpoint()
    before.stores[0].table("t").drop("window")
    before.checkpoint()
    (after,) = before.restart(before.parts(), 1).stores
    kept = {key for key, _ in after.table("t").items("window")}
    assert kept == {key for key in range(20) if subtask_of(key, 2) == 1}


@pytest.mark.parametrize("payload", [b"", b"FL", b"FLTO\x01\0\0\0\0", b"x" * 50])
def test_what_is_no_keyed_state_is_refused(payload: bytes) -> None:
    with pytest.raises(RestoreError, match="stored for operator Map is not keyed state"):
        restored([StatePart("op", StateKind.KEYED, True, payload)])


def test_a_later_version_is_refused() -> None:
    payload = bytearray(snapshot(with_value()).payload)
    payload[4] = 9
    with pytest.raises(RestoreError, match="version 9 of the format"):
        restored([StatePart("op", StateKind.KEYED, True, bytes(payload))])


def test_the_header_can_be_read_without_executing_anything() -> None:
    payload = snapshot(with_value()).payload
    assert b'"name": "value", "kind": "value"' in payload
    assert b'"key_groups": [0, 15], "max_parallelism": 16' in payload
