"""One table in memory: namespace -> key -> value, and what has changed since the last snapshot.

``changes`` mirrors the shape of the table and holds, for each key touched,

- the new value (values, accumulators, the engine's tables),
- for a list, the length up to which the stored list still holds: what follows is new,
- for a map, the set of map keys touched; a `WholeMap` if nothing of the stored map holds,
- `TOMBSTONE` if the key was removed.

It is ``None`` while nothing is to be recorded: before the first snapshot, which is full anyway.
A namespace that is dropped, or whose last key goes, leaves one entry in ``dropped`` instead of a
tombstone for each key. Removal of the last key leaves an empty dict behind, since handles may hold
on to it between two look-ups; these are swept when their number could have doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final

from flott.core.keyed_store import KeyedTable
from flott.state.sentinel import TOMBSTONE
from flott.state.table_kind import TableKind, TableSpec

#: How many namespaces are allowed before empty ones are looked for.
_SWEEP_MIN: Final = 64


class WholeMap(set[Any]):
    """Map keys touched in a map of which nothing was stored before."""


class MemoryTable(KeyedTable):
    """A table of the memory backend. Handles reach into its dicts."""

    __slots__ = ("_bound", "_sweep_at", "_written", "changes", "dropped", "spaces", "spec")

    def __init__(self, spec: TableSpec) -> None:
        self.spec = spec
        self.spaces: dict[Any, dict[Any, Any]] = {}
        self.changes: dict[Any, dict[Any, Any]] | None = None
        self.dropped: set[Any] = set()
        self._written: set[Any] = set()
        self._sweep_at = _SWEEP_MIN
        self._bound: list[Callable[[], None]] = []

    # -- as operators use it

    def get(self, namespace: Hashable, key: Hashable, default: Any = None) -> Any:
        space = self.spaces.get(namespace)
        return default if space is None else space.get(key, default)

    def get_many(
        self, namespace: Hashable, keys: Iterable[Hashable], default: Any = None
    ) -> list[Any]:
        find = self.spaces.get(namespace, _EMPTY).get
        return [find(key, default) for key in keys]

    def put(self, namespace: Hashable, key: Hashable, value: Any) -> None:
        space = self.spaces.get(namespace)
        if space is None:
            space = self.space(namespace)
        space[key] = value
        if self.changes is not None:
            self.changed(namespace)[key] = value

    def put_many(self, namespace: Hashable, entries: Mapping[Any, Any]) -> None:
        if entries:
            self.space(namespace).update(entries)
            if self.changes is not None:
                self.changed(namespace).update(entries)

    def remove(self, namespace: Hashable, key: Hashable) -> None:
        space = self.spaces.get(namespace)
        if space is None or space.pop(key, TOMBSTONE) is TOMBSTONE:
            return
        if not space and namespace is not None:
            self.drop(namespace)
        elif self.changes is not None:
            self.changed(namespace)[key] = TOMBSTONE

    def drop(self, namespace: Hashable) -> None:
        space = self.spaces.get(namespace)
        if space is None:
            return
        if namespace is None:
            space.clear()  # handles hold on to the dict of the main namespace for ever
        else:
            del self.spaces[namespace]
        self._note_dropped(namespace)

    def items(self, namespace: Hashable) -> Iterable[tuple[Any, Any]]:
        return self.spaces.get(namespace, _EMPTY).items()

    def namespaces(self) -> Iterable[Any]:
        return [namespace for namespace, space in self.spaces.items() if space]

    # -- as handles use it

    def space(self, namespace: Hashable) -> dict[Any, Any]:
        """The dict of ``namespace``, made if there is none."""
        space = self.spaces.get(namespace)
        if space is None:
            if len(self.spaces) >= self._sweep_at:
                self.sweep()
            space = self.spaces[namespace] = {}
        return space

    def changed(self, namespace: Hashable) -> dict[Any, Any]:
        """The changes of ``namespace``; only while changes are recorded."""
        assert self.changes is not None, "changes are not recorded yet"
        changed = self.changes.get(namespace)
        if changed is None:
            changed = self.changes[namespace] = {}
        return changed

    def bind(self, rebind: Callable[[], None]) -> None:
        """Call ``rebind`` when recording begins, for handles that keep dicts of namespace None."""
        self._bound.append(rebind)

    def note_removed(self, namespace: Hashable, keys: Iterable[Any]) -> None:
        """Record that ``keys`` are gone, as far as they are: taken out of the dict directly."""
        if self.changes is None:
            return
        space = self.spaces.get(namespace, _EMPTY)
        changed = self.changed(namespace)
        for key in keys:
            if key not in space:
                changed[key] = TOMBSTONE

    def sweep(self) -> None:
        """Forget namespaces without keys."""
        empty = [n for n, space in self.spaces.items() if not space and n is not None]
        for namespace in empty:
            del self.spaces[namespace]
            self._note_dropped(namespace)
        self._sweep_at = max(_SWEEP_MIN, 2 * len(self.spaces))
        assert len(self.spaces) < self._sweep_at

    # -- as snapshots use it

    def begin_interval(self, *, full: bool) -> None:
        """A snapshot has been taken, ``full`` or of the changes: record changes from here on."""
        is_first = self.changes is None
        changes = self.changes or {}
        if full:
            self._written = {namespace for namespace, space in self.spaces.items() if space}
        else:
            self._written.update(changes)
        main = changes.get(None)
        changes.clear()
        if main is not None:
            main.clear()
            changes[None] = main
        self.changes = changes
        self.dropped.clear()
        if is_first:
            for rebind in self._bound:
                rebind()
        assert self.change_count == 0

    @property
    def change_count(self) -> int:
        """How many entries the next incremental snapshot would have."""
        changes = self.changes or _EMPTY
        return len(self.dropped) + sum(map(len, changes.values()))

    @property
    def entry_count(self) -> int:
        """How many keys have a value, counted once for each namespace."""
        return sum(map(len, self.spaces.values()))

    @property
    def has_plain_values(self) -> bool:
        """Whether changes hold the values themselves."""
        return self.spec.kind not in (TableKind.LIST, TableKind.MAP)

    def _note_dropped(self, namespace: Any) -> None:
        if self.changes is None:
            return
        if namespace is None:
            self.changes.get(None, {}).clear()
        else:
            self.changes.pop(namespace, None)
        if namespace in self._written:
            self._written.discard(namespace)
            self.dropped.add(namespace)


_EMPTY: Final[dict[Any, Any]] = {}
