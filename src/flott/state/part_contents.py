"""The tables of a chain of parts: a full one, then changes, applied in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flott.core.key_group import KeyGroupRange
from flott.kernels.partition import key_groups
from flott.state.part_format import PartHeader, PartReader
from flott.state.sentinel import TOMBSTONE
from flott.state.table_kind import TableKind, TableSpec

#: namespace -> key -> value
Spaces = dict[Any, dict[Any, Any]]


@dataclass(slots=True)
class TableContents:
    """One table as read back.

    Attributes:
        spec: What the part says about it.
        spaces: Its entries.
        structure: A kernel's bytes: a whole, then changes.
    """

    spec: TableSpec
    spaces: Spaces = field(default_factory=dict)
    structure: list[bytes] = field(default_factory=list)


class PartContents:
    """What a chain holds. Start a new one for each full part.

    Args:
        operator: The operator's name, for error messages.
        key_groups_kept: Entries of other key groups are left out; ``None`` keeps all.
    """

    def __init__(self, operator: str, key_groups_kept: KeyGroupRange | None = None) -> None:
        self._operator = operator
        self._kept = key_groups_kept
        self.tables: dict[tuple[bool, str], TableContents] = {}
        self._header: PartHeader | None = None

    @property
    def header(self) -> PartHeader:
        """The header of the part applied last."""
        assert self._header is not None, "no part has been applied"
        return self._header

    def apply(self, payload: bytes) -> None:
        """Apply the next part of the chain."""
        reader = PartReader(payload, self._operator)
        header = self._header = reader.header
        kept = self._kept
        keep = None
        if kept is not None and not kept.covers(header.key_groups):
            keep = _key_group_filter(kept, header.max_parallelism)
        for spec in header.tables:
            table = self.tables.setdefault(spec.identity, TableContents(spec))
            table.spec = spec
        for block in reader.blocks():
            spec = block.spec
            table = self.tables[spec.identity]
            if block.structure is not None:
                if block.replaces:
                    table.structure.clear()
                table.structure.append(block.structure)
            for namespace in block.dropped:
                table.spaces.pop(namespace, None)
            for namespace, space in block.entries:
                if keep is not None:
                    space = keep(spec, space)
                _apply_space(spec.kind, header.full, table.spaces, namespace, space)


def _apply_space(
    kind: TableKind, full: bool, spaces: Spaces, namespace: Any, space: dict[Any, Any]
) -> None:
    if not space:
        return
    target = spaces.get(namespace)
    if full:
        if target is None:
            spaces[namespace] = space
        else:
            target.update(space)
        return
    if target is None:
        target = spaces[namespace] = {}
    patch = _PATCHES.get(kind)
    for key, change in space.items():
        if change is TOMBSTONE:
            target.pop(key, None)
        else:
            target[key] = change if patch is None else patch(target.get(key), change)
    if not target:
        del spaces[namespace]


def _patch_list(before: Any, change: tuple[int, list[Any]]) -> list[Any]:
    kept, appended = change
    if kept == 0:
        return appended
    assert kept <= len(before or ()), "a part is missing"
    before[kept:] = appended
    return before  # type: ignore[no-any-return]


def _patch_map(before: Any, change: tuple[bool, dict[Any, Any]]) -> dict[Any, Any]:
    whole, entries = change
    if whole:
        return entries
    assert before is not None, "a part is missing"
    for key, value in entries.items():
        if value is TOMBSTONE:
            before.pop(key, None)
        else:
            before[key] = value
    return before  # type: ignore[no-any-return]


_PATCHES: dict[TableKind, Callable[[Any, Any], Any]] = {
    TableKind.LIST: _patch_list,
    TableKind.MAP: _patch_map,
}


def _key_group_filter(
    kept: KeyGroupRange, max_parallelism: int
) -> Callable[[TableSpec, dict[Any, Any]], dict[Any, Any]]:
    def keep(spec: TableSpec, space: dict[Any, Any]) -> dict[Any, Any]:
        keys = list(space)
        users = keys if spec.key_of is None else [spec.key_of(key) for key in keys]
        groups = key_groups(users, max_parallelism)
        assert len(groups) == len(keys)
        return {key: space[key] for key, group in zip(keys, groups) if group in kept}

    return keep
