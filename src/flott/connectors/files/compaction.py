"""The names with which PyFlink programs ask for compaction; ``FileSink`` refuses it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileCompactStrategy:
    """When small files would be put together.

    Args:
        num_checkpoints_before_compaction: After so many checkpoints; -1 for never.
        size_threshold: From this many bytes on; -1 for any number.
        num_compact_threads: By so many threads.
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
            """Set after how many checkpoints."""
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


@dataclass(frozen=True)
class FileCompactor:
    """How small files would be put together.

    Args:
        kind: ``"concat"`` or ``"identical"``.
        file_delimiter: Put between files.
    """

    kind: str
    file_delimiter: bytes | None = None

    @staticmethod
    def concat_file_compactor(file_delimiter: bytes | None = None) -> FileCompactor:
        """Files one after the other."""
        return FileCompactor("concat", file_delimiter)

    @staticmethod
    def identical_file_compactor() -> FileCompactor:
        """The only file as it is."""
        return FileCompactor("identical")
