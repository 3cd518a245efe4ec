"""Read files: once, or going on as new ones appear.

>>> from flott.formats.stream_format import StreamFormat
>>> lines = StreamFormat.text_line_format()
>>> source = FileSource.for_record_stream_format(lines, "/data/in").build()
>>> source.boundedness.value
'bounded'
"""

from __future__ import annotations

import datetime
import os
from typing import Any

from flott.common.errors import ConfigurationError
from flott.common.options.connectors import FILE_FETCH_SIZE
from flott.common.time import Duration, Time, to_milliseconds
from flott.common.typeinfo import TypeInformation
from flott.connectors.bad_records import BadRecords, OnError
from flott.connectors.files.bulk_cursor import BulkCursor
from flott.connectors.files.enumerator import (
    FileEnumeratorProvider,
    FileSourceEnumerator,
    FileSplitAssignerProvider,
)
from flott.connectors.files.open_store import open_store
from flott.connectors.files.read_ahead import ReadAheadCursor
from flott.connectors.files.split import FileSplit
from flott.connectors.files.store import is_local, local_path
from flott.connectors.files.stream_cursor import StreamCursor
from flott.connectors.split_reader import SequentialReader, SplitCursor
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitEnumerator,
)
from flott.formats.bulk_format import BulkFormat
from flott.formats.stream_format import StreamFormat


class FileSource(Source):
    """Reads the files at, and below, some paths; made by a builder.

    Exactly once: a checkpoint holds how far each file has been read.
    """

    def __init__(self, builder: FileSourceBuilder) -> None:
        self._format = builder._format
        self._paths = builder._paths
        self._interval_ms = builder._interval_ms
        self._enumerator = builder._enumerator
        self._assigner = builder._assigner
        self._on_error = builder._on_error

    @staticmethod
    def for_record_stream_format(
        stream_format: StreamFormat | BulkFormat, *paths: str
    ) -> FileSourceBuilder:
        """Begin a source of files that are read from front to back. Files compressed as ``.gz``,
        ``.bz2``, ``.xz``, ``.zst`` or ``.deflate`` are decompressed.

        Args:
            stream_format: How bytes become records. One of row groups is taken, too, since
                PyFlink's programs hand ``AvroParquetReaders`` over here.
            paths: Files and folders.
        """
        if not isinstance(stream_format, StreamFormat | BulkFormat):
            raise TypeError(f"Expected a StreamFormat, found {stream_format!r}")
        return FileSourceBuilder(stream_format, paths)

    @staticmethod
    def for_bulk_file_format(bulk_format: BulkFormat, *paths: str) -> FileSourceBuilder:
        """Begin a source of files of row groups, such as Parquet.

        Args:
            bulk_format: How groups become records.
            paths: Files and folders.
        """
        if not isinstance(bulk_format, BulkFormat):
            raise TypeError(f"Expected a BulkFormat, found {bulk_format!r}")
        return FileSourceBuilder(bulk_format, paths)

    @property
    def boundedness(self) -> Boundedness:
        if self._interval_ms is None:
            return Boundedness.BOUNDED
        return Boundedness.CONTINUOUS_UNBOUNDED

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return self._format.get_produced_type()

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        file_format = self._format
        return FileSourceEnumerator(
            context,
            self._paths,
            self._enumerator,
            self._assigner.create(),
            not isinstance(file_format, StreamFormat) or file_format.is_splittable,
            self._interval_ms,
            restored,
        )

    def create_reader(self, context: OperatorContext) -> SourceReader:
        bad_records = BadRecords(context, self._on_error)
        block_bytes = context.configuration.get(FILE_FETCH_SIZE).get_bytes()

        def open_cursor(split: FileSplit) -> SplitCursor:
            store = open_store(split.path)
            cursor: SplitCursor
            if isinstance(self._format, StreamFormat):
                cursor = StreamCursor(split, store, self._format, bad_records, block_bytes)
            else:
                cursor = BulkCursor(split, store, self._format)
            if store.is_fast:
                return cursor
            return ReadAheadCursor(cursor, split.place, context.blocking, context.wake)

        return SequentialReader(open_cursor, context.wake)


class FileSourceBuilder:
    """Settings of a ``FileSource``."""

    def __init__(self, file_format: StreamFormat | BulkFormat, paths: tuple[str, ...]) -> None:
        if not paths:
            raise ValueError("A FileSource needs at least one path")
        self._format = file_format
        self._paths = tuple(_checked_path(path) for path in paths)
        self._interval_ms: int | None = None
        self._enumerator = FileEnumeratorProvider()
        self._assigner = FileSplitAssignerProvider()
        self._on_error: OnError | None = None

    def monitor_continuously(
        self, discovery_interval: Duration | Time | datetime.timedelta
    ) -> FileSourceBuilder:
        """Go on for ever, looking for new files. A file is read when it is first seen, and once, so
        move files in when they are complete.

        Args:
            discovery_interval: How long to wait between two looks.

        Raises:
            ConfigurationError: If the interval is less than a millisecond.
        """
        interval_ms = to_milliseconds(discovery_interval)
        if interval_ms <= 0:
            raise ConfigurationError(
                f"The discovery interval must be at least 1 ms, found {discovery_interval!r}"
            )
        self._interval_ms = interval_ms
        return self

    def process_static_file_set(self) -> FileSourceBuilder:
        """Read the files there are at the start, then end; this is the default."""
        self._interval_ms = None
        return self

    def set_file_enumerator(self, file_enumerator: FileEnumeratorProvider) -> FileSourceBuilder:
        """Choose which files are read and how they are divided."""
        self._enumerator = file_enumerator
        return self

    def set_split_assigner(self, split_assigner: FileSplitAssignerProvider) -> FileSourceBuilder:
        """Choose which reader gets which split, and in what order."""
        self._assigner = split_assigner
        return self

    def set_on_error(self, on_error: OnError | str) -> FileSourceBuilder:
        """Choose what happens to records that cannot be read, in place of the option
        ``flott.source.on-error``.

        Args:
            on_error: ``"fail"``, ``"skip"`` (counted as ``numRecordsInErrors``) or
                ``"dead-letter"`` (counted, and sent as ``RejectedRecord`` to the side output
                ``OutputTag("rejected-records")``).
        """
        self._on_error = OnError.parse(on_error)
        return self

    def build(self) -> FileSource:
        """Make the source."""
        return FileSource(self)


def _checked_path(path: str) -> str:
    text = path.__fspath__() if hasattr(path, "__fspath__") else path
    if not isinstance(text, str) or not text:
        raise TypeError(f"Expected a path, found {path!r}")
    return os.path.abspath(local_path(text)) if is_local(text) else text
