"""Where checkpoints are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


class CheckpointStorage(ABC):
    """Files by relative path (``/`` between parts). All calls may block and raise ``OSError``."""

    @abstractmethod
    def write(self, path: str, chunks: Sequence[bytes | memoryview]) -> None:
        """Store ``chunks`` one after another as ``path``; durable and whole when this returns.

        A reader sees either nothing or the whole file, never a part, unless the medium is damaged.
        """

    @abstractmethod
    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of ``path``; raises ``FileNotFoundError`` where there is none."""

    @abstractmethod
    def list_paths(self, folder: str) -> list[str]:
        """Paths of all files below ``folder``, sorted; empty if there is no such folder."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Remove ``path``; without effect if there is none."""

    @abstractmethod
    def describe(self) -> str:
        """The place in words a user recognises, e.g. ``file:///data/checkpoints/job``."""
