"""Writes the records of one subtask to part files, and says what a checkpoint needs to know.

At a checkpoint every finished file becomes a committable and every open one is made durable and
kept in state with its length. After a restore the covered part of an open file is copied into a
file of this writer, which goes on there: the old file stays untouched, so a former writer that is
still alive somewhere cannot spoil it, and is removed once a checkpoint holds the copy.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from flott.common.errors import SinkError
from flott.connectors.files.bucket_assigner import BucketAssigner, BucketContext, check_bucket_id
from flott.connectors.files.compaction import Compaction, FileCompactStrategy, HeldParts
from flott.connectors.files.output_file_config import OutputFileConfig
from flott.connectors.files.part_file import PartFile
from flott.connectors.files.pending import (
    STAGING_FOLDER,
    HeldPart,
    JoinedPart,
    OpenPart,
    PendingPart,
    SupersededPart,
    derive_owner,
    lock_name,
    pending_name,
)
from flott.connectors.files.rolling_policy import PartInfo, RollingPolicy
from flott.connectors.files.store import FileStore, shown_path
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.sink import SinkWriter

#: Files held open at once; those written to longest ago are opened again when needed.
_OPEN_FILES_MAX: Final = 256
#: Rows written between two questions whether a file is full.
_SLICE_ROWS: Final = 1024

_log = logging.getLogger(__name__)

PartFactory = Callable[[FileStore, BinaryIO, str, str, PartInfo], PartFile]


class FileWriter(SinkWriter):
    """The writer of one subtask.

    Args:
        context: The task around it.
        store: Where the files go.
        base_path: The folder of all buckets.
        create_part: Makes the part file around an open stream.
        assigner: Chooses buckets.
        policy: Says when a file is full.
        names: How files are called.
        check_interval_ms: How often to look for files that are old.
        restored: Open part files of former writers, and those they held back.
        compaction: When and how files are put together; ``None`` for never.
    """

    def __init__(
        self,
        context: OperatorContext,
        store: FileStore,
        base_path: str,
        create_part: PartFactory,
        assigner: BucketAssigner,
        policy: RollingPolicy,
        names: OutputFileConfig,
        check_interval_ms: int,
        restored: Iterable[OpenPart | HeldPart],
        compaction: Compaction | None = None,
    ) -> None:
        self._context = context
        self._store = store
        self._base_path = base_path
        self._create_part = create_part
        self._assigner = assigner
        self._policy = policy
        self._names = names
        self._check_interval_ms = check_interval_ms
        self._uid = str(uuid.uuid4())
        self._owner = derive_owner(context.job_name, context.operator_id)
        # The id of the last checkpoint before the records written now.
        self._epoch = context.restored_checkpoint_id or 0
        self._count = 0
        self._open: dict[str, PartFile] = {}
        # Buckets whose file is held open, the one written to last at the end.
        self._awake: dict[str, None] = {}
        self._finished: list[tuple[PartFile, int]] = []
        self._superseded: list[str] = []
        items = list(restored)
        held = [part for part in items if isinstance(part, HeldPart)]
        # Without compaction, what a former writer held back is published as it is.
        strategy = FileCompactStrategy(1) if compaction is None else compaction.strategy
        self._joins = compaction is not None and compaction.joins
        self._held = HeldParts(strategy, held)
        self._holds_back = compaction is not None or bool(held)
        self._staging_changed = False
        self._is_ending = False
        self._is_closed = False
        self._staging = store.join(base_path, STAGING_FOLDER)
        with self._explained():
            self._lock = store.lock(store.join(self._staging, lock_name(self._uid)))
            for part in items:
                if isinstance(part, OpenPart):
                    self._resume(part)
        self._schedule_check()

    @property
    def uid(self) -> str:
        """What the names of this writer's files share."""
        return self._uid

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        now_ms = self._context.clock.now_ms()
        bucket_id = self._assigner.common_bucket_id(now_ms)
        with self._explained():
            if bucket_id is not None:
                self._write_rows(bucket_id, batch.values, now_ms)
                return
            for each_id, values in self._divide(batch, now_ms).items():
                self._write_rows(each_id, values, now_ms)

    def flush(self, end_of_input: bool) -> None:
        self._is_ending = self._is_ending or end_of_input

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        with self._explained():
            for bucket_id, part in list(self._open.items()):
                if self._is_due(part):
                    self._roll(bucket_id)
            if self._staging_changed:
                self._store.sync_folder(self._staging)
                self._staging_changed = False
        self._epoch = checkpoint_id
        committables = self._take_finished(checkpoint_id)
        committables += [SupersededPart(path, checkpoint_id) for path in self._superseded]
        self._finished = []
        self._superseded = []
        return committables

    def _take_finished(self, checkpoint_id: int) -> list[Any]:
        """What is to be published of the files that were finished since the last checkpoint."""
        if not self._holds_back:
            return [
                PendingPart(part.pending, part.final, length, checkpoint_id)
                for part, length in self._finished
            ]
        for part, length in self._finished:
            self._held.add(HeldPart(part.info.bucket_id, part.pending, part.final, length))
        committables: list[Any] = []
        for held in self._held.take_due(self._is_ending):
            parts = [PendingPart(p.pending, p.final, p.length, checkpoint_id) for p in held]
            if self._joins and len(parts) > 1:
                pending, final = self._next_paths(held[0].bucket_id, "compacted-")
                committables.append(JoinedPart(tuple(parts), pending, final, checkpoint_id))
            else:
                committables += parts
        return committables

    def snapshot(self, checkpoint_id: int) -> list[OpenPart | HeldPart]:
        items: list[OpenPart | HeldPart] = list(self._held.parts())
        with self._explained():
            for part in self._open.values():
                part.is_listed = True
                length = part.persist()
                info = part.info
                if info.bucket_id not in self._awake:
                    part.rest()
                items.append(
                    OpenPart(info.bucket_id, part.pending, part.final, length, info.creation_ms)
                )
        return items

    def close(self) -> None:
        self._is_closed = True
        unlisted = [part for part in self._open.values() if not part.is_listed]
        unlisted += [part for part, _ in self._finished if not part.is_listed]
        try:
            for part in self._open.values():
                part.abandon()
            for part in unlisted:
                self._store.delete(part.pending)
        finally:
            self._lock.release()
            self._store.remove_empty_folder(self._staging)

    def _divide(self, batch: RowBatch, now_ms: int) -> dict[str, list[Any]]:
        """The records of each bucket, in order."""
        get_bucket_id = self._assigner.get_bucket_id
        times = batch.timestamps
        groups: dict[str, list[Any]] = {}
        context = BucketContext(None, now_ms)
        for index, value in enumerate(batch.values):
            if times is not None:
                context = BucketContext(times[index], now_ms)
            bucket_id = get_bucket_id(value, context)
            group = groups.get(bucket_id) if isinstance(bucket_id, str) else None
            if group is None:
                group = groups[check_bucket_id(bucket_id, value)] = []
            group.append(value)
        return groups

    def _write_rows(self, bucket_id: str, values: list[Any], now_ms: int) -> None:
        is_full = self._policy.should_roll_on_event
        for start in range(0, len(values), _SLICE_ROWS):
            part = self._open.get(bucket_id)
            if part is None:
                part = self._begin(bucket_id, now_ms)
            self._note_use(bucket_id)
            part.write(values[start : start + _SLICE_ROWS], now_ms)
            if is_full(part.info):
                self._roll(bucket_id)

    def _next_paths(self, bucket_id: str, mark: str = "") -> tuple[str, str]:
        """Where the next part file is, and where it goes."""
        names = self._names
        name = f"{mark}{names.part_prefix}-{self._uid}-{self._count}{names.part_suffix}"
        self._count += 1
        folders = bucket_id.split("/") if bucket_id else []
        final = self._store.join(self._base_path, *folders, name)
        hidden = pending_name(name, self._owner, self._epoch)
        return self._store.join(self._staging, hidden), final

    def _begin(self, bucket_id: str, now_ms: int) -> PartFile:
        pending, final = self._next_paths(bucket_id)
        stream = self._store.create(pending)
        self._staging_changed = True
        info = PartInfo(bucket_id, 0, now_ms, now_ms)
        part = self._open[bucket_id] = self._create_part(self._store, stream, pending, final, info)
        return part

    def _note_use(self, bucket_id: str) -> None:
        """Let the file that was used longest ago rest, if there are too many."""
        awake = self._awake
        awake.pop(bucket_id, None)
        awake[bucket_id] = None
        if len(awake) > _OPEN_FILES_MAX:
            oldest = next(iter(awake))
            if self._open[oldest].rest():
                del awake[oldest]

    def _roll(self, bucket_id: str) -> None:
        self._awake.pop(bucket_id, None)
        part = self._open.pop(bucket_id)
        self._finished.append((part, part.finish()))

    def _is_due(self, part: PartFile) -> bool:
        return (
            self._is_ending
            or not (self._store.can_resume and part.can_go_on)
            or self._policy.should_roll_on_checkpoint(part.info)
        )

    def _resume(self, old: OpenPart) -> None:
        """Go on with a part file of a former writer, in a file of this one."""
        if self._store.size(old.pending) is None:
            self._explain_missing(old)
            return
        pending, final = self._next_paths(old.bucket_id)
        stream = self._store.copy_prefix(old.pending, pending, old.length)
        self._staging_changed = True
        now_ms = self._context.clock.now_ms()
        info = PartInfo(old.bucket_id, old.length, old.creation_ms, now_ms)
        part = self._create_part(self._store, stream, pending, final, info)
        self._superseded.append(old.pending)
        if old.bucket_id in self._open:
            self._finished.append((part, part.finish()))
        else:
            self._open[old.bucket_id] = part
            self._note_use(old.bucket_id)

    def _explain_missing(self, old: OpenPart) -> None:
        if (self._store.size(old.final) or 0) >= old.length:
            _log.warning(
                "%s was finished and committed after the checkpoint that this job starts from; "
                "records written to it since then will be there twice.",
                shown_path(old.final),
            )
            return
        raise SinkError(
            f"The checkpoint covers {old.length} bytes of {shown_path(old.pending)}, but "
            "that file is gone. "
            "Bring it back, start from a newer checkpoint, or give the sink another uid to start "
            "without its state."
        )

    def _schedule_check(self) -> None:
        clock = self._context.clock
        self._context.schedule(clock.now_ms() + self._check_interval_ms, self._check)

    def _check(self) -> None:
        """Close what has become old."""
        if self._is_closed:
            return
        now_ms = self._context.clock.now_ms()
        with self._explained():
            for bucket_id, part in list(self._open.items()):
                if self._policy.should_roll_on_processing_time(part.info, now_ms):
                    self._roll(bucket_id)
        self._schedule_check()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say which sink it was that could not write."""
        try:
            yield
        except OSError as error:
            raise SinkError(f"Cannot write to {shown_path(self._base_path)}: {error}") from error
