"""Merging a chain without a live store."""

from __future__ import annotations

import pytest

from flott.state.compaction import compact
from tests.state.stores import LIST, MAP, VALUE, keyed, make_store, restored, snapshot


def test_one_full_part_stands_for_the_chain() -> None:
    store = keyed(make_store(), "k")
    parts = []
    for number in range(5):
        store.state(VALUE).update(number)
        store.state(LIST).add(number)
        store.state(MAP).put(number % 2, number)
        parts.append(snapshot(store))
    merged = compact(parts)
    assert merged.full
    after = keyed(restored([merged]), "k")
    assert after.state(VALUE).value() == 4
    assert list(after.state(LIST)) == [0, 1, 2, 3, 4]
    assert dict(after.state(MAP).items()) == {0: 4, 1: 3}


def test_removed_entries_leave_no_trace() -> None:
    store = make_store()
    for key in range(100):
        keyed(store, key).state(VALUE).update(f"{key} " * 30)
    parts = [snapshot(store)]
    for key in range(48):
        keyed(store, key).state(VALUE).clear()
    parts.append(snapshot(store))
    assert not parts[1].full
    assert len(compact(parts).payload) < 0.6 * len(parts[0].payload)


def test_changes_taken_while_merging_go_on_top() -> None:
    store = keyed(make_store(), "k")
    parts = []
    for number in range(4):
        store.state(LIST).add(number)
        parts.append(snapshot(store))
    after = restored([compact(parts[:2]), *parts[2:]])
    assert list(keyed(after, "k").state(LIST)) == [0, 1, 2, 3]


def test_key_groups_and_compression_are_kept() -> None:
    store = keyed(make_store(1, 2, compressed=True), "k")
    store.state(VALUE).update("x" * 10_000)
    part = snapshot(store)
    merged = compact([part])
    assert len(merged.payload) < 1000
    assert b'"key_groups": [8, 15]' in merged.payload


def test_a_chain_begins_with_a_full_part() -> None:
    store = keyed(make_store(), "k")
    for number in range(2):
        store.state(VALUE).update(number)
        part = snapshot(store)
    with pytest.raises(AssertionError):
        compact([part])
