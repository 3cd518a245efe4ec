"""The bytes of a `StatePart`.

    magic "FLTS", version (1 byte), length of the header (4 bytes)
    header        JSON: tables, key groups, class fields; readable without executing anything
    blocks        each: kind (1 byte), table (2 bytes), length (8 bytes), pickle, maybe compressed

Numbers are little-endian. A block of entries holds ``[(namespace, {key: value}), ...]``, one of
dropped namespaces ``[namespace, ...]``; a reader applies the blocks in order. Blocks are small, so
that writing and reading never has more than some thousands of entries in hand. A kernel's structure
is one block of its own bytes, which either replaces what went before or goes on from it.

In a part of changes a value may be `TOMBSTONE`, a list is ``(length kept, appended items)``, and a
map is ``(whole, {map key: value or TOMBSTONE})``. Applying such a part twice changes nothing.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flott.common.errors import RestoreError
from flott.core.key_group import KeyGroupRange
from flott.state.codec import CODEC_NAME, Decoder, Encoder
from flott.state.culprit import derive_culprit
from flott.state.table_kind import TableKind, TableSpec, TtlFilter

MAGIC: Final = b"FLTS"
VERSION: Final = 1
#: Entries in a block; bounds the pickler's memo and what a reader holds at once.
BLOCK_ENTRIES_MAX: Final = 8192
#: A pickled list or map counts as one entry for this many of its items.
_ITEMS_AN_ENTRY: Final = 16

#: The fastest; state is written every few seconds and read hardly ever.
_COMPRESSION_LEVEL: Final = 1

_PREFIX: Final = struct.Struct("<4sBI")
_BLOCK: Final = struct.Struct("<BHQ")
_ENTRIES: Final = 1
_DROPPED: Final = 2
_STRUCTURE: Final = 3
_STRUCTURE_CHANGES: Final = 4


@dataclass(frozen=True, slots=True)
class Block:
    """One block as read back.

    Attributes:
        spec: The table it belongs to.
        dropped: Namespaces to forget.
        entries: Entries by namespace.
        structure: Bytes of a kernel's structure.
        replaces: Whether ``structure`` is complete in itself.
    """

    spec: TableSpec
    dropped: Sequence[Any] = ()
    entries: Sequence[tuple[Any, dict[Any, Any]]] = ()
    structure: bytes | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class PartHeader:
    """What a part says about itself.

    Attributes:
        full: Whether it is complete, or changes to the part before.
        compressed: Whether its blocks are.
        key_groups: Key groups of the writer.
        max_parallelism: Number of key groups.
        tables: Its tables, in the order in which blocks refer to them.
        classes: Dataclasses in it, with the field names they had.
    """

    full: bool
    compressed: bool
    key_groups: KeyGroupRange
    max_parallelism: int
    tables: tuple[TableSpec, ...]
    classes: dict[str, list[str]]


class PartWriter:
    """Collects the blocks of one part."""

    def __init__(self, operator_id: str, *, compressed: bool = False) -> None:
        self._operator_id = operator_id
        self._compressed = compressed
        self._encoder = Encoder()
        self._blocks: list[bytes] = []
        self._tables: list[TableSpec] = []

    def table(self, spec: TableSpec) -> None:
        """What follows belongs to this table."""
        assert len(self._tables) < 2**16, "tables are numbered with two bytes"
        self._tables.append(spec)

    def drop(self, namespaces: Iterable[Any]) -> None:
        """Namespaces to forget before the entries that follow."""
        dropped = list(namespaces)
        if dropped:
            self._write(_DROPPED, dropped)

    def entries(self, spaces: Iterable[tuple[Any, dict[Any, Any]]]) -> None:
        """Entries by namespace."""
        block: list[tuple[Any, dict[Any, Any]]] = []
        room = BLOCK_ENTRIES_MAX
        for namespace, space in spaces:
            if block and len(space) >= room:
                self._write(_ENTRIES, block)
                block, room = [], BLOCK_ENTRIES_MAX
            if len(space) < BLOCK_ENTRIES_MAX:
                block.append((namespace, space))
                room -= len(space) + 1
            else:
                for piece in _pieces(space):
                    self._write(_ENTRIES, [(namespace, piece)])
        if block:
            self._write(_ENTRIES, block)

    def structure(self, payload: bytes, *, replaces: bool) -> None:
        """The bytes of a kernel's structure, whole or changes."""
        self._put(_STRUCTURE if replaces else _STRUCTURE_CHANGES, payload)

    def finish(self, full: bool, key_groups: KeyGroupRange, max_parallelism: int) -> bytes:
        """The bytes of the part."""
        header = {
            "codec": CODEC_NAME,
            "compression": "zlib" if self._compressed else None,
            "operator": self._operator_id,
            "full": full,
            "key_groups": [key_groups.first, key_groups.last],
            "max_parallelism": max_parallelism,
            "tables": [_table_to_json(spec) for spec in self._tables],
            "classes": self._encoder.classes,
        }
        encoded = json.dumps(header).encode()
        return b"".join((_PREFIX.pack(MAGIC, VERSION, len(encoded)), encoded, *self._blocks))

    def _write(self, kind: int, content: Any) -> None:
        try:
            encoded = self._encoder.dumps(content)
        except Exception as error:
            raise derive_culprit(self._tables[-1].name, content, error) from error
        self._put(kind, encoded)

    def _put(self, kind: int, encoded: bytes) -> None:
        assert self._tables, "a block belongs to a table"
        if self._compressed:
            encoded = zlib.compress(encoded, _COMPRESSION_LEVEL)
        self._blocks.append(_BLOCK.pack(kind, len(self._tables) - 1, len(encoded)))
        self._blocks.append(encoded)


def _pieces(space: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
    piece: dict[Any, Any] = {}
    weight = 0
    for key, value in space.items():
        piece[key] = value
        weight += 1 + (len(value) // _ITEMS_AN_ENTRY if isinstance(value, list | dict) else 0)
        if weight >= BLOCK_ENTRIES_MAX:
            yield piece
            piece, weight = {}, 0
    if piece:
        yield piece


class PartReader:
    """Reads one part.

    Args:
        payload: The bytes that `PartWriter.finish` gave.
        operator: The operator's name, for error messages.

    Raises:
        RestoreError: The bytes are not a part, or one of a later version.
    """

    def __init__(self, payload: bytes, operator: str) -> None:
        if len(payload) < _PREFIX.size or payload[:4] != MAGIC:
            raise RestoreError(
                f"What is stored for operator {operator} is not keyed state of Flott."
            )
        _, version, header_length = _PREFIX.unpack_from(payload)
        if version != VERSION:
            raise RestoreError(
                f"The state of operator {operator} is stored in version {version} of the format; "
                f"this version of Flott reads version {VERSION}."
            )
        self._payload = memoryview(payload)
        self._begin = _PREFIX.size + header_length
        self._operator = operator
        self.header = _header_from_json(json.loads(payload[_PREFIX.size : self._begin]), operator)

    def blocks(self) -> Iterator[Block]:
        """The blocks in order."""
        decoder = Decoder(self.header.classes, "")
        position = self._begin
        while position < len(self._payload):
            kind, index, length = _BLOCK.unpack_from(self._payload, position)
            position += _BLOCK.size
            spec = self.header.tables[index]
            decoder.place = f"state '{spec.name}' of operator {self._operator}"
            block: bytes | memoryview = self._payload[position : position + length]
            if self.header.compressed:
                block = zlib.decompress(block)
            position += length
            if kind in (_STRUCTURE, _STRUCTURE_CHANGES):
                yield Block(spec, structure=bytes(block), replaces=kind == _STRUCTURE)
                continue
            assert kind in (_ENTRIES, _DROPPED)
            content = decoder.loads(block)
            yield Block(spec, dropped=content) if kind == _DROPPED else Block(spec, entries=content)


def _table_to_json(spec: TableSpec) -> dict[str, Any]:
    ttl = spec.ttl
    return {
        "name": spec.name,
        "kind": spec.kind.value,
        "type": spec.type_text,
        "ttl": None if ttl is None else [ttl.ttl_ms, ttl.on_full_snapshot, ttl.on_compaction],
        "key_of": None if spec.key_of is None else _path_of(spec.key_of),
    }


def _header_from_json(header: dict[str, Any], operator: str) -> PartHeader:
    written_with = (header["codec"], header["compression"])
    if written_with[0] != CODEC_NAME or written_with[1] not in (None, "zlib"):
        raise RestoreError(
            f"The state of operator {operator} is written with codec and compression "
            f"{written_with}, which this version of Flott cannot read."
        )
    return PartHeader(
        full=header["full"],
        compressed=header["compression"] is not None,
        key_groups=KeyGroupRange(*header["key_groups"]),
        max_parallelism=header["max_parallelism"],
        tables=tuple(_table_from_json(table, operator) for table in header["tables"]),
        classes=header["classes"],
    )


def _table_from_json(table: dict[str, Any], operator: str) -> TableSpec:
    key_of = None
    if table["key_of"] is not None:
        module, _, qualname = table["key_of"].partition(":")
        place = f"state '{table['name']}' of operator {operator}"
        key_of = Decoder({}, place).find(module, qualname)
    return TableSpec(
        name=table["name"],
        kind=TableKind(table["kind"]),
        type_text=table["type"],
        ttl=None if table["ttl"] is None else TtlFilter(*table["ttl"]),
        key_of=key_of,
    )


def _path_of(function: Any) -> str:
    assert "<" not in function.__qualname__, "key_of is a module-level function"
    return f"{function.__module__}:{function.__qualname__}"
