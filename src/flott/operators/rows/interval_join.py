"""Interval join of two keyed streams: pairs whose event times lie close enough.

A left record at time t pairs with right records at t + lower to t + upper. Both sides are buffered
in keyed map state, time -> records, until no record of the other side can pair with them any more;
an event-time timer then removes them. A result has the larger of the two times. A record older
than the watermark is late: it goes to the side output of its side, or is counted and dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.common.state import MapState, MapStateDescriptor
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK
from flott.core.operator import LATE_RECORDS_METRIC, Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.rows.functions import bind_method, describe_function, raise_not_iterable
from flott.operators.rows.row_operator import RowOperator
from flott.operators.rows.side_outputs import SideOutputs

__all__ = ["IntervalJoinSpec"]

_LEFT: Final = 0
_RIGHT: Final = 1
_SIDES: Final = ("left", "right")


@dataclass(frozen=True)
class IntervalJoinSpec(OperatorSpec):
    """An inner join in event time.

    Attributes:
        function: an object with the method ``process_element(left, right, ctx)`` that yields
            results, or a function of both records that gives one result.
        key_selector1: the key selector of the left stream.
        key_selector2: the key selector of the right stream.
        lower_ms: least distance from the left to the right record; may be negative.
        upper_ms: greatest distance.
        lower_inclusive: whether a record at exactly the least distance pairs.
        upper_inclusive: whether a record at exactly the greatest distance pairs.
        left_late_tag: where late left records go; None drops and counts them.
        right_late_tag: where late right records go.
        output_type: the declared type of the results; None lets any object pass.

    Raises:
        ProgramError: if the bounds leave no room between them.
    """

    function: Any
    key_selector1: Any
    key_selector2: Any
    lower_ms: int
    upper_ms: int
    lower_inclusive: bool = True
    upper_inclusive: bool = True
    left_late_tag: OutputTag | None = None
    right_late_tag: OutputTag | None = None
    output_type: Any = None

    def __post_init__(self) -> None:
        least, greatest = self.bounds_ms
        if least > greatest:
            raise ProgramError(
                f"The bounds of an interval join leave nothing between them: {self.lower_ms} ms "
                f"({'in' if self.lower_inclusive else 'ex'}clusive) to {self.upper_ms} ms "
                f"({'in' if self.upper_inclusive else 'ex'}clusive)."
            )

    @property
    def bounds_ms(self) -> tuple[int, int]:
        """Least and greatest distance, both included."""
        return (
            self.lower_ms if self.lower_inclusive else self.lower_ms + 1,
            self.upper_ms if self.upper_inclusive else self.upper_ms - 1,
        )

    def build(self) -> Operator:
        return _IntervalJoin(self)

    @property
    def meaning(self) -> str:
        return f"{describe_function(self.function)} {self.bounds_ms}"


class JoinContext:
    """What a join function learns about the pair in hand."""

    __slots__ = ("_left_ms", "_right_ms")

    def __init__(self) -> None:
        self._left_ms = self._right_ms = MIN_WATERMARK

    def set_times(self, left_ms: int, right_ms: int) -> None:
        """Turn to another pair."""
        self._left_ms, self._right_ms = left_ms, right_ms

    def get_left_timestamp(self) -> int:
        """Return the event time of the left record, in milliseconds."""
        return self._left_ms

    def get_right_timestamp(self) -> int:
        """Return the event time of the right record, in milliseconds."""
        return self._right_ms

    def timestamp(self) -> int:
        """Return the event time of the results: the larger of the two."""
        return max(self._left_ms, self._right_ms)


class _IntervalJoin(RowOperator):
    def __init__(self, spec: IntervalJoinSpec) -> None:
        super().__init__(spec.function, spec.output_type, (spec.key_selector1, spec.key_selector2))
        self._join = bind_method(spec.function, "process_element")
        self._gives_many = hasattr(spec.function, "process_element")
        self._late_tags = (spec.left_late_tag, spec.right_late_tag)
        least, greatest = spec.bounds_ms
        #: For each side: where the other side's partners lie relative to a record.
        self._reach = ((least, greatest), (-greatest, -least))

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._store = context.keyed_store
        self._buffers = tuple(
            cast(
                MapState[int, tuple[Any, ...]],
                self._store.state(MapStateDescriptor(f"{side} buffer")),
            )
            for side in _SIDES
        )
        self._timers = context.timer_service("interval-join", self._clean, self._clean)
        self._ctx = JoinContext()
        self._sides = SideOutputs()
        self._late = context.metrics.counter(LATE_RECORDS_METRIC)
        self._results: list[Any] = []
        self._times: list[int] = []

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        key_of = self._key_of[input_index]
        assert key_of is not None
        keys = self.keys_of(batch.values, key_of)
        if batch.timestamps is None:
            raise ProgramError(
                f"Interval join '{self.context.operator_name}' received {_SIDES[input_index]} "
                "records without timestamps. Call assign_timestamps_and_watermarks() before it."
            )
        watermark = self._timers.current_watermark
        store, buffer = self._store, self._buffers[input_index]
        after_ms = max(0, self._reach[input_index][1])
        for value, key, timestamp in zip(batch.values, keys, batch.timestamps, strict=True):
            if timestamp < watermark:
                self._drop_late(value, timestamp, input_index)
                continue
            store.current_key = key
            buffer.put(timestamp, (*(buffer.get(timestamp) or ()), value))
            self._join_with_others(value, timestamp, input_index)
            self._timers.register_event_time(timestamp + after_ms, key, _SIDES[input_index])
        self._emit()

    def _join_with_others(self, value: Any, timestamp: int, side: int) -> None:
        least, greatest = (timestamp + reach for reach in self._reach[side])
        others = self._buffers[1 - side]
        partners = sorted(time for time in others if least <= time <= greatest)
        for other_time in partners:
            for other in others.get(other_time) or ():
                if side == _LEFT:
                    self._call(value, other, timestamp, other_time)
                else:
                    self._call(other, value, other_time, timestamp)

    def _call(self, left: Any, right: Any, left_ms: int, right_ms: int) -> None:
        timestamp = max(left_ms, right_ms)
        if not self._gives_many:
            self._add(self._join(left, right), timestamp)
            return
        self._ctx.set_times(left_ms, right_ms)
        found = self._join(left, right, self._ctx)
        try:
            for result in () if found is None else found:
                if type(result) is tuple and len(result) == 2 and type(result[0]) is OutputTag:
                    self._sides.add(result[0], result[1], timestamp)
                else:
                    self._add(result, timestamp)
        except TypeError as error:
            raise_not_iterable(self.context.operator_name, "process_element", found, error)

    def _add(self, result: Any, timestamp: int) -> None:
        self._results.append(result)
        self._times.append(timestamp)

    def _drop_late(self, value: Any, timestamp: int, side: int) -> None:
        tag = self._late_tags[side]
        if tag is None:
            self._late.inc()
        else:
            self._sides.add(tag, value, timestamp)

    def _emit(self) -> None:
        if self._results:
            results, times = self._results, self._times
            self._results, self._times = [], []
            self.emit_results(results, times)
        self._sides.flush(self.output)

    def process_watermark(self, timestamp: int) -> None:
        self._timers.advance_watermark(timestamp)
        self.output.emit_watermark(timestamp)

    def _clean(self, timestamp: int, key: Any, namespace: Any) -> None:
        """No record that is not late can pair any more with those of this time."""
        side = _SIDES.index(namespace)
        self._store.current_key = key
        self._buffers[side].remove(timestamp - max(0, self._reach[side][1]))
