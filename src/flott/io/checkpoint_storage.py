"""Checkpoint storage by URI: a local directory, or anything that pyarrow knows.

A directory is handled here: a file is written beside its place, synced, renamed and the rename
synced, so that it is whole or absent even if the machine stops. Other URIs (``s3://``, ``gs://``,
``hdfs://``, ...) go to `checkpoint_storage_remote`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from flott.common.errors import ConfigurationError
from flott.core.storage import CheckpointStorage
from flott.io.checkpoint_paths import TEMPORARY_PREFIX, check_path
from flott.io.file_chunks import write_chunks

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def open_checkpoint_storage(uri: str) -> CheckpointStorage:
    """The storage that ``uri`` names: a path, or a URI such as ``s3://bucket/checkpoints``.

    Nothing is created before the first file is written.

    Raises:
        ConfigurationError: The URI is empty, or nobody here knows its scheme.

    >>> open_checkpoint_storage("/data/checkpoints").describe()
    'file:///data/checkpoints'
    """
    if not uri.strip():
        raise ConfigurationError(
            "The directory for checkpoints is empty. Name one, such as file:///data/checkpoints.",
            key="execution.checkpointing.dir",
        )
    if not _SCHEME.match(uri):
        return LocalCheckpointStorage(uri)
    if uri.startswith("file:"):
        parts = urlsplit(uri)
        if parts.netloc not in ("", "localhost"):
            raise ConfigurationError(
                f"{uri} names the host '{parts.netloc}'. Local paths have three slashes: "
                f"file:///{parts.netloc}{parts.path}",
                key="execution.checkpointing.dir",
            )
        return LocalCheckpointStorage(unquote(parts.path))
    from flott.io.checkpoint_storage_remote import open_remote_storage

    return open_remote_storage(uri)


class LocalCheckpointStorage(CheckpointStorage):
    """Files below a directory of this machine.

    Args:
        root: The directory; made when the first file is written.
    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(os.path.abspath(root))

    def write(self, path: str, chunks: Sequence[bytes | memoryview]) -> None:
        target = self._root / check_path(path)
        self._make_folder(target.parent)
        temporary = target.with_name(f"{TEMPORARY_PREFIX}{uuid4().hex}")
        try:
            with _naming(target):
                with open(temporary, "xb", buffering=0) as file:
                    write_chunks(file.fileno(), chunks)
                    os.fsync(file.fileno())
                os.replace(temporary, target)
                _sync_folder(target.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        with open(self._root / check_path(path), "rb") as file:
            file.seek(offset)
            return file.read(-1 if length is None else length)

    def list_paths(self, folder: str) -> list[str]:
        start = self._root / check_path(folder) if folder else self._root
        found: list[str] = []
        for parent, _, names in os.walk(start):
            relative = Path(parent).relative_to(self._root)
            found.extend((relative / name).as_posix() for name in names)
        return sorted(found)

    def delete(self, path: str) -> None:
        target = self._root / check_path(path)
        with suppress(FileNotFoundError):
            target.unlink()
        # The folder of a checkpoint goes with its last file.
        with suppress(OSError):
            if target.parent != self._root:
                target.parent.rmdir()

    def describe(self) -> str:
        return self._root.as_uri()

    def _make_folder(self, folder: Path) -> None:
        """Make ``folder`` and what is missing above it, durably."""
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            with suppress(FileExistsError):
                one.mkdir()
            _sync_folder(one.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Let errors without a path (a full disk) name the file."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(target)
        raise
