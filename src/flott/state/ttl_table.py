"""Tables whose entries expire: each value carries the time of its last use.

Expired entries go when they are touched, and bit by bit: a ring of all entries is turned by a few
places with each access, so that the work an access does is bounded whatever the size of the state.
The ring may hold an entry twice or one that is gone; both are put right when they pass.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from flott.common.state import StateTtlConfig
from flott.state.memory_table import MemoryTable
from flott.state.sentinel import TOMBSTONE
from flott.state.table_kind import TableKind, TableSpec, TtlFilter


def derive_ttl_filter(config: StateTtlConfig) -> TtlFilter:
    """What snapshots and compaction must know about ``config``."""
    strategies = config.get_cleanup_strategies()
    return TtlFilter(
        ttl_ms=config.get_ttl().to_milliseconds(),
        on_full_snapshot=strategies.in_full_snapshot(),
        on_compaction=strategies.get_rocksdb_compact_filter_cleanup_strategy() is not None,
    )


class TtlTable(MemoryTable):
    """A table of ``(value, time_ms)``.

    Attributes:
        ttl_ms: How long an entry lives after its last use.
        refreshes_on_read: Whether reading is a use.
        returns_expired: Whether expired entries may be seen until they are removed.
        cleans_every_record: Whether the ring turns with each record, too.
        cleans_full_snapshots: Whether full snapshots are to be without expired entries.
        expired_count: How many entries have been removed because they had expired.
        now_ms: Processing time.
    """

    __slots__ = (
        "_ring",
        "_step",
        "cleans_every_record",
        "cleans_full_snapshots",
        "expired_count",
        "now_ms",
        "refreshes_on_read",
        "returns_expired",
        "ttl_ms",
    )

    def __init__(self, spec: TableSpec, config: StateTtlConfig, now_ms: Callable[[], int]) -> None:
        super().__init__(spec)
        assert config.is_enabled()
        assert spec.ttl is not None
        self.cleans_full_snapshots = spec.ttl.on_full_snapshot
        self.now_ms = now_ms
        self.ttl_ms = spec.ttl.ttl_ms
        self.refreshes_on_read = (
            config.get_update_type() is StateTtlConfig.UpdateType.OnReadAndWrite
        )
        visibility = StateTtlConfig.StateVisibility
        self.returns_expired = (
            config.get_state_visibility() is visibility.ReturnExpiredIfNotCleanedUp
        )
        incremental = config.get_cleanup_strategies().get_incremental_cleanup_strategy()
        self._step = 0 if incremental is None else incremental.get_cleanup_size()
        self.cleans_every_record = (
            incremental is not None and incremental.run_cleanup_for_every_record()
        )
        self._ring: deque[tuple[Any, Any, Any]] = deque()
        self.expired_count = 0

    def adopt(self, restored: MemoryTable) -> None:
        """Take over the entries of a table that was restored before its state was declared."""
        assert not self.spaces, "restored before it is used"
        spaces = self.spaces = restored.spaces
        self.changes = restored.changes
        self.dropped = restored.dropped
        self._written = restored._written
        is_map = self.spec.kind is TableKind.MAP
        for namespace, space in spaces.items():
            for key, value in space.items():
                for map_key in value if is_map else (None,):
                    self.enter(namespace, key, map_key)

    def enter(self, namespace: Any, key: Any, map_key: Any = None) -> None:
        """A new entry: put it into the ring."""
        if self._step:
            self._ring.append((namespace, key, map_key))

    def turn(self) -> None:
        """Look at the next few entries and remove those that have expired."""
        ring = self._ring
        if not ring:
            return
        horizon_ms = self.now_ms() - self.ttl_ms
        for _ in range(min(self._step, len(ring))):
            place = ring.popleft()
            if self._clean(place, horizon_ms):
                ring.append(place)

    def purge(self) -> None:
        """Remove everything that has expired."""
        horizon_ms = self.now_ms() - self.ttl_ms
        for namespace, space in list(self.spaces.items()):
            for key, value in list(space.items()):
                if self.spec.kind is TableKind.LIST:
                    live = [item for item in value if item[1] > horizon_ms]
                    if len(live) < len(value):
                        self._shorten_list(namespace, key, value, live)
                    continue
                for map_key in list(value) if self.spec.kind is TableKind.MAP else (None,):
                    self._clean((namespace, key, map_key), horizon_ms)

    def _clean(self, place: tuple[Any, Any, Any], horizon_ms: int) -> bool:
        """Remove what has expired at ``place``; whether something is left."""
        namespace, key, map_key = place
        value = self.get(namespace, key, TOMBSTONE)
        if value is TOMBSTONE:
            return False
        if self.spec.kind is TableKind.LIST:
            return self._clean_list(namespace, key, value, horizon_ms)
        if self.spec.kind is TableKind.MAP:
            entry = value.get(map_key, TOMBSTONE)
            if entry is TOMBSTONE:
                return False
            if entry[1] > horizon_ms:
                return True
            self.expired_count += 1
            self.remove_map_key(namespace, key, map_key)
            return False
        if value[1] > horizon_ms:
            return True
        self.expired_count += 1
        self.remove(namespace, key)
        return False

    def _clean_list(self, namespace: Any, key: Any, items: list[Any], horizon_ms: int) -> bool:
        # Items are in order of time unless the clock jumped. Cutting the front of a list moves the
        # rest, so it is worth it once half has expired: then the cost is spread over those.
        half = items[(len(items) - 1) // 2]
        if half[1] > horizon_ms:
            return True
        live = [item for item in items if item[1] > horizon_ms]
        self._shorten_list(namespace, key, items, live)
        return bool(live)

    def _shorten_list(self, namespace: Any, key: Any, items: list[Any], live: list[Any]) -> None:
        self.expired_count += len(items) - len(live)
        if live:
            self.replace_list(namespace, key, live)
        else:
            self.remove(namespace, key)

    def replace_list(self, namespace: Any, key: Any, items: list[Any]) -> None:
        """Put ``items`` in place of a list."""
        assert items, "an empty list is removed"
        self.space(namespace)[key] = items
        if self.changes is not None:
            self.changed(namespace)[key] = 0

    def remove_map_key(self, namespace: Any, key: Any, map_key: Any) -> None:
        """Remove one entry of a map, and the map with its last."""
        entries = self.spaces[namespace][key]
        if len(entries) == 1 and map_key in entries:
            self.remove(namespace, key)
        elif entries.pop(map_key, TOMBSTONE) is not TOMBSTONE and self.changes is not None:
            changed = self.changed(namespace)
            changed.setdefault(key, set()).add(map_key)
