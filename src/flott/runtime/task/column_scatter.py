"""Dividing batches of columns among receivers.

By key, each row goes to the subtask that owns its key group. Without a key a batch goes to the next
receiver as a whole: cutting it up would only make batches smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any, Final

from flott.core.column_batch import ColumnBatch

if TYPE_CHECKING:
    import polars as pl

#: The column of the kinds while rows travel: no column of a batch is called so.
_KIND: Final = "kind"

#: Divides a batch in as many parts as there are receivers; ``None`` stands for an empty part.
ColumnScatter = Callable[[ColumnBatch, int], Sequence[ColumnBatch | None]]


def scatter_by_columns(positions: tuple[int, ...], max_parallelism: int) -> ColumnScatter:
    """By key group of the columns at ``positions``."""
    from flott.kernels.columns.partition import scatter_rows  # loads Polars

    def scatter(batch: ColumnBatch, receivers: int) -> Sequence[ColumnBatch | None]:
        parts = scatter_rows(batch.frame, positions, max_parallelism, receivers)
        return [ChosenRows(batch, rows) if rows.len() else None for rows in parts]

    return scatter


class ChosenRows(ColumnBatch):
    """Rows of a batch. Here they are gathered when somebody looks at them; for another process they
    are packed as they stand in the batch.

    >>> import polars as pl
    >>> batch = ColumnBatch(pl.DataFrame({"f0": [1, 2, 3]}))
    >>> ChosenRows(batch, pl.Series([0, 2], dtype=pl.UInt32)).frame.to_series().to_list()
    [1, 3]
    """

    __slots__ = ("_batch", "_rows")

    def __init__(self, batch: ColumnBatch, rows: pl.Series) -> None:
        # The columns have no value yet: see __getattr__.
        self._batch: ColumnBatch | None = batch
        self._rows = rows

    @property
    def row_count(self) -> int:
        return self._rows.len()

    def __getattr__(self, name: str) -> Any:
        if name not in ("frame", "kinds") or self._batch is None:
            raise AttributeError(name)
        from flott.kernels.columns.partition import take_rows  # loads Polars

        kinds = self._batch.kinds
        self.frame = take_rows(self._batch.frame, self._rows)
        self.kinds = None if kinds is None else take_rows(kinds.to_frame(), self._rows).to_series()
        self._batch = None
        return self.frame if name == "frame" else self.kinds

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        from flott.kernels.columns.partition import pack_rows  # loads Polars

        batch, rows = (self, None) if self._batch is None else (self._batch, self._rows)
        frame = batch.frame
        if batch.kinds is not None:
            frame = frame.hstack([batch.kinds.alias(_KIND)])
        packed = pack_rows(frame, rows) if frame.width else None
        if packed is None:
            return super().__reduce_ex__(protocol)
        return _unpack, (PickleBuffer(packed) if protocol >= 5 else packed,)


def _unpack(packed: bytes | memoryview) -> ColumnBatch:
    from flott.kernels.columns.partition import unpack_rows  # loads Polars

    frame = unpack_rows(packed)
    kinds = frame.drop_in_place(_KIND) if _KIND in frame.columns else None
    return ColumnBatch(frame, kinds)


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
