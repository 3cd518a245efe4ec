"""Checkpoint storage: where checkpoints go.

The objects are a way to write options. Flink 2 wants ``execution.checkpointing.storage`` and
``execution.checkpointing.dir``; the classes are there for programs that still name them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.common.errors import UnsupportedFeature
from flott.common.options import checkpointing

__all__ = [
    "CheckpointStorage",
    "CustomCheckpointStorage",
    "FileSystemCheckpointStorage",
    "JobManagerCheckpointStorage",
]


class CheckpointStorage(ABC):
    """A place for checkpoints."""

    @abstractmethod
    def to_configuration(self) -> Configuration:
        """Return the options that choose this storage."""


class JobManagerCheckpointStorage(CheckpointStorage):
    """Keeps checkpoints in the memory of the coordinator: they are gone when it ends.

    Args:
        checkpoint_path: a folder for what must outlive the job; None for none.
        max_state_size: how large the state of a subtask may be, in bytes.
    """

    DEFAULT_MAX_STATE_SIZE: Final = 5 * 1024 * 1024
    """5 MiB."""

    def __init__(
        self, checkpoint_path: str | None = None, max_state_size: int | None = None
    ) -> None:
        if max_state_size is not None and max_state_size <= 0:
            raise ValueError(f"max_state_size must be positive, found {max_state_size}")
        self._checkpoint_path = checkpoint_path
        self._max_state_size = max_state_size or self.DEFAULT_MAX_STATE_SIZE

    def get_checkpoint_path(self) -> str | None:
        """Return the folder for what must outlive the job."""
        return self._checkpoint_path

    def get_max_state_size(self) -> int:
        """Return how large the state of a subtask may be, in bytes."""
        return self._max_state_size

    def get_savepoint_path(self) -> str | None:
        """Return the folder of savepoints; options set it."""
        return None

    def to_configuration(self) -> Configuration:
        """Return the options that choose this storage."""
        configuration = Configuration().set(checkpointing.CHECKPOINT_STORAGE, "jobmanager")
        return configuration.set(checkpointing.CHECKPOINTS_DIRECTORY, self._checkpoint_path)

    def __str__(self) -> str:
        return f"JobManagerCheckpointStorage({self._checkpoint_path!r}, {self._max_state_size})"


class FileSystemCheckpointStorage(CheckpointStorage):
    """Writes checkpoints to a folder.

    Args:
        checkpoint_path: the folder, a path or an address of ``pyarrow.fs``.
        file_state_size_threshold: smaller state goes into the manifest, in bytes.
        write_buffer_size: accepted without effect.

    Raises:
        ValueError: if there is no path, or the threshold is above 1 MiB.
    """

    MAX_FILE_STATE_THRESHOLD: Final = 1024 * 1024
    """1 MiB."""

    def __init__(
        self,
        checkpoint_path: str | None = None,
        file_state_size_threshold: int | None = None,
        write_buffer_size: int = -1,
    ) -> None:
        if checkpoint_path is None:
            raise ValueError("checkpoint_path must not be None")
        threshold = -1 if file_state_size_threshold is None else file_state_size_threshold
        if not -1 <= threshold <= self.MAX_FILE_STATE_THRESHOLD:
            raise ValueError(
                "file_state_size_threshold must be -1 for the default, or from 0 to "
                f"{self.MAX_FILE_STATE_THRESHOLD} bytes, found {threshold}"
            )
        self._checkpoint_path = checkpoint_path
        self._threshold = threshold
        self._write_buffer_size = write_buffer_size

    def get_checkpoint_path(self) -> str:
        """Return the folder."""
        return self._checkpoint_path

    def get_savepoint_path(self) -> str | None:
        """Return the folder of savepoints; options set it."""
        return None

    def get_min_file_size_threshold(self) -> int:
        """Return the size in bytes below which state goes into the manifest."""
        if self._threshold >= 0:
            return self._threshold
        return checkpointing.DATA_INLINE_THRESHOLD.default.get_bytes()  # type: ignore[union-attr]

    def get_write_buffer_size(self) -> int:
        """Return the size of the write buffer in bytes."""
        if self._write_buffer_size >= 0:
            return self._write_buffer_size
        return checkpointing.WRITE_BUFFER_SIZE.default  # type: ignore[return-value]

    def to_configuration(self) -> Configuration:
        """Return the options that choose this storage."""
        configuration = Configuration().set(checkpointing.CHECKPOINT_STORAGE, "filesystem")
        configuration.set(checkpointing.CHECKPOINTS_DIRECTORY, self._checkpoint_path)
        if self._threshold >= 0:
            configuration.set(checkpointing.DATA_INLINE_THRESHOLD, self._threshold)
        return configuration

    def __str__(self) -> str:
        return f"FileSystemCheckpointStorage({self._checkpoint_path!r})"


class CustomCheckpointStorage(CheckpointStorage):
    """A storage written in Java.

    Raises:
        UnsupportedFeature: always.
    """

    def to_configuration(self) -> Configuration:
        """Never reached: an instance cannot be made."""
        raise UnsupportedFeature("CustomCheckpointStorage")

    def __init__(self, j_custom_checkpoint_storage: Any = None) -> None:
        raise UnsupportedFeature(
            "CustomCheckpointStorage", successor="the option 'execution.checkpointing.dir'"
        )
