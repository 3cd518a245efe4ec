"""Repeats every row once for each grouping set, with the keys of other sets as NULL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_names, polars_type
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.operator import Operator, OperatorSpec


@dataclass(frozen=True)
class ExpandSpec(OperatorSpec):
    """Several projections of each row.

    Attributes:
        projections: For each copy of the row, what every output column holds: an input column's
            position, a number as a tuple of one ``int``, or ``None`` for NULL.
        output_types: The types of the output columns.
        description: What it does, for plans.
    """

    projections: tuple[tuple[int | tuple[int] | None, ...], ...]
    output_types: tuple[DataType, ...]
    description: str = ""

    def build(self) -> Operator:
        return _Expand(self.projections, self.output_types)

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _Expand(Operator):
    def __init__(
        self,
        projections: Sequence[Sequence[int | tuple[int] | None]],
        output_types: Sequence[DataType],
    ) -> None:
        names = column_names(len(output_types))
        types = [polars_type(each) for each in output_types]
        self._selects = [
            [
                _column(source, kind).alias(name)
                for source, kind, name in zip(projection, types, names, strict=True)
            ]
            for projection in projections
        ]

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        copies = [batch.frame.select(select) for select in self._selects]
        kinds = batch.kinds
        if kinds is not None:
            kinds = pl.concat([kinds] * len(copies))
            # The copies of a row stand together, so that a -U stays next to its +U.
            order = pl.int_range(batch.row_count * len(copies), eager=True)
            rows = (order % len(copies)) * batch.row_count + order // len(copies)
            self.output.emit(ColumnBatch(pl.concat(copies), kinds).gather(rows))
        else:
            self.output.emit(ColumnBatch(pl.concat(copies)))


def _column(source: int | tuple[int] | None, kind: pl.DataType) -> pl.Expr:
    if isinstance(source, int):
        return pl.col(f"f{source}")
    value = None if source is None else source[0]
    return pl.repeat(value, pl.len(), dtype=kind)
