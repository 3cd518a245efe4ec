"""Count windows that fire once when they are full, without asking assigner and trigger.

One entry of state for each key: how many records it has had, and the contents of its open windows.
A batch is sorted by key; windows that fill up are computed afterwards in the order in which the
records that filled them arrived. A window is gone for good once it has fired.
"""

from __future__ import annotations

from typing import Any

from flott.common.constants import MAX_LONG_VALUE
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.output import Output
from flott.operators.rows.windows.fold import ABSENT
from flott.operators.rows.windows.operator import WindowOperator
from flott.operators.window.count_assigners import CountWindowAssigner
from flott.operators.window.windows import CountWindow

__all__ = ["CountWindowOperator"]


class CountWindowOperator(WindowOperator):
    """Windows of so many records of a key.

    Window i holds records i * slide to i * slide + size - 1 of its key, counted from 0.
    """

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        assigner = self._assigner
        assert isinstance(assigner, CountWindowAssigner)
        self._size, self._slide = assigner.size, assigner.slide
        self._keep = self._spec.make_keep(self._store)
        #: key -> (number of records so far, id -> contents of open windows)
        self._table = self._store.table("window-counts")

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        groups: dict[Any, tuple[list[Any], list[int]]] = {}
        keys = self._keys(batch.values, input_index)
        for place, (value, key) in enumerate(zip(batch.values, keys)):
            group = groups.get(key)
            if group is None:
                groups[key] = [value], [place]
            else:
                group[0].append(value)
                group[1].append(place)
        full: list[tuple[int, Any, int, Any]] = []
        updated: dict[Any, Any] = {}
        found = self._table.get_many(None, groups, (0, {}))
        for (key, (rows, places)), (count, windows) in zip(groups.items(), found):
            windows = dict(windows)
            self._add_rows(key, count, windows, rows, places, full)
            updated[key] = count + len(rows), windows
        self._table.put_many(None, updated)
        full.sort(key=_place_of)
        for _, key, id, kept in full:
            self._compute(key, id, kept)
        self._flush()

    def _add_rows(
        self,
        key: Any,
        count: int,
        windows: dict[int, Any],
        rows: list[Any],
        places: list[int],
        full: list[tuple[int, Any, int, Any]],
    ) -> None:
        """Add records of one key to its windows; append those that are full to ``full``."""
        size, slide, add = self._size, self._slide, self._keep.add
        first = max(0, -(-(count - size + 1) // slide))
        last = (count + len(rows) - 1) // slide
        for id in range(first, last + 1):
            start = id * slide - count
            fresh = rows[max(0, start) : start + size]
            if not fresh:
                continue  # between windows, where the slide is longer than the size
            kept = add(key, windows.pop(id, ABSENT), fresh)
            if start + size <= len(rows):
                full.append((places[start + size - 1], key, id, kept))
            else:
                windows[id] = kept

    def _compute(self, key: Any, id: int, kept: Any) -> None:
        self._store.current_key = key
        window = CountWindow(id)
        self._evaluate(key, window, self._keep.contents(key, kept), MAX_LONG_VALUE)
        self._keep.discard(key, kept)
        if self._clear_window is not None:
            self._clear_window(window)


def _place_of(full: tuple[int, Any, int, Any]) -> int:
    return full[0]
