"""Columns of keyed state that kernels hold, as part of a keyed store's snapshots.

A structure writes bytes of its own: everything, or what changed. A snapshot of changes carries a
structure in full where its changes since the last full one weigh more than it does, so that a
chain of parts never grows much beyond the state itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from flott.core.columnar_state import ColumnarState
from flott.core.key_group import KeyGroupRange
from flott.state.part_format import PartWriter
from flott.state.table_kind import TableKind, TableSpec


class StructureWriting:
    """Writes the structures of a store into one snapshot, and counts the bytes."""

    def __init__(self, structures: Structures, full: bool, detached: bool) -> None:
        self._structures = structures
        self._full = full
        self._detached = detached
        self.byte_count = 0

    def __call__(self, writer: PartWriter) -> None:
        self.byte_count = self._structures.write(writer, self._full, self._detached)


class Structures:
    """The structures of one store, by name."""

    __slots__ = ("_attached", "_changes_bytes", "_full_bytes", "_restored")

    def __init__(self) -> None:
        self._attached: dict[str, ColumnarState] = {}
        self._restored: dict[str, list[list[bytes]]] = {}
        self._full_bytes: dict[str, int] = {}
        self._changes_bytes: dict[str, int] = {}

    @property
    def has_restored(self) -> bool:
        """Whether anything was restored that nobody has attached yet."""
        return bool(self._restored)

    def add_restored(self, name: str, payloads: Sequence[bytes]) -> None:
        """What one former subtask had under ``name``, oldest first."""
        self._restored.setdefault(name, []).append(list(payloads))
        self._changes_bytes[name] = sum(map(len, payloads[1:]))
        self._full_bytes[name] = len(payloads[0]) if payloads else 0

    def attach(self, name: str, structure: ColumnarState, groups: KeyGroupRange) -> None:
        """Keep ``structure``, with what was restored for it."""
        assert name not in self._attached, f"structure {name!r} is attached twice"
        self._attached[name] = structure
        for payloads in self._restored.pop(name, ()):
            structure.restore(payloads, groups.first, groups.last)

    def write(self, writer: PartWriter, full: bool, detached: bool) -> int:
        """Write every structure that has something to say; how many bytes that were."""
        written = 0
        for name, structure in self._attached.items():
            whole = full or name not in self._full_bytes
            if not whole:
                whole = self._changes_bytes.get(name, 0) > self._full_bytes[name]
            payload = structure.snapshot(whole, detached)
            if payload is None:
                continue
            written += len(payload)
            writer.table(TableSpec(name, TableKind.COLUMNS))
            writer.structure(payload, replaces=whole)
            if detached:
                continue
            if whole:
                self._full_bytes[name] = len(payload)
                self._changes_bytes[name] = 0
            else:
                self._changes_bytes[name] = self._changes_bytes.get(name, 0) + len(payload)
        return written

    @property
    def memory_bytes(self) -> int:
        """Memory of all structures."""
        return sum(structure.memory_bytes for structure in self._attached.values())
