"""Put small part files together before anybody sees them.

A writer holds back the files it has finished, folder by folder, until there are enough of them or
they have waited long enough; then it asks the committer to publish them as one. What is held back
is part of the writer's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final, Protocol

from flott.common.errors import ConfigurationError
from flott.connectors.files.pending import HeldPart


@dataclass(frozen=True)
class FileCompactStrategy:
    """When small files are put together: whichever comes first.

    Args:
        num_checkpoints_before_compaction: After so many checkpoints; -1 for never.
        size_threshold: Once the files of a folder have this many bytes; -1 for never.
        num_compact_threads: Accepted; each subtask puts its files together on one thread.
    """

    num_checkpoints_before_compaction: int = -1
    size_threshold: int = -1
    num_compact_threads: int = 1

    @staticmethod
    def builder() -> FileCompactStrategy.Builder:
        """Begin a strategy."""
        return FileCompactStrategy.Builder()

    class Builder:
        """Settings of a ``FileCompactStrategy``."""

        def __init__(self) -> None:
            self._checkpoints = -1
            self._size = -1
            self._threads = 1

        def enable_compaction_on_checkpoint(
            self, num_checkpoints_before_compaction: int
        ) -> FileCompactStrategy.Builder:
            """Set after how many checkpoints.

            Raises:
                ConfigurationError: If it is not positive.
            """
            if num_checkpoints_before_compaction <= 0:
                raise ConfigurationError(
                    "The number of checkpoints before compaction must be positive: "
                    f"{num_checkpoints_before_compaction}"
                )
            self._checkpoints = num_checkpoints_before_compaction
            return self

        def set_size_threshold(self, size_threshold: int) -> FileCompactStrategy.Builder:
            """Set from how many bytes on."""
            self._size = size_threshold
            return self

        def set_num_compact_threads(self, num_compact_threads: int) -> FileCompactStrategy.Builder:
            """Set by how many threads."""
            self._threads = num_compact_threads
            return self

        def build(self) -> FileCompactStrategy:
            """Make the strategy.

            Raises:
                ValueError: If neither checkpoints nor a size are set.
            """
            if self._checkpoints < 0 and self._size < 0:
                raise ValueError("Set a number of checkpoints or a size threshold, or both")
            return FileCompactStrategy(self._checkpoints, self._size, self._threads)


class Compactor(Protocol):
    """Makes one file of several; picklable."""

    def compact(self, inputs: Sequence[BinaryIO], output: BinaryIO) -> None:
        """Write what ``inputs`` hold to ``output``, in order; leaves all of them open."""


#: Read at once.
_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class FileCompactor:
    """How small files are put together, byte by byte.

    Args:
        kind: ``"concat"`` or ``"identical"``.
        file_delimiter: Put between files.
    """

    kind: str
    file_delimiter: bytes | None = None

    @staticmethod
    def concat_file_compactor(file_delimiter: bytes | None = None) -> FileCompactor:
        """Files one after the other: for lines, and whatever else may be joined like that."""
        return FileCompactor("concat", file_delimiter)

    @staticmethod
    def identical_file_compactor() -> FileCompactor:
        """Every file as it is; several are never made into one."""
        return FileCompactor("identical")

    def compact(self, inputs: Sequence[BinaryIO], output: BinaryIO) -> None:
        """Copy the inputs."""
        for index, stream in enumerate(inputs):
            if index and self.file_delimiter:
                output.write(self.file_delimiter)
            while chunk := stream.read(_COPY_BYTES):
                output.write(chunk)


@dataclass(frozen=True)
class Compaction:
    """When and how a sink puts its files together.

    Attributes:
        strategy: When.
        compactor: How.
    """

    strategy: FileCompactStrategy
    compactor: Compactor

    @property
    def joins(self) -> bool:
        """Whether several files become one."""
        return not (isinstance(self.compactor, FileCompactor) and self.compactor.kind != "concat")


class HeldParts:
    """The finished files that a writer holds back.

    Args:
        strategy: When there are enough.
        restored: What former writers held back.
    """

    def __init__(self, strategy: FileCompactStrategy, restored: Iterable[HeldPart]) -> None:
        self._strategy = strategy
        self._folders: dict[str, list[HeldPart]] = {}
        for part in restored:
            self.add(part)

    def add(self, part: HeldPart) -> None:
        """Hold a finished file back."""
        self._folders.setdefault(part.bucket_id, []).append(part)

    def take_due(self, is_ending: bool) -> list[list[HeldPart]]:
        """A checkpoint begins: the files of each folder that are enough, or old enough."""
        due = []
        for bucket_id, parts in list(self._folders.items()):
            aged = [replace(part, checkpoints=part.checkpoints + 1) for part in parts]
            if is_ending or self._is_due(aged):
                due.append(aged)
                del self._folders[bucket_id]
            else:
                self._folders[bucket_id] = aged
        return due

    def parts(self) -> list[HeldPart]:
        """Everything that is held back."""
        return [part for parts in self._folders.values() for part in parts]

    def _is_due(self, parts: list[HeldPart]) -> bool:
        strategy = self._strategy
        most, size = strategy.num_checkpoints_before_compaction, strategy.size_threshold
        if 0 < most <= max(part.checkpoints for part in parts):
            return True
        return 0 <= size <= sum(part.length for part in parts)
