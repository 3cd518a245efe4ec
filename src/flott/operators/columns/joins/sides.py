"""The two sides of a join: their rows, under one index of the join key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_names, polars_schema
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.expression import Predicate
from flott.kernels import _native
from flott.kernels.columns.frames import to_frame, to_series
from flott.kernels.columns.row_store import KeyedRows, key_index

LEFT: Final = 0
RIGHT: Final = 1

#: Kinds of join, as ``JoinSpec.join_kind`` spells them.
KINDS: Final = ("INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI", "CROSS")
_RESULTS: Final = {"SEMI": 1, "ANTI": 2}
#: Rows that are sent on in one batch where a join lets go of many at once.
_BATCH_ROWS: Final = 65_536


def pads(kind: str, side: int) -> bool:
    """Whether rows of ``side`` that have no partner come out with NULLs."""
    return kind == "FULL" or kind == ("LEFT", "RIGHT")[side]


def has_right_columns(kind: str) -> bool:
    """Whether the result has the columns of both sides."""
    return kind not in _RESULTS


def never_null(null_safe: Sequence[bool]) -> tuple[int, ...]:
    """The keys, by position among the keys, in which NULL equals nothing."""
    return tuple(i for i, is_safe in enumerate(null_safe) if not is_safe)


@dataclass(frozen=True)
class SideOptions:
    """What a side's rows must be able to do; see ``KeyedRows``."""

    types: tuple[DataType, ...]
    keys: tuple[int, ...]
    retracts: bool = False
    unique: tuple[int, ...] | None = None
    counts_matches: bool = False
    ttl_ms: int = 0
    sorted_by: int | None = None

    @property
    def is_tracked(self) -> bool:
        """Whether single rows go, or are counted."""
        is_timed = self.ttl_ms > 0 or self.sorted_by is not None
        return self.retracts or self.counts_matches or is_timed

    @property
    def identity(self) -> tuple[int, ...] | None:
        """The unique columns that the key does not have already."""
        if self.unique is None:
            return None
        return () if set(self.unique) <= set(self.keys) else self.unique


class Sides:
    """Both stores, attached to the operator's keyed state.

    Attributes:
        rows: The left and the right rows.
        index: Finds the slot of a key; ``None`` without one.
    """

    def __init__(
        self,
        context: OperatorContext,
        left: SideOptions,
        right: SideOptions,
        null_safe: Sequence[bool],
    ) -> None:
        options = (left, right)
        schemas = [polars_schema(each.types) for each in options]
        self.index = key_index(schemas[LEFT], left.keys)
        self.rows = tuple(
            KeyedRows(
                schema,
                each.keys,
                context.max_parallelism,
                identity=each.retracts,
                unique=each.identity if each.retracts else None,
                ttl_ms=each.ttl_ms,
                sorted_by=each.sorted_by,
                is_tracked=each.is_tracked,
                never_null=never_null(null_safe),
                index=self.index,
            )
            for schema, each in zip(schemas, options, strict=True)
        )
        self._empty = tuple(pl.DataFrame(schema=schema) for schema in schemas)
        names = column_names(len(left.types) + len(right.types))
        self._right_names = list(names[len(left.types) :])
        for name, rows in zip(("left", "right"), self.rows, strict=True):
            context.keyed_store.attach(name, rows)

    def step(
        self, batch: ColumnBatch, side: int, shape: _native.JoinShape, now_ms: int
    ) -> _native.JoinStep:
        """Keep the rows of a batch and find their partners."""
        own, other = self.rows[side], self.rows[1 - side]
        return _native.JoinStep(
            self.index,
            own.native,
            other.native,
            batch.frame,
            own.key,
            own.never_null,
            batch.kinds,
            shape,
            now_ms,
        )

    def unmatched(self, side: int) -> Iterator[pl.Series]:
        """Ids of the rows of ``side`` that have had no partner, in parts."""
        return in_parts(to_series(self.rows[side].native.unmatched()))

    def padded(self, side: int, ids: pl.Series) -> pl.DataFrame:
        """Rows of ``side`` with NULL in the columns of the other."""
        return self.with_nulls(side, self.plain(side, ids))

    def with_nulls(self, side: int, own: pl.DataFrame) -> pl.DataFrame:
        """Columns of ``side`` with NULL in the columns of the other."""
        nulls = self._empty[1 - side].clear(own.height)
        left, right = (own, nulls) if side == LEFT else (nulls, own)
        right = right.clone()
        right.columns = self._right_names
        return left.hstack(right)

    def plain(self, side: int, ids: pl.Series) -> pl.DataFrame:
        """Rows of ``side``."""
        return to_frame(self.rows[side].native.gather(ids))


def in_parts(rows: pl.Series) -> Iterator[pl.Series]:
    """``rows`` in parts that make a batch each."""
    for start in range(0, rows.len(), _BATCH_ROWS):
        yield rows.slice(start, _BATCH_ROWS)


def shape_of(kind: str, side: int, **by_time: int) -> _native.JoinShape:
    """What a batch of ``side`` does to the result of a join of ``kind``."""
    return _native.JoinShape(
        _RESULTS.get(kind, 0),
        side == LEFT,
        pads(kind, side),
        pads(kind, 1 - side),
        False,
        **by_time,
    )


def final_shape_of(kind: str, side: int, **by_time: int) -> _native.JoinShape:
    """The same where nothing is taken back, and rows without a partner wait."""
    return _shape_of(kind, side, True, **by_time)


def _shape_of(kind: str, side: int, is_final: bool, **by_time: int) -> _native.JoinShape:
    result = _RESULTS.get(kind, 0)
    return _native.JoinShape(
        result, side == LEFT, pads(kind, side), pads(kind, 1 - side), is_final, **by_time
    )


def chosen(frame: pl.DataFrame, outputs: Sequence[int] | None) -> pl.DataFrame:
    """The columns ``outputs`` under names by position."""
    if outputs is None:
        return frame
    columns, names = frame.get_columns(), column_names(len(outputs))
    return pl.DataFrame(
        [columns[place].alias(name) for place, name in zip(outputs, names, strict=True)]
    )


def finished(
    step: _native.JoinStep, condition: Predicate | None, outputs: Sequence[int] | None = None
) -> Iterator[ColumnBatch]:
    """The changes of the result, pairs that fail the condition left out, in batches of a usual
    size, however many partners a row has. Of results with the columns of both sides, the columns
    ``outputs``."""
    mask = None
    if condition is not None and step.pairs:
        candidates = to_frame(step.candidates())
        mask = condition.evaluate(candidates)
        if step.is_plain:
            step.close()
            candidates = chosen(candidates, outputs)
            passing = candidates if mask.all() else candidates.filter(mask)
            if passing.height:
                yield ColumnBatch(passing)
            return
    step.finish(mask)
    while (native := step.take(_BATCH_ROWS)) is not None:
        frame = to_frame(native)
        yield ColumnBatch(frame, frame.drop_in_place("kind") if step.has_kinds else None)
