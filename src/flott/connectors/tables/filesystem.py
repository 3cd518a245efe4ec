"""The ``filesystem`` table: files in a folder, in partitions if the table has them."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.logical_types import (
    STRING,
    BigIntType,
    DataType,
    LocalZonedTimestampType,
    RowField,
)
from flott.common.option_values import parse_memory_size
from flott.common.suggestions import nearest
from flott.connectors.files.column_sink import ColumnFileSink, ColumnTarget, new_mark
from flott.connectors.files.column_source import ColumnFiles, ColumnFileSource
from flott.connectors.files.partition_filter import PartitionFilter, partition_filter
from flott.connectors.files.partition_path import DEFAULT_PARTITION_NAME
from flott.connectors.files.rolling_policy import DefaultRollingPolicy, RollingPolicy
from flott.connectors.files.store import is_local, local_path
from flott.connectors.tables.file_commit import COMMIT_OPTIONS, read_policies, read_trigger
from flott.connectors.tables.file_lookup import FileLookup
from flott.connectors.tables.file_policy import TableRollingPolicy
from flott.connectors.tables.options import check_options, options_of
from flott.core.sink import Sink
from flott.core.source import Source
from flott.core.table import (
    ChangelogMode,
    LookupTable,
    LookupTableSource,
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
)
from flott.formats.columns import find_format, format_names
from flott.formats.columns.contract import ColumnFormat, FormatRequest

_log = logging.getLogger("flott.files")

FILE_METADATA: Final[Mapping[str, DataType]] = {
    "file.path": STRING.not_null(),
    "file.name": STRING.not_null(),
    "file.size": BigIntType(nullable=False),
    "file.modification-time": LocalZonedTimestampType(3, nullable=False),
}
#: Formats whose files are closed at every checkpoint.
_CLOSED_AT_CHECKPOINTS: Final = frozenset({"avro", "csv", "orc", "parquet"})
_OPTIONS: Final = {
    "path": "File or folder that holds the table.",
    "format": "How files are written; one of " + ", ".join(format_names()) + ".",
    "source.monitor-interval": "How often to look for new files; without it, files are read once.",
    "source.path.regex-pattern": "A pattern that the whole path of a file must have to be read.",
    "source.report-statistics": "Without effect.",
    "partition.default-name": "The folder of rows whose partition column is NULL or empty.",
    "sink.rolling-policy.file-size": "Size from which on a file is closed.",
    "sink.rolling-policy.rollover-interval": "Age from which on a file is closed.",
    "sink.rolling-policy.inactivity-interval": "Time without rows after which a file is closed.",
    "sink.rolling-policy.check-interval": "How often to look for files that are old.",
    "sink.shuffle-by-partition.enable": "Without effect.",
    **COMMIT_OPTIONS,
    "auto-compaction": "Whether the small files of a checkpoint are put together.",
    "compaction.file-size": "How large such a file gets; as `sink.rolling-policy.file-size`.",
    "compaction.parallelism": "Without effect: one subtask puts files together, on a thread.",
    "lookup.full-cache.periodic-reload.interval": "How often a table that is looked up is read.",
}


class FilesystemTableFactory(TableFactory):
    """Makes ``filesystem`` tables."""

    identifier = "filesystem"
    options = {
        **_OPTIONS,
        **{f"{name}.*": f"Options of format {name}." for name in format_names()},
    }

    def create_source(self, table: TableDescription) -> TableSource:
        options = options_of(table)
        pattern = options.optional("source.path.regex-pattern")
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise options.error("source.path.regex-pattern", str(error)) from None
        interval_ms = options.duration_ms("source.monitor-interval", None)
        if interval_ms is not None and interval_ms <= 0:
            raise options.error("source.monitor-interval", "expected at least 1 ms")
        reload_ms = options.duration_ms("lookup.full-cache.periodic-reload.interval", None)
        return FilesystemTableSource(
            table,
            read_path(table),
            read_format(table),
            interval_ms,
            pattern,
            options.text("partition.default-name", DEFAULT_PARTITION_NAME),
            reload_ms,
        )

    def create_sink(self, table: TableDescription) -> TableSink:
        options = options_of(table)
        column_format = read_format(table)
        target = ColumnTarget(
            read_path(table),
            column_format,
            table.columns,
            table.partition_keys,
            options.text("partition.default-name", DEFAULT_PARTITION_NAME),
            _read_policy(table, column_format),
            options.duration_ms("sink.rolling-policy.check-interval", 60_000) or 60_000,
            trigger=read_trigger(table),
            policies=read_policies(table),
            join_bytes=_read_join_bytes(table),
        )
        return FilesystemTableSink(target, table.is_streaming)


def read_path(table: TableDescription) -> str:
    """The table's folder or file."""
    path = options_of(table).required("path")
    if not path:
        raise ConfigurationError(f"Option 'path' of table {'.'.join(table.path)} is empty.")
    return os.path.abspath(local_path(path)) if is_local(path) else path.rstrip("/")


def read_format(table: TableDescription) -> ColumnFormat:
    """The table's format, with its options.

    Raises:
        ConfigurationError: There is no such format, or one of its options is wrong or misspelt.
    """
    options = options_of(table)
    factory = find_format(options.required("format"))
    prefix = f"{factory.identifier}."
    known = {prefix + key: text for key, text in factory.options.items()}
    # Flink hands options of formats on to libraries unseen, so a table may have any; but one whose
    # name is nearly right was meant to be right.
    strange = [
        key
        for key in table.options
        if key.startswith(prefix)
        and key not in known
        and nearest(key.removeprefix(prefix), factory.options) is None
    ]
    for key in strange:
        _log.warning("Option '%s' of table %s is without effect", key, ".".join(table.path))
    check_options(table, {**_OPTIONS, **known, **dict.fromkeys(strange, "Without effect.")})
    return factory.create(options.below(prefix))


def _read_policy(table: TableDescription, column_format: ColumnFormat) -> RollingPolicy:
    options = options_of(table)
    size = _read_size(table, "sink.rolling-policy.file-size", 128 << 20)
    half_hour = 30 * 60 * 1000
    policy = DefaultRollingPolicy(
        size,
        options.duration_ms("sink.rolling-policy.rollover-interval", half_hour) or half_hour,
        options.duration_ms("sink.rolling-policy.inactivity-interval", half_hour) or half_hour,
    )
    closes = column_format.identifier in _CLOSED_AT_CHECKPOINTS
    return TableRollingPolicy(policy, closes, column_format.is_grouped)


def _read_join_bytes(table: TableDescription) -> int | None:
    options = options_of(table)
    size = _read_size(table, "sink.rolling-policy.file-size", 128 << 20)
    size = _read_size(table, "compaction.file-size", size)
    return size if options.flag("auto-compaction") else None


def _read_size(table: TableDescription, name: str, default: int) -> int:
    return options_of(table).read(name, default, lambda text: parse_memory_size(text).get_bytes())


@dataclass(frozen=True)
class FilesystemTableSource(LookupTableSource):
    """Files as a table to read."""

    table: TableDescription
    path: str
    column_format: ColumnFormat
    interval_ms: int | None = None
    pattern: str | None = None
    default_partition: str = DEFAULT_PARTITION_NAME
    reload_ms: int | None = None
    filters: tuple[PartitionFilter, ...] = ()

    @property
    def changelog_mode(self) -> ChangelogMode:
        return self.column_format.changelog_mode

    @property
    def is_bounded(self) -> bool:
        return self.interval_ms is None

    @property
    def metadata_types(self) -> Mapping[str, DataType]:
        return {**FILE_METADATA, **self.column_format.readable_metadata}

    def with_filters(self, filters: Sequence[Any]) -> tuple[TableSource, Sequence[Any]]:
        keys = self.table.partition_keys
        places = {i: f.name for i, f in enumerate(self.table.columns) if f.name in keys}
        found, remaining = list(self.filters), []
        for each in filters:
            decided = partition_filter(each, places)
            if decided is None:
                remaining.append(each)
            else:
                found.append(decided)
        return replace(self, filters=tuple(found)), remaining

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        return ColumnFileSource(self._files(columns, metadata))

    def create_lookup(self, key_columns: Sequence[str], columns: Sequence[str]) -> LookupTable:
        files = self._files([*key_columns, *columns], ())
        return FileLookup(
            ColumnFileSource(replace(files, interval_ms=None)), len(key_columns), self.reload_ms
        )

    def _files(self, columns: Sequence[str], metadata: Sequence[str]) -> ColumnFiles:
        table = self.table
        keys = table.partition_keys
        of_format = [key for key in metadata if key not in FILE_METADATA]
        wanted = tuple(dict.fromkeys(name for name in columns if name not in keys))
        fields = tuple(field for field in table.columns if field.name not in keys)
        by_name: dict[str, RowField] = {field.name: field for field in table.columns}
        places: list[int | str] = [name if name in keys else wanted.index(name) for name in columns]
        places += [
            key if key in FILE_METADATA else len(wanted) + of_format.index(key) for key in metadata
        ]
        request = FormatRequest(fields, wanted, tuple(of_format), table.time_zone)
        return ColumnFiles(
            self.path,
            self.column_format,
            request,
            tuple(places),
            tuple(by_name[key] for key in keys),
            self.default_partition,
            self.interval_ms,
            self.pattern,
            self.filters,
        )


class FilesystemTableSink(TableSink):
    """Files as a table to write."""

    def __init__(self, target: ColumnTarget, is_streaming: bool) -> None:
        self._target = target
        self._is_streaming = is_streaming

    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        if requested is ChangelogMode.INSERT_ONLY:
            return requested
        return self._target.column_format.changelog_mode

    def create_sink(self, metadata: Sequence[str]) -> Sink:
        return ColumnFileSink(self._target)

    def with_overwrite(self) -> TableSink:
        if self._is_streaming:
            raise UnsupportedFeature("INSERT OVERWRITE in streaming mode")
        target = replace(self._target, overwrites=True, mark=new_mark())
        return FilesystemTableSink(target, False)

    def with_static_partition(self, partition: Mapping[str, Any]) -> TableSink:
        pairs = tuple((key, str(value)) for key, value in partition.items())
        return FilesystemTableSink(
            replace(self._target, static_partition=pairs), self._is_streaming
        )
