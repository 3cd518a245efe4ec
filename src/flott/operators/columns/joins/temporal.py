"""Temporal joins: each left row with the version of its right row that was valid at its time.

In event time both sides wait for the watermark: left rows until every version that could be theirs
has come, versions until no left row can ask for them. In processing time the version is the one
that is there when the left row comes. What went out is never taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType, TinyIntType
from flott.common.physical_types import column_name, column_names, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, INSERT, UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.expression import Predicate
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.kernels import _native
from flott.kernels.columns.frames import to_series
from flott.kernels.columns.row_store import KeyedRows
from flott.operators.columns.changes import until_us
from flott.operators.columns.joins import sides as s


@dataclass(frozen=True)
class TemporalJoinSpec(OperatorSpec):
    """Outputs the left columns, then those of the version; the kind of the left row.

    Attributes:
        join_kind: INNER, or LEFT: rows without a version come with NULLs.
        left_keys: Columns that must equal ...
        right_keys: ... these, the key of the versions, pair by pair.
        null_safe: For each pair of keys, whether NULL equals NULL.
        left_time: The time a left row asks for; ``None`` in processing time.
        right_time: The time a version begins; ``None`` in processing time.
        condition: What a pair must fulfil besides, over the left, then the right columns.
        left_types: Types of the left columns.
        right_types: Types of the right columns.
        is_event_time: Whether time is in columns, or the order in which rows come.
        left_retracts: Whether left rows may be taken back.
        right_retracts: Whether versions may end. A -U is not needed, nor heeded: the +U after it
            begins the next version.
    """

    join_kind: str
    left_keys: tuple[int, ...]
    right_keys: tuple[int, ...]
    null_safe: tuple[bool, ...]
    left_time: int | None
    right_time: int | None
    condition: Predicate | None
    left_types: tuple[DataType, ...]
    right_types: tuple[DataType, ...]
    is_event_time: bool = True
    left_retracts: bool = False
    right_retracts: bool = False
    description: str = ""

    def build(self) -> Operator:
        assert self.join_kind in ("INNER", "LEFT"), self.join_kind
        return _EventTimeJoin(self) if self.is_event_time else _LatestVersionJoin(self)

    @property
    def meaning(self) -> str:
        return self.description


def _without_update_before(batch: ColumnBatch) -> ColumnBatch:
    return batch if batch.kinds is None else batch.filter(batch.kinds != UPDATE_BEFORE)


class _EventTimeJoin(Operator):
    """Keeps left rows that wait, and versions, each with its kind in a last column."""

    def __init__(self, spec: TemporalJoinSpec) -> None:
        assert spec.left_time is not None
        assert spec.right_time is not None
        self._spec = spec
        self._times = (spec.left_time, spec.right_time)
        self._widths = (len(spec.left_types), len(spec.right_types))
        self._kinds = tuple(map(column_name, self._widths))

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        if spec.condition is not None:
            spec.condition.open(context)
        kind = (TinyIntType(),)
        left = s.SideOptions(spec.left_types + kind, spec.left_keys, sorted_by=spec.left_time)
        right = s.SideOptions(spec.right_types + kind, spec.right_keys, sorted_by=spec.right_time)
        self._sides = s.Sides(context, left, right, spec.null_safe)
        self._left, self._versions = self._sides.rows
        self._right_names = list(column_names(sum(self._widths))[self._widths[s.LEFT] :])

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        if input_index == s.RIGHT:
            batch = _without_update_before(batch)
        batch = self._with_times(batch, input_index)
        if not batch.row_count:
            return
        kinds = batch.kinds
        if kinds is None:
            kinds = constant(INSERT, batch.row_count, pl.Int8)
        rows = batch.frame.with_columns(kinds.alias(self._kinds[input_index]))
        ids = self._sides.rows[input_index].add(rows)
        if input_index == s.RIGHT:
            self._versions.native.remove_replaced(ids)
        elif ids.null_count() and self._spec.join_kind == "LEFT":
            self._emit_without_version(batch.filter(ids.is_null()))

    def _with_times(self, batch: ColumnBatch, side: int) -> ColumnBatch:
        """Rows without a time belong to no version, and are none."""
        times = batch.frame.to_series(self._times[side])
        if not times.null_count():
            return batch
        if side == s.LEFT and self._spec.join_kind == "LEFT":
            self._emit_without_version(batch.filter(times.is_null()))
        return batch.filter(times.is_not_null())

    def _emit_without_version(self, batch: ColumnBatch) -> None:
        nulls = pl.DataFrame(schema=polars_schema(self._spec.right_types)).clear(batch.row_count)
        nulls.columns = self._right_names
        self.output.emit(ColumnBatch(batch.frame.hstack(nulls), batch.kinds))

    def process_watermark(self, timestamp: int) -> None:
        limit = until_us(timestamp)
        ids = to_series(self._left.native.take_until(limit, by_arrival=True))
        for part in s.in_parts(ids):
            self._emit_joined(part)
            self._left.remove(part, self._versions)
        replaced = to_series(self._versions.native.take_until(limit))
        if replaced.len():
            self._versions.native.remove_before(replaced)
        self.output.emit_watermark(timestamp)

    def _emit_joined(self, ids: pl.Series) -> None:
        left = self._left.gather(ids)
        found = self._versions_at(left)
        kinds = left.drop_in_place(self._kinds[s.LEFT])
        right = self._versions.gather(found)
        right_kinds = right.drop_in_place(self._kinds[s.RIGHT])
        right.columns = self._right_names
        has_version = (right_kinds != DELETE).fill_null(False)
        joined = left.hstack(right)
        if self._spec.condition is not None:
            has_version &= self._spec.condition.evaluate(joined)
        if not has_version.all():
            if self._spec.join_kind == "INNER":
                joined, kinds = joined.filter(has_version), kinds.filter(has_version)
            else:
                joined = _with_nulls_unless(has_version, joined, self._right_names)
        if joined.height:
            self.output.emit(ColumnBatch(joined, kinds if kinds.max() else None))

    def _versions_at(self, left: pl.DataFrame) -> pl.Series:
        """The id of the version each row asks for, NULL if there is none."""
        rows = self._versions
        native = rows.native.latest(
            rows.index, left, self._left.key, self._left.never_null, self._times[s.LEFT]
        )
        return to_series(native)

    def pending_output(self) -> PendingOutput | None:
        earliest = self._left.native.earliest_time
        return None if earliest is None else PendingOutput(earliest // 1000)


def _with_nulls_unless(mask: pl.Series, frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return frame.with_columns(pl.when(mask).then(pl.col(columns)).otherwise(None))


class _LatestVersionJoin(Operator):
    """Keeps one row a key; left rows pass by and are not kept."""

    def __init__(self, spec: TemporalJoinSpec) -> None:
        self._spec = spec
        self._shape = s.shape_of(spec.join_kind, s.LEFT)
        self._shape.keeps_rows = False
        self._shape.keeps_kinds = True

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        if spec.condition is not None:
            spec.condition.open(context)
        self._versions = KeyedRows(
            polars_schema(spec.right_types),
            spec.right_keys,
            context.max_parallelism,
            unique=(),
            never_null=s.never_null(spec.null_safe),
        )
        context.keyed_store.attach("versions", self._versions)
        self._left = KeyedRows(
            polars_schema(spec.left_types), spec.left_keys, 1, identity=False, is_tracked=False
        )

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        if input_index == s.LEFT:
            self._join(batch)
            return
        batch = _without_update_before(batch)
        if batch.row_count:
            self._versions.apply(self._versions.slots(batch.frame), batch.frame, batch.kinds)

    def _join(self, batch: ColumnBatch) -> None:
        versions = self._versions
        step = _native.JoinStep(
            versions.index,
            self._left.native,
            versions.native,
            batch.frame,
            self._left.key,
            versions.never_null,
            batch.kinds,
            self._shape,
            0,
        )
        for changes in s.finished(step, self._spec.condition):
            self.output.emit(changes)
