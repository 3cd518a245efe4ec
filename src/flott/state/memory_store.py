"""The backend ``hashmap``: keyed state as live objects in dicts.

A snapshot is pickled at once, at the barrier. The first one is full; from then on every table
records what changes, and a snapshot writes that. Reading and writing through a handle costs two
dict look-ups; see `memory_handles`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from sys import getsizeof
from typing import Any, Final

from flott.common.errors import RestoreError, StateAccessError
from flott.common.state import State, StateDescriptor
from flott.core.clock import Clock
from flott.core.columnar_state import ColumnarState
from flott.core.key_group import KeyGroupRange
from flott.core.keyed_store import KeyedStore
from flott.core.snapshot import StateKind, StatePart
from flott.state.handle_classes import handle_class, kind_of
from flott.state.memory_table import MemoryTable
from flott.state.part_contents import PartContents
from flott.state.sentinel import NO_KEY
from flott.state.structures import Structures, StructureWriting
from flott.state.table_kind import TableKind, TableSpec
from flott.state.table_writer import write_tables
from flott.state.ttl_table import TtlTable, derive_ttl_filter

#: Handles of windows kept for their next use.
_WINDOW_HANDLES_MAX: Final = 1024
#: What an entry costs besides key and value: its places in the dict and its table.
_ENTRY_BYTES: Final = 120


class MemoryKeyedStore(KeyedStore):
    """Keyed state of one operator subtask, in memory.

    Args:
        operator_id: The operator.
        key_groups: The key groups of this subtask.
        max_parallelism: Number of key groups.
        clock: Processing time, by which state expires.
        operator_name: For error messages; the id if empty.
        incremental: Whether changes are recorded, for snapshots of nothing but changes. Without
            periodic checkpoints they would only take memory.
        compressed: Whether snapshots are.
    """

    __slots__ = (
        "_clock",
        "_compressed",
        "_declared",
        "_handles",
        "_has_base",
        "_incremental",
        "_key_groups",
        "_max_parallelism",
        "_operator_id",
        "_operator_name",
        "_structures",
        "_tables",
        "_window_handles",
        "current_key",
    )

    def __init__(
        self,
        operator_id: str,
        key_groups: KeyGroupRange,
        max_parallelism: int,
        clock: Clock,
        *,
        operator_name: str = "",
        incremental: bool = True,
        compressed: bool = False,
    ) -> None:
        assert 0 <= key_groups.first <= key_groups.last + 1 <= max_parallelism
        self.current_key: Any = NO_KEY
        self._operator_id = operator_id
        self._operator_name = operator_name or operator_id
        self._key_groups = key_groups
        self._max_parallelism = max_parallelism
        self._clock = clock
        self._incremental = incremental
        self._compressed = compressed
        self._has_base = False
        self._tables: dict[tuple[bool, str], MemoryTable] = {}
        self._declared: dict[str, StateDescriptor] = {}
        self._handles: dict[str, State] = {}
        self._window_handles: dict[tuple[str, Hashable], State] = {}
        self._structures = Structures()

    # -- access

    def state(self, descriptor: StateDescriptor, namespace: Hashable = None) -> State:
        name = descriptor.name
        handle = (
            self._handles.get(name)
            if namespace is None
            else self._window_handles.get((name, namespace))
        )
        if handle is not None and _is_alike(self._declared[name], descriptor):
            return handle
        table = self._declare(descriptor)
        if handle is None:
            handle_type = handle_class(descriptor, main_namespace=namespace is None)
            handle = handle_type(self, table, descriptor, namespace)
            if namespace is None:
                self._handles[name] = handle
            else:
                if len(self._window_handles) >= _WINDOW_HANDLES_MAX:
                    self._window_handles.clear()
                self._window_handles[name, namespace] = handle
        return handle

    def table(self, name: str, key_of: Callable[[Any], Hashable] | None = None) -> MemoryTable:
        spec = TableSpec(name, TableKind.TABLE, key_of=key_of)
        table = self._tables.get(spec.identity)
        if table is None:
            table = self._add_table(MemoryTable(spec))
        table.spec = spec
        return table

    def attach(self, name: str, structure: ColumnarState) -> None:
        self._structures.attach(name, structure, self._key_groups)

    def keys(self, name: str, namespace: Hashable = None) -> Iterator[Any]:
        table = self._tables.get((False, name)) or self._tables.get((True, name))
        if table is None:
            return iter(())
        return iter([key for key, _ in table.items(namespace)])

    def clear_key(self) -> None:
        self.current_key = NO_KEY

    # -- snapshots

    def snapshot(self, full: bool, detached: bool = False) -> StatePart | None:
        """See `KeyedStore.snapshot`. A ``detached`` snapshot (a savepoint) is full and stands
        apart: the next incremental one goes on from the last that was not detached."""
        assert full or not detached, "a detached snapshot is full"
        tables = list(self._tables.values())
        full = full or not self._has_base or self._is_full_cheaper(tables)
        if full:
            for table in tables:
                if isinstance(table, TtlTable) and table.cleans_full_snapshots:
                    table.purge()
        structures = StructureWriting(self._structures, full, detached)
        payload = write_tables(
            tables,
            full=full,
            operator_id=self._operator_id,
            key_groups=self._key_groups,
            max_parallelism=self._max_parallelism,
            compressed=self._compressed,
            structures=structures,
        )
        if not structures.byte_count and not self._holds(tables, full):
            return None
        if self._incremental and not detached:
            self._has_base = True
            for table in tables:
                table.begin_interval(full=full)
        return StatePart(self._operator_id, StateKind.KEYED, full, payload)

    def restore(self, parts: Iterable[StatePart]) -> None:
        assert not self._tables, "state is restored before it is used"
        for chain in self._read_chains(parts):
            for identity, contents in chain.tables.items():
                if contents.spec.kind is TableKind.COLUMNS:
                    self._structures.add_restored(contents.spec.name, contents.structure)
                    continue
                table = self._tables.get(identity)
                if table is None:
                    table = self._tables[identity] = MemoryTable(contents.spec)
                for namespace, space in contents.spaces.items():
                    table.space(namespace).update(_without_empty_maps(contents.spec, space))
        if self._incremental and (self._tables or self._structures.has_restored):
            self._has_base = True
            for table in self._tables.values():
                table.begin_interval(full=True)

    # -- figures

    @property
    def state_bytes(self) -> int:
        return sum(map(_rough_bytes, self._tables.values())) + self._structures.memory_bytes

    @property
    def entry_count(self) -> int:
        """How many entries the state has; a list or a map is one."""
        return sum(table.entry_count for table in self._tables.values())

    @property
    def expired_count(self) -> int:
        """How many entries have been removed because their time to live was over."""
        expiring = (table for table in self._tables.values() if isinstance(table, TtlTable))
        return sum(table.expired_count for table in expiring)

    # -- inside

    def _declare(self, descriptor: StateDescriptor) -> MemoryTable:
        """The table of ``descriptor``, which must agree with what is declared or restored."""
        kind = kind_of(descriptor)
        config = descriptor.ttl_config
        ttl = None if config is None else derive_ttl_filter(config)
        spec = TableSpec(descriptor.name, kind, repr(descriptor.type_info), ttl)
        table = self._tables.get(spec.identity)
        if table is not None:
            self._check_agreement(table.spec, spec)
        if descriptor.name in self._declared and table is not None:
            return table
        self._declared[descriptor.name] = descriptor
        if config is not None:
            expiring = TtlTable(spec, config, self._clock.now_ms)
            if table is not None:
                expiring.adopt(table)
            table = self._add_table(expiring)
            if expiring.cleans_every_record:
                self.__class__ = CleaningMemoryKeyedStore
        elif table is None:
            table = self._add_table(MemoryTable(spec))
        table.spec = spec
        return table

    def _add_table(self, table: MemoryTable) -> MemoryTable:
        self._tables[table.spec.identity] = table
        if self._has_base and table.changes is None:
            table.begin_interval(full=True)
        return table

    def _check_agreement(self, there: TableSpec, asked: TableSpec) -> None:
        if there.kind is asked.kind and (there.ttl is None) == (asked.ttl is None):
            return
        what = (
            f"{there.kind.value} state"
            if there.kind is not asked.kind
            else f"state {_with_ttl(there)} time-to-live"
        )
        now = (
            f"{asked.kind.value} state"
            if there.kind is not asked.kind
            else f"{_with_ttl(asked)} time-to-live"
        )
        if asked.name in self._declared:
            raise StateAccessError(
                f"State '{asked.name}' of operator {self._operator_name} is declared as {what} "
                f"and again as {now}. Give each state a name of its own."
            )
        raise RestoreError(
            f"State '{asked.name}' of operator {self._operator_name} was stored as {what}; the "
            f"program declares it as {now}. Give the new state another name, or start without "
            "the old one."
        )

    def _read_chains(self, parts: Iterable[StatePart]) -> list[PartContents]:
        chains: list[PartContents] = []
        for part in parts:
            assert (part.kind, part.operator_id) == (StateKind.KEYED, self._operator_id)
            if part.full:
                chains.append(PartContents(self._operator_name, self._key_groups))
            assert chains, "a chain begins with a full part"
            chains[-1].apply(part.payload)
            assert chains[-1].header.max_parallelism == self._max_parallelism
        return chains

    def _holds(self, tables: list[MemoryTable], full: bool) -> bool:
        """Whether there is something to write."""
        if full:
            return self._has_base or any(table.entry_count for table in tables)
        return any(table.change_count for table in tables)

    def _is_full_cheaper(self, tables: list[MemoryTable]) -> bool:
        """Whether there are more changes (of entries that came and went) than entries."""
        if not all(table.has_plain_values for table in tables):
            return False
        changes = sum(table.change_count for table in tables)
        if changes <= sum(len(table.spaces) for table in tables):
            return False
        return changes > sum(table.entry_count for table in tables)


class CleaningMemoryKeyedStore(MemoryKeyedStore):
    """A store one of whose states cleans up with every record: setting the key does it.

    A store becomes one when such a state is declared, so that all others pay nothing.
    """

    __slots__ = ()

    @property
    def current_key(self) -> Any:
        return _plain_key.__get__(self)

    @current_key.setter
    def current_key(self, key: Any) -> None:
        _plain_key.__set__(self, key)
        if key is not NO_KEY:
            for table in self._tables.values():
                if isinstance(table, TtlTable) and table.cleans_every_record:
                    table.turn()


_plain_key: Final[Any] = MemoryKeyedStore.__dict__["current_key"]


def _without_empty_maps(spec: TableSpec, space: dict[Any, Any]) -> dict[Any, Any]:
    """Compaction may leave maps whose last entry has expired."""
    if spec.kind is not TableKind.MAP or all(space.values()):
        return space
    return {key: entries for key, entries in space.items() if entries}


def _is_alike(first: StateDescriptor, second: StateDescriptor) -> bool:
    return first is second or (
        type(first) is type(second) and (first.ttl_config is None) == (second.ttl_config is None)
    )


def _with_ttl(spec: TableSpec) -> str:
    return "without" if spec.ttl is None else "with"


def _rough_bytes(table: MemoryTable) -> int:
    """Entries times the size of a few of them."""
    count = table.entry_count
    sampled = 0
    size = 0
    for space in table.spaces.values():
        for key, value in space.items():
            size += _ENTRY_BYTES + getsizeof(key) + getsizeof(value)
            if isinstance(value, list | dict | tuple) and value:
                size += len(value) * getsizeof(next(iter(value)))
            sampled += 1
            if sampled == 16:
                return size * count // sampled
    return size
