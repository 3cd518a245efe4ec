"""Interval join: pairs of records of one key whose event times are near each other.

Beyond PyFlink, named as in Flink's Java. It is an inner join in event time; a result has the later
of the two timestamps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.common.time import Duration, Time, to_milliseconds
from flott.datastream.functions.join_functions import ProcessJoinFunction
from flott.datastream.streams.base_stream import add_operation
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.record_type import result_type
from flott.operators.rows.interval_join import IntervalJoinSpec

if TYPE_CHECKING:
    from flott.datastream.streams.data_stream import DataStream
    from flott.datastream.streams.keyed_stream import KeyedStream

__all__ = ["IntervalJoin", "IntervalJoined"]


@dataclass(frozen=True, slots=True)
class IntervalJoin:
    """Two keyed streams to be joined; made by ``left.interval_join(right)``."""

    left: KeyedStream
    right: KeyedStream

    def in_event_time(self) -> IntervalJoin:
        """Join in event time, as it is anyway."""
        return self

    def in_processing_time(self) -> IntervalJoin:
        """Not available, in Flink neither.

        Raises:
            ProgramError: always.
        """
        raise ProgramError("interval_join: records are joined by event time only")

    def between(self, lower_bound: Time | Duration, upper_bound: Time | Duration) -> IntervalJoined:
        """Pair a left record at t with right records at t + lower to t + upper, both included.

        Args:
            lower_bound: may be negative: right records may be older than the left one.
            upper_bound: not less than ``lower_bound``.

        Raises:
            ProgramError: if there is nothing between the bounds.
        """
        lower_ms, upper_ms = to_milliseconds(lower_bound), to_milliseconds(upper_bound)
        if lower_ms > upper_ms:
            raise ProgramError(
                f"interval_join: the lower bound, {lower_ms} ms, is above the upper, {upper_ms} ms"
            )
        return IntervalJoined(self.left, self.right, lower_ms, upper_ms)


@dataclass(frozen=True, slots=True)
class IntervalJoined:
    """Two keyed streams and the bounds of the interval."""

    left: KeyedStream
    right: KeyedStream
    lower_ms: int
    upper_ms: int
    lower_inclusive: bool = True
    upper_inclusive: bool = True
    left_late_tag: OutputTag | None = None
    right_late_tag: OutputTag | None = None

    def lower_bound_exclusive(self) -> IntervalJoined:
        """Leave out right records at exactly the lower bound."""
        return replace(self, lower_inclusive=False)

    def upper_bound_exclusive(self) -> IntervalJoined:
        """Leave out right records at exactly the upper bound."""
        return replace(self, upper_inclusive=False)

    def side_output_left_late_data(self, output_tag: OutputTag) -> IntervalJoined:
        """Send late left records to a side output; else they are dropped and counted."""
        return replace(self, left_late_tag=output_tag)

    def side_output_right_late_data(self, output_tag: OutputTag) -> IntervalJoined:
        """Send late right records to a side output; else they are dropped and counted."""
        return replace(self, right_late_tag=output_tag)

    def process(
        self,
        func: ProcessJoinFunction[Any, Any, Any] | Callable[[Any, Any], Any],
        output_type: Any = None,
    ) -> DataStream:
        """Make results of each pair.

        Args:
            func: a ProcessJoinFunction, or a callable of both records that gives one result.
            output_type: the type of the results; results are converted to it.
        """
        check_function(func, "interval_join", ProcessJoinFunction, or_callable=True)
        of_elements = isinstance(func, ProcessJoinFunction)
        record_type = result_type(output_type, func, "process_element", of_elements=of_elements)
        spec = IntervalJoinSpec(
            func,
            self.left._key_selector,
            self.right._key_selector,
            self.lower_ms,
            self.upper_ms,
            self.lower_inclusive,
            self.upper_inclusive,
            self.left_late_tag,
            self.right_late_tag,
            record_type.declared,
        )
        return add_operation(spec, "Interval Join", record_type, [self.left, self.right])
