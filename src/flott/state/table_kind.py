"""What a table of keyed state holds, and what is remembered about it in snapshots."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class TableKind(Enum):
    """The kinds of keyed state; the text goes into snapshots."""

    VALUE = "value"
    LIST = "list"
    MAP = "map"
    REDUCING = "reducing"
    AGGREGATING = "aggregating"
    TABLE = "table"
    """An engine operator's own: windows, timers."""
    COLUMNS = "columns"
    """A kernel's structure, in bytes of its own."""


@dataclass(frozen=True, slots=True)
class TtlFilter:
    """Which entries of a table have expired, as far as snapshots need to know it.

    Entries of such tables carry the time of their last use: values are ``(value, time_ms)``, and so
    are the items of lists and the values of maps.

    Attributes:
        ttl_ms: How long an entry lives.
        on_full_snapshot: Full snapshots leave expired entries out.
        on_compaction: Compaction leaves them out.
    """

    ttl_ms: int
    on_full_snapshot: bool
    on_compaction: bool


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What a snapshot says about a table besides its entries.

    Attributes:
        name: Name of the state, or of the engine's table.
        kind: What it holds.
        type_text: The declared type as text, for people.
        ttl: Set if entries expire.
        key_of: Finds the user's key in the table's key; ``None`` where they are the same.
    """

    name: str
    kind: TableKind
    type_text: str = ""
    ttl: TtlFilter | None = None
    key_of: Callable[[Any], Hashable] | None = None

    @property
    def identity(self) -> tuple[bool, str]:
        """Tells tables of a store apart: the engine's own have names of their own."""
        return (self.kind in (TableKind.TABLE, TableKind.COLUMNS), self.name)
