"""What user functions hold: the kinds of state on top of a table's dicts.

This is the hottest code of the product; `value` and `update` are two look-ups each. A handle of the
main namespace (None) keeps its two dicts for ever. Handles of windows look them up at each use,
through properties of the same names, since windows come and go.

An object that is changed in place without `update` shows its change at once, as in every backend
that keeps live objects, but only a full snapshot is sure to have it: call `update`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from copy import deepcopy
from operator import itemgetter
from typing import Any

from flott.common.state import (
    AggregatingState,
    AggregatingStateDescriptor,
    ListState,
    MapState,
    ReducingState,
    ReducingStateDescriptor,
    StateDescriptor,
    ValueState,
)
from flott.core.keyed_store import KeyedStore
from flott.state.map_iterator import MapIterator
from flott.state.memory_table import MemoryTable, WholeMap
from flott.state.sentinel import TOMBSTONE

_KEY_OF_ENTRY = itemgetter(0)
_VALUE_OF_ENTRY = itemgetter(1)


def _whole_entry(entry: tuple[Any, Any]) -> tuple[Any, Any]:
    return entry


class MemoryHandle:
    """What all handles share: the store with the current key, and the two dicts."""

    __slots__ = ("_changed", "_namespace", "_store", "_table", "_values")

    def __init__(
        self,
        store: KeyedStore,
        table: MemoryTable,
        descriptor: StateDescriptor,
        namespace: Hashable = None,
    ) -> None:
        self._store = store
        self._table = table
        self._namespace = namespace
        self._bind()

    def _bind(self) -> None:
        self._values = self._table.space(None)
        self._changed: dict[Any, Any] | None = None
        self._table.bind(self._rebind)
        if self._table.changes is not None:
            self._rebind()

    def _rebind(self) -> None:
        self._changed = self._table.changed(None)

    def clear(self) -> None:
        key = self._store.current_key
        if key in self._values:  # not pop: an empty dict does not look at the key
            del self._values[key]
            if self._changed is not None:
                self._changed[key] = TOMBSTONE


class OfNamespace(MemoryHandle):
    """Mixed in before a handle class, makes it one of a window's namespace."""

    __slots__ = ()

    def _bind(self) -> None:
        assert self._namespace is not None

    @property
    def _values(self) -> dict[Any, Any]:  # type: ignore[override]
        return self._table.space(self._namespace)

    @property
    def _changed(self) -> dict[Any, Any] | None:  # type: ignore[override]
        table = self._table
        return None if table.changes is None else table.changed(self._namespace)

    def clear(self) -> None:
        key = self._store.current_key
        if key in self._values:
            self._table.remove(self._namespace, key)


class MemoryValueState(MemoryHandle, ValueState[Any]):
    """One value for each key."""

    __slots__ = ()

    def value(self) -> Any:
        return self._values.get(self._store.current_key)

    def update(self, value: Any) -> None:
        if value is None:
            self.clear()
            return
        key = self._store.current_key
        self._values[key] = value
        changed = self._changed
        if changed is not None:
            changed[key] = value


class DefaultValueState(MemoryValueState):
    """One value for each key, and a copy of the descriptor's default where there is none."""

    __slots__ = ("_default",)

    def __init__(
        self, store: KeyedStore, table: MemoryTable, descriptor: Any, namespace: Hashable = None
    ) -> None:
        super().__init__(store, table, descriptor, namespace)
        self._default = descriptor.default_value

    def value(self) -> Any:
        value = self._values.get(self._store.current_key)
        return deepcopy(self._default) if value is None else value


class MemoryListState(MemoryHandle, ListState[Any]):
    """A list for each key; what is appended is recorded as such."""

    __slots__ = ()

    def get(self) -> list[Any]:
        items = self._values.get(self._store.current_key)
        return [] if items is None else items.copy()

    def add(self, value: Any) -> None:
        key = self._store.current_key
        items = self._values.get(key)
        changed = self._changed
        if items is None:
            self._values[key] = [value]
            if changed is not None:
                changed[key] = 0
            return
        if changed is not None and key not in changed:
            changed[key] = len(items)
        items.append(value)

    def add_all(self, values: Iterable[Any]) -> None:
        added = list(values)
        if not added:
            return
        key = self._store.current_key
        items = self._values.get(key)
        changed = self._changed
        if items is None:
            self._values[key] = added
            if changed is not None:
                changed[key] = 0
            return
        if changed is not None and key not in changed:
            changed[key] = len(items)
        items.extend(added)

    def update(self, values: Iterable[Any]) -> None:
        items = list(values)
        if not items:
            self.clear()
            return
        key = self._store.current_key
        self._values[key] = items
        if self._changed is not None:
            self._changed[key] = 0


class MemoryMapState(MemoryHandle, MapState[Any, Any]):
    """A map for each key; changes are recorded by map key."""

    __slots__ = ()

    def get(self, key: Any) -> Any:
        entries = self._values.get(self._store.current_key)
        return None if entries is None else entries.get(key)

    def put(self, key: Any, value: Any) -> None:
        current = self._store.current_key
        entries = self._values.get(current)
        changed = self._changed
        if entries is None:
            self._values[current] = {key: value}
            if changed is not None:
                changed[current] = WholeMap()
            return
        entries[key] = value
        if changed is not None:
            touched = changed.get(current)
            if touched is None:
                changed[current] = {key}
            else:
                touched.add(key)

    def put_all(self, dict_value: Any) -> None:
        for key, value in dict(dict_value).items():
            self.put(key, value)

    def remove(self, key: Any) -> None:
        current = self._store.current_key
        entries = self._values.get(current)
        if entries is None or key not in entries:
            return
        if len(entries) == 1:
            self.clear()
            return
        del entries[key]
        changed = self._changed
        if changed is not None:
            touched = changed.get(current)
            if touched is None:
                changed[current] = {key}
            else:
                touched.add(key)

    def contains(self, key: Any) -> bool:
        entries = self._values.get(self._store.current_key)
        return entries is not None and key in entries

    def is_empty(self) -> bool:
        return self._store.current_key not in self._values

    def items(self) -> MapIterator:
        return MapIterator(self._entries(), _whole_entry, self.remove)

    def keys(self) -> MapIterator:
        return MapIterator(self._entries(), _KEY_OF_ENTRY, self.remove)

    def values(self) -> MapIterator:
        return MapIterator(self._entries(), _VALUE_OF_ENTRY, self.remove)

    def _entries(self) -> Iterable[tuple[Any, Any]]:
        entries = self._values.get(self._store.current_key)
        return () if entries is None else entries.items()


class MemoryReducingState(MemoryHandle, ReducingState[Any]):
    """All values of a key reduced to one."""

    __slots__ = ("_reduce",)

    def __init__(
        self,
        store: KeyedStore,
        table: MemoryTable,
        descriptor: ReducingStateDescriptor,
        namespace: Hashable = None,
    ) -> None:
        super().__init__(store, table, descriptor, namespace)
        self._reduce = descriptor.get_reduce_function().reduce

    def get(self) -> Any:
        return self._values.get(self._store.current_key)

    def add(self, value: Any) -> None:
        if value is None:
            self.clear()
            return
        key = self._store.current_key
        before = self._values.get(key)
        reduced = value if before is None else self._reduce(before, value)
        self._values[key] = reduced
        if self._changed is not None:
            self._changed[key] = reduced


class MemoryAggregatingState(MemoryHandle, AggregatingState[Any, Any]):
    """All values of a key in one accumulator."""

    __slots__ = ("_function",)

    def __init__(
        self,
        store: KeyedStore,
        table: MemoryTable,
        descriptor: AggregatingStateDescriptor,
        namespace: Hashable = None,
    ) -> None:
        super().__init__(store, table, descriptor, namespace)
        self._function = descriptor.get_agg_function()

    def get(self) -> Any:
        accumulator = self._values.get(self._store.current_key)
        return None if accumulator is None else self._function.get_result(accumulator)

    def add(self, value: Any) -> None:
        if value is None:
            self.clear()
            return
        key = self._store.current_key
        accumulator = self._values.get(key)
        if accumulator is None:
            accumulator = self._function.create_accumulator()
        accumulator = self._function.add(value, accumulator)
        self._values[key] = accumulator
        if self._changed is not None:
            self._changed[key] = accumulator


class NamespacedValueState(OfNamespace, MemoryValueState):
    """One value for each key and window."""

    __slots__ = ()


class NamespacedDefaultValueState(OfNamespace, DefaultValueState):
    """One value for each key and window, with a default."""

    __slots__ = ()


class NamespacedListState(OfNamespace, MemoryListState):
    """A list for each key and window."""

    __slots__ = ()


class NamespacedMapState(OfNamespace, MemoryMapState):
    """A map for each key and window."""

    __slots__ = ()


class NamespacedReducingState(OfNamespace, MemoryReducingState):
    """A reduced value for each key and window."""

    __slots__ = ()


class NamespacedAggregatingState(OfNamespace, MemoryAggregatingState):
    """An accumulator for each key and window."""

    __slots__ = ()
