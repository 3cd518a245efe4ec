"""Look rows up in files: they are read as a whole, and again when they have become old."""

from __future__ import annotations

import polars as pl

from flott.common.options.connectors import FILE_FETCH_SIZE
from flott.connectors.bad_records import BadRecords
from flott.connectors.files.column_source import ColumnFileSource
from flott.connectors.tables.frame_lookup import find_matches
from flott.core.batch import BATCH_ROWS_MAX
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.table import LookupTable


class FileLookup(LookupTable):
    """Finds rows of files.

    Args:
        source: Gives the key columns, then the others.
        key_count: How many key columns there are.
        reload_ms: After so many milliseconds the files are read again; ``None`` for never.
    """

    def __init__(self, source: ColumnFileSource, key_count: int, reload_ms: int | None) -> None:
        self._source = source
        self._key_count = key_count
        self._reload_ms = reload_ms
        self._loaded: tuple[pl.DataFrame, pl.DataFrame] | None = None
        self._loaded_ms = 0.0

    def open(self, context: OperatorContext) -> None:
        self._clock = context.clock
        self._bad_records = BadRecords(context)
        self._block_bytes = context.configuration.get(FILE_FETCH_SIZE).get_bytes()

    def lookup(self, keys: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        now_ms = self._clock.monotonic_ms()
        loaded = self._loaded
        is_old = self._reload_ms is not None and now_ms - self._loaded_ms >= self._reload_ms
        if loaded is None or is_old:
            loaded = self._loaded = self._load()
            self._loaded_ms = now_ms
        return find_matches(keys, *loaded)

    def _load(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        frames: list[pl.DataFrame] = []
        for split in self._source.list_splits():
            cursor = self._source.open_split(split, self._bad_records, self._block_bytes)
            finished = False
            while not finished:
                found = cursor.read(BATCH_ROWS_MAX)
                assert found is not None, "a cursor over a whole file has something to say"
                if found.batch is not None:
                    assert isinstance(found.batch, ColumnBatch)
                    frames.append(found.batch.frame)
                finished = found.finished
            cursor.close()
        whole = pl.concat(frames, rechunk=True) if frames else self._source.empty_frame()
        columns = whole.get_columns()
        return (
            pl.DataFrame(columns[: self._key_count]),
            pl.DataFrame(
                [each.alias(f"f{i}") for i, each in enumerate(columns[self._key_count :])]
            ),
        )
