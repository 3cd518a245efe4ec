"""Read files into columns: once, or going on as new ones appear."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from flott.common.errors import SourceError, UnsupportedFeature
from flott.common.logical_types import RowField
from flott.common.options.connectors import FILE_FETCH_SIZE
from flott.common.physical_types import polars_type
from flott.connectors.bad_records import BadRecords
from flott.connectors.files.column_cursor import (
    ColumnGroupCursor,
    ColumnLayout,
    ColumnPlace,
    ColumnStreamCursor,
)
from flott.connectors.files.enumerator import (
    FileEnumeratorProvider,
    FileSourceEnumerator,
    SplitAssigner,
)
from flott.connectors.files.open_store import open_store
from flott.connectors.files.partition_filter import PartitionFilter
from flott.connectors.files.partition_path import DEFAULT_PARTITION_NAME, partition_values
from flott.connectors.files.read_ahead import ReadAheadCursor
from flott.connectors.files.split import FileSplit
from flott.connectors.files.store import is_local, local_path
from flott.connectors.split_reader import SequentialReader, SplitCursor
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitEnumerator,
)
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.columns.csv.values import CsvValues, read_column


@dataclass(frozen=True)
class ColumnFiles:
    """Which files hold a table, and what is read of them.

    Attributes:
        path: File or folder.
        column_format: How files become columns.
        request: The columns that files hold, and which of them to give.
        places: Where each column of a batch comes from; a name is a partition column or a file
            metadata key.
        partition_fields: The partition columns.
        default_partition: The folder of NULL.
        interval_ms: How often to look for new files; ``None`` to look once.
        pattern: Which paths are read; all if not given.
        filters: Conditions that the partition of a file decides.
    """

    path: str
    column_format: ColumnFormat
    request: FormatRequest
    places: tuple[ColumnPlace, ...]
    partition_fields: tuple[RowField, ...] = ()
    default_partition: str = DEFAULT_PARTITION_NAME
    interval_ms: int | None = None
    pattern: str | None = None
    filters: tuple[PartitionFilter, ...] = ()


class ColumnFileSource(Source):
    """Reads the files at, and below, a path into column batches.

    Exactly once: a checkpoint holds how far each file has been read.

    Args:
        files: Which files, and what of them.
    """

    def __init__(self, files: ColumnFiles) -> None:
        self._files = files
        # Whatever the types or options do not allow is told before the job starts.
        self._stream_format = (
            None
            if files.column_format.is_grouped
            else files.column_format.create_stream_format(files.request)
        )

    @property
    def boundedness(self) -> Boundedness:
        if self._files.interval_ms is None:
            return Boundedness.BOUNDED
        return Boundedness.CONTINUOUS_UNBOUNDED

    @property
    def name(self) -> str:
        return "FileSource"

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        files = self._files
        return FileSourceEnumerator(
            context,
            [files.path],
            _FileProvider(pattern=files.pattern, is_wanted=self._is_wanted),
            SplitAssigner(),
            self._stream_format is None or self._stream_format.is_splittable,
            files.interval_ms,
            restored,
        )

    def create_reader(self, context: OperatorContext) -> SourceReader:
        bad_records = BadRecords(context)
        block_bytes = context.configuration.get(FILE_FETCH_SIZE).get_bytes()

        def open_cursor(split: FileSplit) -> SplitCursor:
            cursor = self.open_split(split, bad_records, block_bytes)
            if open_store(split.path).is_fast:
                return cursor
            return ReadAheadCursor(cursor, split.place, context.blocking, context.wake)

        return SequentialReader(open_cursor, context.wake)

    def list_splits(self) -> list[FileSplit]:
        """The files there are now, each in one split; blocks."""
        provider = _FileProvider(
            splits_files=False, pattern=self._files.pattern, is_wanted=self._is_wanted
        )
        return provider.enumerate_splits([self._files.path], False)

    def empty_frame(self) -> pl.DataFrame:
        """No rows of the columns of a batch."""
        files = self._files
        types = [polars_type(field.data_type) for field in files.request.wanted_fields]
        constants = {
            field.name: polars_type(field.data_type) for field in files.partition_fields
        } | _METADATA_TYPES
        return pl.DataFrame(
            schema={
                f"f{index}": types[place] if isinstance(place, int) else constants[place]
                for index, place in enumerate(files.places)
            }
        )

    def open_split(
        self, split: FileSplit, bad_records: BadRecords, block_bytes: int
    ) -> SplitCursor:
        """A cursor over one split."""
        files = self._files
        store = open_store(split.path)
        layout = ColumnLayout(files.places, self._constants(split))
        if self._stream_format is None:
            return ColumnGroupCursor(split, store, files.column_format, files.request, layout)
        return ColumnStreamCursor(
            split, store, self._stream_format, bad_records, block_bytes, layout
        )

    def _constants(self, split: FileSplit) -> dict[str, pl.Series]:
        """The columns that are the same for all rows of a split."""
        files = self._files
        names = {place for place in files.places if isinstance(place, str)}
        constants = {
            key: pl.Series(key, [read_file_metadata(key, split)], dtype=column_type)
            for key, column_type in _METADATA_TYPES.items()
            if key in names
        }
        fields = [field for field in files.partition_fields if field.name in names]
        if fields:
            constants |= self._partition_constants(split, fields)
        return constants

    def _is_wanted(self, split: FileSplit) -> bool:
        """Whether the rows of a file's partition are asked for."""
        filters = self._files.filters
        if not filters:
            return True
        asked = {name for each in filters for name in each.columns.values()}
        fields = [field for field in self._files.partition_fields if field.name in asked]
        constants = self._partition_constants(split, fields)
        values = {name: column[0] for name, column in constants.items()}
        return all(each.accepts(values) for each in filters)

    def _partition_constants(
        self, split: FileSplit, fields: Sequence[RowField]
    ) -> dict[str, pl.Series]:
        keys = [field.name for field in fields]
        try:
            values = partition_values(split.path, keys, self._files.default_partition)
            return {field.name: _partition_column(values[field.name], field) for field in fields}
        except ValueError as error:
            raise SourceError(f"{split.place} is in no partition of the table: {error}") from None


def _partition_column(text: str | None, field: RowField) -> pl.Series:
    if text is None:
        return pl.Series(field.name, [None], dtype=polars_type(field.data_type))
    return read_column([text], field, CsvValues())


_METADATA_TYPES: dict[str, Any] = {
    "file.path": pl.String(),
    "file.name": pl.String(),
    "file.size": pl.Int64(),
    "file.modification-time": pl.Datetime("us"),
}


def read_file_metadata(key: str, split: FileSplit) -> Any:
    """What a metadata column of a file holds.

    Raises:
        UnsupportedFeature: If the store does not tell.
    """
    if key == "file.path":
        return local_path(split.path) if is_local(split.path) else split.place
    if key == "file.name":
        return split.path.rpartition("/")[2]
    if key == "file.size":
        return split.size
    if not is_local(split.path):
        raise UnsupportedFeature(f"The metadata column 'file.modification-time' of {split.place}")
    seconds = os.stat(local_path(split.path)).st_mtime
    moment = datetime.datetime.fromtimestamp(int(seconds * 1000) / 1000, datetime.UTC)
    return moment.replace(tzinfo=None)


@dataclass(frozen=True)
class _FileProvider(FileEnumeratorProvider):
    """Lists the files whose whole path has a form, and whose rows are asked for."""

    pattern: str | None = None
    is_wanted: Callable[[FileSplit], bool] = lambda split: True

    def enumerate_splits(self, paths: Sequence[str], is_splittable: bool) -> list[FileSplit]:
        splits = FileEnumeratorProvider.enumerate_splits(self, paths, is_splittable)
        if self.pattern is not None:
            matches = re.compile(self.pattern).fullmatch
            splits = [split for split in splits if matches(split.path)]
        return [split for split in splits if self.is_wanted(split)]
