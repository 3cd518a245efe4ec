"""Read one split of a file with a ``BulkFormat``, group by group."""

from __future__ import annotations

from typing import Any

from flott.common.errors import SourceError
from flott.connectors.files.split import FilePosition, FileSplit
from flott.connectors.files.store import FileStore
from flott.connectors.split_reader import SplitCursor
from flott.core.batch import RowBatch
from flott.core.source import SplitBatch
from flott.formats.bulk_format import BulkFormat, BulkReader


class BulkCursor(SplitCursor):
    """Reads a split.

    Args:
        split: What to read, and from where on.
        store: Where the file is.
        bulk_format: How groups become records.
    """

    def __init__(self, split: FileSplit, store: FileStore, bulk_format: BulkFormat) -> None:
        self._split = split
        self._store = store
        self._format = bulk_format
        self._reader: BulkReader | None = None
        self._groups: list[int] = []
        self._given = 0
        self._rows: list[Any] = []

    def read(self, rows_max: int) -> SplitBatch:
        if self._reader is None:
            self._reader = self._open()
        reader = self._reader
        while self._groups:
            rows = self._read_rows(reader, rows_max)
            if rows:
                self._given += len(rows)
                self._rows = rows
                return SplitBatch(self._split.split_id, RowBatch(rows))
            self._groups.pop(0)
            self._given = 0
            if self._groups:
                reader.open_group(self._groups[0], 0)
        return SplitBatch(self._split.split_id, None, True)

    def split(self) -> FileSplit:
        if self._reader is None or not self._groups:
            return self._split
        return self._split.at(FilePosition(self._groups[0], self._given))

    def describe_position(self, value: Any) -> str | None:
        index = next((i for i, row in enumerate(self._rows) if row is value), None)
        if index is None or not self._groups:
            return None
        row = self._given - len(self._rows) + index
        return f"{self._split.place}, row group {self._groups[0]}, row {row}"

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _open(self) -> BulkReader:
        split = self._split
        try:
            stream = self._store.open_input(split.path)
        except FileNotFoundError:
            raise SourceError(
                f"{split.place} is gone: it was found when the job looked for files, and cannot be "
                "opened now. Keep files until the job has read them."
            ) from None
        try:
            reader = self._format.open(stream, split.start, split.stop)
        except ValueError as error:
            stream.close()
            raise SourceError(f"{split.place} cannot be read: {error}") from error
        groups = reader.groups
        position = split.position
        if position is not None:
            groups = [group for group in groups if group >= position.offset]
            self._given = position.skip
        if groups:
            reader.open_group(groups[0], self._given)
        self._groups = groups
        return reader

    def _read_rows(self, reader: BulkReader, rows_max: int) -> list[Any]:
        try:
            return reader.read(rows_max)
        except (ValueError, OSError) as error:
            raise SourceError(
                f"{self._split.place}, row group {self._groups[0]}: cannot be read: {error}"
            ) from error
