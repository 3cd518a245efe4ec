"""The disk that checkpoints go to: shared by all processes, each with its own way to it.

A write is whole or absent for readers, as the contract of storage says; a writer that dies leaves
at most a temporary file.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from random import Random
from typing import Protocol

from flott.core.storage import CheckpointStorage
from flott.testing.simulation.faults import Faults, ProcessKilled


class DiskWatcher(Protocol):
    """Told of every change."""

    def on_write(self, path: str, replaced: bytes | None) -> None: ...
    def on_delete(self, path: str) -> None: ...


class Disk:
    """The files.

    Attributes:
        damaged: Those of which a bit was flipped after they were written.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.watcher: DiskWatcher | None = None
        self.damaged: set[str] = set()
        self._temporary = 0

    def put(self, path: str, data: bytes) -> None:
        """Store a file, perhaps in the place of another."""
        replaced = self.files.get(path)
        self.files[path] = data
        self.damaged.discard(path)
        if self.watcher is not None:
            self.watcher.on_write(path, replaced)

    def put_torn(self, path: str, data: bytes) -> None:
        """Leave what a writer leaves that dies while it writes."""
        self._temporary += 1
        folder = path.rpartition("/")[0]
        self.files[f"{folder}/.writing-{self._temporary}"] = data[: len(data) // 2]

    def flip(self, random: Random) -> str | None:
        """Flip a bit of some file; its path, if there is one that is not empty."""
        paths = sorted(path for path, data in self.files.items() if data)
        if not paths:
            return None
        path = random.choice(paths)
        data = bytearray(self.files[path])
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        self.files[path] = bytes(data)
        self.damaged.add(path)
        return path

    def remove(self, path: str) -> None:
        """Remove a file."""
        if self.files.pop(path, None) is not None and self.watcher is not None:
            self.watcher.on_delete(path)


class SimulatedStorage(CheckpointStorage):
    """One process's way to the disk.

    Attributes:
        tearing: The process is dying: what it does now comes to half an end.
    """

    def __init__(self, disk: Disk, faults: Faults) -> None:
        self.tearing = False
        self._disk = disk
        self._faults = faults

    def write(self, path: str, chunks: Sequence[bytes | memoryview]) -> None:
        data = b"".join(chunks)
        if self.tearing:
            self._disk.put_torn(path, data)
            raise ProcessKilled("torn write")
        self._fail_perhaps("write", path)
        if self._faults.lasts("storage full", self._faults.plan.storage_full_share):
            raise OSError(errno.ENOSPC, "no space left on the simulated disk", path)
        self._faults.pass_point("before a write")
        self._disk.put(path, data)
        self._faults.pass_point("after a write")
        if self._faults.strikes("answer lost", self._faults.plan.lost_answer_share):
            raise OSError(errno.EIO, "the answer to a write was lost", path)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        self._fail_perhaps("read", path)
        data = self._disk.files.get(path)
        if data is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", path)
        return data[offset : None if length is None else offset + length]

    def list_paths(self, folder: str) -> list[str]:
        self._fail_perhaps("listing", folder)
        prefix = f"{folder}/" if folder else ""
        return sorted(path for path in self._disk.files if path.startswith(prefix))

    def delete(self, path: str) -> None:
        if self.tearing and self._faults.strikes("torn delete", 0.5):
            raise ProcessKilled("torn delete")
        self._fail_perhaps("delete", path)
        self._disk.remove(path)

    def describe(self) -> str:
        return "simulated disk"

    def _fail_perhaps(self, verb: str, path: str) -> None:
        if self.tearing:
            return
        if verb != "write":
            self._faults.pass_point(f"before a {verb}")
        if self._faults.lasts("storage failing", self._faults.plan.storage_failure_share):
            raise OSError(errno.EIO, f"{verb} failed on the simulated disk", path)
