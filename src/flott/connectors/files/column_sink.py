"""Write column batches to part files, with the exactly-once machinery of ``FileSink``.

Rows are divided by their partition columns, which are in the folder's name and not in the file.
Under OVERWRITE the commit first removes what other jobs had written to the folders concerned; the
names of this job's own files share a mark, so that several subtasks and repeated commits agree.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import polars as pl

from flott.common.logical_types import RowField
from flott.common.serialization import BulkWriter, BulkWriterFactory
from flott.connectors.files.bucket_assigner import BucketAssigner
from flott.connectors.files.cleanup import start_cleanup
from flott.connectors.files.compaction import Compactor, FileCompactor
from flott.connectors.files.group_compactor import GroupCompactor
from flott.connectors.files.open_store import open_store
from flott.connectors.files.output_file_config import OutputFileConfig
from flott.connectors.files.part_file import BulkPartFile, PartFile, RowPartFile
from flott.connectors.files.partition_commit import CommitTrigger, CustomPolicy, SuccessFile
from flott.connectors.files.partition_path import DEFAULT_PARTITION_NAME, partition_folder
from flott.connectors.files.pending import OpenPart, PendingPart
from flott.connectors.files.rolling_policy import PartInfo, RollingPolicy
from flott.connectors.files.store import FileStore, parent_folder
from flott.connectors.files.table_commit import (
    ClearedFolder,
    TableCommit,
    TableCommitSink,
    TableCommitter,
)
from flott.connectors.files.writer import FileWriter
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK
from flott.core.sink import Committer, Sink, SinkWriter
from flott.formats.columns.contract import ColumnFormat
from flott.formats.columns.csv.values import CsvValues, column_texts

_DEFAULT_POLICY: Final = RollingPolicy.default_rolling_policy()


@dataclass(frozen=True)
class ColumnTarget:
    """Where the rows of a table go.

    Attributes:
        path: The table's folder.
        column_format: How columns become bytes.
        fields: All columns of a batch, in order.
        partition_keys: Names of the partition columns.
        default_partition: The folder of NULL.
        policy: When a file is full.
        check_interval_ms: How often to look for files that are old.
        overwrites: Whether what was there before is replaced.
        static_partition: The values of partition columns that the statement names.
        mark: Tells this job's files from those of others.
        trigger: When a partition is complete; ``None`` if nobody wants to know.
        policies: What is done then.
        join_bytes: Small files are put together up to this size; ``None`` for never.
    """

    path: str
    column_format: ColumnFormat
    fields: tuple[RowField, ...]
    partition_keys: tuple[str, ...] = ()
    default_partition: str = DEFAULT_PARTITION_NAME
    policy: RollingPolicy = _DEFAULT_POLICY
    check_interval_ms: int = 60_000
    overwrites: bool = False
    static_partition: tuple[tuple[str, str], ...] = ()
    mark: str = ""
    trigger: CommitTrigger | None = None
    policies: tuple[SuccessFile | CustomPolicy, ...] = ()
    join_bytes: int | None = None

    @property
    def file_fields(self) -> tuple[RowField, ...]:
        """The columns that files hold."""
        return tuple(field for field in self.fields if field.name not in self.partition_keys)

    @property
    def names(self) -> OutputFileConfig:
        """How files are called."""
        return OutputFileConfig(f"part-{self.mark}" if self.mark else "part", "")

    @property
    def commit(self) -> TableCommit:
        """How the files are committed."""
        return TableCommit(
            self.path,
            self.partition_keys,
            self.default_partition,
            self.trigger,
            self.policies,
            self.join_bytes,
            None if self.join_bytes is None else self._compactor,
        )

    @property
    def _compactor(self) -> Compactor:
        if self.column_format.is_grouped:
            return GroupCompactor(self.column_format, self.file_fields)
        return FileCompactor.concat_file_compactor()

    @property
    def static_folder(self) -> str | None:
        """The one folder, below the table's, that an overwriting statement replaces even if it
        has no rows; ``None`` if it depends on the rows."""
        values = dict(self.static_partition)
        if set(values) != set(self.partition_keys):
            return None
        ordered = [values[key] for key in self.partition_keys]
        return partition_folder(self.partition_keys, ordered, self.default_partition)


class ColumnFileSink(Sink):
    """Writes column batches to part files below a folder.

    Args:
        target: Where, and how.
    """

    def __init__(self, target: ColumnTarget) -> None:
        self._target = target
        if not target.column_format.is_grouped:
            target.column_format.create_encoder(target.file_fields, ())

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        target = self._target
        store = open_store(target.path)
        start_cleanup(context, store, target.path)
        return ColumnFileWriter(context, store, target, restored)

    def create_committer(self, context: OperatorContext) -> Committer:
        """The committer of one subtask, where it commits for itself."""
        target = self._target
        return TableCommitter(
            open_store(target.path), target.commit, context.restored_checkpoint_id
        )

    def create_commit_sink(self) -> Sink | None:
        target = self._target
        if target.trigger is None and target.join_bytes is None:
            return None
        return TableCommitSink(target.commit)


def new_mark() -> str:
    """A mark that no other job has."""
    return uuid.uuid4().hex[:8]


class ColumnFileWriter(FileWriter):
    """The writer of one subtask.

    Args:
        context: The task around it.
        store: Where the files go.
        target: What is written, and how.
        restored: Open part files of former writers.
    """

    def __init__(
        self,
        context: OperatorContext,
        store: FileStore,
        target: ColumnTarget,
        restored: list[OpenPart],
    ) -> None:
        self._target = target
        self._watermark = MIN_WATERMARK
        names = [field.name for field in target.fields]
        self._key_places = [names.index(key) for key in target.partition_keys]
        self._file_places = [names.index(field.name) for field in target.file_fields]
        super().__init__(
            context,
            store,
            target.path,
            _CreateColumnPart(target),
            BucketAssigner.base_path_bucket_assigner(),
            target.policy,
            target.names,
            target.check_interval_ms,
            restored,
        )

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, ColumnBatch)
        if not batch.row_count:
            return
        now_ms = self._context.clock.now_ms()
        with self._explained():
            if not self._key_places:
                self._write_part("", batch, now_ms)
                return
            for folder, part in self._divide_columns(batch):
                self._write_part(folder, part, now_ms)

    def advance_watermark(self, timestamp: int) -> None:
        self._watermark = timestamp

    def _is_due(self, part: PartFile) -> bool:
        """A partition that is complete is to have all its files."""
        if super()._is_due(part):
            return True
        trigger, info = self._target.trigger, part.info
        if trigger is None:
            return False
        now_ms = self._context.clock.now_ms()
        return trigger.is_due(info.bucket_id, info.creation_ms, self._watermark, now_ms)

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        committables = super().prepare_commit(checkpoint_id)
        target = self._target
        if not target.overwrites:
            return committables
        folders = {parent_folder(each.final) for each in committables if _is_pending(each)}
        if self._is_ending and target.static_folder is not None:
            folders.add(self._store.join(target.path, *_parts(target.static_folder)))
        cleared: list[Any] = [ClearedFolder(each, target.mark) for each in sorted(folders)]
        return cleared + committables

    def _write_part(self, folder: str, batch: ColumnBatch, now_ms: int) -> None:
        part = self._open.get(folder)
        if part is None:
            part = self._begin(folder, now_ms)
        self._note_use(folder)
        part.write([batch], now_ms)
        if self._policy.should_roll_on_event(part.info):
            self._roll(folder)

    def _divide_columns(self, batch: ColumnBatch) -> list[tuple[str, ColumnBatch]]:
        """The rows of each folder, in order, without the partition columns."""
        columns = batch.frame.get_columns()
        keys = pl.DataFrame([columns[at].alias(f"k{i}") for i, at in enumerate(self._key_places)])
        frame = pl.DataFrame([columns[at].alias(f"f{i}") for i, at in enumerate(self._file_places)])
        inner = ColumnBatch(frame, batch.kinds)
        groups = (
            keys.with_row_index("row")
            .group_by(keys.columns, maintain_order=True)
            .agg(pl.col("row"))
        )
        if groups.height == 1:
            return [(self._folder(groups, 0), inner)]
        rows = groups.get_column("row")
        return [
            (self._folder(groups, index), inner.gather(rows[index]))
            for index in range(groups.height)
        ]

    def _folder(self, groups: pl.DataFrame, row: int) -> str:
        target = self._target
        texts = []
        for index, at in enumerate(self._key_places):
            column = groups.get_column(f"k{index}").slice(row, 1)
            texts += column_texts(column, target.fields[at].data_type, CsvValues())
        return partition_folder(target.partition_keys, texts, target.default_partition)


class _CreateColumnPart:
    """Makes part files for columns; a class, so that plain pickle can carry it."""

    def __init__(self, target: ColumnTarget) -> None:
        self._target = target

    def __call__(
        self, store: FileStore, stream: BinaryIO, pending: str, final: str, info: PartInfo
    ) -> PartFile:
        target = self._target
        if target.column_format.is_grouped:
            factory = _GroupWriterFactory(target)
            return BulkPartFile(store, stream, pending, final, info, factory)
        # Its "records" are batches: to the part file an encoder is whoever makes bytes of them.
        encoder: Any = target.column_format.create_encoder(target.file_fields, ())
        return RowPartFile(store, stream, pending, final, info, encoder)


class _GroupWriterFactory(BulkWriterFactory):
    def __init__(self, target: ColumnTarget) -> None:
        self._target = target

    def create(self, stream: BinaryIO) -> BulkWriter:
        return _GroupBulkWriter(self._target, stream)


class _GroupBulkWriter(BulkWriter):
    """A writer of row groups as the part files know writers: its elements are batches."""

    def __init__(self, target: ColumnTarget, stream: BinaryIO) -> None:
        self._writer = target.column_format.create_group_writer(target.file_fields, stream)

    def add_elements(self, elements: list[Any]) -> None:
        for batch in elements:
            self._writer.write(batch)

    def flush(self) -> None:
        """Groups are written when they are full."""

    def finish(self) -> None:
        self._writer.finish()


def _is_pending(committable: Any) -> bool:
    return isinstance(committable, PendingPart)


def _parts(folder: str) -> list[str]:
    return folder.split("/") if folder else []
