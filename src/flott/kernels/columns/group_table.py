"""Grouped aggregation: batches in, what changed out.

A table is described by the columns of its input, the positions of its keys, and aggregates as
``KernelAggregate``. Results are columns ``f0``, ``f1``, ...: the keys, then the aggregates. The key
group of a group is that of all its keys, or of some, ``group_columns`` by position among the keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_frame
from flott.kernels.columns.kernel_state import KernelState

Schema = dict[str, pl.DataType]


class KernelAggregate(NamedTuple):
    """An aggregate as the kernel computes it.

    Attributes:
        function: COUNT, SUM, SUM0, AVG, STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP, MIN, MAX,
            FIRST_VALUE, LAST_VALUE, SINGLE_VALUE, COLLECT, or LIST: the values as a list.
        argument: Position of the column; -1 for COUNT of rows.
        filter: Position of a Boolean column; -1 for all rows.
        distinct: Number of the set of distinct values; -1 if every row counts.
        retracts: Whether rows may go, too.
        keeps_nulls: Whether LIST has NULLs in it.
    """

    function: str
    argument: int = -1
    filter: int = -1
    distinct: int = -1
    retracts: bool = False
    keeps_nulls: bool = False


class DistinctSet(NamedTuple):
    """A set of distinct values for each group, shared by aggregates of the same columns.

    Attributes:
        columns: Positions of the columns.
        filters: Positions of Boolean columns, -1 for all rows; each filter has counts of its own.
    """

    columns: list[int]
    filters: list[int]


class GroupTable(KernelState[_native.GroupTable]):
    """Groups by key with accumulators; see ``native/include/flott/group_table.h``.

    >>> table = GroupTable(
    ...     {"f0": pl.String(), "f1": pl.Int64()},
    ...     [0],
    ...     {"f1": pl.Int64()},
    ...     [KernelAggregate("SUM", 1)],
    ... )
    >>> changes, kinds = table.process(pl.DataFrame({"f0": ["a", "b", "a"], "f1": [1, 2, 3]}))
    >>> changes.rows(), kinds
    ([('a', 4), ('b', 2)], None)
    >>> changes, kinds = table.process(pl.DataFrame({"f0": ["a"], "f1": [1]}))
    >>> changes.rows(), kinds.to_list()
    ([('a', 4), ('a', 5)], [1, 2])
    """

    def __init__(
        self,
        input_schema: Schema,
        keys: Sequence[int],
        result_schema: Schema,
        aggregates: Sequence[KernelAggregate],
        distinct_sets: Sequence[DistinctSet] = (),
        *,
        key_schema: Schema | None = None,
        emits_update_before: bool = True,
        merges_partials: bool = False,
        ttl_ms: int = 0,
        max_parallelism: int = 128,
        group_columns: Sequence[int] | None = None,
    ) -> None:
        self._ttl_seconds = -(-ttl_ms // 1000)
        super().__init__(
            _native.GroupTable(
                pl.DataFrame(schema=input_schema),
                pl.DataFrame(schema=input_schema if key_schema is None else key_schema),
                pl.DataFrame(schema=result_schema),
                list(keys),
                [tuple(each) for each in aggregates],
                [tuple(each) for each in distinct_sets],
                emits_update_before,
                merges_partials,
                self._ttl_seconds,
                max_parallelism,
                None if group_columns is None else list(group_columns),
            )
        )
        self._swept_seconds = 0

    def process(
        self, frame: pl.DataFrame, kinds: pl.Series | None = None, now_ms: int = 0
    ) -> tuple[pl.DataFrame, pl.Series | None]:
        """Add a batch; the changes of the groups it touched, and their kinds (None: all +I)."""
        seconds = self._seconds(now_ms)
        changes = to_frame(self._native.process(frame, kinds, seconds))
        changed = changes.drop_in_place("kind")  # far cheaper than a select, for batches of one row
        return changes, changed if changed.len() and changed.max() != 0 else None

    def accumulate(
        self, frame: pl.DataFrame, kinds: pl.Series | None = None, now_ms: int = 0
    ) -> None:
        """Add a batch."""
        self._native.accumulate(frame, kinds, self._seconds(now_ms))

    def scan(
        self, frame: pl.DataFrame, kinds: pl.Series | None, emits: pl.Series, now_ms: int = 0
    ) -> pl.DataFrame:
        """Apply the rows one after the other; the aggregates (without keys) of the row's group
        after each row for which the Boolean ``emits`` is true. A row of kind 4 only asks."""
        return to_frame(self._native.scan(frame, kinds, emits, self._seconds(now_ms)))

    def results(self, rows_max: int = 65536) -> Iterator[pl.DataFrame]:
        """Keys and aggregates of all groups, in frames of at most so many rows."""
        first = 0
        while True:
            native, first = self._native.results(first, rows_max)
            if not native.rows:
                return
            yield to_frame(native)

    def empty_result(self) -> pl.DataFrame:
        """The aggregates of no rows."""
        return to_frame(self._native.empty_result())

    def take_partials(self) -> pl.DataFrame:
        """Keys and, in a last binary column, the state of each group; the table is empty then."""
        return to_frame(self._native.take_partials())

    def clear(self) -> None:
        """Forget every group."""
        self._native.clear()

    def _seconds(self, now_ms: int) -> int:
        """The time for expiry; now and then all that has expired is removed."""
        if not self._ttl_seconds:
            return 0
        now = now_ms // 1000
        if now >= self._swept_seconds + max(1, self._ttl_seconds // 2):
            self._swept_seconds = now
            self._native.expire(now)
        return now
