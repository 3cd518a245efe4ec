"""Files in object stores and HDFS, through ``pyarrow.fs``.

In an object store a file appears when it is closed, whole, and has no rename: a commit copies the
pending object and then deletes it, which may be repeated. Options go into the query of the URI, as
in ``s3://bucket/out?region=eu-west-1``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, BinaryIO, Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from flott.common.errors import ConfigurationError
from flott.connectors.files.store import FileInfo, FileLock, FileStore
from flott.formats.arrow import load_file_systems

_WITHOUT_RENAME: Final = frozenset({"s3", "gcs", "abfs"})


class ArrowStore(FileStore):
    """Paths are URIs of one authority, such as a bucket.

    Args:
        file_system: A ``pyarrow.fs.FileSystem``.
        prefix: What stands before the path of a URI within the file system.
    """

    can_resume = False
    is_fast = False

    def __init__(self, file_system: Any, prefix: str) -> None:
        self._fs = file_system
        self._prefix = prefix

    @staticmethod
    def from_uri(uri: str) -> ArrowStore:
        """The store of a URI; one for all URIs of the same authority and options.

        Raises:
            ConfigurationError: If no such store is known, or its options are wrong.
        """
        parts = urlsplit(uri)
        return _connect(_unsplit(parts, "/"))

    def list_files(self, path: str, accept: Callable[[str], bool]) -> Iterator[FileInfo]:
        root = self._plain(path)
        info = self._fs.get_file_info(root)
        kind = load_file_systems().FileType
        if info.type == kind.NotFound:
            raise FileNotFoundError(path)
        if info.type == kind.File:
            yield FileInfo(path, info.size)
            return
        selector = load_file_systems().FileSelector(root, recursive=True)
        for found in sorted(self._fs.get_file_info(selector), key=lambda each: each.path):
            names = found.path[len(root) :].strip("/").split("/")
            if found.type == kind.File and all(map(accept, names)):
                yield FileInfo(self.join(path, *names), found.size)

    def list_names(self, folder: str) -> list[str]:
        selector = load_file_systems().FileSelector(self._plain(folder), allow_not_found=True)
        return sorted(info.base_name for info in self._fs.get_file_info(selector))

    def size(self, path: str) -> int | None:
        info = self._fs.get_file_info(self._plain(path))
        return info.size if info.is_file else None

    def open_input(self, path: str) -> BinaryIO:
        stream: BinaryIO = self._fs.open_input_file(self._plain(path))
        return stream

    def create(self, path: str) -> BinaryIO:
        plain = self._plain(path)
        try:
            stream: BinaryIO = self._fs.open_output_stream(plain)
        except FileNotFoundError:
            self._create_folder_of(plain)
            stream = self._fs.open_output_stream(plain)
        return stream

    def reopen(self, path: str) -> BinaryIO:
        raise AssertionError("files here are closed once")

    def sync(self, stream: BinaryIO) -> None:
        """Without effect: a file is durable once it is closed."""

    def copy_prefix(self, source: str, target: str, length: int) -> BinaryIO:
        raise AssertionError("files here are closed at every checkpoint")

    def move(self, source: str, target: str) -> None:
        old, new = self._plain(source), self._plain(target)
        if self._fs.type_name in _WITHOUT_RENAME:
            self._fs.copy_file(old, new)
            self._fs.delete_file(old)
            return
        try:
            self._fs.move(old, new)
        except FileNotFoundError:
            self._create_folder_of(new)
            self._fs.move(old, new)

    def sync_folder(self, path: str) -> None:
        """Without effect: what was moved is durable."""

    def delete(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.delete_file(self._plain(path))

    def remove_empty_folder(self, path: str) -> None:
        plain = self._plain(path)
        with contextlib.suppress(OSError):
            if self._fs.get_file_info(plain).type == load_file_systems().FileType.Directory:
                selector = load_file_systems().FileSelector(plain)
                if not self._fs.get_file_info(selector):
                    self._fs.delete_dir(plain)

    def lock(self, path: str) -> FileLock:
        return _NoLock()

    def is_locked(self, path: str) -> bool:
        return True

    def join(self, folder: str, *names: str) -> str:
        parts = urlsplit(folder)
        path = "/".join([parts.path.rstrip("/"), *map(quote, names)])
        return _unsplit(parts, path)

    def _plain(self, uri: str) -> str:
        return self._prefix + "/" + unquote(urlsplit(uri).path).strip("/")

    def _create_folder_of(self, plain: str) -> None:
        self._fs.create_dir(plain.rpartition("/")[0], recursive=True)


class _NoLock:
    def release(self) -> None:
        """Nothing is held."""


def _unsplit(parts: SplitResult, path: str) -> str:
    """The same URI with another path; ``urlunsplit`` would lose the ``//`` of ``hdfs:///``."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


@lru_cache(maxsize=32)
def _connect(authority: str) -> ArrowStore:
    try:
        file_system, prefix = load_file_systems().FileSystem.from_uri(authority)
    except (ValueError, OSError) as error:
        # Keys may stand before the host or in the query: neither is shown.
        parts = urlsplit(authority)
        place = f"{parts.scheme}://{parts.hostname or ''}"
        has_keys = bool(parts.query or parts.username)
        reason = "are its options right?" if has_keys else str(error)
        raise ConfigurationError(f"Cannot reach the file system {place}: {reason}") from None
    return ArrowStore(file_system, prefix.rstrip("/"))
