"""Read one split of a file into columns: those in the file, and those that its path tells.

The values of partitions and the file's own metadata are the same for every row of a split, so they
are put beside what a block holds as columns of one value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from flott.common.errors import SourceError
from flott.connectors.bad_records import BadRecords
from flott.connectors.files.split import FilePosition, FileSplit
from flott.connectors.files.store import FileStore
from flott.connectors.files.stream_cursor import StreamCursor
from flott.connectors.split_reader import SplitCursor
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.source import SplitBatch
from flott.formats.columns.contract import (
    ColumnFormat,
    ColumnGroupReader,
    ColumnRows,
    FormatRequest,
)
from flott.formats.stream_format import StreamFormat

#: A column to give: the position in what the file holds, or the name of a constant.
ColumnPlace = int | str


class ColumnLayout:
    """Puts the columns of a batch together.

    Args:
        places: Where each column comes from, in order.
        constants: The columns of one value, by name: a column of one row each.
    """

    def __init__(self, places: Sequence[ColumnPlace], constants: Mapping[str, pl.Series]) -> None:
        self._places = tuple(places)
        self._constants = constants
        self._is_plain = bool(places) and self._places == tuple(range(len(places)))

    def lay_out(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns for the rows of ``frame``."""
        if self._is_plain and len(self._places) == frame.width:
            return frame
        height = frame.height
        if not self._places:
            return pl.DataFrame(height=height)
        columns = []
        for index, place in enumerate(self._places):
            if isinstance(place, int):
                column = frame.to_series(place)
            else:
                column = self._constants[place].new_from_index(0, height)
            columns.append(column.alias(f"f{index}"))
        return pl.DataFrame(columns)


class ColumnStreamCursor(StreamCursor):
    """Reads a split from front to back.

    Args:
        split: What to read, and from where on.
        store: Where the file is.
        stream_format: How bytes become columns.
        bad_records: What to do with those that do not.
        block_bytes: How much to read at once.
        layout: Puts the columns together.
    """

    def __init__(
        self,
        split: FileSplit,
        store: FileStore,
        stream_format: StreamFormat,
        bad_records: BadRecords,
        block_bytes: int,
        layout: ColumnLayout,
    ) -> None:
        super().__init__(split, store, stream_format, bad_records, block_bytes)
        self._layout = layout

    def _cut_rows(self, start: int, stop: int) -> Batch:
        rows: Any = self._rows
        assert isinstance(rows, ColumnRows)
        frame = self._layout.lay_out(rows.frame)
        return cut_frame(frame, rows.kinds, start, stop)

    def describe_position(self, value: Any) -> str | None:
        return self._split.place


class ColumnGroupCursor(SplitCursor):
    """Reads a split row group by row group.

    Args:
        split: What to read, and from where on.
        store: Where the file is.
        column_format: How groups become columns.
        request: Which columns.
        layout: Puts the columns together.
    """

    def __init__(
        self,
        split: FileSplit,
        store: FileStore,
        column_format: ColumnFormat,
        request: FormatRequest,
        layout: ColumnLayout,
    ) -> None:
        self._split = split
        self._store = store
        self._format = column_format
        self._request = request
        self._layout = layout
        self._reader: ColumnGroupReader | None = None
        self._groups: list[int] = []
        self._frame: pl.DataFrame | None = None
        self._given = 0

    def read(self, rows_max: int) -> SplitBatch:
        if self._reader is None:
            self._reader = self._open()
        while self._groups:
            if self._frame is None:
                self._frame = self._guarded(self._reader.read, self._groups[0])
            frame = self._frame
            start = self._given
            if start < frame.height:
                stop = self._given = min(start + rows_max, frame.height)
                batch = cut_frame(self._layout.lay_out(frame), None, start, stop)
                return SplitBatch(self._split.split_id, batch)
            self._groups.pop(0)
            self._frame = None
            self._given = 0
        return SplitBatch(self._split.split_id, None, True)

    def split(self) -> FileSplit:
        if self._reader is None or not self._groups:
            return self._split
        return self._split.at(FilePosition(self._groups[0], self._given))

    def describe_position(self, value: Any) -> str | None:
        return self._split.place

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _open(self) -> ColumnGroupReader:
        split = self._split
        try:
            stream = self._store.open_input(split.path)
        except FileNotFoundError:
            raise SourceError(
                f"{split.place} is gone: it was found by the listing, and cannot be opened now. "
                "Keep files until the job has read them."
            ) from None
        reader: ColumnGroupReader = self._guarded(
            lambda: self._format.open_groups(self._request, stream, split.start, split.stop)
        )
        self._groups = reader.groups
        if split.position is not None:
            self._groups = [each for each in self._groups if each >= split.position.offset]
            self._given = split.position.skip
        return reader

    def _guarded(self, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except (ValueError, OSError) as error:
            raise SourceError(f"{self._split.place} cannot be read: {error}") from error


def cut_frame(frame: pl.DataFrame, kinds: pl.Series | None, start: int, stop: int) -> ColumnBatch:
    """Some of the rows of a frame; one without columns has a height, too."""
    if start == 0 and stop == frame.height:
        return ColumnBatch(frame, kinds)
    if kinds is not None:
        kinds = kinds.slice(start, stop - start)
    if frame.width == 0:
        return ColumnBatch(pl.DataFrame(height=stop - start), kinds)
    return ColumnBatch(frame.slice(start, stop - start), kinds)
