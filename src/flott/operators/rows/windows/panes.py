"""The contents of windows in keyed state: what is kept for each window and key.

A pane is what one window holds for one key: a value being reduced, an accumulator, or all its
records. Records come either one by one or, faster, grouped by window and key for a whole batch;
then each pane costs one look-up, one update and a tight loop over its new records.

Records are kept in chunks: the last one under the key itself, full ones in a table beside it. An
incremental snapshot so holds at most one chunk of records that an earlier one had already.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any, Final

from flott.core.keyed_store import KeyedStore, KeyedTable
from flott.operators.rows.windows.fold import ABSENT, Fold

__all__ = ["FoldedPanes", "ListPanes", "PairedPanes", "Panes"]

#: Records of a pane that are kept in one entry; a changed entry is written as a whole.
CHUNK_ROWS: Final = 512


Groups = dict[Any, list[Any]]
"""Key -> records of one batch and window, in order of arrival."""


class Panes(ABC):
    """All panes of an operator. The namespace is the window, or whatever stands for it."""

    @abstractmethod
    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        """Add records of many keys to a window. ``groups`` belongs to this method from now on."""

    @abstractmethod
    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> bool:
        """Add one record; tell whether the pane is new."""

    @abstractmethod
    def get(self, namespace: Hashable, key: Hashable) -> Any:
        """What the window function is given for the pane, or ``ABSENT``."""

    @abstractmethod
    def items(self, namespace: Hashable) -> list[tuple[Any, Any]]:
        """All keys of a window with what the window function is given."""

    @abstractmethod
    def keys(self, namespace: Hashable) -> Iterable[Any]:
        """All keys of a window."""

    @abstractmethod
    def remove(self, namespace: Hashable, key: Hashable) -> None:
        """Forget a pane."""

    @abstractmethod
    def drop(self, namespace: Hashable) -> None:
        """Forget a window with all its keys."""

    @abstractmethod
    def namespaces(self) -> Iterable[Any]:
        """All windows that hold something."""

    @abstractmethod
    def merge(self, key: Hashable, target: Hashable, sources: Iterable[Hashable]) -> None:
        """Move what ``sources`` hold for a key to ``target``, behind what it holds itself."""


class FoldedPanes(Panes):
    """Panes that keep one value, made of all records so far.

    What the window function is given is a list of one.
    """

    def __init__(self, store: KeyedStore, fold: Fold, name: str = "window-contents") -> None:
        self.fold = fold
        self.table: KeyedTable = store.table(name)

    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        self.fold.fold_groups(groups, self.table.get_many(namespace, groups, ABSENT))
        self.table.put_many(namespace, groups)

    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> bool:
        kept = self.table.get(namespace, key, ABSENT)
        self.table.put(namespace, key, self.fold.fold(kept, (value,)))
        return kept is ABSENT

    def get(self, namespace: Hashable, key: Hashable) -> Any:
        kept = self.table.get(namespace, key, ABSENT)
        return kept if kept is ABSENT else [self.fold.result(kept)]

    def items(self, namespace: Hashable) -> list[tuple[Any, Any]]:
        result = self.fold.result
        return [(key, [result(kept)]) for key, kept in self.table.items(namespace)]

    def results(self, namespace: Hashable) -> list[Any]:
        """The results of all keys, where nothing else is wanted."""
        return self.fold.results(kept for _, kept in self.table.items(namespace))

    def keys(self, namespace: Hashable) -> Iterable[Any]:
        return [key for key, _ in self.table.items(namespace)]

    def remove(self, namespace: Hashable, key: Hashable) -> None:
        self.table.remove(namespace, key)

    def drop(self, namespace: Hashable) -> None:
        self.table.drop(namespace)

    def namespaces(self) -> Iterable[Any]:
        return self.table.namespaces()

    def merge(self, key: Hashable, target: Hashable, sources: Iterable[Hashable]) -> None:
        table = self.table
        merged = table.get(target, key, ABSENT)
        for source in sources:
            kept = table.get(source, key, ABSENT)
            if kept is not ABSENT:
                table.remove(source, key)
                merged = kept if merged is ABSENT else self.fold.combine(merged, kept)
        if merged is not ABSENT:
            table.put(target, key, merged)


class ListPanes(Panes):
    """Panes that keep all their records, in order of arrival."""

    def __init__(self, store: KeyedStore, name: str = "window-contents") -> None:
        #: key -> (number of full chunks, the last chunk)
        self._tails: KeyedTable = store.table(name)
        #: (key, number) -> a full chunk
        self._chunks: KeyedTable = store.table(name + "-chunks", key_of_chunk)

    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        updated: dict[Any, Any] = groups
        found = self._tails.get_many(namespace, groups, ABSENT)
        for (key, rows), kept in zip(groups.items(), found):
            updated[key] = self._extended(namespace, key, kept, rows)
        self._tails.put_many(namespace, updated)

    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> bool:
        kept = self._tails.get(namespace, key, ABSENT)
        self._tails.put(namespace, key, self._extended(namespace, key, kept, [value]))
        return kept is ABSENT

    def add_all(self, namespace: Hashable, key: Hashable, rows: list[Any]) -> None:
        """Add records of one key; the list belongs to the pane from now on."""
        kept = self._tails.get(namespace, key, ABSENT)
        self._tails.put(namespace, key, self._extended(namespace, key, kept, rows))

    def _extended(
        self, namespace: Hashable, key: Hashable, kept: Any, rows: list[Any]
    ) -> tuple[int, list[Any]]:
        full, tail = (0, rows) if kept is ABSENT else (kept[0], kept[1] + rows)
        if len(tail) < CHUNK_ROWS:
            return full, tail
        self._chunks.put(namespace, (key, full), tail)
        return full + 1, []

    def get(self, namespace: Hashable, key: Hashable) -> Any:
        kept = self._tails.get(namespace, key, ABSENT)
        return kept if kept is ABSENT else self._rows(namespace, key, kept)

    def items(self, namespace: Hashable) -> list[tuple[Any, Any]]:
        rows = self._rows
        return [(key, rows(namespace, key, kept)) for key, kept in self._tails.items(namespace)]

    def keys(self, namespace: Hashable) -> Iterable[Any]:
        return [key for key, _ in self._tails.items(namespace)]

    def _rows(self, namespace: Hashable, key: Hashable, kept: tuple[int, list[Any]]) -> list[Any]:
        # Always a list of the caller's own: functions sort and empty what they are given.
        full, tail = kept
        if not full:
            return tail.copy()
        rows: list[Any] = []
        for chunk in self._chunks.get_many(namespace, [(key, n) for n in range(full)]):
            rows += chunk
        return rows + tail

    def remove(self, namespace: Hashable, key: Hashable) -> None:
        kept = self._tails.get(namespace, key, ABSENT)
        if kept is ABSENT:
            return
        self._tails.remove(namespace, key)
        for n in range(kept[0]):
            self._chunks.remove(namespace, (key, n))

    def replace(self, namespace: Hashable, key: Hashable, rows: list[Any]) -> None:
        """Set the records of a pane."""
        self.remove(namespace, key)
        if rows:
            self.add_all(namespace, key, rows)

    def drop(self, namespace: Hashable) -> None:
        self._tails.drop(namespace)
        self._chunks.drop(namespace)

    def namespaces(self) -> Iterable[Any]:
        return self._tails.namespaces()

    def merge(self, key: Hashable, target: Hashable, sources: Iterable[Hashable]) -> None:
        for source in sources:
            rows = self.get(source, key)
            if rows is not ABSENT:
                self.remove(source, key)
                self.add_all(target, key, rows)


class PairedPanes(Panes):
    """Panes that keep the records of two inputs apart, for joins and coGroup.

    What the function is given is a pair of lists.
    """

    def __init__(self, store: KeyedStore) -> None:
        self._sides = (
            ListPanes(store, "window-contents-first"),
            ListPanes(store, "window-contents-second"),
        )

    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        self._sides[input_index].add_groups(namespace, groups)

    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> bool:
        # New on one side is new enough: it only has a timer set once more.
        return self._sides[input_index].add(namespace, key, value)

    def get(self, namespace: Hashable, key: Hashable) -> Any:
        first, second = (side.get(namespace, key) for side in self._sides)
        if first is ABSENT and second is ABSENT:
            return ABSENT
        return [] if first is ABSENT else first, [] if second is ABSENT else second

    def items(self, namespace: Hashable) -> list[tuple[Any, Any]]:
        return [(key, self.get(namespace, key)) for key in self.keys(namespace)]

    def keys(self, namespace: Hashable) -> Iterable[Any]:
        first, second = self._sides
        return dict.fromkeys([*first.keys(namespace), *second.keys(namespace)])

    def remove(self, namespace: Hashable, key: Hashable) -> None:
        for side in self._sides:
            side.remove(namespace, key)

    def drop(self, namespace: Hashable) -> None:
        for side in self._sides:
            side.drop(namespace)

    def namespaces(self) -> Iterable[Any]:
        first, second = self._sides
        return dict.fromkeys([*first.namespaces(), *second.namespaces()])

    def merge(self, key: Hashable, target: Hashable, sources: Iterable[Hashable]) -> None:
        sources = list(sources)
        for side in self._sides:
            side.merge(key, target, sources)


def key_of_chunk(entry: tuple[Any, int]) -> Any:
    """The user's key in the key of a chunk."""
    return entry[0]
