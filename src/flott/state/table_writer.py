"""Tables to bytes: everything, or what has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flott.core.key_group import KeyGroupRange
from flott.state.memory_table import MemoryTable, WholeMap
from flott.state.part_format import PartWriter
from flott.state.sentinel import TOMBSTONE
from flott.state.table_kind import TableKind


def write_tables(
    tables: Iterable[MemoryTable],
    *,
    full: bool,
    operator_id: str,
    key_groups: KeyGroupRange,
    max_parallelism: int,
    compressed: bool = False,
    structures: Callable[[PartWriter], None] | None = None,
) -> bytes:
    """A part of all entries of ``tables``, or of their changes; ``structures`` writes what kernels
    hold."""
    writer = PartWriter(operator_id, compressed=compressed)
    for table in tables:
        writer.table(table.spec)
        if full:
            writer.entries((n, space) for n, space in table.spaces.items() if space)
        else:
            assert table.changes is not None, "changes have been recorded since the base"
            writer.drop(table.dropped)
            writer.entries(_changes_of(table))
    if structures is not None:
        structures(writer)
    return writer.finish(full, key_groups, max_parallelism)


def _changes_of(table: MemoryTable) -> Iterator[tuple[Any, dict[Any, Any]]]:
    assert table.changes is not None
    for namespace, changed in table.changes.items():
        if not changed:
            continue
        space = table.spaces.get(namespace, {})
        if table.spec.kind is TableKind.LIST:
            yield namespace, {key: _list_patch(space, key, at) for key, at in changed.items()}
        elif table.spec.kind is TableKind.MAP:
            yield namespace, {key: _map_patch(space, key, at) for key, at in changed.items()}
        else:
            yield namespace, changed


def _list_patch(space: dict[Any, Any], key: Any, kept: Any) -> Any:
    return TOMBSTONE if kept is TOMBSTONE else (kept, space[key][kept:])


def _map_patch(space: dict[Any, Any], key: Any, touched: Any) -> Any:
    if touched is TOMBSTONE:
        return TOMBSTONE
    entries = space[key]
    if isinstance(touched, WholeMap):
        return True, entries
    return False, {map_key: entries.get(map_key, TOMBSTONE) for map_key in touched}
