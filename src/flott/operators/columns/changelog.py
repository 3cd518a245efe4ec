"""FROM_CHANGELOG and TO_CHANGELOG: row kinds out of a column, and into one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names
from flott.common.sql_errors import RecordError
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.columns.changes import plain_kinds

_log = logging.getLogger(__name__)

#: Row kinds as FROM_CHANGELOG and TO_CHANGELOG spell them.
KIND_NAMES: Final = {
    "INSERT": INSERT,
    "UPDATE_BEFORE": UPDATE_BEFORE,
    "UPDATE_AFTER": UPDATE_AFTER,
    "DELETE": DELETE,
}
#: Counter of rows left out for an operation that the mapping does not know.
INVALID_OPS_METRIC: Final = "numInvalidOps"


@dataclass(frozen=True)
class FromChangelogSpec(OperatorSpec):
    """Takes each row's kind from a column, which is left out of the output.

    Attributes:
        op_column: The column that tells the kind.
        mapping: (code, kind) pairs, e.g. ``("c", "INSERT")``.
        settings: ``invalid_op_handling`` is ``FAIL``, ``LOG`` or ``SKIP``.
        input_types: Types of the input's columns.
    """

    op_column: int
    mapping: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, Any], ...]
    input_types: tuple[DataType, ...]
    description: str = ""

    @property
    def is_stateless(self) -> bool:
        return True

    def build(self) -> Operator:
        return _FromChangelog(self)


class _FromChangelog(Operator):
    def __init__(self, spec: FromChangelogSpec) -> None:
        self._op = column_name(spec.op_column)
        self._codes = {code: KIND_NAMES[kind] for code, kind in spec.mapping}
        self._invalid = str(dict(spec.settings).get("invalid_op_handling", "FAIL")).upper()
        kept = [i for i in range(len(spec.input_types)) if i != spec.op_column]
        names = column_names(len(kept))
        self._columns = [
            pl.col(column_name(i)).alias(name) for i, name in zip(kept, names, strict=True)
        ]

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._invalid_ops = context.metrics.counter(INVALID_OPS_METRIC)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = batch.frame
        kinds = frame[self._op].replace_strict(
            list(self._codes), list(self._codes.values()), default=None, return_dtype=pl.Int8
        )
        if kinds.null_count():
            self._take_invalid(frame.filter(kinds.is_null()))
            frame, kinds = frame.filter(kinds.is_not_null()), kinds.drop_nulls()
        if frame.height:
            self.output.emit(ColumnBatch(frame.select(self._columns), plain_kinds(kinds)))

    def _take_invalid(self, rows: pl.DataFrame) -> None:
        code = rows[self._op][0]
        message = f"Unknown operation {code!r}; the mapping knows {', '.join(self._codes)}"
        if self._invalid == "FAIL":
            raise RecordError(message, "FROM_CHANGELOG", str(rows.row(0)))
        self._invalid_ops.inc(rows.height)
        if self._invalid == "LOG":
            _log.warning("%s: %d rows are left out", message, rows.height)


@dataclass(frozen=True)
class ToChangelogSpec(OperatorSpec):
    """Makes every change a row: the partition columns, the operation, the other columns.

    Attributes:
        mapping: (kind, code) pairs; changes of other kinds are left out.
        settings: Of the call.
        input_types: Types of the input's columns.
        partition: Columns that stand before the operation.
    """

    mapping: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, Any], ...]
    input_types: tuple[DataType, ...]
    partition: tuple[int, ...] = ()
    description: str = ""

    @property
    def is_stateless(self) -> bool:
        return True

    def build(self) -> Operator:
        return _ToChangelog(self)


class _ToChangelog(Operator):
    def __init__(self, spec: ToChangelogSpec) -> None:
        self._codes = {KIND_NAMES[kind]: code for kind, code in spec.mapping}
        rest = [i for i in range(len(spec.input_types)) if i not in spec.partition]
        order = [*(column_name(i) for i in spec.partition), "op", *map(column_name, rest)]
        names = column_names(len(order))
        self._columns = [pl.col(a).alias(b) for a, b in zip(order, names, strict=True)]

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        kinds = batch.kinds
        if kinds is None:
            kinds = constant(INSERT, batch.row_count, pl.Int8)
        ops = kinds.replace_strict(
            list(self._codes), list(self._codes.values()), default=None, return_dtype=pl.String
        )
        rows = batch.frame.with_columns(ops.alias("op")).filter(pl.col("op").is_not_null())
        if rows.height:
            self.output.emit(ColumnBatch(rows.select(self._columns)))
