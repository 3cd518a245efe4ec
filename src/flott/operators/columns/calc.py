"""Filters rows, then computes columns: what stands between two stateful operators of a query."""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.expression import Predicate, Projection
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output


@dataclass(frozen=True)
class CalcSpec(OperatorSpec):
    """Rows for which ``predicate`` is true, as the columns of ``projection``.

    Attributes:
        predicate: Which rows pass; ``None`` for all.
        projection: The columns that leave; ``None`` for those that came.
        description: What it does, for plans.
    """

    predicate: Predicate | None
    projection: Projection | None
    description: str = ""

    def build(self) -> Operator:
        return _Calc(self.predicate, self.projection)

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _Calc(Operator):
    def __init__(self, predicate: Predicate | None, projection: Projection | None) -> None:
        self._predicate = predicate
        self._projection = projection

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        if self._predicate is not None:
            self._predicate.open(context)
        if self._projection is not None:
            self._projection.open(context)

    def process_watermark(self, timestamp: int) -> None:
        if self._predicate is not None:
            self._predicate.advance(timestamp)
        if self._projection is not None:
            self._projection.advance(timestamp)
        super().process_watermark(timestamp)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        if self._predicate is not None:
            passing = self._predicate.evaluate(batch.frame)
            if not passing.all():
                if not passing.any():
                    return
                batch = batch.filter(passing)
        if self._projection is not None:
            batch = ColumnBatch(self._projection.evaluate(batch.frame), batch.kinds)
        self.output.emit(batch)
