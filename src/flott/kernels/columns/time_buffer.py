"""Rows that wait for event time to pass them.

Rows are kept as they came, with the time of each beside them. A snapshot of changes holds the rows
added since the last one and the time up to which rows have left; restoring replays both.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from flott.kernels.columns.partition import column_key_groups

_TIME: Final = "time"
_SEQUENCE: Final = "sequence"


class TimeBuffer:
    """Rows by time, in order of arrival among equal times.

    Args:
        schema: The columns of the rows.
        key: Positions of the columns that decide the key group; empty for rows without a key.
        max_parallelism: Number of key groups.
    """

    def __init__(
        self, schema: dict[str, Any], key: tuple[int, ...] = (), max_parallelism: int = 1
    ) -> None:
        self._schema = {**schema, _TIME: pl.Int64(), _SEQUENCE: pl.Int64()}
        self._columns = list(schema)
        self._key = key
        self._max_parallelism = max_parallelism
        self._held: list[pl.DataFrame] = []
        self._unsaved: list[pl.DataFrame] | None = None
        self._earliest: int | None = None
        self._released = -(2**63)
        self._next = 0

    def add(self, frame: pl.DataFrame, times: pl.Series) -> None:
        """Keep ``frame``; ``times`` are its rows' times as ``Int64`` in any unit."""
        if not frame.height:
            return
        numbered = frame.with_columns(
            times.alias(_TIME),
            pl.int_range(self._next, self._next + frame.height, dtype=pl.Int64).alias(_SEQUENCE),
        )
        self._next += frame.height
        self._held.append(numbered)
        if self._unsaved is not None:
            self._unsaved.append(numbered)
        first = times.min()
        assert isinstance(first, int), "rows that wait have a time"
        self._earliest = first if self._earliest is None else min(self._earliest, first)

    def take(self, until: int) -> pl.DataFrame | None:
        """Remove and return the rows with a time of ``until`` or less, in order of time; ``None``
        if there are none."""
        self._released = max(self._released, until)
        if self._earliest is None or self._earliest > until:
            return None
        held = pl.concat(self._held)
        due = held[_TIME] <= until
        kept = held.filter(~due)
        self._held = [kept] if kept.height else []
        earliest = kept[_TIME].min()
        self._earliest = earliest if isinstance(earliest, int) else None
        return held.filter(due).sort(_TIME, _SEQUENCE).select(self._columns)

    @property
    def earliest(self) -> int | None:
        """The earliest time that waits."""
        return self._earliest

    @property
    def row_count(self) -> int:
        """How many rows wait."""
        return sum(frame.height for frame in self._held)

    # -- state

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        """See `flott.core.columnar_state.ColumnarState`."""
        full = full or self._unsaved is None
        frames = self._held if full else (self._unsaved or [])
        if not full and not frames and self._earliest is None:
            return None
        rows = pl.concat(frames) if frames else pl.DataFrame(schema=self._schema)
        rows = rows.filter(pl.col(_TIME) > self._released)
        if not detached:
            self._unsaved = []
        head = json.dumps([full, self._released, self._next]).encode()
        body = io.BytesIO()
        rows.write_ipc_stream(body)
        return len(head).to_bytes(4, "little") + head + body.getvalue()

    def restore(self, payloads: Iterable[bytes], first_group: int, last_group: int) -> None:
        """See `flott.core.columnar_state.ColumnarState`."""
        rows = pl.DataFrame(schema=self._schema)
        for payload in payloads:
            size = int.from_bytes(payload[:4], "little")
            full, released, following = json.loads(payload[4 : 4 + size])
            added = pl.read_ipc_stream(io.BytesIO(payload[4 + size :]))
            rows = added if full else pl.concat([rows, added])
            rows = rows.filter(pl.col(_TIME) > released)
            self._next = max(self._next, following)
        if rows.height and self._key:
            groups = column_key_groups(rows, self._key, self._max_parallelism)
            rows = rows.filter((groups >= first_group) & (groups <= last_group))
        elif first_group > 0:
            rows = rows.clear()
        if rows.height:
            self._held.append(rows)
            earliest = pl.concat(self._held)[_TIME].min()
            self._earliest = earliest if isinstance(earliest, int) else None
        self._unsaved = []

    @property
    def memory_bytes(self) -> int:
        """Memory of the rows."""
        return int(sum(frame.estimated_size() for frame in self._held))
