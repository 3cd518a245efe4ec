"""A bounded input, kept until it has ended: what BATCH mode sorts and ranks."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType
from flott.common.physical_types import polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.kernels.columns.time_buffer import TimeBuffer
from flott.operators.columns.changes import consolidate


class WholeInput:
    """All rows, in order of arrival, kept as keyed state.

    Args:
        context: The operator's.
        types: Of the rows' columns.
        key: Positions of the columns that decide the key group; empty for rows without a key.
    """

    def __init__(
        self, context: OperatorContext, types: Sequence[DataType], key: tuple[int, ...] = ()
    ) -> None:
        self._buffer = TimeBuffer(polars_schema(types), key, context.max_parallelism)
        context.keyed_store.attach("rows", self._buffer)

    def add(self, batch: Batch) -> None:
        """Keep a batch."""
        assert isinstance(batch, ColumnBatch)
        self.add_rows(consolidate(batch))

    def add_rows(self, frame: pl.DataFrame) -> None:
        """Keep rows."""
        self._buffer.add(frame, constant(0, frame.height, pl.Int64))

    def take(self) -> pl.DataFrame | None:
        """Remove and return the rows; ``None`` if there are none."""
        return self._buffer.take(0)

    @property
    def row_count(self) -> int:
        """How many rows are kept."""
        return self._buffer.row_count
