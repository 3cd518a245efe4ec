"""Rows by key: the state of joins, deduplication and Top-N.

Rows of any columns are kept in C++ (``native/include/flott/row_store.h``), found by the slot of
their key, and given back as frames. The key index is not part of snapshots: it is built anew from
the rows, so rows move between subtasks by nothing but a filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_frame, to_series
from flott.kernels.columns.partition import column_key_groups
from flott.kernels.columns.row_payload import (
    COPIES,
    EXTRA,
    MATCHES,
    TOUCHED,
    RowPayload,
    replay,
    to_bytes,
)


def key_index(schema: Mapping[str, Any], key: Sequence[int]) -> _native.KeyIndex | None:
    """An index of the columns ``key``; ``None`` if there are none: every row has slot 0."""
    if not key:
        return None
    types = list(schema.values())  # a column may be in the key twice: names would make it one
    return _native.KeyIndex(pl.DataFrame(schema={f"f{n}": types[i] for n, i in enumerate(key)}))


class KeyedRows:
    """Rows of one operator subtask by key; keyed state that snapshots and restores itself.

    Args:
        schema: The columns of the rows.
        key: Positions of the key; empty for one key over everything.
        max_parallelism: Number of key groups.
        identity: Whether a row is found again by its columns, so that ``apply`` can take it back:
            equal rows are kept once and counted. Without, rows only come and go by id.
        unique: Columns that, within a key, no two rows share: a row replaces the one it shares
            them with. ``()`` keeps one row a key. ``None`` if equal rows may come.
        ttl_ms: How long a row stays after it was last written; 0 for ever.
        sorted_by: A column of 64-bit integers or times to keep the rows of a key ordered by.
        newest_by: A time column: with ``unique`` a row does not replace one with a later time.
        is_tracked: False for rows that never go again but all at once; they take less memory.
        is_lean: Whether rows are tracked, but nothing counts their partners in a join.
        never_null: Columns of ``key`` (as positions in it) in which NULL equals nothing: rows with
            a NULL there are not kept.
        index: The index to use, where several stores share one.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        key: Sequence[int],
        max_parallelism: int,
        *,
        identity: bool = True,
        unique: Sequence[int] | None = None,
        ttl_ms: int = 0,
        sorted_by: int | None = None,
        newest_by: int | None = None,
        is_tracked: bool = True,
        is_lean: bool = False,
        never_null: Sequence[int] = (),
        index: _native.KeyIndex | None = None,
    ) -> None:
        self._schema = dict(schema)
        self.key = list(key)
        self.never_null = sum(1 << position for position in never_null)
        self._max_parallelism = max_parallelism
        self.index = key_index(schema, key) if index is None else index
        has_identity = identity and sorted_by is None and is_tracked
        self.native = _native.RowStore(
            pl.DataFrame(schema=self._schema),
            list(unique or ()) if has_identity else None,
            unique is not None,
            is_tracked,
            -1 if sorted_by is None else sorted_by,
            _TIME_SHIFT,
            ttl_ms,
            -1 if newest_by is None else newest_by,
            is_lean,
        )
        self._now_ms = 0
        self._is_written = False

    def __len__(self) -> int:
        """How many rows there are; equal rows kept once count once."""
        return len(self.native)

    def slots(self, frame: pl.DataFrame) -> pl.Series:
        """The slot of each row's key; new keys get one. ``frame`` has the columns of the store."""
        if self.index is None:
            return pl.Series([0], dtype=pl.UInt32).new_from_index(0, frame.height)
        native = _native.slots_of_rows(self.index, frame, self.key, self.never_null, True)
        return to_series(native)

    def of(self, slots: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The rows of each slot, in order: (position in ``slots``, row id), both UInt32."""
        pairs = to_frame(self.native.rows_of(slots))
        return pairs.to_series(0), pairs.to_series(1)

    def gather(self, ids: pl.Series) -> pl.DataFrame:
        """The rows ``ids``; NULL gives a row of NULLs.

        Raises:
            IndexError: There is no such row.
        """
        return to_frame(self.native.gather(ids))

    def append(self, slots: pl.Series, frame: pl.DataFrame) -> pl.Series:
        """Keep each row under its slot; the ids they have got."""
        return to_series(self.native.append_at(slots, frame, self._now_ms))

    def add(self, frame: pl.DataFrame) -> pl.Series:
        """Keep each row under its key; the ids they have got, NULL for rows that are not kept."""
        native = self.native.append(self.index, frame, self.key, self.never_null, self._now_ms)
        return to_series(native)

    def remove(self, ids: pl.Series, other: KeyedRows | None = None) -> None:
        """Forget the rows ``ids``, and keys without rows. ``other`` shares the index.

        Raises:
            IndexError: There is no such row.
        """
        self.native.remove(self.index, None if other is None else other.native, ids)

    def apply(
        self, slots: pl.Series, frame: pl.DataFrame, kinds: pl.Series | None
    ) -> tuple[pl.DataFrame, pl.Series | None]:
        """Add and take back rows, in order; what has changed, consolidated.

        A row replaced gives -U and +U, one that came back as it was nothing. What was taken back
        without being there is left out.
        """
        native = self.native.apply(self.index, slots, frame, kinds, self._now_ms)
        if native is None:
            return frame.clear(), None
        changed = to_frame(native)
        if changed.width == frame.width:
            return changed, None
        changed_kinds = changed.drop_in_place("kind")
        return changed, changed_kinds

    def expire(self, now_ms: int, other: KeyedRows | None = None) -> None:
        """Set the clock, and forget rows whose time to live is over."""
        self._now_ms = now_ms
        self.native.expire(self.index, None if other is None else other.native, now_ms)

    def clear(self) -> None:
        """Forget every row. The keys are forgotten by whoever made the index."""
        self.native.clear()

    # -- ColumnarState

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        """See ``ColumnarState``."""
        is_full, count, rows, gone = self.native.snapshot(full, detached)
        gone_ids = to_series(gone)
        if not count and not gone_ids.len() and not (is_full and self._is_written):
            return None
        self._is_written |= not detached
        return to_bytes(RowPayload(is_full, to_frame(rows), gone_ids))

    def restore(self, payloads: Iterable[bytes], first_group: int, last_group: int) -> None:
        """See ``ColumnarState``."""
        rows = replay(payloads)
        if rows is None or not rows.height:
            return
        if self.key:
            groups = column_key_groups(rows, self.key, self._max_parallelism)
            rows = rows.filter((groups >= first_group) & (groups <= last_group))
        extra = {name: rows.drop_in_place(name) for name in EXTRA}
        self.native.restore(
            self.index,
            rows.rechunk(),
            self.key,
            self.never_null,
            extra[COPIES],
            extra[MATCHES],
            extra[TOUCHED],
        )

    @property
    def memory_bytes(self) -> int:
        """See ``ColumnarState``; the index counts once, where it is not shared."""
        return self.native.memory_bytes + (self.index.memory_bytes if self.index else 0)


#: Rows by time stand in buckets of this power of two: about a second, in microseconds.
_TIME_SHIFT = 20
