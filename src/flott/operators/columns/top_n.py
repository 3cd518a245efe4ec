"""Top-N: the rows of rank so-and-so of each partition, kept up to date.

A batch is taken as one change: the rows of the partitions it touches are ranked before and after,
and the difference goes out. An input of inserts needs to keep only what may ever be shown, an
input that retracts needs every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, INSERT, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.kernels.columns.top_n import SortColumn, TopRows
from flott.operators.columns.changes import deletes_and_inserts, plain_kinds
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.net_change import net_change
from flott.operators.columns.over import ranking
from flott.operators.columns.over.frames import Partitions, partitions_of, ties_of
from flott.operators.columns.sort import sorted_by
from flott.operators.columns.touched_rows import ID, SLOT, TouchedRows, difference
from flott.operators.columns.whole_input import WholeInput

RANK: Final = "rank"


@dataclass(frozen=True)
class TopNSpec(OperatorSpec):
    """Keeps the rows of rank ``first`` to ``last`` of each partition.

    Attributes:
        partition: Columns that make a partition; empty for one over everything.
        order: What rows are ranked by.
        rank_kind: ``ROW_NUMBER``, ``RANK`` or ``DENSE_RANK``.
        first: The first rank to show, from 1.
        last: The last one.
        has_rank: Whether the rank follows the columns, as BIGINT.
        input_types: Types of the input's columns.
        input_retracts: Whether rows may be taken back.
        unique_key: Columns by which rows are told apart; ``None`` for all of them.
        emits_update_before: Whether the consumer wants -U.
        final_only: Emit once, when the input ends.
    """

    partition: tuple[int, ...]
    order: tuple[ColumnOrder, ...]
    rank_kind: str
    first: int
    last: int
    has_rank: bool
    input_types: tuple[DataType, ...]
    input_retracts: bool = False
    unique_key: tuple[int, ...] | None = None
    emits_update_before: bool = True
    ttl_ms: int = 0
    final_only: bool = False
    description: str = ""

    def build(self) -> Operator:
        if self.final_only:
            return _FinalTopN(self)
        is_plain = self.rank_kind == "ROW_NUMBER" and not self.ttl_ms
        return _TopN(self) if is_plain else _RankedTopN(self)


def rank_column(kind: str, partitions: Partitions, ties: Partitions) -> pl.Series:
    """The rank of each sorted row."""
    if kind == "RANK":
        return ranking.ranks(partitions, ties)
    if kind == "DENSE_RANK":
        return ranking.dense_ranks(partitions, ties)
    return ranking.row_numbers(partitions)


def ranked(
    frame: pl.DataFrame, partition: Sequence[str], order: Sequence[ColumnOrder], kind: str
) -> pl.DataFrame:
    """``frame`` by partition and order, with the column ``rank``."""
    by = sorted_by(frame, order)
    if partition:
        by = by.sort(partition, maintain_order=True, nulls_last=False)
    one = constant(0, by.height, pl.Int64)
    partitions = partitions_of(one)
    if partition:
        partitions = ties_of(by, list(partition), partitions)
    ties = ties_of(by, [column_name(each.position) for each in order], partitions)
    return by.with_columns(rank_column(kind, partitions, ties).alias(RANK))


class _TopN(Operator):
    """By row number: a kernel keeps the order."""

    def __init__(self, spec: TopNSpec) -> None:
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._rows = TopRows(
            polars_schema(spec.input_types),
            spec.partition,
            [SortColumn(o.position, o.ascending, o.nulls_first) for o in spec.order],
            spec.first,
            spec.last,
            has_rank=spec.has_rank,
            retracts=spec.input_retracts,
            emits_update_before=spec.emits_update_before,
            max_parallelism=context.max_parallelism,
            identity=spec.unique_key,
        )
        context.keyed_store.attach("rows", self._rows)
        width = len(spec.input_types) + spec.has_rank
        self._names = column_names(width)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame, kinds = batch.frame, batch.kinds
        if kinds is not None:
            change = net_change(batch)
            if change is None:
                return
            frame = pl.concat([change.removed, change.added])
            kinds = pl.Series([DELETE] * change.removed.height + [INSERT] * change.added.height)
            kinds = kinds.cast(pl.Int8)
        changed, changed_kinds = self._rows.process(frame, kinds)
        if changed.height:
            changed.columns = list(self._names)
            self.output.emit(ColumnBatch(changed, plain_kinds(changed_kinds)))


class _RankedTopN(Operator):
    """By RANK or DENSE_RANK, or with a time to live: partitions are ranked before and after."""

    def __init__(self, spec: TopNSpec) -> None:
        self._spec = spec
        self._names = list(column_names(len(spec.input_types)))

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._rows = TouchedRows(
            spec.partition,
            spec.input_types,
            context,
            ttl_ms=spec.ttl_ms,
            unique_key=spec.unique_key,
        )

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        touched = self._rows.touch(batch)
        if touched is None:
            return
        before, after = self._ranked(touched.before), self._ranked(touched.after)
        kept = after
        if not self._spec.input_retracts:
            kept = after.filter(pl.col(RANK) <= self._spec.last)
        self._rows.store(touched.before, kept)
        changes = self._difference(self._shown(before), self._shown(after))
        if changes is not None:
            self.output.emit(changes)

    def _ranked(self, rows: pl.DataFrame) -> pl.DataFrame:
        return ranked(rows, [SLOT], self._spec.order, self._spec.rank_kind)

    def _shown(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.filter(pl.col(RANK).is_between(self._spec.first, self._spec.last))

    def _difference(self, before: pl.DataFrame, after: pl.DataFrame) -> ColumnBatch | None:
        spec = self._spec
        names = [*self._names, RANK] if spec.has_rank else self._names
        if spec.rank_kind == "ROW_NUMBER" and (spec.has_rank or spec.first == spec.last):
            place = [SLOT, RANK] if spec.has_rank else [SLOT]
            return difference(
                before, after, place, names, emits_update_before=spec.emits_update_before
            )
        on = [ID, RANK] if spec.has_rank else [ID]
        left = before.join(after, on=on, how="anti", maintain_order="left")
        came = after.join(before, on=on, how="anti", maintain_order="left")
        return deletes_and_inserts(
            output_columns(left, self._names, spec.has_rank),
            output_columns(came, self._names, spec.has_rank),
        )


def output_columns(rows: pl.DataFrame, names: list[str], has_rank: bool) -> pl.DataFrame:
    """The columns of the input, and the rank after them if it is wanted."""
    if not has_rank:
        return rows.select(names)
    return rows.select(*names, pl.col(RANK).alias(column_name(len(names))))


class _FinalTopN(Operator):
    """Ranks a bounded input when it ends."""

    def __init__(self, spec: TopNSpec) -> None:
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._input = WholeInput(context, self._spec.input_types, self._spec.partition)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._input.add(batch)

    def finish(self) -> None:
        rows = self._input.take()
        if rows is None:
            return
        spec = self._spec
        partition = [column_name(i) for i in spec.partition]
        by_rank = ranked(rows, partition, spec.order, spec.rank_kind)
        shown = by_rank.filter(pl.col(RANK).is_between(spec.first, spec.last))
        if shown.height:
            names = list(column_names(len(spec.input_types)))
            self.output.emit(ColumnBatch(output_columns(shown, names, spec.has_rank)))
