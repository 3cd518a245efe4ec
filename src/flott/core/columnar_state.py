"""Keyed state held in columns by a kernel, as the keyed store keeps it.

An operator makes its structures, attaches them to its store under a name, and works on them
directly; the store takes them into its snapshots and gives back what was restored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class ColumnarState(Protocol):
    """A structure of keyed state; kernels fit it without knowing it."""

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        """What changed since the last snapshot, or everything if ``full``; ``None`` if nothing
        changed. A ``detached`` snapshot is full and does not count as the last one."""

    def restore(self, payloads: Iterable[bytes], first_group: int, last_group: int) -> None:
        """Load snapshots of one former subtask, oldest first, keeping only the key groups
        ``first_group`` to ``last_group``. Called once for each former subtask, before use."""

    @property
    def memory_bytes(self) -> int:
        """Memory held, in bytes."""
