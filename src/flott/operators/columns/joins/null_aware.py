"""NOT IN as a join: left rows whose key surely equals no right key.

A comparison with NULL is neither true nor false, so one NULL on the right lets no row pass, and a
left row with NULL passes only while there is no right row at all. Underneath runs an ordinary ANTI
join of the keys that are not NULL; whether its result shows depends on two numbers, how many rows
the right side has and how many of them are NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.physical_types import column_name, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, INSERT, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.expression import Predicate
from flott.core.operator import Operator
from flott.core.output import Output
from flott.kernels.columns.row_store import KeyedRows
from flott.operators.columns.changes import weights
from flott.operators.columns.joins import sides as s

if TYPE_CHECKING:
    from flott.operators.columns.joins.regular import JoinSpec

_COUNTS: Final = "counts"


class MaybeEqual(Predicate):
    """Pairs of rows whose keys are not surely different: NOT IN over several columns."""

    def __init__(self, left: tuple[int, ...], right: tuple[int, ...], left_width: int) -> None:
        self._pairs = [
            (column_name(a), column_name(left_width + b)) for a, b in zip(left, right, strict=True)
        ]

    def open(self, context: OperatorContext | None) -> None:
        """Nothing to get ready."""

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        may_equal = [(pl.col(a) == pl.col(b)).fill_null(True) for a, b in self._pairs]
        return frame.select(pl.all_horizontal(may_equal)).to_series()


class NullAwareAntiJoin(Operator):
    """NOT IN over one column. Runs as one subtask, for NULL belongs to every key."""

    def __init__(self, spec: JoinSpec) -> None:
        assert spec.join_kind == "ANTI"
        assert len(spec.left_keys) == 1
        assert spec.condition is None
        self._spec = spec
        self._key = (column_name(spec.left_keys[0]), column_name(spec.right_keys[0]))
        self._is_final = spec.final_only and not (spec.left_retracts or spec.right_retracts)
        make_shape = s.final_shape_of if self._is_final else s.shape_of
        self._shapes = [make_shape("ANTI", side) for side in (s.LEFT, s.RIGHT)]
        self._right_ended = False
        self._total = 0
        self._nulls = 0

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        left = s.SideOptions(
            spec.left_types, spec.left_keys, spec.left_retracts, counts_matches=True
        )
        key_type = spec.right_types[spec.right_keys[0]]
        right = s.SideOptions((key_type,), (0,), spec.right_retracts)
        self._sides = s.Sides(context, left, right, (False,))
        self._null_rows = KeyedRows(
            polars_schema(spec.left_types), (), context.max_parallelism, identity=spec.left_retracts
        )
        context.keyed_store.attach("left with NULL", self._null_rows)
        self._counts = context.keyed_store.table(_COUNTS)
        self._total, self._nulls = self._counts.get(None, 0, (0, 0))

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._counts.put(None, 0, (self._total, self._nulls))

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        is_null = batch.frame[self._key[input_index]].is_null()
        if not is_null.any():
            whole, holed = batch, batch.slice(0, 0)
        else:
            whole, holed = batch.filter(~is_null), batch.filter(is_null)
        if input_index == s.LEFT:
            self._take_left(whole, holed)
        else:
            self._take_right(whole, holed)

    # -- left rows

    def _take_left(self, whole: ColumnBatch, holed: ColumnBatch) -> None:
        for changes in self._step(whole, s.LEFT):
            if not self._nulls:
                self.output.emit(changes)
        if not holed.row_count:
            return
        shown: ColumnBatch = holed
        if not self._right_ended:
            slots = self._null_rows.slots(holed.frame)
            if self._spec.left_retracts:
                shown = ColumnBatch(*self._null_rows.apply(slots, holed.frame, holed.kinds))
            else:
                self._null_rows.append(slots, holed.frame)
        may_show = self._right_ended or not self._is_final
        if may_show and not self._total and shown.row_count:
            self.output.emit(shown)

    # -- right rows

    def _take_right(self, whole: ColumnBatch, holed: ColumnBatch) -> None:
        total = self._total + _net(whole) + _net(holed)
        nulls = self._nulls + _net(holed)
        shows, will_show = self._nulls <= 0, nulls <= 0
        if not self._is_final and shows and (not will_show or (self._total <= 0 < total)):
            # The rows with NULL go; with a NULL on the right, all others, too.
            self._emit_all(DELETE, self._total <= 0, not will_show)
        key = whole.frame.select(pl.col(self._key[s.RIGHT]).alias(column_name(0)))
        for changes in self._step(ColumnBatch(key, whole.kinds), s.RIGHT):
            if shows and will_show:
                self.output.emit(changes)
        was_empty = self._total <= 0
        self._total, self._nulls = total, nulls
        if not self._is_final and will_show and (not shows or (not was_empty and total <= 0)):
            self._emit_all(INSERT, total <= 0, not shows)

    def _emit_all(self, kind: int, with_null: bool, without_null: bool) -> None:
        """Send the rows that nothing on the right equals."""
        for frame in self._unequalled(with_null, without_null):
            kinds = constant(kind, frame.height, pl.Int8)
            self.output.emit(ColumnBatch(frame, None if kind == INSERT else kinds))

    def _unequalled(self, with_null: bool, without_null: bool) -> Iterator[pl.DataFrame]:
        if without_null:
            for ids in self._sides.unmatched(s.LEFT):
                yield self._sides.plain(s.LEFT, ids)
        if with_null:
            _, ids = self._null_rows.of(pl.Series([0], dtype=pl.UInt32))
            for part in s.in_parts(ids):
                yield self._null_rows.gather(part)

    def end_input(self, input_index: int) -> None:
        side = 1 - input_index
        if input_index == s.RIGHT:
            if self._is_final and not self._nulls:
                self._emit_all(INSERT, not self._total, True)
            self._null_rows.clear()
            self._right_ended = True
        if input_index == s.RIGHT or self._is_final:
            self._shapes[side].keeps_rows = False
            self._sides.rows[side].clear()

    def _step(self, batch: ColumnBatch, side: int) -> Iterable[ColumnBatch]:
        if not batch.row_count:
            return ()
        return s.finished(self._sides.step(batch, side, self._shapes[side], 0), None)


def _net(batch: ColumnBatch) -> int:
    """How many rows a batch adds, less those it takes back."""
    signs = weights(batch.kinds)
    return batch.row_count if signs is None else int(signs.sum())
