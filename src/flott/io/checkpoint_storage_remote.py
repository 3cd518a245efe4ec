"""Checkpoint storage on file systems that pyarrow knows: S3, GCS, Azure, HDFS.

pyarrow is imported when the first such storage is opened. Object stores show a file when it is
complete; on file systems it is written beside its place and moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flott.common.errors import ConfigurationError
from flott.core.storage import CheckpointStorage
from flott.io.checkpoint_paths import TEMPORARY_PREFIX, check_path

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

#: File systems (by their ``type_name``) on which a file is seen only once it is complete, and on
#: which a move would be a copy.
_OBJECT_STORES: Final = frozenset({"s3", "gcs", "abfs"})


def open_remote_storage(uri: str) -> CheckpointStorage:
    """The storage at a URI that pyarrow can open.

    Raises:
        ConfigurationError: pyarrow does not know the scheme, or the URI is malformed.
    """
    from pyarrow.fs import FileSystem
    from pyarrow.lib import ArrowException

    try:
        filesystem, root = FileSystem.from_uri(uri)
    except (ArrowException, ValueError) as error:
        raise ConfigurationError(
            f"Checkpoints cannot be stored at {uri}: {error}", key="execution.checkpointing.dir"
        ) from error
    return RemoteCheckpointStorage(filesystem, root, uri)


class RemoteCheckpointStorage(CheckpointStorage):
    """Files below a folder of a pyarrow file system.

    Args:
        filesystem: The file system.
        root: The folder.
        uri: Both in words.
    """

    def __init__(self, filesystem: FileSystem, root: str, uri: str) -> None:
        self._filesystem = filesystem
        self._root = root.rstrip("/")
        self._uri = uri

    def write(self, path: str, chunks: Sequence[bytes | memoryview]) -> None:
        target = self._full(path)
        if self._filesystem.type_name in _OBJECT_STORES:
            self._put(target, chunks)
            return
        folder, _, _ = target.rpartition("/")
        self._filesystem.create_dir(folder, recursive=True)
        temporary = f"{folder}/{TEMPORARY_PREFIX}{uuid4().hex}"
        self._put(temporary, chunks)
        self._filesystem.move(temporary, target)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        with self._filesystem.open_input_file(self._full(path)) as file:
            file.seek(min(offset, file.size()))
            return bytes(file.read(length))

    def list_paths(self, folder: str) -> list[str]:
        from pyarrow.fs import FileSelector, FileType

        start = self._full(folder) if folder else self._root
        selector = FileSelector(start, allow_not_found=True, recursive=True)
        infos = self._filesystem.get_file_info(selector)
        prefix = f"{self._root}/"
        return sorted(
            info.path.removeprefix(prefix) for info in infos if info.type == FileType.File
        )

    def delete(self, path: str) -> None:
        try:
            self._filesystem.delete_file(self._full(path))
        except FileNotFoundError:
            return

    def describe(self) -> str:
        return self._uri

    def _full(self, path: str) -> str:
        return f"{self._root}/{check_path(path)}"

    def _put(self, target: str, chunks: Sequence[bytes | memoryview]) -> None:
        # In an object store the file appears when the stream is closed.
        with self._filesystem.open_output_stream(target) as stream:
            for chunk in chunks:
                stream.write(chunk)
