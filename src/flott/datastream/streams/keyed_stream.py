"""``KeyedStream``: a stream divided by key, where functions have state and timers for each key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from flott.common.errors import ProgramError
from flott.core.partitioner import HashKey, Partitioner
from flott.datastream.functions.process_functions import KeyedProcessFunction, ProcessFunction
from flott.datastream.functions.row_functions import KeySelector, ReduceFunction
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.key_type import typed_key_selector
from flott.datastream.streams.kinds import KINDS
from flott.datastream.streams.record_type import result_type, to_declared
from flott.operators.rows.process import KeyedProcessSpec
from flott.operators.rows.reduce import KeyedReduceSpec
from flott.operators.rows.rolling_aggregate import RollingAggregateSpec
from flott.plan.stream_plan import StreamNode

if TYPE_CHECKING:
    from flott.datastream.streams.interval_join import IntervalJoin
    from flott.datastream.streams.windowed_stream import WindowedStream
    from flott.operators.window import WindowAssigner

__all__ = ["KeyedStream"]


class KeyedStream(DataStream):
    """A stream of which each record has a key; made by ``stream.key_by(...)``.

    All of DataStream's operations work here too; functions with ``open`` may ask for state there.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> sales = env.from_collection([("tea", 2), ("cup", 5), ("tea", 3)])
    >>> list(sales.key_by(lambda sale: sale[0]).sum(1).execute_and_collect())
    [('tea', 2), ('cup', 5), ('tea', 5)]
    """

    def __init__(
        self, origin: DataStream, key_selector: Callable[[Any], Any], key_type: Any
    ) -> None:
        self._origin = origin
        self._key_type = to_declared(key_type)
        self._key_selector = typed_key_selector(key_selector, self._key_type)
        outputs = origin._partitioned(HashKey(self._key_selector))
        super().__init__(origin._environment, outputs, origin._record_type)

    def process(  # type: ignore[override]
        self, func: KeyedProcessFunction, output_type: Any = None
    ) -> DataStream:
        """Process each record with state and timers of its key.

        Args:
            func: a KeyedProcessFunction.
            output_type: the type of the results; results are converted to it.
        """
        if isinstance(func, ProcessFunction):
            raise TypeError(
                f"process: {type(func).__name__} is a ProcessFunction; a keyed stream needs a "
                "KeyedProcessFunction."
            )
        check_function(func, "process", KeyedProcessFunction)
        record_type = result_type(output_type, func, "process_element", of_elements=True)
        spec = KeyedProcessSpec(func, self._key_selector, record_type.declared)
        return self._transform(spec, "KEYED PROCESS", record_type)

    def reduce(self, func: Callable[[Any, Any], Any] | ReduceFunction[Any]) -> DataStream:
        """Join the records of each key, one after the other, and give each step.

        In BATCH mode only the last step of each key comes out.

        Args:
            func: a callable of what was reduced so far and the next record, or a ReduceFunction.
        """
        check_function(func, "reduce", ReduceFunction, or_callable=True)
        record_type = self._record_type
        spec = KeyedReduceSpec(func, self._key_selector, record_type.declared)
        return self._transform(spec, "Reduce", record_type)

    def sum(self, position_to_sum: int | str = 0) -> DataStream:
        """Keep the sum of a field for each key; the other fields stay those of the first record.

        Args:
            position_to_sum: position or name of the field; 0 where records have no fields.
        """
        return self._aggregate("sum", position_to_sum)

    def min(self, position_to_min: int | str = 0) -> DataStream:
        """Keep the minimum of a field for each key; other fields stay those of the first."""
        return self._aggregate("min", position_to_min)

    def max(self, position_to_max: int | str = 0) -> DataStream:
        """Keep the maximum of a field for each key; other fields stay those of the first."""
        return self._aggregate("max", position_to_max)

    def min_by(self, position_to_min_by: int | str = 0) -> DataStream:
        """Keep for each key the first record with the minimum of a field."""
        return self._aggregate("min_by", position_to_min_by)

    def max_by(self, position_to_max_by: int | str = 0) -> DataStream:
        """Keep for each key the first record with the maximum of a field."""
        return self._aggregate("max_by", position_to_max_by)

    def window(self, window_assigner: WindowAssigner[Any, Any]) -> WindowedStream:
        """Group the records of each key into windows.

        Args:
            window_assigner: for example ``TumblingEventTimeWindows.of(Time.minutes(5))``.
        """
        return KINDS.windowed(self, window_assigner)

    def count_window(self, size: int, slide: int = 0) -> WindowedStream:
        """Group the records of each key by number; windows that do not fill up never fire.

        Args:
            size: how many records a window holds.
            slide: after how many records the next window begins; ``size`` if not given.
        """
        return KINDS.windowed.of_count(self, size, slide)

    def interval_join(self, other: KeyedStream) -> IntervalJoin:
        """Pair records of the same key whose event times are near each other. Beyond PyFlink.

        Example::

            orders.interval_join(payments).between(Time.minutes(0), Time.minutes(15)).process(f)
        """
        if not isinstance(other, KeyedStream):
            raise TypeError(f"interval_join: expected a KeyedStream, found {other!r}")
        return KINDS.interval_join(self, other)

    def key_by(
        self, key_selector: Callable[[Any], Any] | KeySelector[Any, Any], key_type: Any = None
    ) -> KeyedStream:
        """Divide the stream by another key."""
        return self._origin.key_by(key_selector, key_type)

    def _aggregate(self, kind: str, field: int | str) -> DataStream:
        if not isinstance(field, int | str) or isinstance(field, bool):
            raise TypeError(f"{kind}: expected the position or name of a field, found {field!r}")
        spec = RollingAggregateSpec(kind, field, self._key_selector)
        return self._transform(spec, "Reduce", self._record_type)  # PyFlink's name

    def _repartition(self, partitioner: Partitioner) -> NoReturn:
        raise ProgramError(
            "A keyed stream is divided by its keys already. "
            "Repartition the stream before key_by(...), or the results after it."
        )

    def _own_node(self, setting: str) -> StreamNode:
        raise ProgramError(
            f"A keyed stream has no {setting} to get or set: it is not an operation. "
            "Do so on the stream before key_by(...), or on the operation after it."
        )
