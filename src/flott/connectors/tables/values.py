"""Rows that are there already, as a table: VALUES, and frames that a program hands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from flott.common.logical_types import RowField
from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.connectors.tables.frame_lookup import FrameLookup
from flott.connectors.tables.frames import derive_fields, pick_columns, to_columns, to_frame
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)
from flott.core.table import ChangelogMode, LookupTable, LookupTableSource


class FrameTableSource(LookupTableSource):
    """A frame as a table that can be read and looked up.

    Args:
        data: A Polars, pandas or Arrow table; it must not be changed any more.
        fields: Names and types of the columns; derived from the data if not given.
        kinds: The kind of change of each row; all inserts if not given.

    Raises:
        TypeMismatchError: If values do not fit the declared types.

    >>> source = FrameTableSource(pl.DataFrame({"id": [1, 2]}))
    >>> source.row_count, [str(field) for field in source.fields]
    (2, ['`id` BIGINT'])
    """

    def __init__(
        self,
        data: Any,
        fields: Sequence[RowField] | None = None,
        kinds: pl.Series | None = None,
    ) -> None:
        frame = to_frame(data)
        self.fields = derive_fields(frame) if fields is None else tuple(fields)
        self._frame = to_columns(frame, [field.data_type for field in self.fields])
        self._kinds = kinds
        self._positions = {field.name: index for index, field in enumerate(self.fields)}

    @property
    def changelog_mode(self) -> ChangelogMode:
        return ChangelogMode.INSERT_ONLY if self._kinds is None else ChangelogMode.RETRACT

    @property
    def is_bounded(self) -> bool:
        return True

    @property
    def row_count(self) -> int:
        return self._frame.height

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        return FrameSource(self._picked(columns), self._kinds)

    def create_lookup(self, key_columns: Sequence[str], columns: Sequence[str]) -> LookupTable:
        return FrameLookup(self._picked(key_columns), self._picked(columns))

    def _picked(self, columns: Sequence[str]) -> pl.DataFrame:
        return pick_columns(self._frame, [self._positions[name] for name in columns])


@dataclass(frozen=True, slots=True)
class FrameSplit:
    """The rows of a frame from ``position`` on."""

    split_id: str
    position: int


class FrameSource(Source):
    """Produces the rows of a frame, in order, in one subtask.

    Args:
        frame: Columns named ``f0``, ``f1``, ...
        kinds: The kind of change of each row; all inserts if not given.

    >>> FrameSource(pl.DataFrame({"f0": [1]})).record_count()
    1
    """

    def __init__(self, frame: pl.DataFrame, kinds: pl.Series | None = None) -> None:
        self._frame = frame
        self._kinds = kinds

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        splits = [FrameSplit("frame", 0)] if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        batch = ColumnBatch(self._frame, self._kinds)
        return SequentialReader(lambda split: _FrameCursor(split, batch), context.wake)

    def record_count(self) -> int:
        return self._frame.height


class _FrameCursor(SplitCursor):
    def __init__(self, split: FrameSplit, batch: ColumnBatch) -> None:
        self._split_id = split.split_id
        self._position = split.position
        self._batch = batch

    def read(self, rows_max: int) -> SplitBatch:
        count = self._batch.row_count
        start = self._position
        stop = self._position = min(start + rows_max, count)
        batch = None
        if stop > start:
            # A frame without columns has no rows to cut.
            whole = start == 0 and stop == count
            batch = self._batch if whole else self._cut(start, stop)
        return SplitBatch(self._split_id, batch, stop == count)

    def split(self) -> FrameSplit:
        return FrameSplit(self._split_id, self._position)

    def _cut(self, start: int, stop: int) -> ColumnBatch:
        if self._batch.frame.width:
            return self._batch.slice(start, stop)
        kinds = self._batch.kinds
        return ColumnBatch(
            pl.DataFrame(height=stop - start),
            None if kinds is None else kinds.slice(start, stop - start),
        )
