"""What tables of kernels have in common as keyed state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar


class NativeTable(Protocol):
    """A table of a kernel that keeps state by key group."""

    def __len__(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    def snapshot(self, full: bool, detached: bool) -> bytes | None: ...
    def restore(self, payload: bytes, first_group: int, last_group: int) -> None: ...


T = TypeVar("T", bound=NativeTable)


class KernelState(Generic[T]):
    """A table whose kernel writes and reads its snapshots: a
    `flott.core.columnar_state.ColumnarState`."""

    def __init__(self, native: T) -> None:
        self._native = native

    def __len__(self) -> int:
        return len(self._native)

    @property
    def memory_bytes(self) -> int:
        """Memory held, in bytes, without what lists and ordered multisets hold."""
        return self._native.memory_bytes

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        """See `flott.core.columnar_state.ColumnarState`."""
        return self._native.snapshot(full, detached)

    def restore(self, payloads: Iterable[bytes], first_group: int, last_group: int) -> None:
        """See `flott.core.columnar_state.ColumnarState`."""
        for payload in payloads:
            self._native.restore(payload, first_group, last_group)
