"""Batches: what flows from operator to operator.

A batch is immutable once emitted: whoever receives one may keep it or share it, and nobody
changes its lists. That is what lets one batch go to several consumers without a copy.
Row batches hold Python objects; columnar batches are another subclass of ``Batch``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final

#: Largest number of rows a source hands over at once; bounds the memory of a turn.
BATCH_ROWS_MAX: Final = 65_536


class Batch(ABC):
    """Rows that travel together, in order."""

    __slots__ = ()

    @property
    @abstractmethod
    def row_count(self) -> int:
        """How many rows the batch holds."""


class RowBatch(Batch):
    """A batch of Python objects with, optionally, one event timestamp for each.

    Attributes:
        values: The records.
        timestamps: Event times in epoch milliseconds, as long as ``values``; ``None`` when no
            record of the batch has one.
    """

    __slots__ = ("timestamps", "values")

    def __init__(self, values: list[Any], timestamps: list[int] | None = None) -> None:
        self.values = values
        self.timestamps = timestamps

    @property
    def row_count(self) -> int:
        return len(self.values)

    def slice(self, start: int, stop: int) -> RowBatch:
        """The rows from ``start`` up to ``stop`` as a batch of their own."""
        times = self.timestamps
        return RowBatch(self.values[start:stop], None if times is None else times[start:stop])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RowBatch)
            and self.values == other.values
            and self.timestamps == other.timestamps
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"RowBatch({self.values!r}, {self.timestamps!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return RowBatch, (self.values, self.timestamps)
