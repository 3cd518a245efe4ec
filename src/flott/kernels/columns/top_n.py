"""The first rows of each key by an order, kept up to date a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_frame, to_series
from flott.kernels.columns.row_store import KeyedRows


class SortColumn(NamedTuple):
    """A column to sort by: its position, its direction, and where NULLs stand."""

    position: int
    is_ascending: bool
    nulls_first: bool


class TopRows:
    """Rows of rank ``first`` to ``last`` of each key; keyed state that snapshots itself.

    Args:
        schema: The columns of the rows.
        key: Positions of the key; empty for one key over everything.
        order: What rows are ranked by; equal ones by arrival.
        first: The first rank given, from 1.
        last: The last one.
        has_rank: Whether the rank follows the columns.
        retracts: Whether rows may go. If not, only what may ever show is kept.
        emits_update_before: Whether updates come with the row before.
        max_parallelism: Number of key groups.
        identity: Columns by which a row that goes is found; ``None`` for all.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        key: Sequence[int],
        order: Sequence[SortColumn],
        first: int,
        last: int,
        *,
        has_rank: bool,
        retracts: bool,
        emits_update_before: bool,
        max_parallelism: int,
        identity: Sequence[int] | None = None,
    ) -> None:
        self._rows = KeyedRows(schema, key, max_parallelism, identity=False, is_lean=True)
        found_by = range(len(schema)) if identity is None else identity
        self._native = _native.TopN(
            [(each.position, each.is_ascending, each.nulls_first) for each in order],
            first,
            last,
            has_rank,
            retracts,
            emits_update_before,
            list(found_by),
        )

    def process(
        self, frame: pl.DataFrame, kinds: pl.Series | None
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Apply a batch; the changes it makes to the rows shown, and their kinds.

        Without a rank a row that leaves gives -D and one that comes +I; with a rank, or where one
        row shows, one row in place of another is an update.
        """
        slots = self._rows.slots(frame)
        native, gone = self._native.process(self._rows.native, slots, frame, kinds, 0)
        changed = to_frame(native)
        ids = to_series(gone)
        if ids.len():
            self._rows.remove(ids)
        changed_kinds = changed.drop_in_place("kind")
        return changed, changed_kinds

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        """See ``ColumnarState``."""
        return self._rows.snapshot(full, detached)

    def restore(self, payloads: Iterable[bytes], first_group: int, last_group: int) -> None:
        """See ``ColumnarState``."""
        had = len(self._rows)
        assert not had or self._rows.index is not None
        before = 0 if self._rows.index is None else self._rows.index.slot_end
        self._rows.restore(payloads, first_group, last_group)
        if len(self._rows) == had:
            return
        end = 1 if self._rows.index is None else self._rows.index.slot_end
        slots = pl.int_range(before, end, dtype=pl.UInt32, eager=True)
        owners, ids = self._rows.of(slots)
        self._native.rebuild(slots.gather(owners), self._rows.gather(ids), ids)

    @property
    def memory_bytes(self) -> int:
        """See ``ColumnarState``."""
        return self._rows.memory_bytes + self._native.memory_bytes
