"""LIMIT and OFFSET without an order: the first rows that come."""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.logical_types import DataType
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.columns.changes import plain_kinds


@dataclass(frozen=True)
class LimitSpec(OperatorSpec):
    """Passes ``fetch`` rows after the first ``offset``; runs with parallelism 1.

    An input that retracts goes through Top-N instead, which can bring in the row after.

    Attributes:
        offset: Rows to leave out.
        fetch: Rows to pass; ``None`` for all.
        input_types: Types of the input's columns.
    """

    offset: int
    fetch: int | None
    input_types: tuple[DataType, ...]
    description: str = ""

    def build(self) -> Operator:
        return _Limit(self)


class _Limit(Operator):
    def __init__(self, spec: LimitSpec) -> None:
        self._first = spec.offset
        self._last = None if spec.fetch is None else spec.offset + spec.fetch
        self._seen = 0

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._state = context.operator_store.union_list_state("rows seen")
        self._seen = max(self._state.get(), default=0)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        assert batch.kinds is None or plain_kinds(batch.kinds) is None, "a limit takes inserts"
        start = max(self._first - self._seen, 0)
        stop = batch.row_count if self._last is None else self._last - self._seen
        self._seen += batch.row_count
        stop = min(stop, batch.row_count)
        if start < stop:
            self.output.emit(batch.slice(start, stop))

    def prepare_snapshot(self, barrier: object) -> None:
        self._state.update([self._seen])
