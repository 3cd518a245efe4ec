"""Windows of the old syntax that are emitted before or after their end, too: their results change.

A batch changes the windows that it touches; those that may be seen are read before and after it. A
window stays until its allowed lateness is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from flott.common.physical_types import column_name
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.operators.columns.windows.borders import with_window
from flott.operators.columns.windows.slice_operator import SliceWindowOperator

if TYPE_CHECKING:
    from flott.operators.columns.windows.aggregate import WindowAggregateSpec


class UpdatingWindowOperator(SliceWindowOperator):
    """See ``WindowAggregateSpec.early_fire_ms``."""

    def __init__(self, spec: WindowAggregateSpec) -> None:
        super().__init__(spec)
        self._fires_early = spec.early_fire_ms is not None
        self._lateness_ms = spec.allowed_lateness_ms

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame, kinds = self._with_slices(batch)
        if not frame.height:
            return
        windows = self._seen_windows(frame[self._slice_name].unique().to_list())
        before = [self._results(end) for end in windows]
        self._table.accumulate(frame, kinds)
        self._note_slices()
        self._schedule()
        changes = [
            _changes(old, self._results(end), len(self._spec.keys))
            for end, old in zip(windows, before, strict=True)
        ]
        filled = [each for each in changes if each.height]
        if filled:
            self._emit_changes(pl.concat(filled))

    def _emit_changes(self, changes: pl.DataFrame) -> None:
        if not self._spec.emits_update_before:
            changes = changes.filter(pl.col("kind") != UPDATE_BEFORE)
        kinds = changes["kind"]
        self.output.emit(ColumnBatch(changes.drop("kind"), kinds if kinds.max() else None))

    def _seen_windows(self, slices: list[int]) -> list[int]:
        """The windows with one of ``slices`` of which changes are sent at once."""
        step = self._slices.interval_ms
        ends = {
            end
            for each in slices
            for end in range(self._slices.first_end(each), self._slices.last_end(each) + 1, step)
        }
        return sorted(end for end in ends if self._is_seen(end))

    def _is_seen(self, end: int) -> bool:
        if not self._has_fired(end):
            return self._fires_early
        return not self._is_closed(end)

    def _is_closed(self, end: int) -> bool:
        return self._has_fired(end + self._lateness_ms)

    def _is_over(self, slice_end: int) -> bool:
        return self._is_closed(self._slices.last_end(slice_end))

    def _results(self, end: int) -> pl.DataFrame:
        held = [each for each in self._slices.slices_of(end) if each in self._known]
        results = self._calls.finish(self._table.results(held))
        start = self._slices.start_of(end)
        return with_window(results, self._spec.window_columns, self._clock, start, end)

    def _fire(self, until_ms: int) -> None:
        if not self._fires_early:
            super()._fire(until_ms)
        else:
            while self._pending and self._clock.fires_at(self._pending[0] - 1) <= until_ms:
                self._follow(self._take_pending())
        gone = [each for each in self._known if self._is_over(each)]
        self._table.drop(gone)
        self._known.difference_update(gone)

    def _forget(self, end: int) -> None:
        self._follow(end)


def _changes(before: pl.DataFrame, after: pl.DataFrame, keys: int) -> pl.DataFrame:
    """What makes ``after`` of ``before``, and its kind; the first columns tell rows apart."""
    names = after.columns
    before = before.with_columns(pl.lit(0).alias("all"), pl.lit(True).alias("was"))
    after = after.with_columns(pl.lit(0).alias("all")).with_row_index("place")
    by = ["all", *(column_name(i) for i in range(keys))]
    values = names[keys:]
    both = after.join(before, on=by, how="left", nulls_equal=True, suffix=" old")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name} old")) for name in values)
    changed = both.filter(pl.col("was").is_null() | ~same)
    is_new = pl.col("was").is_null()
    kind = pl.when(is_new).then(INSERT).otherwise(UPDATE_AFTER).cast(pl.Int8).alias("kind")
    added = changed.select("place", *names, kind)
    old = [pl.col(f"{name} old").alias(name) for name in values]
    updated = changed.filter(~is_new).select(
        "place", *names[:keys], *old, pl.lit(UPDATE_BEFORE, dtype=pl.Int8).alias("kind")
    )
    gone = before.join(after, on=by, how="anti", nulls_equal=True).select(
        pl.lit(0, dtype=pl.UInt32).alias("place"),
        *names,
        pl.lit(DELETE, dtype=pl.Int8).alias("kind"),
    )
    return pl.concat([gone, added, updated]).sort("place", "kind").drop("place")
