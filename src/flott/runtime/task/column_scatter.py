"""Dividing batches of columns among receivers.

By key, each row goes to the subtask that owns its key group. Without a key a batch goes to the next
receiver as a whole: cutting it up would only make batches smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flott.core.column_batch import ColumnBatch

#: Divides a batch in as many parts as there are receivers; ``None`` stands for an empty part.
ColumnScatter = Callable[[ColumnBatch, int], Sequence[ColumnBatch | None]]


def scatter_by_columns(positions: tuple[int, ...], max_parallelism: int) -> ColumnScatter:
    """By key group of the columns at ``positions``."""
    from flott.kernels.columns.partition import scatter_rows  # loads Polars

    def scatter(batch: ColumnBatch, receivers: int) -> Sequence[ColumnBatch | None]:
        parts = scatter_rows(batch.frame, positions, max_parallelism, receivers)
        return [batch.gather(rows) if rows.len() else None for rows in parts]

    return scatter


class NextReceiver:
    """Whole batches, round robin."""

    def __init__(self, first: int) -> None:
        self._next = first

    def __call__(self, batch: ColumnBatch, receivers: int) -> Sequence[ColumnBatch | None]:
        assert receivers > 0
        parts: list[ColumnBatch | None] = [None] * receivers
        parts[self._next % receivers] = batch
        self._next += 1
        return parts
