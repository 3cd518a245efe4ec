"""Programs for the kernel: a list of numbered nodes, of which the last is the record.

The numbers of operations are those of ``native/include/flott/avro.h``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

#: (operation, numbers, texts, children, branch of NULL, branch of the value)
Node = tuple[int, Sequence[int], Sequence[bytes], Sequence[int], int, int]


class Read(IntEnum):
    """What a node does with the next bytes; from SKIP_WHOLE on, no column takes them."""

    NULL = 0
    BOOL = 1
    WHOLE = 2
    REAL = 3
    WHOLE_TO_REAL = 4
    TEXT = 5
    BYTES = 6
    FIXED = 7
    ENUM = 8
    DECIMAL = 9
    RECORD = 10
    ARRAY = 11
    MAP = 12
    UNION = 13
    CONSTANT = 14
    FAIL = 15
    SKIP_WHOLE = 16
    SKIP_FIXED = 17
    SKIP_BYTES = 18
    SKIP_ARRAY = 19
    SKIP_MAP = 20
    SKIP_UNION = 21
    SKIP_RECORD = 22


class Write(IntEnum):
    """What a node makes of a value."""

    NULL = 0
    BOOL = 1
    WHOLE = 2
    REAL = 3
    BYTES = 4
    FIXED = 5
    ENUM = 6
    DECIMAL = 7
    RECORD = 8
    ARRAY = 9
    MAP = 10
    CONSTANT = 11


class Program:
    """Collects nodes."""

    def __init__(self) -> None:
        self.nodes: list[Node | None] = []

    def reserve(self) -> int:
        """The number of a node that comes later, for those that name each other."""
        self.nodes.append(None)
        return len(self.nodes) - 1

    def add(
        self,
        operation: IntEnum,
        numbers: Sequence[int] = (),
        texts: Sequence[str | bytes] = (),
        children: Sequence[int] = (),
        branches: tuple[int, int] = (-1, -1),
        at: int | None = None,
    ) -> int:
        """Add a node; its number."""
        plain = [text.encode() if isinstance(text, str) else text for text in texts]
        node = (int(operation), list(numbers), plain, list(children), *branches)
        if at is None:
            self.nodes.append(node)
            return len(self.nodes) - 1
        self.nodes[at] = node
        return at

    def finished(self) -> list[tuple[Any, ...]]:
        """All nodes."""
        assert all(node is not None for node in self.nodes)
        return [node for node in self.nodes if node is not None]
