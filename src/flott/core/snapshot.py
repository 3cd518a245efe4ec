"""State on its way to storage and back.

An operator's snapshot is a list of ``StatePart``; once stored, each part is known by a
``StateHandle``. Keyed state is a chain: a full part, then changes, applied in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from flott.core.key_group import KeyGroupRange


class StateKind(Enum):
    """How a piece of state is divided when the parallelism changes."""

    KEYED = "keyed"
    """By key group; timers are keyed state too."""
    OPERATOR = "operator"
    """List, union and broadcast state of one subtask, always written in full."""


@dataclass(frozen=True, slots=True)
class StatePart:
    """State of one operator subtask as bytes.

    Attributes:
        operator_id: The operator it belongs to.
        kind: How it is divided on rescaling.
        full: False if it holds only what changed since the part before.
        payload: The bytes, opaque to everything but the store that wrote them.
        buffers: Large pieces that follow them, kept apart so that nobody copies them; what is read
            back from storage is a payload with all of it.
    """

    operator_id: str
    kind: StateKind
    full: bool
    payload: bytes
    buffers: tuple[memoryview, ...] = ()

    @property
    def size(self) -> int:
        """All its bytes."""
        return len(self.payload) + sum(len(buffer) for buffer in self.buffers)

    @property
    def content(self) -> bytes:
        """All of it in one piece."""
        return b"".join((self.payload, *self.buffers)) if self.buffers else self.payload


@dataclass(frozen=True, slots=True)
class StateHandle:
    """Where a stored ``StatePart`` is, and how to know that it is whole.

    Attributes:
        operator_id: The operator it belongs to.
        kind: How it is divided on rescaling.
        full: False if it is to be applied on top of the handle before it.
        subtask: Index of the subtask that wrote it.
        parallelism: Number of subtasks the operator had then.
        key_groups: Key groups it may contain; ``None`` for operator state.
        checkpoint_id: The checkpoint it was written for.
        path: File in checkpoint storage; ``None`` if the bytes are ``inline``.
        offset: Where in the file the part begins, in bytes.
        length: Its length in bytes.
        checksum: CRC-32 of the bytes.
        inline: The bytes themselves where they are few.
    """

    operator_id: str
    kind: StateKind
    full: bool
    subtask: int
    parallelism: int
    key_groups: KeyGroupRange | None
    checkpoint_id: int
    path: str | None
    offset: int
    length: int
    checksum: int
    inline: bytes | None = None


@dataclass(frozen=True, slots=True)
class OperatorRestore:
    """The state an operator subtask starts from.

    Attributes:
        keyed: Parts to apply in order; those of one former subtask stand together, oldest first.
        operator: Operator state of every former subtask, in order of their index.
    """

    keyed: Sequence[StatePart] = ()
    operator: Sequence[StatePart] = ()
