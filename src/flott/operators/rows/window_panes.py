"""The contents of windows in keyed state: what is kept for each window and key.

A pane is what one window holds for one key: a value being reduced, an accumulator, or all its
records. Records come either one by one or, faster, grouped by window and key for a whole batch;
then each pane costs one look-up, one update and a tight loop over its new records.

Records are kept in chunks: the last one under the key itself, full ones in a table beside it. An
incremental snapshot so holds at most one chunk of records that an earlier one had already.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from flott.core.keyed_store import KeyedStore, KeyedTable

__all__ = [
    "ABSENT",
    "AggregatedPanes",
    "ListPanes",
    "PairedPanes",
    "Panes",
    "ReducedPanes",
    "own",
]

#: Records of a pane that are kept in one entry; a changed entry is written as a whole.
CHUNK_ROWS: Final = 512


class _Absent:
    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


#: Stands for the contents of a pane that does not exist.
ABSENT: Final = _Absent()

Groups = dict[Any, list[Any]]
"""Key -> records of one batch and window, in order of arrival."""


class Panes(ABC):
    """All panes of an operator. The namespace is the window, or whatever stands for it."""

    @abstractmethod
    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        """Add records of many keys to a window. ``groups`` belongs to this method from now on."""

    @abstractmethod
    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> None:
        """Add one record."""

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

    ``inputs`` turns it into what the window function is given: a list of one.
    """

    def __init__(self, store: KeyedStore, name: str) -> None:
        self._table: KeyedTable = store.table(name)

    def get(self, namespace: Hashable, key: Hashable) -> Any:
        kept = self._table.get(namespace, key, ABSENT)
        return kept if kept is ABSENT else [self.result(kept)]

    def items(self, namespace: Hashable) -> list[tuple[Any, Any]]:
        result = self.result
        return [(key, [result(kept)]) for key, kept in self._table.items(namespace)]

    def results(self, namespace: Hashable) -> list[Any]:
        """The results of all keys, where nothing else is wanted."""
        return [self.result(kept) for _, kept in self._table.items(namespace)]

    def kept_items(self, namespace: Hashable) -> Iterable[tuple[Any, Any]]:
        """Keys and values as they are kept."""
        return self._table.items(namespace)

    def kept(self, namespace: Hashable, key: Hashable) -> Any:
        """The value as it is kept, or ``ABSENT``."""
        return self._table.get(namespace, key, ABSENT)

    def keys(self, namespace: Hashable) -> Iterable[Any]:
        return [key for key, _ in self._table.items(namespace)]

    def remove(self, namespace: Hashable, key: Hashable) -> None:
        self._table.remove(namespace, key)

    def drop(self, namespace: Hashable) -> None:
        self._table.drop(namespace)

    def namespaces(self) -> Iterable[Any]:
        return self._table.namespaces()

    def merge(self, key: Hashable, target: Hashable, sources: Iterable[Hashable]) -> None:
        table = self._table
        merged = table.get(target, key, ABSENT)
        for source in sources:
            kept = table.get(source, key, ABSENT)
            if kept is not ABSENT:
                table.remove(source, key)
                merged = kept if merged is ABSENT else self.combine(merged, kept)
        if merged is not ABSENT:
            table.put(target, key, merged)

    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> None:
        kept = self._table.get(namespace, key, ABSENT)
        self._table.put(namespace, key, self.fold(kept, (value,)))

    @abstractmethod
    def fold(self, kept: Any, rows: Iterable[Any]) -> Any:
        """Add records, at least one, to a kept value, which may be ``ABSENT``."""

    @abstractmethod
    def result(self, kept: Any) -> Any:
        """What a kept value amounts to."""

    @abstractmethod
    def combine(self, first: Any, second: Any) -> Any:
        """One value made of two; either may be changed by it."""


class ReducedPanes(FoldedPanes):
    """Panes of a reduce function."""

    def __init__(
        self, store: KeyedStore, reduce: Callable[[Any, Any], Any], name: str = "window-contents"
    ) -> None:
        super().__init__(store, name)
        self._reduce = reduce

    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        reduce = self._reduce
        updated: dict[Any, Any] = groups
        for (key, rows), kept in zip(
            groups.items(), self._table.get_many(namespace, groups, ABSENT)
        ):
            if kept is ABSENT:
                kept = own(rows[0])
                del rows[0]
            for value in rows:
                kept = reduce(kept, value)
            updated[key] = kept
        self._table.put_many(namespace, updated)

    def fold(self, kept: Any, rows: Iterable[Any]) -> Any:
        reduce = self._reduce
        for value in rows:
            kept = own(value) if kept is ABSENT else reduce(kept, value)
        return kept

    def result(self, kept: Any) -> Any:
        return kept

    def results(self, namespace: Hashable) -> list[Any]:
        return [kept for _, kept in self._table.items(namespace)]

    def combine(self, first: Any, second: Any) -> Any:
        return self._reduce(first, second)


class AggregatedPanes(FoldedPanes):
    """Panes of an aggregate function: an accumulator each."""

    def __init__(self, store: KeyedStore, function: Any, name: str = "window-contents") -> None:
        super().__init__(store, name)
        self._create: Callable[[], Any] = function.create_accumulator
        self._add: Callable[[Any, Any], Any] = function.add
        self._result: Callable[[Any], Any] = function.get_result
        self._merge: Callable[[Any, Any], Any] = function.merge

    def add_groups(self, namespace: Hashable, groups: Groups, input_index: int = 0) -> None:
        create, add = self._create, self._add
        updated: dict[Any, Any] = groups
        for (key, rows), kept in zip(
            groups.items(), self._table.get_many(namespace, groups, ABSENT)
        ):
            if kept is ABSENT:
                kept = create()
            for value in rows:
                kept = add(value, kept)
            updated[key] = kept
        self._table.put_many(namespace, updated)

    def fold(self, kept: Any, rows: Iterable[Any]) -> Any:
        add = self._add
        if kept is ABSENT:
            kept = self._create()
        for value in rows:
            kept = add(value, kept)
        return kept

    def result(self, kept: Any) -> Any:
        return self._result(kept)

    def results(self, namespace: Hashable) -> list[Any]:
        result = self._result
        return [result(kept) for _, kept in self._table.items(namespace)]

    def combine(self, first: Any, second: Any) -> Any:
        return self._merge(first, second)


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

    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> None:
        kept = self._tails.get(namespace, key, ABSENT)
        self._tails.put(namespace, key, self._extended(namespace, key, kept, [value]))

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

    def add(self, namespace: Hashable, key: Hashable, value: Any, input_index: int = 0) -> None:
        self._sides[input_index].add(namespace, key, value)

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


def own(value: Any) -> Any:
    """A value that a reduce function may change in place without anybody else noticing.

    Records are shared: with other windows, and with other consumers of the same stream.

    >>> row, text = [1], "text"
    >>> own(row) is row, own(text) is text
    (False, True)
    """
    return value if isinstance(value, _UNCHANGEABLE) else copy(value)


_UNCHANGEABLE: Final = (
    int, str, tuple, float, type(None), bytes, frozenset, Decimal, datetime, date, time
)  # fmt: skip

