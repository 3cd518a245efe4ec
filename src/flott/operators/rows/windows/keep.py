"""The contents of a window as one value that can stand inside another entry of state.

Sessions and count windows keep all open windows of a key in one entry. A folded value stands there
as it is; of a list of records only the last chunk does, with the numbers of the full chunks beside
it, so that neither a long session nor its merging with another moves records.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any

from flott.core.keyed_store import KeyedStore, KeyedTable
from flott.operators.rows.windows.fold import ABSENT, Fold
from flott.operators.rows.windows.panes import CHUNK_ROWS, key_of_chunk

__all__ = ["FoldKeep", "Keep", "ListKeep"]


class Keep(ABC):
    """How the contents of a window are kept. A kept value is never changed in place."""

    @abstractmethod
    def add(self, key: Hashable, kept: Any, rows: list[Any]) -> Any:
        """Add records to a kept value, which may be ``ABSENT``."""

    @abstractmethod
    def merge(self, key: Hashable, first: Any, second: Any) -> Any:
        """Make one kept value of two."""

    @abstractmethod
    def contents(self, key: Hashable, kept: Any) -> list[Any]:
        """What the window function is given."""

    @abstractmethod
    def discard(self, key: Hashable, kept: Any) -> None:
        """The kept value is used no more."""

    @abstractmethod
    def release(self, key: Hashable) -> None:
        """No kept value of the key is used any more."""


class FoldKeep(Keep):
    """Keeps one value made of all records."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def add(self, key: Hashable, kept: Any, rows: list[Any]) -> Any:
        return self._fold.fold(kept, rows)

    def merge(self, key: Hashable, first: Any, second: Any) -> Any:
        return self._fold.combine(first, second)

    def contents(self, key: Hashable, kept: Any) -> list[Any]:
        return [self._fold.result(kept)]

    def discard(self, key: Hashable, kept: Any) -> None:
        pass

    def release(self, key: Hashable) -> None:
        pass


class ListKeep(Keep):
    """Keeps all records: the numbers of full chunks, which are entries of a table, and the rest."""

    def __init__(self, store: KeyedStore, name: str) -> None:
        self._chunks: KeyedTable = store.table(name, key_of_chunk)
        #: key -> the number of the next chunk
        self._next: KeyedTable = store.table(name + "-next")

    def add(self, key: Hashable, kept: Any, rows: list[Any]) -> Any:
        numbers, tail = ((), rows) if kept is ABSENT else (kept[0], kept[1] + rows)
        if len(tail) < CHUNK_ROWS:
            return numbers, tail
        number = self._next.get(None, key, 0)
        self._next.put(None, key, number + 1)
        self._chunks.put(None, (key, number), tail)
        return (*numbers, number), []

    def merge(self, key: Hashable, first: Any, second: Any) -> Any:
        numbers, tail = first
        if not second[0]:
            return self.add(key, first, second[1])
        if tail:
            number = self._next.get(None, key, 0)
            self._next.put(None, key, number + 1)
            self._chunks.put(None, (key, number), tail)
            numbers = (*numbers, number)
        return (*numbers, *second[0]), second[1]

    def contents(self, key: Hashable, kept: Any) -> list[Any]:
        numbers, tail = kept
        if not numbers:
            return list(tail)
        rows: list[Any] = []
        for chunk in self._chunks.get_many(None, [(key, number) for number in numbers]):
            rows += chunk
        rows += tail
        return rows

    def discard(self, key: Hashable, kept: Any) -> None:
        for number in kept[0]:
            self._chunks.remove(None, (key, number))

    def release(self, key: Hashable) -> None:
        self._next.remove(None, key)
