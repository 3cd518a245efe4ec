"""Holds rows to what a sink's table declares: NOT NULL, and lengths of texts and bytes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import BinaryType, CharType, DataType, VarCharType
from flott.common.physical_types import column_name
from flott.common.sql_errors import RecordError
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output


@dataclass(frozen=True)
class ConstraintSpec(OperatorSpec):
    """Enforces a table's constraints.

    Attributes:
        table: The table, for messages; empty where results are collected.
        names: The names of its columns.
        not_null: The columns that take no NULL.
        drops_null: Whether a row with NULL there is left out and counted; the job fails else.
        lengths: (column, type) of texts and bytes whose length is enforced.
        pads: Whether these are cut and padded; the job fails for too long ones else.
        description: What it does, for plans.
    """

    table: str
    names: tuple[str, ...]
    not_null: tuple[int, ...] = ()
    drops_null: bool = False
    lengths: tuple[tuple[int, DataType], ...] = ()
    pads: bool = False
    description: str = ""

    def build(self) -> Operator:
        return _Constraints(self)

    @property
    def kind(self) -> str:
        return "ConstraintEnforcer"

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _Constraints(Operator):
    def __init__(self, spec: ConstraintSpec) -> None:
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._dropped = context.metrics.counter("numNullRecordsDropped")
        spec = self._spec
        self._null = pl.any_horizontal(
            [pl.col(column_name(each)).is_null() for each in spec.not_null] or [pl.lit(False)]
        )
        self._fitted = [_fitted(column, kind) for column, kind in spec.lengths]
        self._too_long = [(column, _too_long(column, kind)) for column, kind in spec.lengths]

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        kept = self._without_null(batch) if self._spec.not_null else batch
        if kept is None:
            return
        if self._spec.lengths:
            kept = self._with_lengths(kept)
        self.output.emit(kept)

    def _without_null(self, batch: ColumnBatch) -> ColumnBatch | None:
        frame = batch.frame
        if not any(frame.to_series(each).null_count() for each in self._spec.not_null):
            return batch
        offends = frame.select(self._null).to_series()
        if not self._spec.drops_null:
            row = frame.row(offends.arg_true()[0])
            column = next(each for each in self._spec.not_null if row[each] is None)
            of_table = f" of table '{self._spec.table}'" if self._spec.table else ""
            raise RecordError(
                f"Column '{self._spec.names[column]}'{of_table} is NOT NULL, but a NULL is to be "
                "written into it",
                row=str(row),
                hint="Fill or filter it, or set 'table.exec.sink.not-null-enforcer' to 'DROP'.",
            )
        self._dropped.inc(int(offends.sum()))
        kept = batch.filter(~offends)
        return kept if kept.row_count else None

    def _with_lengths(self, batch: ColumnBatch) -> ColumnBatch:
        if self._spec.pads:
            return ColumnBatch(batch.frame.with_columns(self._fitted), batch.kinds)
        for column, test in self._too_long:
            found = batch.frame.select(test).to_series()
            if found.any():
                kind = dict(self._spec.lengths)[column]
                raise RecordError(
                    f"A value for column '{self._spec.names[column]}' of table "
                    f"'{self._spec.table}' does not fit into {kind}",
                    row=str(batch.frame.row(found.arg_true()[0])),
                    hint="Cut it, or set 'table.exec.sink.type-length-enforcer' to 'TRIM_PAD'.",
                )
        return batch


def _length(kind: DataType) -> int:
    return int(getattr(kind, "length"))  # noqa: B009  only types with a length come here


def _is_text(kind: DataType) -> bool:
    return isinstance(kind, CharType | VarCharType)


def _too_long(column: int, kind: DataType) -> pl.Expr:
    value = pl.col(column_name(column))
    size = value.str.len_chars() if _is_text(kind) else value.bin.size()
    if isinstance(kind, CharType | BinaryType):
        return (size != _length(kind)).fill_null(False)
    return (size > _length(kind)).fill_null(False)


def _fitted(column: int, kind: DataType) -> pl.Expr:
    """The value cut to its type's length, and padded where the length is fixed."""
    name = column_name(column)
    value, length = pl.col(name), _length(kind)
    if _is_text(kind):
        cut = value.str.slice(0, length)
        return cut.str.pad_end(length, " ") if isinstance(kind, CharType) else cut
    cut = value.bin.slice(0, length)
    if not isinstance(kind, BinaryType):
        return cut
    return cut.map_elements(lambda raw: raw.ljust(length, b"\0"), return_dtype=pl.Binary)
