"""The rows of the partitions that a batch touches, before and after it.

Operators whose result is a function of all rows of a partition (Top-N, OVER by any order, a sink's
history) take a batch as one change: they look at both states and send the difference.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names, polars_schema
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.kernels.columns.row_store import KeyedRows
from flott.operators.columns.changes import plain_kinds
from flott.operators.columns.net_change import net_change

#: The partition of a row.
SLOT: Final = "slot"
#: Tells rows of one change apart; rises in order of arrival.
ID: Final = "id"
_ROW: Final = "row"
_KIND: Final = "kind"


class Touched(NamedTuple):
    """Rows of the touched partitions, with ``SLOT`` and ``ID``, in order of arrival.

    Attributes:
        before: What was there.
        after: What is there then: rows that stay keep their ``ID``, new ones have
            ``before.height`` or more.
    """

    before: pl.DataFrame
    after: pl.DataFrame


class TouchedRows:
    """Rows by partition.

    Args:
        partition: Columns that make a partition.
        types: Types of the columns.
        context: Of the operator.
        name: Of the state.
        ttl_ms: How long a row is kept that nobody writes; 0 for ever.
        unique_key: Columns by which a row to remove is found; ``None`` for all.
    """

    def __init__(
        self,
        partition: tuple[int, ...],
        types: tuple[DataType, ...],
        context: OperatorContext,
        name: str = "rows",
        ttl_ms: int = 0,
        unique_key: tuple[int, ...] | None = None,
    ) -> None:
        self._names = list(column_names(len(types)))
        self._identity = self._names if unique_key is None else [column_name(i) for i in unique_key]
        self._clock = context.clock
        self._rows = KeyedRows(
            polars_schema(types),
            partition,
            context.max_parallelism,
            identity=False,
            ttl_ms=ttl_ms,
        )
        context.keyed_store.attach(name, self._rows)

    def touch(self, batch: ColumnBatch) -> Touched | None:
        """What ``batch`` changes; nothing is stored yet. ``None`` if it changes nothing."""
        self._rows.expire(self._clock.now_ms())
        change = net_change(batch)
        if change is None:
            return None
        added, removed = self._with_slots(change.added), self._with_slots(change.removed)
        touched = pl.concat([added[SLOT], removed[SLOT]]).unique()
        owners, rows = self._rows.of(touched)
        before = self._rows.gather(rows).with_columns(
            touched.gather(owners).alias(SLOT),
            rows.alias(_ROW),
            pl.int_range(pl.len(), dtype=pl.Int64).alias(ID),
        )
        current = self._without(before, removed) if removed.height else before
        new = added.with_columns(
            pl.lit(None, dtype=pl.UInt32).alias(_ROW),
            (pl.int_range(pl.len(), dtype=pl.Int64) + before.height).alias(ID),
        )
        return Touched(before, pl.concat([current, new.select(before.columns)]))

    def store(self, before: pl.DataFrame, kept: pl.DataFrame) -> None:
        """Keep of the touched partitions the rows ``kept`` and no others."""
        gone = before[_ROW].filter(~before[ID].is_in(kept[ID].implode()))
        new = kept.filter(pl.col(ID) >= before.height).sort(ID)
        if new.height:
            self._rows.append(new[SLOT], new.select(self._names))
        if gone.len():
            self._rows.remove(gone)

    def _with_slots(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(self._rows.slots(rows).alias(SLOT))

    def _without(self, rows: pl.DataFrame, removed: pl.DataFrame) -> pl.DataFrame:
        on = [SLOT, *self._identity, "copy"]
        copy = pl.int_range(pl.len()).over(on[:-1]).alias("copy")
        gone = removed.with_columns(copy).select(on)
        return (
            rows.with_columns(copy)
            .join(gone, on=on, how="anti", nulls_equal=True, maintain_order="left")
            .drop("copy")
        )


def difference(
    before: pl.DataFrame,
    after: pl.DataFrame,
    place: list[str],
    names: list[str],
    *,
    emits_update_before: bool,
) -> ColumnBatch | None:
    """What changed at each ``place``, where a row for another is an update: -U, then +U.

    Args:
        before: Rows with the columns ``place``, ``names`` and ``ID``; one row a place.
        after: Likewise.
        place: Columns that say which row replaces which.
        names: The columns of the output, which get the names of a batch.
        emits_update_before: Whether -U is wanted.
    """
    was = {name: f"{name}_before" for name in (*names, ID) if name not in place}
    had, has = pl.col("had").fill_null(False), pl.col("has").fill_null(False)
    both = (
        before.select(*place, *was, pl.lit(True).alias("had"))
        .rename(was)
        .join(
            after.select(*place, *was, pl.lit(True).alias("has")),
            on=place,
            how="full",
            coalesce=True,
        )
    )
    same = [pl.col(now).eq_missing(pl.col(then)) for now, then in was.items() if now != ID]
    both = both.filter(~pl.all_horizontal(had, has, *same))
    if not both.height:
        return None
    removed = pl.when(has).then(UPDATE_BEFORE).otherwise(DELETE).cast(pl.Int8).alias(_KIND)
    added = pl.when(had).then(UPDATE_AFTER).otherwise(INSERT).cast(pl.Int8).alias(_KIND)
    sides = [both.filter(had).select(*place, removed, *_output(names, was))]
    sides.append(both.filter(has).select(*place, added, *_output(names, {})))
    changes = pl.concat(sides)
    if not emits_update_before:
        changes = changes.filter(pl.col(_KIND) != UPDATE_BEFORE)
    changes = changes.sort([*place, _KIND], maintain_order=True)
    kinds = changes[_KIND]
    return ColumnBatch(changes.select(column_names(len(names))), plain_kinds(kinds))


def _output(names: list[str], was: dict[str, str]) -> list[pl.Expr]:
    return [pl.col(was.get(name, name)).alias(column_name(at)) for at, name in enumerate(names)]
