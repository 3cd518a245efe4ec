"""Checkpoint storage in memory, which can be made to fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flott.core.storage import CheckpointStorage
from flott.deploy.composition import open_storage

_SCHEME: Final = "memory:"


class MemoryStorage(CheckpointStorage):
    """Files in a dict.

    Args:
        root: What stands before each path, in words and in ``files``.
        files: Shared with other storages of the same disk.

    Attributes:
        write_error: Raised by every write while it is set, as a full disk would.
    """

    def __init__(self, root: str = "memory:", files: dict[str, bytes] | None = None) -> None:
        self.files: dict[str, bytes] = {} if files is None else files
        self.write_error: OSError | None = None
        self._prefix = root.rstrip("/") + "/"

    def write(self, path: str, chunks: Sequence[bytes | memoryview]) -> None:
        if self.write_error is not None:
            raise self.write_error
        self.files[self._prefix + path] = b"".join(chunks)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        data = self.files.get(self._prefix + path)
        if data is None:
            raise FileNotFoundError(f"there is no {self._prefix}{path}")
        return data[offset : None if length is None else offset + length]

    def list_paths(self, folder: str) -> list[str]:
        prefix = self._prefix + (f"{folder.rstrip('/')}/" if folder else "")
        start = len(self._prefix)
        return sorted(path[start:] for path in self.files if path.startswith(prefix))

    def delete(self, path: str) -> None:
        self.files.pop(self._prefix + path, None)

    def describe(self) -> str:
        return self._prefix.rstrip("/")


class MemoryDisk:
    """All storages of a harness, by their root; other roots are real ones.

    Attributes:
        write_error: What every write fails with, if it does.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.write_error: OSError | None = None
        self._storages: dict[str, MemoryStorage] = {}

    def open(self, root: str) -> CheckpointStorage:
        """The storage at ``root``."""
        if not root.startswith(_SCHEME):
            return open_storage(root)
        root = root.rstrip("/")
        if root not in self._storages:
            storage = self._storages[root] = MemoryStorage(root, self.files)
            storage.write_error = self.write_error
        return self._storages[root]

    def set_write_error(self, error: OSError | None) -> None:
        """Have every write fail with ``error`` from now on; with None, none."""
        self.write_error = error
        for storage in self._storages.values():
            storage.write_error = error
