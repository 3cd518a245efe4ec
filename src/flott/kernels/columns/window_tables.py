"""Window aggregates: groups by slice and key, and session windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_frame
from flott.kernels.columns.group_table import DistinctSet, KernelAggregate, Schema
from flott.kernels.columns.kernel_state import KernelState


class SliceTable(KernelState[_native.SliceTable]):
    """Aggregates of each (slice, key); windows are read from the slices they consist of.

    Args:
        input_schema: The columns of the input.
        keys: Positions of the key columns, the slice (Int64) first.
        result_schema: The aggregates' results.
        aggregates: The aggregates.
        distinct_sets: Their sets of distinct values.
        max_parallelism: Number of key groups.
        group_from: The first of ``keys`` that decides the key group.

    >>> table = SliceTable({"f0": pl.Int64()}, [0], {"f0": pl.Int64()}, [KernelAggregate("COUNT")])
    >>> table.accumulate(pl.DataFrame({"f0": [10, 20, 10]}))
    >>> table.slices(), table.results([10, 20]).rows()
    ([10, 20], [(3,)])
    """

    def __init__(
        self,
        input_schema: Schema,
        keys: Sequence[int],
        result_schema: Schema,
        aggregates: Sequence[KernelAggregate],
        distinct_sets: Sequence[DistinctSet] = (),
        max_parallelism: int = 128,
        group_from: int = 1,
    ) -> None:
        super().__init__(
            _native.SliceTable(
                pl.DataFrame(schema=input_schema),
                pl.DataFrame(schema=result_schema),
                list(keys),
                [tuple(each) for each in aggregates],
                [tuple(each) for each in distinct_sets],
                max_parallelism,
                group_from,
            )
        )

    def slices(self) -> list[int]:
        """The slices with groups, ascending."""
        return self._native.slices()

    def accumulate(self, frame: pl.DataFrame, kinds: pl.Series | None = None) -> None:
        """Add a batch."""
        self._native.accumulate(frame, kinds)

    def results(self, slices: Sequence[int]) -> pl.DataFrame:
        """Keys (without the slice) and aggregates over ``slices`` together."""
        return to_frame(self._native.results(list(slices)))

    def merge(self, into: int, slices: Iterable[int]) -> None:
        """Move the groups of ``slices`` to slice ``into``."""
        for each in slices:
            self._native.merge(into, each)

    def drop(self, slices: Iterable[int]) -> None:
        """Forget the groups of ``slices``."""
        for each in slices:
            self._native.drop(each)


class SessionTable(KernelState[_native.SessionTable]):
    """Aggregates of session windows: rows of a key that are no more than a gap apart.

    Args:
        input_schema: The columns of the input.
        keys: Positions of the key columns, the time in milliseconds (Int64) first.
        result_schema: The aggregates' results.
        aggregates: The aggregates.
        gap_ms: Rows whose times differ by this or less are of one session.
        distinct_sets: The aggregates' sets of distinct values.
        max_parallelism: Number of key groups.

    >>> counts = [KernelAggregate("COUNT")]
    >>> table = SessionTable({"f0": pl.Int64()}, [0], {"f0": pl.Int64()}, counts, 10)
    >>> table.accumulate(pl.DataFrame({"f0": [0, 7, 30]}), None, -1)
    0
    >>> table.close(20).rows()
    [(2, 0, 17)]
    """

    def __init__(
        self,
        input_schema: Schema,
        keys: Sequence[int],
        result_schema: Schema,
        aggregates: Sequence[KernelAggregate],
        gap_ms: int,
        distinct_sets: Sequence[DistinctSet] = (),
        max_parallelism: int = 128,
    ) -> None:
        super().__init__(
            _native.SessionTable(
                pl.DataFrame(schema=input_schema),
                pl.DataFrame(schema=result_schema),
                list(keys),
                [tuple(each) for each in aggregates],
                [tuple(each) for each in distinct_sets],
                max_parallelism,
                gap_ms,
            )
        )

    def accumulate(self, frame: pl.DataFrame, kinds: pl.Series | None, watermark_ms: int) -> int:
        """Add a batch; how many rows were too late."""
        return self._native.accumulate(frame, kinds, watermark_ms)

    def close(self, until_ms: int) -> pl.DataFrame:
        """The sessions that end at ``until_ms`` or before, by end: keys, aggregates, start and end
        in milliseconds. They are forgotten."""
        return to_frame(self._native.close(until_ms))

    def next_end(self) -> int | None:
        """The earliest end of a session."""
        found = self._native.next_end(_NOTHING)
        return None if found == _NOTHING else found


_NOTHING = 2**63 - 1
