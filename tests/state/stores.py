"""Stores for tests: a clock to be moved by hand, and groups of subtasks with their chains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.common.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)
from flott.core.clock import Clock
from flott.core.key_group import key_group_range, subtask_of_key_group
from flott.core.snapshot import StatePart
from flott.kernels.partition import key_groups
from flott.state.memory_store import MemoryKeyedStore

MAX_PARALLELISM = 16


class ManualClock(Clock):
    """Shows what the test says."""

    def __init__(self, now_ms: int = 1_000) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms

    def monotonic_ms(self) -> float:
        return float(self.time_ms)


class Mean:
    """An aggregate function whose accumulator is changed in place."""

    def create_accumulator(self) -> list[int]:
        return [0, 0]

    def add(self, value: int, accumulator: list[int]) -> list[int]:
        accumulator[0] += value
        accumulator[1] += 1
        return accumulator

    def get_result(self, accumulator: list[int]) -> float:
        return accumulator[0] / accumulator[1]

    def merge(self, first: list[int], second: list[int]) -> list[int]:
        return [first[0] + second[0], first[1] + second[1]]


def add(first: Any, second: Any) -> Any:
    return first + second


VALUE = ValueStateDescriptor("value")
LIST = ListStateDescriptor("list")
MAP = MapStateDescriptor("map")
REDUCING = ReducingStateDescriptor("reducing", add)
AGGREGATING = AggregatingStateDescriptor("aggregating", Mean())


def make_store(
    subtask: int = 0, parallelism: int = 1, clock: Clock | None = None, **options: Any
) -> MemoryKeyedStore:
    groups = key_group_range(MAX_PARALLELISM, parallelism, subtask)
    return MemoryKeyedStore(
        "op", groups, MAX_PARALLELISM, clock or ManualClock(), operator_name="Map", **options
    )


def keyed(store: MemoryKeyedStore, key: Any) -> MemoryKeyedStore:
    """The store with ``key`` current, for one-line access in tests."""
    store.current_key = key
    return store


def snapshot(store: MemoryKeyedStore, full: bool = False, detached: bool = False) -> StatePart:
    """A snapshot that is expected to hold something."""
    part = store.snapshot(full, detached)
    assert part is not None
    return part


def restored(parts: Sequence[StatePart], **options: Any) -> MemoryKeyedStore:
    store = make_store(**options)
    store.restore(parts)
    return store


def subtask_of(key: Any, parallelism: int) -> int:
    """Where state of ``key`` belongs."""
    (group,) = key_groups([key], MAX_PARALLELISM)
    return subtask_of_key_group(MAX_PARALLELISM, parallelism, group)


class Subtasks:
    """All subtasks of one operator, with the chain of parts that each has written."""

    def __init__(self, parallelism: int) -> None:
        self.parallelism = parallelism
        self.stores = [make_store(i, parallelism) for i in range(parallelism)]
        self.chains: list[list[StatePart]] = [[] for _ in range(parallelism)]
        self.needs_full = True

    def store_of(self, key: Any) -> MemoryKeyedStore:
        return keyed(self.stores[subtask_of(key, self.parallelism)], key)

    def checkpoint(self) -> None:
        for chain, store in zip(self.chains, self.stores):
            part = store.snapshot(self.needs_full)
            if part is not None:
                if part.full:
                    chain.clear()
                chain.append(part)
        self.needs_full = False

    def savepoint(self) -> list[StatePart]:
        parts = [store.snapshot(True, detached=True) for store in self.stores]
        return [part for part in parts if part is not None]

    def restart(self, parts: Sequence[StatePart], parallelism: int) -> Subtasks:
        """Subtasks that start from ``parts``; they need a full snapshot before changes count."""
        after = Subtasks(parallelism)
        for store in after.stores:
            store.restore(parts)
        return after

    def recover(self) -> Subtasks:
        """The same subtasks after a failure; their chains go on."""
        after = Subtasks(self.parallelism)
        for store, chain in zip(after.stores, self.chains):
            store.restore(chain)
        after.chains = [list(chain) for chain in self.chains]
        after.needs_full = self.needs_full
        return after

    def parts(self) -> list[StatePart]:
        return [part for chain in self.chains for part in chain]
