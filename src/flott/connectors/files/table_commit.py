"""Commits the files of all writers of a table: joined if they are small, partition by partition.

One subtask gets what all writers have finished before a checkpoint. It puts small files together
that belong to one folder, and finds out which partitions are complete; both is done when the
checkpoint is complete, so nobody ever sees a partition announced whose files are not all there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flott.connectors.files.cleanup import start_cleanup
from flott.connectors.files.committer import FileCommitter
from flott.connectors.files.compaction import Compactor
from flott.connectors.files.enumerator import is_visible
from flott.connectors.files.open_store import open_store
from flott.connectors.files.partition_commit import (
    CommittedPartition,
    CommitTrigger,
    CustomPolicy,
    SuccessFile,
)
from flott.connectors.files.partition_path import partition_values
from flott.connectors.files.pending import (
    STAGING_FOLDER,
    JoinedPart,
    PendingPart,
    SupersededPart,
    derive_owner,
    lock_name,
    pending_name,
)
from flott.connectors.files.store import FileStore, parent_folder
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.sink import Committer, Sink, SinkWriter


@dataclass(frozen=True, slots=True)
class ClearedFolder:
    """A folder whose former files go when the job commits.

    Attributes:
        folder: The folder.
        mark: What the names of the files that stay hold.
    """

    folder: str
    mark: str


@dataclass(frozen=True, slots=True)
class CompletePartitions:
    """Partitions to announce, once all files of the checkpoint are in their places.

    Attributes:
        folders: Their folders, below the table's.
    """

    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenPartition:
    """A partition that has files and is not complete, as checkpoints hold it.

    Attributes:
        folder: Its folder, below the table's.
        since_ms: When its first files came.
    """

    folder: str
    since_ms: int


@dataclass(frozen=True)
class TableCommit:
    """How the files of a table are committed.

    Attributes:
        path: The table's folder.
        partition_keys: Names of the partition columns.
        default_partition: The folder of NULL.
        trigger: When a partition is complete; ``None`` if nobody wants to know.
        policies: What is done then, in order.
        join_bytes: Small files are put together up to this size; ``None`` for never.
        compactor: How they are.
    """

    path: str
    partition_keys: tuple[str, ...]
    default_partition: str
    trigger: CommitTrigger | None = None
    policies: tuple[SuccessFile | CustomPolicy, ...] = ()
    join_bytes: int | None = None
    compactor: Compactor | None = None


class TableCommitSink(Sink):
    """Takes committables of all writers.

    Args:
        settings: What to do with them.
    """

    def __init__(self, settings: TableCommit) -> None:
        self._settings = settings

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        store = open_store(self._settings.path)
        start_cleanup(context, store, self._settings.path)
        return TableCommitWriter(context, store, self._settings, restored)

    def create_committer(self, context: OperatorContext) -> Committer:
        store = open_store(self._settings.path)
        return TableCommitter(store, self._settings, context.restored_checkpoint_id)


class TableCommitWriter(SinkWriter):
    """Decides at each checkpoint what is committed with it.

    Args:
        context: The task around it.
        store: Where the files are.
        settings: What to do.
        restored: Partitions that were not complete.
    """

    def __init__(
        self,
        context: OperatorContext,
        store: FileStore,
        settings: TableCommit,
        restored: Iterable[OpenPartition],
    ) -> None:
        self._context = context
        self._store = store
        self._settings = settings
        self._waiting: list[tuple[int, Any]] = []
        self._partitions = {each.folder: each.since_ms for each in restored}
        self._watermark = MIN_WATERMARK
        self._uid = str(uuid.uuid4())
        self._owner = derive_owner(context.job_name, context.operator_id)
        self._count = 0
        self._staging = store.join(settings.path, STAGING_FOLDER)
        self._lock = store.lock(store.join(self._staging, lock_name(self._uid)))

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        self._waiting += batch.values

    def advance_watermark(self, timestamp: int) -> None:
        self._watermark = timestamp

    def flush(self, end_of_input: bool) -> None:
        if end_of_input:
            self._watermark = MAX_WATERMARK

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        # Without alignment of barriers what belongs to the next one may be here already.
        ready = [each for number, each in self._waiting if number <= checkpoint_id]
        self._waiting = [item for item in self._waiting if item[0] > checkpoint_id]
        parts = [
            replace(each, checkpoint_id=checkpoint_id)
            for each in ready
            if isinstance(each, PendingPart)
        ]
        others = [each for each in ready if not isinstance(each, PendingPart)]
        committables = [*others, *self._joined(parts, checkpoint_id)]
        if self._settings.trigger is not None:
            complete = self._take_complete(parts, self._settings.trigger)
            if complete:
                committables.append(CompletePartitions(complete))
        return committables

    def snapshot(self, checkpoint_id: int) -> list[OpenPartition]:
        return [OpenPartition(folder, since) for folder, since in self._partitions.items()]

    def close(self) -> None:
        self._lock.release()
        self._store.remove_empty_folder(self._staging)

    def _take_complete(self, parts: list[PendingPart], trigger: CommitTrigger) -> tuple[str, ...]:
        now_ms = self._context.clock.now_ms()
        for part in parts:
            folder = parent_folder(part.final)[len(self._settings.path) :].strip("/")
            self._partitions.setdefault(folder, now_ms)
        complete = tuple(
            folder
            for folder, since_ms in sorted(self._partitions.items())
            if trigger.is_due(folder, since_ms, self._watermark, now_ms)
        )
        for folder in complete:
            del self._partitions[folder]
        return complete

    def _joined(self, parts: list[PendingPart], checkpoint_id: int) -> list[Any]:
        """The files, small ones of a folder put together."""
        most = self._settings.join_bytes
        if most is None:
            return list(parts)
        folders: dict[str, list[PendingPart]] = {}
        for part in parts:
            folders.setdefault(parent_folder(part.final), []).append(part)
        return [
            packed[0] if len(packed) == 1 else self._join(folder, packed, checkpoint_id)
            for folder, own in folders.items()
            for packed in pack(own, most)
        ]

    def _join(self, folder: str, parts: list[PendingPart], checkpoint_id: int) -> JoinedPart:
        # The mark of an overwriting job stays at the front of the name.
        prefix = parts[0].final.rpartition("/")[2][: -len(_tail_of(parts[0].final))]
        name = f"{prefix}compacted-{self._uid}-{self._count}"
        self._count += 1
        hidden = pending_name(name, self._owner, checkpoint_id)
        return JoinedPart(
            tuple(parts),
            self._store.join(self._staging, hidden),
            self._store.join(folder, name),
            checkpoint_id,
        )


def _tail_of(path: str) -> str:
    """A part file's name behind its prefix: the uid of its writer and its number."""
    return "-".join(path.rpartition("/")[2].split("-")[-6:])


def pack(parts: list[PendingPart], most: int) -> list[list[PendingPart]]:
    """Divide files, in order, so that none of several together is larger than ``most`` bytes.

    >>> files = [PendingPart("", str(n), n, 1) for n in (3, 4, 9, 1)]
    >>> [[part.length for part in each] for each in pack(files, 8)]
    [[3, 4], [9], [1]]
    """
    packed: list[list[PendingPart]] = []
    size = 0
    for part in parts:
        if packed and size + part.length <= most:
            packed[-1].append(part)
            size += part.length
        else:
            packed.append([part])
            size = part.length
    return packed


class TableCommitter(Committer):
    """Removes what is overwritten, publishes files, and announces partitions.

    Args:
        store: Where the files are.
        settings: What to do.
        restored_checkpoint_id: The checkpoint that this attempt started from, if any.
    """

    def __init__(
        self, store: FileStore, settings: TableCommit, restored_checkpoint_id: int | None
    ) -> None:
        self._store = store
        self._settings = settings
        self._files = FileCommitter(
            store, settings.path, restored_checkpoint_id, settings.compactor
        )
        calls_users = any(isinstance(each, CustomPolicy) for each in settings.policies)
        self.is_slow = self._files.is_slow or calls_users

    def commit(self, committables: Sequence[Any]) -> None:
        for each in committables:
            if isinstance(each, ClearedFolder):
                self._clear(each)
        kinds = (PendingPart, JoinedPart, SupersededPart)
        self._files.commit([each for each in committables if isinstance(each, kinds)])
        for each in committables:
            if isinstance(each, CompletePartitions):
                for folder in each.folders:
                    self._announce(folder)

    def close(self) -> None:
        self._files.close()

    def _clear(self, cleared: ClearedFolder) -> None:
        store = self._store
        try:
            found = list(store.list_files(cleared.folder, is_visible))
        except FileNotFoundError:
            return
        for info in found:
            if not info.path.rpartition("/")[2].startswith(f"part-{cleared.mark}-"):
                store.delete(info.path)

    def _announce(self, folder: str) -> None:
        settings = self._settings
        values = partition_values(f"{folder}/", settings.partition_keys, settings.default_partition)
        path = self._store.join(settings.path, *folder.split("/"))
        partition = CommittedPartition(settings.path, path, values)
        for policy in settings.policies:
            policy.announce(self._store, partition)
