"""Regular joins: every row of one side with its partners of the other, whenever they come.

Both sides are kept, for as long as the other can bring partners. A batch probes the other side in
one call; what the result changes by goes out as one batch. In BATCH mode nothing is taken back: a
row without a partner waits until the other side has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from flott.common.logical_types import DataType
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.expression import Predicate
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.columns.joins import sides as s
from flott.operators.columns.joins.null_aware import MaybeEqual, NullAwareAntiJoin

#: Pairs that a join without a key makes in one go.
_PAIRS_MAX: Final = 1 << 20


@dataclass(frozen=True)
class JoinSpec(OperatorSpec):
    """Joins input 0, the left side, with input 1.

    Outputs the left columns, then, but for SEMI and ANTI, the right ones.

    Attributes:
        join_kind: INNER, LEFT, RIGHT, FULL, SEMI, ANTI or CROSS.
        left_keys: Columns that must equal ...
        right_keys: ... these, pair by pair; none for a join by condition only, or a cross join.
        null_safe: For each pair of keys, whether NULL equals NULL.
        condition: What a pair must fulfil besides, over the left, then the right columns.
        left_types: Types of the left columns.
        right_types: Types of the right columns.
        left_retracts: Whether left rows may be taken back.
        right_retracts: Whether right rows may be taken back.
        left_unique: Columns no two left rows share, where rows replace each other without -U.
        right_unique: The same for the right side.
        null_aware: An ANTI join for NOT IN: a NULL among the right keys lets nothing pass, a NULL
            in a left key passes only if there is no right row.
        left_ttl_ms: How long a left row stays after it was last written; 0 for ever.
        right_ttl_ms: The same for the right side.
        final_only: Nothing is taken back; for bounded inputs.
        comparisons: What a pair must fulfil besides ``condition``: columns of integers, dates or
            times that compare by ``=``, ``<>``, ``<``, ``<=``, ``>`` or ``>=``.
        outputs: Which columns leave, where all of them have the columns of both sides; ``None``
            for all.
    """

    join_kind: str
    left_keys: tuple[int, ...]
    right_keys: tuple[int, ...]
    null_safe: tuple[bool, ...]
    condition: Predicate | None
    left_types: tuple[DataType, ...]
    right_types: tuple[DataType, ...]
    left_retracts: bool = False
    right_retracts: bool = False
    left_unique: tuple[int, ...] | None = None
    right_unique: tuple[int, ...] | None = None
    null_aware: bool = False
    left_ttl_ms: int = 0
    right_ttl_ms: int = 0
    final_only: bool = False
    comparisons: tuple[tuple[int, str, int], ...] = ()
    outputs: tuple[int, ...] | None = None
    description: str = ""

    def build(self) -> Operator:
        assert self.join_kind in s.KINDS, self.join_kind
        assert len(self.left_keys) == len(self.right_keys) == len(self.null_safe)
        if not self.null_aware:
            return _Join(self)
        if len(self.left_keys) == 1:
            return NullAwareAntiJoin(self)
        may_equal = MaybeEqual(self.left_keys, self.right_keys, len(self.left_types))
        no_keys: tuple[int, ...] = ()
        return _Join(
            replace(self, left_keys=no_keys, right_keys=no_keys, null_safe=(), condition=may_equal)
        )

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def counts_left(self) -> bool:
        """Whether it matters how many partners a left row has."""
        return s.pads(self.join_kind, s.LEFT) or not s.has_right_columns(self.join_kind)


class _Join(Operator):
    def __init__(self, spec: JoinSpec) -> None:
        self._spec = spec
        retracts = spec.left_retracts or spec.right_retracts
        self._is_final = spec.final_only and not retracts
        make_shape = s.final_shape_of if self._is_final else s.shape_of
        self._shapes = [make_shape(spec.join_kind, side) for side in (s.LEFT, s.RIGHT)]
        for shape in self._shapes:
            for comparison in spec.comparisons:
                shape.compare(*comparison)
            shape.outputs = list(spec.outputs or ())
        self._has_ttl = spec.left_ttl_ms > 0 or spec.right_ttl_ms > 0

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        if spec.condition is not None:
            spec.condition.open(context)
        left = s.SideOptions(
            spec.left_types,
            spec.left_keys,
            spec.left_retracts,
            spec.left_unique,
            spec.counts_left,
            spec.left_ttl_ms,
        )
        right = s.SideOptions(
            spec.right_types,
            spec.right_keys,
            spec.right_retracts,
            spec.right_unique,
            s.pads(spec.join_kind, s.RIGHT),
            spec.right_ttl_ms,
        )
        self._sides = s.Sides(context, left, right, spec.null_safe)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        if self._spec.left_keys:
            self._join(batch, input_index)
            return
        # Without a key every row meets every row: a few rows at a time.
        rows = max(1, _PAIRS_MAX // max(1, len(self._sides.rows[1 - input_index])))
        for start in range(0, batch.row_count, rows):
            self._join(batch.slice(start, min(start + rows, batch.row_count)), input_index)

    def _join(self, batch: ColumnBatch, side: int) -> None:
        now_ms = self.context.clock.now_ms() if self._has_ttl else 0
        step = self._sides.step(batch, side, self._shapes[side], now_ms)
        for changes in s.finished(step, self._spec.condition, self._spec.outputs):
            self.output.emit(changes)

    def end_input(self, input_index: int) -> None:
        """The other side's rows find no more partners: those kept are not needed any more."""
        side = 1 - input_index
        if self._is_final:
            self._emit_unmatched(side)
        self._shapes[side].keeps_rows = False
        self._sides.rows[side].clear()

    def _emit_unmatched(self, side: int) -> None:
        kind = self._spec.join_kind
        if kind == "ANTI" and side == s.LEFT:
            for ids in self._sides.unmatched(side):
                self.output.emit(ColumnBatch(self._sides.plain(side, ids)))
        elif s.pads(kind, side):
            for ids in self._sides.unmatched(side):
                padded = s.chosen(self._sides.padded(side, ids), self._spec.outputs)
                self.output.emit(ColumnBatch(padded))
