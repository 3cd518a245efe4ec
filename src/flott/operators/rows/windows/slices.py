"""Merging slices of sliding windows with few steps for each window.

A window that slides is a row of slices, and the next window is the same row without its first and
with one more. Merging all slices again for each window takes as many steps for a key as the window
has slices. Two stacks take about three, however long the window: the older slices are merged from
the back to the front once, so that each suffix of them is at hand; newer ones are merged as they
come; a window is one of each. When the older slices are used up, the newer ones become the older.

This is a cache of what the slices in state say. A record that comes late into an old slice makes
the stacks of its key start afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, Final

from flott.core.element import MIN_WATERMARK
from flott.core.keyed_store import KeyedTable
from flott.operators.rows.windows.fold import ABSENT, Fold

__all__ = ["SliceMerger", "detached"]


class _Stacks:
    """What is merged for one key.

    Attributes:
        older: (start of slice, all from there to the last of the older slices), earliest on top.
        newer: All later slices, or ``ABSENT``.
        newer_start: The first slice of ``newer``.
    """

    __slots__ = ("newer", "newer_start", "older")

    def __init__(self) -> None:
        self.older: list[tuple[int, Any]] = []
        self.newer: Any = ABSENT
        self.newer_start = MIN_WATERMARK


class SliceMerger:
    """Gives for each window in turn what its slices amount to, key by key.

    Args:
        table: slice -> key -> kept value; slices are known by their start.
        fold: how two kept values become one.
    """

    def __init__(self, table: KeyedTable, fold: Fold) -> None:
        self._table = table
        self._combine = fold.combine
        self._stacks: dict[Any, _Stacks] = {}
        self._covered = MIN_WATERMARK

    def windows_of(self, slices: Iterable[int], start: int, end: int) -> Iterator[tuple[Any, Any]]:
        """Keys and kept values of the window from ``start`` to ``end``.

        Args:
            slices: the starts of the slices in state that lie in the window, in order.
            start: not before that of the last call.
        """
        slices = list(slices)
        for piece in slices:
            if piece >= self._covered:
                self._add(piece)
        self._covered = end
        gone = []
        for key, stacks in self._stacks.items():
            older = stacks.older
            while older and older[-1][0] < start:
                older.pop()
            if not older and stacks.newer is not ABSENT and stacks.newer_start < start:
                self._restack(key, stacks, slices)
                older = stacks.older
            if not older and stacks.newer is ABSENT:
                gone.append(key)
            elif not older:
                yield key, stacks.newer
            elif stacks.newer is ABSENT:
                yield key, older[-1][1]
            else:
                yield key, self._combine(detached(older[-1][1]), detached(stacks.newer))
        for key in gone:
            del self._stacks[key]

    def value_of(self, key: Any, slices: Iterable[int]) -> Any:
        """What ``slices`` amount to for one key, without the stacks."""
        merged: Any = ABSENT
        for piece in slices:
            kept = self._table.get(piece, key, ABSENT)
            if kept is not ABSENT:
                kept = detached(kept)
                merged = kept if merged is ABSENT else self._combine(merged, kept)
        return merged

    def forget(self, piece: int, key: Any) -> None:
        """A slice that may be merged already has changed for a key."""
        if piece < self._covered:
            stacks = self._stacks[key] = _Stacks()
            stacks.newer = None  # anything but absent, from before all windows: to be restacked

    def _add(self, piece: int) -> None:
        """Merge a slice into what is newer."""
        all_stacks, combine = self._stacks, self._combine
        for key, kept in self._table.items(piece):
            stacks = all_stacks.get(key)
            if stacks is None:
                stacks = all_stacks[key] = _Stacks()
            if stacks.newer is ABSENT:
                stacks.newer = kept
                stacks.newer_start = piece
            elif stacks.newer_start != MIN_WATERMARK:
                stacks.newer = combine(detached(stacks.newer), detached(kept))

    def _restack(self, key: Any, stacks: _Stacks, slices: list[int]) -> None:
        """Make all slices of a window the older ones."""
        merged: Any = ABSENT
        stacks.newer = ABSENT
        stacks.older = older = []
        for piece in reversed(slices):
            kept = self._table.get(piece, key, ABSENT)
            if kept is not ABSENT:
                kept = detached(kept)
                merged = kept if merged is ABSENT else self._combine(kept, detached(merged))
                older.append((piece, merged))


def detached(kept: Any) -> Any:
    """A value that a merge function may change in place.

    >>> numbers = [1, 2]
    >>> detached(numbers) is numbers, detached((1, 2)) == (1, 2)
    (False, True)
    """
    cls = type(kept)
    if cls in _ATOMS or (cls is tuple and _ATOMS.issuperset(map(type, kept))):
        return kept
    return deepcopy(kept)


_ATOMS: Final = frozenset({int, float, str, bool, bytes, type(None), complex})
