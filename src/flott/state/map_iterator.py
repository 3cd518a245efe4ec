"""Iterating over map state while it may change.

As in PyFlink a map must not change under an iterator except through the iterator's own ``remove``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

_NOTHING: Final = object()


class MapIterator(Iterator[Any]):
    """Iterates over the entries of a map and gives of each what ``pick`` says.

    Args:
        entries: Pairs of key and value.
        pick: Makes the element of a pair.
        remove: Removes a key from the state.
    """

    __slots__ = ("_entries", "_last_key", "_pick", "_remove")

    def __init__(
        self,
        entries: Iterable[tuple[Any, Any]],
        pick: Callable[[tuple[Any, Any]], Any],
        remove: Callable[[Any], None],
    ) -> None:
        self._entries = iter(entries)
        self._pick = pick
        self._remove = remove
        self._last_key: Any = _NOTHING

    def __next__(self) -> Any:
        try:
            entry = next(self._entries)
        except RuntimeError as error:
            raise RuntimeError(
                "The map state was changed while it was iterated over. Remove entries with the "
                "iterator's own remove(), or iterate over a copy: list(state.items())."
            ) from error
        self._last_key = entry[0]
        return self._pick(entry)

    def remove(self) -> None:
        """Remove the entry last returned.

        Raises:
            RuntimeError: None has been returned yet, or it has been removed already.
        """
        if self._last_key is _NOTHING:
            raise RuntimeError("Call next() before remove(), once for each entry to be removed.")
        # What is still to come is copied at the first removal, for a dict forbids it under way.
        self._entries = iter(list(self._entries))
        self._remove(self._last_key)
        self._last_key = _NOTHING
