"""The first of two phases of aggregation: the groups of one batch, before they are exchanged."""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.logical_types import DataType
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.kernels.columns.group_table import GroupTable
from flott.operators.columns.aggregate_calls import KernelCalls
from flott.operators.columns.description import AggregateColumn


@dataclass(frozen=True)
class LocalAggregateSpec(OperatorSpec):
    """Aggregates each batch by itself; the output has the keys and one BYTES column.

    For inputs that only insert. The state of every group is sent on, and nothing kept.

    Attributes:
        keys: Positions of the key columns.
        calls: The aggregates.
        input_types: Types of the input's columns.
        description: Text for plans.
    """

    keys: tuple[int, ...]
    calls: tuple[AggregateColumn, ...]
    input_types: tuple[DataType, ...]
    description: str = ""

    def build(self) -> Operator:
        return LocalAggregateOperator(self)

    @property
    def kind(self) -> str:
        return "LocalAggregate"

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class LocalAggregateOperator(Operator):
    """See ``LocalAggregateSpec``."""

    def __init__(self, spec: LocalAggregateSpec) -> None:
        self._spec = spec
        self._calls = KernelCalls(spec.calls, spec.input_types, len(spec.keys))

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        calls = self._calls
        self._table = GroupTable(
            calls.input_schema,
            self._spec.keys,
            calls.result_schema,
            calls.aggregates,
            calls.distinct_sets,
        )

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        assert batch.kinds is None
        self._table.accumulate(self._calls.prepare(batch.frame))
        partials = self._table.take_partials()
        if partials.height:
            partials.columns = [f"f{i}" for i in range(partials.width)]
            self.output.emit(ColumnBatch(partials))
