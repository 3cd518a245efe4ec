"""``InputFormat``: bounded input that can be read in parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from flott.common.typeinfo import TypeInformation, Types

__all__ = ["InputFormat"]


class InputFormat(ABC):
    """Reads bounded input, split by split; a simpler relative of a source.

    Example: numbers from 0 to 9, in as many splits as there are readers.

    >>> class Numbers(InputFormat):
    ...     def create_splits(self, count_min):
    ...         return [range(i, 10, count_min) for i in range(count_min)]
    ...     def read_split(self, split):
    ...         yield from split
    >>> [list(Numbers().read_split(split)) for split in Numbers().create_splits(2)]
    [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]
    """

    @abstractmethod
    def create_splits(self, count_min: int) -> Sequence[Any]:
        """Divide the input into splits that can be pickled, if possible at least this many."""

    @abstractmethod
    def read_split(self, split: Any) -> Iterator[Any]:
        """Read the records of one split; always the same ones in the same order."""

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return Types.PICKLED_BYTE_ARRAY()
