"""The rows of a running query as its viewer needs them: the changes, and the table they make."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from flott.common.types import RowKind

#: Changes that are kept to look at; older ones are counted only.
CHANGES_KEPT = 10_000
#: Rows of the table that are kept; the oldest leave first.
ROWS_KEPT = 100_000
_REMOVED = (RowKind.UPDATE_BEFORE, RowKind.DELETE)


class LiveRows:
    """Filled by one thread, looked at by another.

    >>> live = LiveRows()
    >>> live.add(RowKind.INSERT, ("a",))
    >>> live.table(0, 10)
    [('a',)]
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes: deque[tuple[str, tuple[str, ...]]] = deque(maxlen=CHANGES_KEPT)
        self._rows: dict[int, tuple[str, ...]] = {}
        self._places: dict[tuple[str, ...], list[int]] = {}
        self._free: int | None = None
        self._count = 0

    def add(self, kind: RowKind, texts: tuple[str, ...]) -> None:
        """Take a change, its values as text."""
        with self._lock:
            self._count += 1
            self._changes.append((str(kind), texts))
            place, self._free = self._free, None
            if kind is not RowKind.UPDATE_AFTER and place is not None:
                del self._rows[place]  # nothing took the place of the row that went
                place = None
            if kind in _REMOVED:
                self._remove(texts, is_update=kind is RowKind.UPDATE_BEFORE)
                return
            number = self._count if place is None else place
            self._rows[number] = texts
            self._places.setdefault(texts, []).append(number)
            if len(self._rows) > ROWS_KEPT:
                self._remove(next(iter(self._rows.values())), is_update=False)

    def _remove(self, texts: tuple[str, ...], is_update: bool) -> None:
        places = self._places.get(texts)
        if not places:
            return
        place = places.pop(0)
        if not places:
            del self._places[texts]
        if is_update:
            self._free = place  # the row that replaces it stands in the same line
        else:
            del self._rows[place]

    @property
    def change_count(self) -> int:
        """How many changes came."""
        return self._count

    @property
    def row_count(self) -> int:
        """How many rows the table has; one that is being updated counts."""
        return len(self._rows)

    @property
    def kept_changes(self) -> int:
        """How many changes can be looked at."""
        return len(self._changes)

    def table(self, start: int, count: int) -> list[tuple[str, ...]]:
        """Some rows of the table, in the order in which they came."""
        with self._lock:
            rows = list(self._rows.values()) if start else self._first(count)
            return rows[start : start + count]

    def _first(self, count: int) -> list[tuple[str, ...]]:
        rows = iter(self._rows.values())
        return [row for row, _ in zip(rows, range(count), strict=False)]

    def changes(self, start: int, count: int) -> list[tuple[str, ...]]:
        """Some of the changes kept, oldest first; the kind stands in front."""
        with self._lock:
            kept: Sequence[tuple[str, tuple[str, ...]]] = list(self._changes)
        return [(kind, *texts) for kind, texts in kept[start : start + count]]
