"""Computes the calls of an OVER window on sorted rows: of whole partitions, or as they go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import BigIntType, BooleanType
from flott.common.physical_types import column_name, polars_schema, polars_type
from flott.core.context import OperatorContext
from flott.kernels.columns.row_store import KeyedRows
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.over import ranking
from flott.operators.columns.over.aggregates import OverAggregates
from flott.operators.columns.over.frames import (
    Frames,
    Partitions,
    events_of,
    partitions_of,
    range_frames,
    remaining_rows,
    rows_frames,
    ties_of,
)
from flott.operators.columns.sort import sorted_by

if TYPE_CHECKING:
    from flott.operators.columns.over.over import OverColumn, OverSpec

_SLOT: Final = "slot"
_AGE: Final = "age"
_NEW: Final = "new"
_RANKS: Final = {
    "ROW_NUMBER": lambda partitions, ties: ranking.row_numbers(partitions),
    "RANK": ranking.ranks,
    "DENSE_RANK": ranking.dense_ranks,
    "PERCENT_RANK": ranking.percent_ranks,
    "CUME_DIST": ranking.cume_dists,
}
#: Rank functions that can go on from where the last batch stopped.
_RUNNING_RANKS: Final = frozenset({"ROW_NUMBER", "RANK", "DENSE_RANK"})
_SHIFTS: Final = frozenset({"LAG", "LEAD"})


class OverComputation:
    """The calls of one window.

    Args:
        spec: The operator.
    """

    def __init__(self, spec: OverSpec) -> None:
        self._spec = spec
        self._types = list(spec.input_types)
        self._order = [column_name(each.position) for each in spec.order]
        self._aggregates = [each for each in spec.calls if not _is_positional(each)]
        self._lag_rows = 0

    # -- whole partitions

    def runs(self, ordered: pl.DataFrame, partition: list[str]) -> pl.Series:
        """A number for each run of rows that are equal in ``partition``."""
        one = partitions_of(constant(0, ordered.height, pl.Int64))
        return ties_of(ordered, partition, one).start

    def whole(self, ordered: pl.DataFrame, runs: pl.Series) -> pl.DataFrame:
        """The results for rows sorted by partition and order; ``runs`` tells partitions apart."""
        partitions = partitions_of(runs)
        ties = ties_of(ordered, self._order, partitions)
        found: dict[int, pl.Series] = {}
        for frame_of, calls in self._by_frame().items():
            frames = self._frames(ordered, partitions, ties, *frame_of)
            events = events_of(frames, partitions, None)
            width = len(self._types)
            aggregates = OverAggregates(
                [_described(each) for each in calls], [*self._types, BigIntType()], (width,)
            )
            marked = ordered.with_columns(partitions.start.alias(column_name(width)))
            results = aggregates.scan(marked, events)
            for call, series in zip(calls, results, strict=True):
                found[id(call)] = series
        columns = [
            found[id(call)]
            if id(call) in found
            else self._positional(call, ordered, partitions, ties)
            for call in self._spec.calls
        ]
        return _named(columns, self._spec.calls)

    def _by_frame(self) -> dict[tuple[bool, int | None, int | None], list[OverColumn]]:
        groups: dict[tuple[bool, int | None, int | None], list[OverColumn]] = {}
        for call in self._aggregates:
            groups.setdefault((call.is_rows, call.lower, call.upper), []).append(call)
        return groups

    def _frames(
        self,
        ordered: pl.DataFrame,
        partitions: Partitions,
        ties: Partitions,
        is_rows: bool,
        lower: int | None,
        upper: int | None,
    ) -> Frames:
        if is_rows:
            return rows_frames(partitions, lower, upper)
        if not self._order:
            return range_frames(
                pl.Series([], dtype=pl.Int64), True, partitions, partitions, None, None
            )
        values = ordered[self._order[0]]
        if values.dtype.is_temporal():
            unit = 1000 if values.dtype == pl.Datetime("us") else 1
            values = values.to_physical()
            lower, upper = (None if each is None else each * unit for each in (lower, upper))
        ascending = self._spec.order[0].ascending
        return range_frames(values, ascending, partitions, ties, lower, upper)

    def _positional(
        self, call: OverColumn, ordered: pl.DataFrame, partitions: Partitions, ties: Partitions
    ) -> pl.Series:
        if call.function == "NTILE":
            buckets = int(ordered.to_series(call.args[0])[0]) if ordered.height else 1
            return ranking.ntiles(partitions, buckets)
        if call.function in _SHIFTS:
            return _shifted(call, ordered, partitions)
        rank: Callable[[Partitions, Partitions], pl.Series] = _RANKS[call.function]
        return rank(partitions, ties)

    # -- rows in order of time

    def open(self, context: OperatorContext) -> None:
        """Attach what is remembered between batches."""
        spec = self._spec
        self._rows = KeyedRows(
            polars_schema(spec.input_types),
            spec.partition,
            context.max_parallelism,
            identity=False,
            ttl_ms=_whole_seconds(spec.ttl_ms + 999),
        )
        self._now_ms = 0
        context.keyed_store.attach("history", self._rows)
        keyed: dict[str, Any] = {
            "partition": spec.partition,
            "ttl_ms": spec.ttl_ms,
            "max_parallelism": context.max_parallelism,
        }
        self._has_ranks = any(call.function in _RUNNING_RANKS for call in spec.calls)
        self._needs_history = any(
            call.lower is not None or call.function in _SHIFTS for call in spec.calls
        )
        calls = [_described(each) for each in self._aggregates]
        self._main = OverAggregates(calls, self._types, rows_leave=self._needs_history, **keyed)
        self._main.attach(context, "aggregates")
        by_rows = all(
            call.upper == 0 and (call.is_rows or not spec.is_event_time) for call in spec.calls
        )
        self._only_adds = by_rows and not self._needs_history and not self._has_ranks
        counts = _rank_counts(len(self._types))
        self._counts = OverAggregates(counts, [*self._types, BooleanType()], **keyed)
        self._counts.attach(context, "ranks")

    def expire(self, now_ms: int) -> None:
        """Forget the partitions that no row has come to for the time to live.

        Rows that are to leave a frame and the aggregates they are in go together: both count
        whole seconds, since the aggregates do.
        """
        self._now_ms = _whole_seconds(now_ms)
        self._rows.expire(self._now_ms)

    def advance(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The results of ``rows``, which come after all rows before, in their order."""
        names = rows.columns
        rows = self._sorted_by_time(rows)
        if self._only_adds:
            return rows, _named(self._main.run(rows, self._now_ms), self._spec.calls)
        slots = self._rows.slots(rows)
        height = rows.height
        combined = rows.with_columns(
            slots.alias(_SLOT), pl.lit(True).alias(_NEW), pl.int_range(height).alias(_AGE)
        )
        if self._needs_history:
            combined = pl.concat([self._history(slots, combined.schema), combined])
        combined = combined.sort(_SLOT, maintain_order=True)
        partitions = partitions_of(combined[_SLOT])
        results = self._results(combined, partitions)
        is_new = combined[_NEW]
        ages = combined[_AGE].filter(is_new)
        back = ages.arg_sort()
        ordered = combined.filter(is_new)[back].select(names)
        return ordered, results.filter(is_new)[back]

    def _sorted_by_time(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self._spec.is_event_time:
            return sorted_by(rows, self._spec.order)
        return rows

    def _history(self, slots: pl.Series, schema: Any) -> pl.DataFrame:
        touched = slots.unique()
        owners, ids = self._rows.of(touched)
        return (
            self._rows.gather(ids)
            .with_columns(
                touched.gather(owners).alias(_SLOT),
                pl.lit(False).alias(_NEW),
                ids.cast(pl.Int64).alias(_AGE),
            )
            .select(list(schema))
        )

    def _results(self, combined: pl.DataFrame, partitions: Partitions) -> pl.DataFrame:
        ties = ties_of(combined, self._order if self._spec.is_event_time else [], partitions)
        found: dict[int, pl.Series] = {}
        frames = self._shared_frames(combined, partitions, ties)
        if self._aggregates:
            events = events_of(frames, partitions, combined[_NEW])
            results = self._main.scan(combined, events, self._now_ms)
            for call, series in zip(self._aggregates, results, strict=True):
                found[id(call)] = _spread(series, combined[_NEW])
        if self._has_ranks:
            found.update(self._running_ranks(combined, partitions, ties))
        for call in self._spec.calls:
            if call.function in _SHIFTS:
                found[id(call)] = _shifted(call, combined, partitions)
                self._lag_rows = max(self._lag_rows, _offset(call, combined))
        if self._needs_history:
            self._remember(combined, frames, partitions)
        return _named([found[id(call)] for call in self._spec.calls], self._spec.calls)

    def _shared_frames(
        self, combined: pl.DataFrame, partitions: Partitions, ties: Partitions
    ) -> Frames:
        call = next(iter(self._aggregates), None)
        if call is None:
            return rows_frames(partitions, None, 0)
        is_rows = call.is_rows or not self._spec.is_event_time
        return self._frames(combined, partitions, ties, is_rows, call.lower, call.upper)

    def _running_ranks(
        self, combined: pl.DataFrame, partitions: Partitions, ties: Partitions
    ) -> dict[int, pl.Series]:
        rows = pl.int_range(combined.height, dtype=pl.Int64, eager=True)
        marked = combined.with_columns((rows == ties.start).alias(column_name(len(self._types))))
        events = events_of(rows_frames(partitions, None, 0), partitions, combined[_NEW])
        count, begun = self._counts.scan(marked, events, self._now_ms)
        count, begun = _spread(count, combined[_NEW]), _spread(begun, combined[_NEW])
        ranks = {"ROW_NUMBER": count, "RANK": count - (rows - ties.start), "DENSE_RANK": begun}
        return {
            id(call): ranks[call.function] for call in self._spec.calls if call.function in ranks
        }

    def _remember(self, combined: pl.DataFrame, frames: Frames, partitions: Partitions) -> None:
        """Keep rows that are still to leave a frame, or that LAG may look back to."""
        rows = pl.int_range(combined.height, dtype=pl.Int64, eager=True)
        stays = partitions.end - rows <= self._lag_rows
        if any(call.lower is not None for call in self._aggregates):
            stays = stays | remaining_rows(frames, partitions)
        is_new = combined[_NEW]
        gone, kept = ~stays & ~is_new, stays & is_new
        if self._spec.ttl_ms:  # a row that comes keeps its whole partition alive
            gone, kept = ~is_new, stays
        self._replace(combined.filter(gone)[_AGE].cast(pl.UInt32), combined.filter(kept))

    def _replace(self, gone: pl.Series, kept: pl.DataFrame) -> None:
        if kept.height:
            names = [column_name(i) for i in range(len(self._types))]
            self._rows.append(kept[_SLOT], kept.select(names))
        if gone.len():
            self._rows.remove(gone)


def _whole_seconds(time_ms: int) -> int:
    return time_ms // 1000 * 1000


def _rank_counts(width: int) -> list[AggregateColumn]:
    """Rows so far, and runs of equal rows so far: those that begin one are marked in a column."""
    count = AggregateColumn("COUNT", (), (), BigIntType())
    return [count, replace(count, filter=width)]


def _is_positional(call: OverColumn) -> bool:
    return call.function in _RANKS or call.function in _SHIFTS or call.function == "NTILE"


def _described(call: OverColumn) -> AggregateColumn:
    return AggregateColumn(
        call.function,
        call.args,
        call.arg_types,
        call.data_type,
        call.filter,
        call.is_distinct,
        settings=call.settings,
    )


def _offset(call: OverColumn, rows: pl.DataFrame) -> int:
    return int(rows.to_series(call.args[1])[0]) if len(call.args) > 1 and rows.height else 1


def _shifted(call: OverColumn, ordered: pl.DataFrame, partitions: Partitions) -> pl.Series:
    """LAG and LEAD: the value so many rows before or after, within the partition."""
    values = ordered.to_series(call.args[0])
    offset = _offset(call, ordered)
    rows = pl.int_range(ordered.height, dtype=pl.Int64, eager=True)
    target = rows - offset if call.function == "LAG" else rows + offset
    inside = (target >= partitions.start) & (target < partitions.end)
    found = values.gather(target.zip_with(inside, rows))
    default = pl.Series([None], dtype=values.dtype).new_from_index(0, ordered.height)
    if len(call.args) > 2:
        default = ordered.to_series(call.args[2]).cast(values.dtype)
    return found.zip_with(inside, default)


def _spread(results: pl.Series, asked: pl.Series) -> pl.Series:
    """Results of the rows that asked, among all rows."""
    places = asked.cast(pl.Int64).cum_sum() - 1
    return results.gather(places.clip(0)) if results.len() else results


def _named(columns: Iterable[pl.Series], calls: Iterable[OverColumn]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            series.cast(polars_type(call.data_type)).alias(f"r{at}")
            for at, (series, call) in enumerate(zip(columns, calls, strict=True))
        ]
    )
