"""Files on local disks."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from flott.connectors.files.store import FileInfo, FileLock, FileStore, local_path

_COPY_BYTES: Final = 1 << 20
_TRIES_MAX: Final = 16
_WRITE_BUFFER_BYTES: Final = 1 << 18


class LocalStore(FileStore):
    """Paths of the operating system, and ``file:`` URIs.

    >>> LocalStore().join("/data", "2026-07-01--10", "part-0")
    '/data/2026-07-01--10/part-0'
    """

    can_resume = True
    is_fast = True

    def list_files(self, path: str, accept: Callable[[str], bool]) -> Iterator[FileInfo]:
        root = local_path(path)
        info = os.stat(root)
        if not os.path.isdir(root):
            yield FileInfo(root, info.st_size)
            return
        yield from _walk(root, accept)

    def size(self, path: str) -> int | None:
        try:
            return os.stat(local_path(path)).st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def open_input(self, path: str) -> BinaryIO:
        return open(local_path(path), "rb", buffering=0)

    def create(self, path: str) -> BinaryIO:
        target = local_path(path)
        # Another writer may remove the folder, while it is empty, right after it was made.
        for _ in range(_TRIES_MAX):
            with contextlib.suppress(FileNotFoundError):
                return open(target, "xb", buffering=_WRITE_BUFFER_BYTES)
            os.makedirs(os.path.dirname(target), exist_ok=True)
        return open(target, "xb", buffering=_WRITE_BUFFER_BYTES)

    def reopen(self, path: str) -> BinaryIO:
        return open(local_path(path), "ab", buffering=_WRITE_BUFFER_BYTES)

    def sync(self, stream: BinaryIO) -> None:
        stream.flush()
        os.fsync(stream.fileno())

    def copy_prefix(self, source: str, target: str, length: int) -> BinaryIO:
        stream = self.create(target)
        left = length
        try:
            with open(local_path(source), "rb") as original:
                while left and (chunk := original.read(min(left, _COPY_BYTES))):
                    stream.write(chunk)
                    left -= len(chunk)
            if left:
                raise OSError(f"{source} holds only {length - left} of {length} bytes")
        except BaseException:
            stream.close()
            self.delete(target)
            raise
        return stream

    def move(self, source: str, target: str) -> None:
        final = local_path(target)
        try:
            os.rename(local_path(source), final)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(final), exist_ok=True)
            os.rename(local_path(source), final)

    def sync_folder(self, path: str) -> None:
        descriptor = os.open(local_path(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def delete(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(local_path(path))

    def remove_empty_folder(self, path: str) -> None:
        with contextlib.suppress(OSError):
            os.rmdir(local_path(path))

    def list_names(self, folder: str) -> list[str]:
        try:
            return sorted(os.listdir(local_path(folder)))
        except FileNotFoundError:
            return []

    def lock(self, path: str) -> FileLock:
        # The file gets its name when it is locked already: nobody must take it for a dead one's.
        early = f"{path}.new"
        stream = self.create(early)
        with contextlib.suppress(OSError):  # not every file system knows locks
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.rename(local_path(early), local_path(path))
        return _LocalLock(stream, local_path(path))

    def is_locked(self, path: str) -> bool:
        try:
            with open(local_path(path), "rb") as stream:
                fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def join(self, folder: str, *names: str) -> str:
        return os.path.join(local_path(folder), *names)


class _LocalLock:
    def __init__(self, stream: BinaryIO, path: str) -> None:
        self._stream = stream
        self._path = path

    def release(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        self._stream.close()


def _walk(folder: str, accept: Callable[[str], bool]) -> Iterator[FileInfo]:
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        if not accept(entry.name):
            continue
        if entry.is_dir():
            if not (entry.is_symlink() and _leads_back(entry.path)):
                yield from _walk(entry.path, accept)
        elif entry.is_file():
            # Between listing and looking a file may go; then it was never there.
            with contextlib.suppress(FileNotFoundError):
                yield FileInfo(entry.path, entry.stat().st_size)


def _leads_back(link: str) -> bool:
    """Whether a link leads to a folder that it lies in, so that following it never ends."""
    target = os.path.realpath(link)
    return os.path.commonpath([target, os.path.realpath(os.path.dirname(link))]) == target
