"""The windows in flight of one key, where windows may merge.

Each window in flight has a state window: the namespace under which its contents are kept. That of
a merged window is the state window of the one longest in flight among those it was merged from, so
only the others' contents move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flott.core.keyed_store import KeyedTable
from flott.operators.window.assigner import MergingWindowAssigner

__all__ = ["MergingWindows"]

#: Called with (merged window, windows merged into it, its state window, state windows to move).
MergeAction = Callable[[Any, list[Any], Any, list[Any]], None]


class _Decisions(MergingWindowAssigner.MergeCallback[Any]):
    """Collects what an assigner decides to merge."""

    def __init__(self) -> None:
        self.groups: list[tuple[Any, set[Any]]] = []

    def merge(self, to_be_merged: Iterable[Any], merge_result: Any) -> None:
        self.groups.append((merge_result, set(to_be_merged)))


class MergingWindows:
    """The windows of the key at hand: window in flight -> state window.

    Load it for a key, change it, then ``save``.
    """

    __slots__ = ("_assigner", "_changed", "_key", "_state_windows", "_table")

    def __init__(self, assigner: MergingWindowAssigner[Any, Any], table: KeyedTable) -> None:
        self._assigner = assigner
        self._table = table
        self._key: Any = None
        self._state_windows: dict[Any, Any] = {}
        self._changed = False

    def load(self, key: Any) -> None:
        """Take the windows of ``key``, until the next call."""
        assert not self._changed, "windows of the last key were not saved"
        self._key = key
        self._state_windows = dict(self._table.get(None, key, ()))

    def save(self) -> None:
        """Put the windows back, if they changed."""
        if not self._changed:
            return
        self._changed = False
        if self._state_windows:
            self._table.put(None, self._key, tuple(self._state_windows.items()))
        else:
            self._table.remove(None, self._key)

    def state_window(self, window: Any) -> Any:
        """The state window of a window in flight; ``None`` if it is not, or not any more."""
        return self._state_windows.get(window)

    def retire(self, window: Any) -> None:
        """Forget a window."""
        del self._state_windows[window]
        self._changed = True

    def add(self, new_window: Any, merge: MergeAction) -> Any:
        """Add the window of a record; give the window in flight that it is part of now."""
        in_flight = self._state_windows
        decisions = _Decisions()
        self._assigner.merge_windows([*in_flight, new_window], decisions)
        result = new_window
        for merged, members in decisions.groups:
            is_ours = new_window in members
            if is_ours:
                result = merged
            # In order of the state, not of the set, whose order changes from run to run.
            parts = [window for window in in_flight if window in members]
            if not parts:
                continue
            state_windows = [in_flight.pop(window) for window in parts]
            in_flight[merged] = state_windows[0]
            if parts != [merged]:
                self._changed = True
                merge(merged, parts, state_windows[0], state_windows[1:])
        if result not in in_flight:
            in_flight[result] = result
            self._changed = True
        return result
