"""Rows that wait for event time to pass them.

Rows are kept as they came, with the time of each beside them. A snapshot of changes holds the rows
added since the last one and the time up to which rows have left; restoring replays both.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import polars as pl

from flott.kernels.columns.partition import column_key_groups

_TIME: Final = "time"
_SEQUENCE: Final = "sequence"


class _Held(NamedTuple):
    """Rows as they came, with the first and the last time among them."""

    first: int
    last: int
    rows: pl.DataFrame

    @staticmethod
    def of(rows: pl.DataFrame) -> _Held:
        first, last = rows[_TIME].min(), rows[_TIME].max()
        assert isinstance(first, int), "rows that wait have a time"
        assert isinstance(last, int)
        return _Held(first, last, rows)


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
        self._held: list[_Held] = []
        self._unsaved: list[pl.DataFrame] | None = None
        self._earliest: int | None = None
        self._released = self._saved_released = -(2**63)
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
        held = _Held.of(numbered)
        self._held.append(held)
        if self._unsaved is not None:
            self._unsaved.append(numbered)
        first = held.first
        self._earliest = first if self._earliest is None else min(self._earliest, first)

    def take(self, until: int) -> pl.DataFrame | None:
        """Remove and return the rows with a time of ``until`` or less, in order of time; ``None``
        if there are none."""
        self._released = max(self._released, until)
        if self._earliest is None or self._earliest > until:
            return None
        due: list[pl.DataFrame] = []
        kept: list[_Held] = []
        for held in self._held:
            if held.last <= until:
                due.append(held.rows)
            elif held.first > until:
                kept.append(held)
            else:
                is_due = held.rows[_TIME] <= until
                due.append(held.rows.filter(is_due))
                kept.append(_Held.of(held.rows.filter(~is_due)))
        self._held = kept
        self._earliest = min((held.first for held in kept), default=None)
        rows = due[0] if len(due) == 1 else pl.concat(due)
        if not (rows[_TIME].is_sorted() and rows[_SEQUENCE].is_sorted()):
            rows = rows.sort(_TIME, _SEQUENCE)
        return rows.select(self._columns)

    @property
    def earliest(self) -> int | None:
        """The earliest time that waits."""
        return self._earliest

    @property
    def row_count(self) -> int:
        """How many rows wait."""
        return sum(held.rows.height for held in self._held)

    # -- state

    def snapshot(self, full: bool, detached: bool) -> bytes | None:
        """See `flott.core.columnar_state.ColumnarState`."""
        full = full or self._unsaved is None
        frames = [held.rows for held in self._held] if full else (self._unsaved or [])
        if not full and not frames and self._released == self._saved_released:
            return None
        rows = pl.concat(frames) if frames else pl.DataFrame(schema=self._schema)
        rows = rows.filter(pl.col(_TIME) > self._released)
        if not detached:
            self._unsaved = []
            self._saved_released = self._released
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
            self._held.append(_Held.of(rows))
            self._earliest = min(held.first for held in self._held)
        self._unsaved = []

    @property
    def memory_bytes(self) -> int:
        """Memory of the rows."""
        return int(sum(held.rows.estimated_size() for held in self._held))
