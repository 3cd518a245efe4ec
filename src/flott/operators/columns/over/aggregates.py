"""The aggregates of an OVER window as walks over rows that enter and leave frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType
from flott.common.physical_types import column_name
from flott.core.column_batch import DELETE, INSERT
from flott.core.context import OperatorContext
from flott.kernels.columns.group_table import GroupTable
from flott.operators.columns.aggregate_calls import KernelCalls
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.over.frames import Events

#: The kind of a row that only asks for its group's result.
_NO_CHANGE: Final = 4


class OverAggregates:
    """Aggregates that share their frames.

    Args:
        calls: The aggregates.
        input_types: Types of the rows' columns.
        partition: Columns that make a partition.
        rows_leave: Whether rows leave frames again.
    """

    def __init__(
        self,
        calls: Sequence[AggregateColumn],
        input_types: Sequence[DataType],
        partition: Sequence[int] = (),
        *,
        rows_leave: bool = True,
        ttl_ms: int = 0,
        max_parallelism: int = 128,
    ) -> None:
        self._calls = KernelCalls(calls, input_types, 0, retracts=rows_leave)
        self._count = len(calls)
        self._table = GroupTable(
            self._calls.input_schema,
            list(partition),
            self._calls.result_schema,
            self._calls.aggregates,
            self._calls.distinct_sets,
            ttl_ms=ttl_ms,
            max_parallelism=max_parallelism,
        )

    def attach(self, context: OperatorContext, name: str) -> None:
        """Keep the state in the operator's store."""
        context.keyed_store.attach(name, self._table)

    def scan(self, rows: pl.DataFrame, events: Events, now_ms: int = 0) -> list[pl.Series]:
        """The results, a series for each call, of the rows that ask, in their order."""
        if not self._count:
            return []
        walked = self._prepared(rows)[events.row]
        kinds = events.weight.replace_strict(
            [1, -1, 0], [INSERT, DELETE, _NO_CHANGE], return_dtype=pl.Int8
        )
        found = self._table.scan(walked.rechunk(), kinds.rechunk(), events.emit.rechunk(), now_ms)
        return self._results(found)

    def run(self, rows: pl.DataFrame, now_ms: int = 0) -> list[pl.Series]:
        """The results, a series for each call, after each row, when none ever leaves."""
        asked = constant(True, rows.height, pl.Boolean)
        return self._results(self._table.scan(self._prepared(rows).rechunk(), None, asked, now_ms))

    def _prepared(self, rows: pl.DataFrame) -> pl.DataFrame:
        prepared = self._calls.prepare(rows)
        width = len(self._calls.input_schema)
        if prepared.width == width:
            return prepared
        return pl.DataFrame([prepared[column_name(place)] for place in range(width)])

    def _results(self, found: pl.DataFrame) -> list[pl.Series]:
        return self._calls.finish(found).get_columns()[: self._count]
