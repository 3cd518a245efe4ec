"""Expiring state against a model that keeps everything for ever and filters by time."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from flott.common.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)
from flott.common.time import Time
from flott.state.compaction import compact
from tests.state.stores import ManualClock, make_store

TTL_MS = 10
KEYS = st.sampled_from("ab")
MAP_KEYS = st.integers(0, 2)


class TtlMachine(RuleBasedStateMachine):
    """Cleanup of every kind is on; what is visible must not depend on it."""

    @initialize(cleanup_size=st.integers(1, 3), on_read=st.booleans())
    def begin(self, cleanup_size: int, on_read: bool) -> None:
        builder = StateTtlConfig.new_builder(Time.milliseconds(TTL_MS))
        builder.cleanup_incrementally(cleanup_size, cleanup_size == 3).cleanup_full_snapshot()
        builder.cleanup_in_rocksdb_compact_filter(1)
        self.on_read = on_read
        if on_read:
            builder.update_ttl_on_read_and_write()
        self.config = builder.build()
        self.clock = ManualClock()
        self.chain: list[Any] = []
        self.model: dict[Any, list[tuple[Any, int]]] = {}
        self.open()

    def open(self) -> None:
        self.store = make_store(clock=self.clock)
        self.store.restore(self.chain)
        descriptors = (
            ValueStateDescriptor("value"),
            ListStateDescriptor("list"),
            MapStateDescriptor("map"),
        )
        for descriptor in descriptors:
            descriptor.enable_time_to_live(self.config)
        self.value, self.list, self.map = map(self.store.state, descriptors)

    def live(self, place: Any) -> list[Any]:
        now_ms = self.clock.time_ms
        kept = [(v, now_ms if self.on_read else t) for v, t in self.model.get(place, ())
                if t + TTL_MS > now_ms]  # fmt: skip
        self.model[place] = kept
        return [value for value, _ in kept]

    @rule(step=st.integers(0, 6))
    def pass_time(self, step: int) -> None:
        self.clock.time_ms += step

    @rule(key=KEYS, value=st.integers())
    def update(self, key: str, value: int) -> None:
        self.store.current_key = key
        self.value.update(value)
        self.model["value", key] = [(value, self.clock.time_ms)]

    @rule(key=KEYS)
    def read_value(self, key: str) -> None:
        self.store.current_key = key
        assert self.value.value() == next(iter(self.live(("value", key))), None)

    @rule(key=KEYS, value=st.integers())
    def append(self, key: str, value: int) -> None:
        self.store.current_key = key
        self.list.add(value)
        self.model.setdefault(("list", key), []).append((value, self.clock.time_ms))

    @rule(key=KEYS)
    def read_list(self, key: str) -> None:
        self.store.current_key = key
        assert list(self.list.get()) == self.live(("list", key))

    @rule(key=KEYS, map_key=MAP_KEYS, value=st.integers())
    def put(self, key: str, map_key: int, value: int) -> None:
        self.store.current_key = key
        self.map.put(map_key, value)
        self.model["map", key, map_key] = [(value, self.clock.time_ms)]

    @rule(key=KEYS, map_key=MAP_KEYS)
    def remove(self, key: str, map_key: int) -> None:
        self.store.current_key = key
        self.map.remove(map_key)
        self.model["map", key, map_key] = []

    @rule(key=KEYS)
    def read_map(self, key: str) -> None:
        self.store.current_key = key
        expected = {
            map_key: value for map_key in range(3) for value in self.live(("map", key, map_key))
        }
        assert dict(self.map.items()) == expected

    @rule(full=st.booleans(), merge=st.booleans())
    def restart(self, full: bool, merge: bool) -> None:
        part = self.store.snapshot(full)
        if part is not None:
            self.chain = [part] if part.full else [*self.chain, part]
        if merge and self.chain:
            self.chain = [compact(self.chain, self.clock.time_ms)]
        self.open()


TtlMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestTtlAgainstModel = TtlMachine.TestCase
