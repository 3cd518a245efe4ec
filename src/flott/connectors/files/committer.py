"""Gives finished part files their final names.

A rename is done or not done, so committing twice has no effect. What a restored checkpoint lists
may have been committed before the failure, and moved away by whoever reads the results.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flott.common.errors import SinkError
from flott.connectors.files.pending import STAGING_FOLDER, PendingPart, SupersededPart
from flott.connectors.files.store import FileStore, parent_folder, shown_path
from flott.core.sink import Committer

_log = logging.getLogger(__name__)


class FileCommitter(Committer):
    """The committer of one subtask.

    Args:
        store: Where the files are.
        base_path: The folder of all buckets.
        restored_checkpoint_id: The checkpoint that this attempt started from, if any.
    """

    def __init__(
        self, store: FileStore, base_path: str, restored_checkpoint_id: int | None
    ) -> None:
        self.is_slow = not store.is_fast
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
        for folder in sorted(folders, key=len, reverse=True):
            self._store.sync_folder(folder)
        # Only what has been copied into files that are safe now.
        for part in committables:
            if isinstance(part, SupersededPart):
                self._store.delete(part.pending)

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
        restored = self._restored_checkpoint_id
        if restored is None or part.checkpoint_id > restored:
            raise SinkError(
                f"{shown_path(part.pending)} is gone before it could be committed to "
                f"{shown_path(part.final)}: something "
                "else deletes files there."
            )
        _log.warning(
            "%s is neither waiting nor committed; it is taken for committed before the restart and "
            "moved away since.",
            shown_path(part.final),
        )
