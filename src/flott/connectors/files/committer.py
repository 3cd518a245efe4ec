"""Gives finished part files their final names.

A rename is done or not done, so committing twice has no effect. What a restored checkpoint lists
may have been committed before the failure, and moved away by whoever reads the results.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from flott.common.errors import SinkError
from flott.connectors.files.compaction import Compactor
from flott.connectors.files.pending import (
    STAGING_FOLDER,
    JoinedPart,
    PendingPart,
    SupersededPart,
)
from flott.connectors.files.store import FileStore, parent_folder, shown_path
from flott.core.sink import Committer

_log = logging.getLogger(__name__)


class FileCommitter(Committer):
    """The committer of one subtask.

    Args:
        store: Where the files are.
        base_path: The folder of all buckets.
        restored_checkpoint_id: The checkpoint that this attempt started from, if any.
        compactor: Puts files together; ``None`` if that was never asked for.
    """

    def __init__(
        self,
        store: FileStore,
        base_path: str,
        restored_checkpoint_id: int | None,
        compactor: Compactor | None = None,
    ) -> None:
        self.is_slow = not store.is_fast or compactor is not None
        self._compactor = compactor
        self._store = store
        self._base_path = base_path
        self._restored_checkpoint_id = restored_checkpoint_id

    def commit(self, committables: Sequence[Any]) -> None:
        try:
            self._commit(committables)
        except OSError as error:
            raise SinkError(
                f"Cannot commit files to {shown_path(self._base_path)}: {error}"
            ) from error

    def close(self) -> None:
        self._store.remove_empty_folder(self._store.join(self._base_path, STAGING_FOLDER))

    def _commit(self, committables: Sequence[Any]) -> None:
        folders: set[str] = set()
        for part in committables:
            if isinstance(part, PendingPart) and self._publish(part):
                folders.update(self._folders_above(part.final))
            elif isinstance(part, JoinedPart):
                self._publish_joined(part)
                folders.update(self._folders_above(part.final))
        for folder in sorted(folders, key=len, reverse=True):
            self._store.sync_folder(folder)
        # Only what has been copied into files that are safe now.
        for part in committables:
            if isinstance(part, SupersededPart):
                self._store.delete(part.pending)
            elif isinstance(part, JoinedPart):
                for each in part.parts:
                    self._store.delete(each.pending)

    def _folders_above(self, path: str) -> list[str]:
        """The folder of a file and those above it, the base path included."""
        folders = []
        while len(path) > len(self._base_path):
            path = parent_folder(path)
            folders.append(path)
        return folders

    def _publish(self, part: PendingPart) -> bool:
        """Move a file to its place; false if it is not there any more."""
        length = self._store.size(part.pending)
        if length is None:
            self._check_published(part)
            return False
        if length != part.length:
            raise SinkError(
                f"{shown_path(part.pending)} should hold {part.length} bytes and holds {length}: "
                "it was changed or damaged after it had been written."
            )
        self._store.move(part.pending, part.final)
        return True

    def _publish_joined(self, joined: JoinedPart) -> None:
        """Put files together in their place; nothing to do where that was done before."""
        store, parts = self._store, joined.parts
        if store.size(joined.final) is not None:
            return
        lengths = [store.size(part.pending) for part in parts]
        if all(length is None for length in lengths):
            self._check_gone(joined.checkpoint_id, parts[0].pending, joined.final)
            return
        for part, length in zip(parts, lengths, strict=True):
            if length != part.length:
                raise SinkError(
                    f"{shown_path(part.pending)} should hold {part.length} bytes and holds "
                    f"{length or 0}: it was changed, damaged or deleted after it had been written."
                )
        self._join(joined)
        store.move(joined.pending, joined.final)

    def _join(self, joined: JoinedPart) -> None:
        store = self._store
        if self._compactor is None:
            raise SinkError(
                f"The checkpoint holds {len(joined.parts)} files below "
                f"{shown_path(self._base_path)} that are to be put together, and this sink has "
                "no compaction. Enable it again until the job has ended or was stopped."
            )
        store.delete(joined.pending)  # half of it may be there, of a try that died
        with ExitStack() as stack:
            inputs = [stack.enter_context(store.open_input(part.pending)) for part in joined.parts]
            output = stack.enter_context(store.create(joined.pending))
            self._compactor.compact(inputs, output)
            store.sync(output)

    def _check_published(self, part: PendingPart) -> None:
        length = self._store.size(part.final)
        if length == part.length:
            # The attempt that moved it may have died before this.
            self._store.sync_folder(parent_folder(part.final))
            return
        if length is not None:
            raise SinkError(
                f"{shown_path(part.final)} should hold {part.length} bytes and holds {length}: "
                "it was changed or damaged after it had been committed."
            )
        self._check_gone(part.checkpoint_id, part.pending, part.final)

    def _check_gone(self, checkpoint_id: int, pending: str, final: str) -> None:
        """A file is neither waiting nor in its place."""
        restored = self._restored_checkpoint_id
        if restored is None or checkpoint_id > restored:
            raise SinkError(
                f"{shown_path(pending)} is gone before it could be committed to "
                f"{shown_path(final)}: something else deletes files there."
            )
        _log.warning(
            "%s is neither waiting nor committed; it is taken for committed before the restart and "
            "moved away since.",
            shown_path(final),
        )
