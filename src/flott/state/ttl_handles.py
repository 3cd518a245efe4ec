"""The kinds of state for entries that expire.

Entries are ``(value, time_ms)``. A value expires ``ttl_ms`` after its time, at that very moment.
What has expired is removed when it is read; if expired values may be seen, they are seen this once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from copy import deepcopy
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
from flott.state.memory_table import WholeMap
from flott.state.ttl_table import TtlTable


class TtlHandle:
    """What the handles of expiring state share. They go through the table, in every namespace."""

    __slots__ = ("_namespace", "_store", "_table")

    def __init__(
        self,
        store: KeyedStore,
        table: TtlTable,
        descriptor: StateDescriptor,
        namespace: Hashable = None,
    ) -> None:
        self._store = store
        self._table = table
        self._namespace = namespace

    def clear(self) -> None:
        key = self._store.current_key
        if key in self._table.space(self._namespace):  # which also sees whether a key is set
            self._table.remove(self._namespace, key)

    def _read(self) -> Any:
        """The value of the current key, looked at and brought up to date; ``None`` without one."""
        table = self._table
        table.turn()
        key = self._store.current_key
        entry = table.get(self._namespace, key)
        if entry is None:
            return None
        now_ms = table.now_ms()
        if entry[1] + table.ttl_ms <= now_ms:
            table.expired_count += 1
            table.remove(self._namespace, key)
            return entry[0] if table.returns_expired else None
        if table.refreshes_on_read and entry[1] != now_ms:
            table.put(self._namespace, key, (entry[0], now_ms))
        return entry[0]

    def _live(self) -> Any:
        """The value of the current key that has not expired, for adding to it."""
        table = self._table
        table.turn()
        entry = table.get(self._namespace, self._store.current_key)
        if entry is None:
            return None
        if entry[1] + table.ttl_ms <= table.now_ms():
            table.expired_count += 1
            return None
        return entry[0]

    def _write(self, value: Any) -> None:
        table = self._table
        key = self._store.current_key
        if table.get(self._namespace, key) is None:
            table.enter(self._namespace, key)
        table.put(self._namespace, key, (value, table.now_ms()))


class TtlValueState(TtlHandle, ValueState[Any]):
    """One value for each key, for a time."""

    __slots__ = ("_default",)

    def __init__(
        self, store: KeyedStore, table: TtlTable, descriptor: Any, namespace: Hashable = None
    ) -> None:
        super().__init__(store, table, descriptor, namespace)
        self._default = descriptor.default_value

    def value(self) -> Any:
        value = self._read()
        return deepcopy(self._default) if value is None else value

    def update(self, value: Any) -> None:
        self._table.turn()
        if value is None:
            self.clear()
        else:
            self._write(value)


class TtlReducingState(TtlHandle, ReducingState[Any]):
    """All values of a key reduced to one, for a time."""

    __slots__ = ("_reduce",)

    def __init__(
        self,
        store: KeyedStore,
        table: TtlTable,
        descriptor: ReducingStateDescriptor,
        namespace: Hashable = None,
    ) -> None:
        super().__init__(store, table, descriptor, namespace)
        self._reduce = descriptor.get_reduce_function().reduce

    def get(self) -> Any:
        return self._read()

    def add(self, value: Any) -> None:
        if value is None:
            self.clear()
            return
        before = self._live()
        self._write(value if before is None else self._reduce(before, value))


class TtlAggregatingState(TtlHandle, AggregatingState[Any, Any]):
    """All values of a key in one accumulator, for a time."""

    __slots__ = ("_function",)

    def __init__(
        self,
        store: KeyedStore,
        table: TtlTable,
        descriptor: AggregatingStateDescriptor,
        namespace: Hashable = None,
    ) -> None:
        super().__init__(store, table, descriptor, namespace)
        self._function = descriptor.get_agg_function()

    def get(self) -> Any:
        accumulator = self._read()
        return None if accumulator is None else self._function.get_result(accumulator)

    def add(self, value: Any) -> None:
        if value is None:
            self.clear()
            return
        accumulator = self._live()
        if accumulator is None:
            accumulator = self._function.create_accumulator()
        self._write(self._function.add(value, accumulator))


class TtlListState(TtlHandle, ListState[Any]):
    """A list for each key whose items expire one by one."""

    __slots__ = ()

    def get(self) -> list[Any]:
        table = self._table
        table.turn()
        key = self._store.current_key
        items = table.get(self._namespace, key)
        if items is None:
            return []
        now_ms = table.now_ms()
        horizon_ms = now_ms - table.ttl_ms
        live = [item for item in items if item[1] > horizon_ms]
        if not live:
            table.remove(self._namespace, key)
        elif table.refreshes_on_read:
            table.replace_list(self._namespace, key, [(value, now_ms) for value, _ in live])
        elif len(live) < len(items):
            table.replace_list(self._namespace, key, live)
        table.expired_count += len(items) - len(live)
        return [value for value, _ in (items if table.returns_expired else live)]

    def add(self, value: Any) -> None:
        self.add_all((value,))

    def add_all(self, values: Iterable[Any]) -> None:
        table = self._table
        table.turn()
        now_ms = table.now_ms()
        added = [(value, now_ms) for value in values]
        if not added:
            return
        key = self._store.current_key
        items = table.get(self._namespace, key)
        if items is None:
            table.enter(self._namespace, key)
            table.replace_list(self._namespace, key, added)
            return
        if table.changes is not None:
            table.changed(self._namespace).setdefault(key, len(items))
        items.extend(added)

    def update(self, values: Iterable[Any]) -> None:
        replaced = list(values)
        self.clear()
        self.add_all(replaced)


class TtlMapState(TtlHandle, MapState[Any, Any]):
    """A map for each key whose entries expire one by one."""

    __slots__ = ()

    def get(self, key: Any) -> Any:
        return self._look(key)[1]

    def contains(self, key: Any) -> bool:
        return self._look(key)[0]

    def put(self, key: Any, value: Any) -> None:
        self.put_all({key: value})

    def put_all(self, dict_value: Any) -> None:
        table = self._table
        table.turn()
        now_ms = table.now_ms()
        current = self._store.current_key
        for key, value in dict(dict_value).items():
            entries = table.get(self._namespace, current)
            if entries is None or key not in entries:
                table.enter(self._namespace, current, key)
            self._put_entry(current, entries, key, (value, now_ms))

    def remove(self, key: Any) -> None:
        table = self._table
        table.turn()
        current = self._store.current_key
        entries = table.get(self._namespace, current)
        if entries is not None and key in entries:
            table.remove_map_key(self._namespace, current, key)

    def is_empty(self) -> bool:
        return not self._live_entries()

    def items(self) -> MapIterator:
        return self._iterate(lambda entry: entry)

    def keys(self) -> MapIterator:
        return self._iterate(lambda entry: entry[0])

    def values(self) -> MapIterator:
        return self._iterate(lambda entry: entry[1])

    def _iterate(self, pick: Any) -> MapIterator:
        return MapIterator(self._live_entries(), pick, self.remove)

    def _put_entry(self, current: Any, entries: Any, key: Any, entry: tuple[Any, int]) -> None:
        table = self._table
        if entries is None:
            table.space(self._namespace)[current] = {key: entry}
            if table.changes is not None:
                table.changed(self._namespace)[current] = WholeMap()
            return
        entries[key] = entry
        if table.changes is not None:
            table.changed(self._namespace).setdefault(current, set()).add(key)

    def _look(self, key: Any) -> tuple[bool, Any]:
        """Whether the map has ``key`` and what is stored there."""
        table = self._table
        table.turn()
        current = self._store.current_key
        entries = table.get(self._namespace, current)
        if entries is None or key not in entries:
            return False, None
        value, time_ms = entries[key]
        now_ms = table.now_ms()
        if time_ms + table.ttl_ms <= now_ms:
            table.expired_count += 1
            table.remove_map_key(self._namespace, current, key)
            return (True, value) if table.returns_expired else (False, None)
        if table.refreshes_on_read and time_ms != now_ms:
            self._put_entry(current, entries, key, (value, now_ms))
        return True, value

    def _live_entries(self) -> list[tuple[Any, Any]]:
        """The entries that may be seen, each looked at as by `get`."""
        entries = self._table.get(self._namespace, self._store.current_key)
        if entries is None:
            return []
        looked = ((key, *self._look(key)) for key in list(entries))
        return [(key, value) for key, found, value in looked if found]
