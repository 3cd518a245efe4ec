"""GROUP BY: running aggregates of each group, and every change of them.

A batch changes each group it touches once: the first result is +I, later ones -U and +U, and -D
says that the group has no rows left. In BATCH mode there is one +I for each group, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import polars_schema
from flott.common.sql_errors import RecordError
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.kernels.columns.group_table import GroupTable
from flott.operators.columns.aggregate_calls import KernelCalls
from flott.operators.columns.description import AggregateColumn


@dataclass(frozen=True)
class GroupAggregateSpec(OperatorSpec):
    """Aggregates by key; the output has the keys, then the calls.

    Attributes:
        keys: Positions of the key columns; none for one group of everything.
        calls: The aggregates.
        input_types: Types of the input's columns.
        emits_update_before: Whether consumers need -U.
        input_retracts: Whether the input has -U or -D.
        ttl_ms: How long a group is kept that no row touches; 0 for ever.
        final_only: BATCH: results at the end only.
        is_global_empty_row: Whether the end of an empty input gives the aggregates of no rows.
        merges_partials: The input comes from ``LocalAggregateSpec`` of the same calls.
        met_by: Positions among the keys of those by which rows were brought together, where that
            was not by all of them.
        description: Text for plans.
    """

    keys: tuple[int, ...]
    calls: tuple[AggregateColumn, ...]
    input_types: tuple[DataType, ...]
    emits_update_before: bool = True
    input_retracts: bool = False
    ttl_ms: int = 0
    final_only: bool = False
    is_global_empty_row: bool = False
    merges_partials: bool = False
    met_by: tuple[int, ...] | None = None
    description: str = ""

    def build(self) -> Operator:
        return GroupAggregateOperator(self)

    @property
    def kind(self) -> str:
        return "GroupAggregate"

    @property
    def meaning(self) -> str:
        return self.description


class GroupAggregateOperator(Operator):
    """See ``GroupAggregateSpec``."""

    def __init__(self, spec: GroupAggregateSpec) -> None:
        self._spec = spec
        if spec.merges_partials:
            self._calls = KernelCalls.of_partials(spec.calls, len(spec.keys))
        else:
            self._calls = KernelCalls(
                spec.calls, spec.input_types, len(spec.keys), spec.input_retracts
            )

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec, calls = self._spec, self._calls
        self._table = GroupTable(
            calls.input_schema,
            spec.keys,
            calls.result_schema,
            calls.aggregates,
            calls.distinct_sets,
            key_schema=polars_schema(spec.input_types),
            emits_update_before=spec.emits_update_before,
            merges_partials=spec.merges_partials,
            ttl_ms=spec.ttl_ms,
            max_parallelism=context.max_parallelism,
            group_columns=spec.met_by,
        )
        context.keyed_store.attach("groups", self._table)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        spec = self._spec
        frame = batch.frame
        if not spec.merges_partials:
            frame = self._calls.prepare(frame)
        now_ms = self.context.clock.now_ms() if spec.ttl_ms else 0
        if spec.final_only:
            self._table.accumulate(frame, batch.kinds, now_ms)
            return
        try:
            changes, kinds = self._table.process(frame, batch.kinds, now_ms)
        except ValueError as error:  # SINGLE_VALUE of several rows
            raise RecordError(str(error)) from error
        if not changes.height:
            return
        changes, kinds = self._calls.finish_changes(changes, kinds)
        if changes.height:
            self.output.emit(ColumnBatch(changes, kinds))

    def finish(self) -> None:
        if not self._spec.final_only:
            return
        is_empty = not len(self._table)
        for results in self._table.results():
            self._emit(results)
        if is_empty and self._spec.is_global_empty_row:
            self._emit(self._table.empty_result())
        self._table.clear()

    def _emit(self, results: pl.DataFrame) -> None:
        self.output.emit(ColumnBatch(self._calls.finish(results)))
