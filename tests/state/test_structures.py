"""Structures of kernels in a keyed store: attached, written and restored by key group."""

import pickle
from collections.abc import Iterable

import pytest

from flott.core.columnar_state import ColumnarState
from flott.core.key_group import KeyGroupRange, key_group_range
from flott.core.snapshot import StatePart
from flott.state.compaction import compact
from flott.state.memory_store import MemoryKeyedStore
from flott.state.part_format import PartReader
from flott.testing.harness.clock import ManualClock

ALL = KeyGroupRange(0, 127)


class Counts(ColumnarState):
    """group -> count, in the simplest way there is."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self._changed: set[int] = set()

    def add(self, group: int, count: int = 1) -> None:
        self.counts[group] = self.counts.get(group, 0) + count
        self._changed.add(group)

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        if not full and not self._changed:
            return None
        chosen = self.counts if full else {group: self.counts[group] for group in self._changed}
        if not detached:
            self._changed = set()
        return pickle.dumps(dict(chosen))

    def restore(self, payloads: Iterable[bytes], first_group: int, last_group: int) -> None:
        for payload in payloads:
            for group, count in pickle.loads(payload).items():
                if first_group <= group <= last_group:
                    self.counts[group] = count

    @property
    def memory_bytes(self) -> int:
        return 8 * len(self.counts)


def make_store(groups: KeyGroupRange = ALL) -> tuple[MemoryKeyedStore, Counts]:
    return MemoryKeyedStore("op", groups, 128, ManualClock()), Counts()


def restored(parts: list[StatePart], groups: KeyGroupRange = ALL) -> Counts:
    store, counts = make_store(groups)
    store.restore(parts)
    store.attach("counts", counts)
    return counts


def snapshot(store: MemoryKeyedStore, full: bool = False, detached: bool = False) -> StatePart:
    part = store.snapshot(full, detached)
    assert part is not None
    return part


def filled() -> tuple[MemoryKeyedStore, Counts, list[StatePart]]:
    store, counts = make_store()
    store.attach("counts", counts)
    for group in range(128):
        counts.add(group)
    parts = [snapshot(store)]
    counts.add(3)
    counts.add(100, 5)
    parts.append(snapshot(store))
    return store, counts, parts


def test_changes_follow_a_full_part() -> None:
    _, counts, parts = filled()
    assert [part.full for part in parts] == [True, False]
    assert len(parts[1].payload) < len(parts[0].payload)
    assert restored(parts).counts == counts.counts


def test_nothing_changed_writes_nothing() -> None:
    store, _, _ = filled()
    assert store.snapshot(False) is None


def test_a_savepoint_leaves_the_chain_as_it_was() -> None:
    store, counts, parts = filled()
    counts.add(7)
    savepoint = snapshot(store, full=True, detached=True)
    parts.append(snapshot(store))
    assert restored([savepoint]).counts == restored(parts).counts == counts.counts


@pytest.mark.parametrize("parallelism", [1, 2, 3])
def test_key_groups_are_dealt_out(parallelism: int) -> None:
    _, counts, parts = filled()
    shares = [
        restored(parts, key_group_range(128, parallelism, subtask)).counts
        for subtask in range(parallelism)
    ]
    assert {k: v for share in shares for k, v in share.items()} == counts.counts
    assert sum(map(len, shares)) == 128


def test_compaction_keeps_whole_and_changes() -> None:
    _, counts, parts = filled()
    whole = compact(parts)
    assert whole.full
    assert restored([whole]).counts == counts.counts


def test_changes_that_outweigh_the_whole_are_replaced_by_it() -> None:
    store, counts, parts = filled()
    for _ in range(20):
        for group in range(0, 128, 2):
            counts.add(group)
        parts.append(snapshot(store))
    blocks = [block for part in parts for block in PartReader(part.payload, "op").blocks()]
    assert 5 <= sum(block.replaces for block in blocks) <= 15
    assert restored(parts).counts == counts.counts


def test_the_store_counts_the_memory_of_structures() -> None:
    store, _, _ = filled()
    assert store.state_bytes >= 8 * 128
