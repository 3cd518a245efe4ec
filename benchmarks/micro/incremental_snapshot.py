"""What a checkpoint of keyed state costs: time at the barrier and bytes, in full and by changes.

    python -m benchmarks.micro.incremental_snapshot

One value state with many keys, of which a share changes between two checkpoints. Also what it costs
an update to be recorded. The fastest of several runs counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flott.common.state import ValueStateDescriptor
from flott.core.key_group import KeyGroupRange
from flott.io.system_clock import SystemClock
from flott.state.memory_store import MemoryKeyedStore

KEYS = 500_000
RUNS = 3


def new_store(incremental: bool) -> MemoryKeyedStore:
    return MemoryKeyedStore(
        "operator", KeyGroupRange(0, 127), 128, SystemClock(), incremental=incremental
    )


def update(store: MemoryKeyedStore, keys: range) -> None:
    state = store.state(ValueStateDescriptor("count", int))
    read, write = state.value, state.update  # type: ignore[attr-defined]
    for key in keys:
        store.current_key = key
        write((read() or 0) + 1)


def seconds_of(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    store = new_store(incremental=True)
    update(store, range(KEYS))
    for label, changed in (("full", KEYS), ("10 % changed", KEYS // 10), ("1 %", KEYS // 100)):
        best, size = float("inf"), 0
        for _ in range(RUNS):
            update(store, range(changed))
            started = time.perf_counter()
            part = store.snapshot(full=label == "full")
            best = min(best, time.perf_counter() - started)
            assert part is not None
            size = len(part.payload)
        print(f"{label:<14}{best * 1000:8.1f} ms{size / 1024:10,.0f} kB")
    for label, incremental in (("without records", False), ("with records", True)):
        store = new_store(incremental)
        update(store, range(1000))
        store.snapshot(full=True)
        best = min(
            seconds_of(lambda store=store: [update(store, range(1000)) for _ in range(300)])
            for _ in range(RUNS + 2)
        )
        print(f"an update {label:<18}{best / 300_000 * 1e9:6.0f} ns")


if __name__ == "__main__":
    main()
