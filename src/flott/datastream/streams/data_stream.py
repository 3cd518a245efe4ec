"""``DataStream``: records without keys, and the operations on them.

The families of methods are elsewhere: settings of the operation (``operator_settings``), division
among subtasks (``partitioning``), meeting other streams (``meeting``), results (``results``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self

from flott.common.errors import ProgramError
from flott.common.typeinfo import TupleTypeInfo
from flott.common.watermark_strategy import WatermarkStrategy
from flott.datastream.functions.process_functions import (
    KeyedProcessFunction,
    ProcessFunction,
)
from flott.datastream.functions.row_functions import (
    FilterFunction,
    FlatMapFunction,
    KeySelector,
    MapFunction,
)
from flott.datastream.streams.checks import check_function, check_parallelism, to_key_function
from flott.datastream.streams.kinds import KINDS
from flott.datastream.streams.meeting import Meeting
from flott.datastream.streams.operator_settings import OperatorSettings
from flott.datastream.streams.partitioning import Partitioning
from flott.datastream.streams.project import Project
from flott.datastream.streams.record_type import RecordType, result_type
from flott.datastream.streams.results import Results
from flott.operators.rows.map import FilterSpec, FlatMapSpec, MapSpec
from flott.operators.rows.process import ProcessSpec
from flott.operators.rows.timestamps import TimestampsSpec
from flott.plan.stream_plan import ChainingStrategy, StreamNode

if TYPE_CHECKING:
    from flott.datastream.streams.all_windowed_stream import AllWindowedStream
    from flott.datastream.streams.keyed_stream import KeyedStream
    from flott.datastream.streams.partition_window_stream import PartitionWindowStream
    from flott.operators.window import WindowAssigner

__all__ = ["DataStream"]


class DataStream(Results, Meeting, Partitioning, OperatorSettings):
    """A stream of records.

    >>> from flott.common import Types
    >>> from flott.datastream import StreamExecutionEnvironment
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> words = env.from_collection(["to be", "or not"]).flat_map(str.split)
    >>> words.map(len, Types.INT()).execute_and_collect(limit=4)
    [2, 2, 2, 3]
    """

    #: What finds the key of a record; None where there are no keys.
    _key_selector: Callable[[Any], Any] | None = None

    def map(
        self, func: Callable[[Any], Any] | MapFunction[Any, Any], output_type: Any = None
    ) -> DataStream:
        """Turn each record into one other.

        Args:
            func: a callable, or a MapFunction.
            output_type: the type of the results; results are converted to it.

        Raises:
            TypeError: if ``func`` is neither.
        """
        check_function(func, "map", MapFunction, or_callable=True)
        record_type = result_type(output_type, func, "map")
        spec = MapSpec(func, record_type.declared, self._key_selector)
        return self._transform(spec, "Map", record_type)

    def flat_map(
        self,
        func: Callable[[Any], Iterable[Any] | None] | FlatMapFunction[Any, Any],
        output_type: Any = None,
    ) -> DataStream:
        """Turn each record into none, one or many others.

        Args:
            func: a callable that returns or yields results, or a FlatMapFunction; None means none.
            output_type: the type of the results; results are converted to it.
        """
        check_function(func, "flat_map", FlatMapFunction, or_callable=True)
        record_type = result_type(output_type, func, "flat_map", of_elements=True)
        spec = FlatMapSpec(func, record_type.declared, self._key_selector)
        return self._transform(spec, "FlatMap", record_type)

    def filter(self, func: Callable[[Any], Any] | FilterFunction[Any]) -> DataStream:
        """Keep the records for which the function is true.

        Args:
            func: a callable, or a FilterFunction.
        """
        check_function(func, "filter", FilterFunction, or_callable=True)
        return self._transform(FilterSpec(func, self._key_selector), "Filter", self._record_type)

    def process(self, func: ProcessFunction, output_type: Any = None) -> DataStream:
        """Process each record with access to its timestamp and to side outputs.

        Args:
            func: a ProcessFunction; for timers and state, call ``key_by`` first.
            output_type: the type of the results; results are converted to it.

        Raises:
            ProgramError: if it is a KeyedProcessFunction.
        """
        if isinstance(func, KeyedProcessFunction):
            raise ProgramError(
                f"process: {type(func).__name__} is a KeyedProcessFunction and this stream has no "
                "keys. Call key_by(...) before process(...)."
            )
        check_function(func, "process", ProcessFunction)
        record_type = result_type(output_type, func, "process_element", of_elements=True)
        return self._transform(ProcessSpec(func, record_type.declared), "PROCESS", record_type)

    def assign_timestamps_and_watermarks(self, watermark_strategy: WatermarkStrategy) -> DataStream:
        """Assign event times to the records, and generate watermarks from these.

        Where the source can do it, prefer ``env.from_source(source, watermark_strategy, ...)``,
        which makes watermarks for each split by itself.
        """
        if not isinstance(watermark_strategy, WatermarkStrategy):
            raise TypeError(
                "assign_timestamps_and_watermarks: expected a WatermarkStrategy, "
                f"found {watermark_strategy!r}"
            )
        return self._transform(
            TimestampsSpec(watermark_strategy), "Timestamps/Watermarks", self._record_type
        )

    def project(self, *field_indexes: int) -> DataStream:
        """Keep some fields of tuples, in the order named.

        Raises:
            ProgramError: if the records are not declared as tuples, or have no such field.

        >>> from flott.common import Types
        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> pairs = env.from_collection([(1, "a")], Types.TUPLE([Types.INT(), Types.STRING()]))
        >>> pairs.project(1).get_type()
        TupleTypeInfo(String)
        """
        record_type = self._record_type
        if not isinstance(record_type.info, TupleTypeInfo):
            raise ProgramError(
                "project: only streams of tuples can be projected, and the type here is "
                f"{record_type.shown}. Declare it: output_type=Types.TUPLE([...])."
            )
        types = record_type.info.get_field_types()
        for index in field_indexes:
            if index not in range(len(types)):
                raise ProgramError(f"project: there is no field {index!r} in {record_type.info}")
        projected = RecordType(
            TupleTypeInfo([types[index] for index in field_indexes]), record_type.origin
        )
        return self._transform(MapSpec(Project(field_indexes)), "Projection", projected)

    def key_by(
        self, key_selector: Callable[[Any], Any] | KeySelector[Any, Any], key_type: Any = None
    ) -> KeyedStream:
        """Divide the stream by key: all records of a key meet in one subtask, in order.

        Args:
            key_selector: gives the key of a record: hashable, and the same whenever asked.
            key_type: the type of the keys.
        """
        selector = to_key_function(key_selector, "key_by", KeySelector, "get_key")
        return KINDS.keyed(self, selector, key_type)

    def window_all(self, window_assigner: WindowAssigner[Any, Any]) -> AllWindowedStream:
        """Group all records into windows; this runs in one subtask only.

        Args:
            window_assigner: for example ``TumblingEventTimeWindows.of(Time.minutes(5))``.
        """
        return KINDS.all_windowed(self, window_assigner)

    def full_window_partition(self) -> PartitionWindowStream:
        """See all records of a subtask, or of a key, together at the end. Beyond PyFlink."""
        return KINDS.partition_window(self)

    def get_name(self) -> str:
        """Return the name of the operation."""
        return self._own_node("name").name

    def set_max_parallelism(self, max_parallelism: int) -> Self:
        """Set the number of key groups: the highest parallelism the operation can ever have."""
        node = self._own_node("max parallelism")
        node.max_parallelism = check_parallelism(max_parallelism, "set_max_parallelism")
        return self

    def force_non_parallel(self) -> Self:
        """Fix the parallelism at 1."""
        node = self._own_node("parallelism")
        node.parallelism = node.max_parallelism = 1
        node.fixed_parallelism = True
        return self

    def set_buffer_timeout(self, timeout_millis: int) -> Self:
        """Accepted without effect: batches never wait here."""
        self._own_node("buffer timeout").buffer_timeout_ms = timeout_millis
        return self

    def start_new_chain(self) -> Self:
        """Let a new task begin with this operation."""
        self._own_node("chaining").chaining = ChainingStrategy.HEAD
        return self

    def _own_node(self, setting: str) -> StreamNode:
        edge = self._outputs[0]
        if len(self._outputs) > 1 or edge.partitioner is not None:
            raise ProgramError(
                f"There is no {setting} to get or set here: the stream is a union or was only "
                "repartitioned, it is not an operation. Do so on the operation before or after."
            )
        return edge.source
