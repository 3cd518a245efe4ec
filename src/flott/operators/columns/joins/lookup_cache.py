"""What look-ups have found, by key, for as long as the options allow."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

from flott.operators.columns.joins.lookup_options import LookupOptions

Key = tuple[Any, ...]
Rows = list[tuple[Any, ...]]


class _Entry(NamedTuple):
    rows: Rows
    expires_ms: float


class LookupCache:
    """Rows by key; the key asked for least recently goes first.

    >>> cache = LookupCache(LookupOptions(cache="PARTIAL", max_rows=1))
    >>> cache.put((1,), [("a",)], 0); cache.put((2,), [("b",)], 0)
    >>> cache.get((1,), 0), cache.get((2,), 0)
    (None, [('b',)])
    """

    def __init__(self, options: LookupOptions) -> None:
        self._options = options
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._reload_due_ms: float | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def advance(self, now_ms: float) -> None:
        """Forget everything when a reload is due."""
        period_ms = self._options.reload_ms
        if period_ms is None or self._options.cache != "FULL":
            return
        if self._reload_due_ms is None:
            self._reload_due_ms = now_ms + period_ms
        elif now_ms >= self._reload_due_ms:
            self._entries.clear()
            self._reload_due_ms = now_ms + period_ms

    def get(self, key: Key, now_ms: float) -> Rows | None:
        """The rows of ``key``, ``None`` if it is not remembered."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_ms <= now_ms:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        after_access = self._options.expire_after_access_ms
        if after_access is not None and self._options.expire_after_write_ms is None:
            self._entries[key] = _Entry(entry.rows, now_ms + after_access)
        return entry.rows

    def put(self, key: Key, rows: Rows, now_ms: float) -> None:
        """Remember what was found for ``key``."""
        if not rows and not self._options.caches_missing:
            return
        times = (self._options.expire_after_write_ms, self._options.expire_after_access_ms)
        expires_ms = now_ms + min(
            (time for time in times if time is not None), default=float("inf")
        )
        self._entries[key] = _Entry(rows, expires_ms)
        self._entries.move_to_end(key)
        limit = self._options.max_rows
        if limit is not None and self._options.cache == "PARTIAL":
            while len(self._entries) > limit:
                self._entries.popitem(last=False)
