"""Repairs the order of changes before a sink whose key is not that of the changes.

Rows of one sink key may have come by different ways, so that an insert can overtake the delete of
the row before it. All rows of a key are kept in order of arrival; the sink sees the one that
counts (Flink's sink upsert materialiser).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names
from flott.common.sql_errors import RecordError
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.columns.touched_rows import ID, SLOT, TouchedRows, difference


@dataclass(frozen=True)
class SinkMaterializeSpec(OperatorSpec):
    """One row for each key of the sink.

    Attributes:
        keys: Columns of the sink's key.
        input_types: Types of the columns.
        conflict: Which of several rows counts: ``DEDUPLICATE`` (or ``None``) the last one,
            ``NOTHING`` the first one, ``ERROR`` fails the job.
        ttl_ms: How long a row is kept that nobody writes; 0 for ever.
    """

    keys: tuple[int, ...]
    input_types: tuple[DataType, ...]
    conflict: str | None = None
    ttl_ms: int = 0
    description: str = ""

    def build(self) -> Operator:
        return _SinkMaterialize(self)


class _SinkMaterialize(Operator):
    def __init__(self, spec: SinkMaterializeSpec) -> None:
        self._spec = spec
        self._names = list(column_names(len(spec.input_types)))

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._rows = TouchedRows(spec.keys, spec.input_types, context, ttl_ms=spec.ttl_ms)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        touched = self._rows.touch(batch)
        if touched is None:
            return
        if self._spec.conflict == "ERROR":
            self._check(touched.after)
        self._rows.store(touched.before, touched.after)
        changes = difference(
            self._counting(touched.before),
            self._counting(touched.after),
            [SLOT],
            self._names,
            emits_update_before=False,
        )
        if changes is not None:
            self.output.emit(changes)

    def _counting(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The row of each key that the sink holds."""
        keep: Literal["first", "last"] = "last"
        if self._spec.conflict == "NOTHING":
            keep = "first"
        return rows.sort(ID).unique(SLOT, keep=keep, maintain_order=True)

    def _check(self, rows: pl.DataFrame) -> None:
        several = rows.filter(pl.col(SLOT).is_duplicated())
        if several.height:
            key = [several[column_name(i)][0] for i in self._spec.keys]
            shown = "; ".join(str(row) for row in several.select(self._names).head(2).rows())
            raise RecordError(
                f"Several rows have the sink's key {key}: {shown}. ON CONFLICT DO DEDUPLICATE "
                "keeps the last one, ON CONFLICT DO NOTHING the first."
            )
