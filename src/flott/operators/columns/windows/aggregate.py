"""Aggregates over the windows of a table function: TUMBLE, HOP, CUMULATE, SESSION."""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.logical_types import DataType
from flott.core.operator import Operator, OperatorSpec
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.windows.session_operator import SessionWindowOperator
from flott.operators.columns.windows.slice_operator import SliceWindowOperator
from flott.operators.columns.windows.updates import UpdatingWindowOperator


@dataclass(frozen=True)
class WindowAggregateSpec(OperatorSpec):
    """Aggregates by key and window; the output has keys, calls and ``window_columns``.

    A window is emitted once, when the watermark (or the clock) has passed its last millisecond.
    Rows of windows that are over are dropped and counted.

    Attributes:
        window_kind: TUMBLE, HOP, CUMULATE or SESSION.
        time_column: The time attribute; not looked at for processing time.
        size_ms: Length of a window; the gap of SESSION.
        slide_ms: Time between windows of HOP; the step of CUMULATE.
        offset_ms: Shifts all borders.
        keys: Positions of the key columns.
        calls: The aggregates.
        input_types: Types of the input's columns.
        window_columns: Of window_start, window_end and window_time those that are put out.
        is_event_time: Whether watermarks, not the clock, say what is over.
        zone: Time zone of the borders; ``None`` for times without a zone.
        input_retracts: Whether the input has -U or -D.
        final_only: BATCH: everything at the end.
        allowed_lateness_ms: How long windows take rows after their end.
        early_fire_ms: Windows are emitted before their end: with every batch, however seldom is
            asked for.
        late_fire_ms: The same after their end.
        emits_update_before: Whether consumers need -U.
        description: Text for plans.
    """

    window_kind: str
    time_column: int
    size_ms: int
    slide_ms: int
    offset_ms: int
    keys: tuple[int, ...]
    calls: tuple[AggregateColumn, ...]
    input_types: tuple[DataType, ...]
    window_columns: tuple[str, ...]
    is_event_time: bool = True
    zone: str | None = None
    input_retracts: bool = False
    final_only: bool = False
    allowed_lateness_ms: int = 0
    early_fire_ms: int | None = None
    late_fire_ms: int | None = None
    emits_update_before: bool = True
    description: str = ""

    def build(self) -> Operator:
        if self.early_fire_ms is not None or self.late_fire_ms is not None:
            assert self.window_kind != "SESSION", "planned otherwise"
            return UpdatingWindowOperator(self)
        if self.window_kind != "SESSION":
            return SliceWindowOperator(self)
        return SessionWindowOperator(
            self.keys,
            self.calls,
            self.input_types,
            self.time_column,
            self.size_ms,
            self.window_columns,
            self.zone,
            self.is_event_time,
            self.input_retracts,
            self.final_only,
        )

    @property
    def kind(self) -> str:
        return "WindowAggregate"

    @property
    def meaning(self) -> str:
        return self.description
