"""Making one full part of a chain, without a live store, so that it can run beside the task.

Entries that have expired are left out where their state's cleanup asks for it. Items of lists stay,
since changes to a list that are written later refer to places in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.core.snapshot import StateKind, StatePart
from flott.state.part_contents import PartContents, TableContents
from flott.state.part_format import PartWriter
from flott.state.table_kind import TableKind


def compact(parts: Sequence[StatePart], now_ms: int | None = None) -> StatePart:
    """A full part that stands for the chain ``parts``: a full part and the changes after it.

    Args:
        parts: All of one operator subtask.
        now_ms: Processing time by which entries expire; ``None`` keeps them all.

    Raises:
        RestoreError: A class in the state is missing in this process.
    """
    assert [part.full for part in parts] == [True] + [False] * (len(parts) - 1)
    operator_id = parts[0].operator_id
    assert all(part.operator_id == operator_id and part.kind is StateKind.KEYED for part in parts)
    contents = PartContents(operator_id)
    for part in parts:
        contents.apply(part.payload)
    header = contents.header
    writer = PartWriter(operator_id, compressed=header.compressed)
    for table in contents.tables.values():
        if now_ms is not None:
            _drop_expired(table, now_ms)
        writer.table(table.spec)
        writer.entries((n, space) for n, space in table.spaces.items() if space)
        for position, payload in enumerate(table.structure):
            writer.structure(payload, replaces=position == 0)
    payload = writer.finish(True, header.key_groups, header.max_parallelism)
    return StatePart(operator_id, StateKind.KEYED, True, payload)


def _drop_expired(table: TableContents, now_ms: int) -> None:
    ttl = table.spec.ttl
    if ttl is None or not ttl.on_compaction or table.spec.kind is TableKind.LIST:
        return
    horizon_ms = now_ms - ttl.ttl_ms
    for namespace, space in table.spaces.items():
        if table.spec.kind is TableKind.MAP:
            # A map stays even if nothing of it does: changes written later may refer to it.
            table.spaces[namespace] = {
                key: _live(entries, horizon_ms) for key, entries in space.items()
            }
        else:
            table.spaces[namespace] = _live(space, horizon_ms)


def _live(entries: dict[Any, tuple[Any, int]], horizon_ms: int) -> dict[Any, Any]:
    return {key: entry for key, entry in entries.items() if entry[1] > horizon_ms}
