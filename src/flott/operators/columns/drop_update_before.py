"""Drops -U where whoever comes next updates by key and needs no row before the change."""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import Batch
from flott.core.column_batch import UPDATE_BEFORE, ColumnBatch
from flott.core.operator import Operator, OperatorSpec


@dataclass(frozen=True)
class DropUpdateBeforeSpec(OperatorSpec):
    """All changes but -U."""

    description: str = ""

    def build(self) -> Operator:
        return _DropUpdateBefore()

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _DropUpdateBefore(Operator):
    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        if batch.kinds is not None:
            kept = batch.kinds != UPDATE_BEFORE
            if not kept.all():
                batch = batch.filter(kept)
        if batch.row_count:
            self.output.emit(batch)
