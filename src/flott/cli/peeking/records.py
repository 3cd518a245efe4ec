"""Records as they are shown, wherever they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class SeenRecord(NamedTuple):
    """A record that was read.

    Attributes:
        partition: Where it stands; ``None`` in a file.
        offset: Its place there: a line number in a file.
        timestamp: Epoch milliseconds, if it has one.
        key: Its key, if it has one.
        value: Its value; ``None`` for a tombstone.
        headers: Names and values.
    """

    partition: int | None
    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """Some records of a topic or a file.

    Attributes:
        records: In the order in which they were written, as far as that is known.
        total: How many there are in all; for topics an upper bound, ``None`` if unknown.
        partitions: How many partitions the topic has; 0 for a file.
    """

    records: Sequence[SeenRecord]
    total: int | None
    partitions: int = 0
