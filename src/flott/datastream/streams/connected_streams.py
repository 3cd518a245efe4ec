"""``ConnectedStreams``: two streams of different types that one function sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.common.errors import ProgramError
from flott.datastream.functions.process_functions import CoProcessFunction, KeyedCoProcessFunction
from flott.datastream.functions.row_functions import (
    CoFlatMapFunction,
    CoMapFunction,
    KeySelector,
)
from flott.datastream.streams.base_stream import add_operation
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.record_type import result_type
from flott.operators.rows.co_process import CoProcessSpec, KeyedCoProcessSpec
from flott.operators.rows.connect import CoFlatMapSpec, CoMapSpec

__all__ = ["ConnectedStreams"]


class ConnectedStreams:
    """Made by ``first.connect(second)``. There is no order between the two.

    If both are keyed, the function's state for a key is the same for records of either.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> class Merge(CoMapFunction):
    ...     def map1(self, value):
    ...         return value
    ...     def map2(self, value):
    ...         return int(value)
    >>> both = env.from_collection([1]).connect(env.from_collection(["2"])).map(Merge())
    >>> sorted(both.execute_and_collect())
    [1, 2]
    """

    def __init__(self, stream1: DataStream, stream2: DataStream) -> None:
        self.stream1 = stream1
        self.stream2 = stream2

    def key_by(
        self,
        key_selector1: Callable[[Any], Any] | KeySelector[Any, Any],
        key_selector2: Callable[[Any], Any] | KeySelector[Any, Any],
        key_type: Any = None,
    ) -> ConnectedStreams:
        """Divide both streams by key; equal keys of both meet.

        Args:
            key_selector1: gives the key of a record of the first stream.
            key_selector2: gives the key of a record of the second stream.
            key_type: the type of the keys.
        """
        return ConnectedStreams(
            self.stream1.key_by(key_selector1, key_type),
            self.stream2.key_by(key_selector2, key_type),
        )

    def map(self, func: CoMapFunction[Any, Any, Any], output_type: Any = None) -> DataStream:
        """Map both streams to one type; None is no result.

        Args:
            func: a CoMapFunction.
            output_type: the type of the results; results are converted to it.
        """
        check_function(func, "map", CoMapFunction)
        record_type = result_type(output_type, func, "map1")
        spec = CoMapSpec(func, record_type.declared, self._key_selectors())
        return add_operation(spec, "Co-Map", record_type, [self.stream1, self.stream2])

    def flat_map(
        self, func: CoFlatMapFunction[Any, Any, Any], output_type: Any = None
    ) -> DataStream:
        """Turn each record of both streams into none, one or many of one type.

        Args:
            func: a CoFlatMapFunction.
            output_type: the type of the results; results are converted to it.
        """
        check_function(func, "flat_map", CoFlatMapFunction)
        record_type = result_type(output_type, func, "flat_map1", of_elements=True)
        spec = CoFlatMapSpec(func, record_type.declared, self._key_selectors())
        return add_operation(spec, "Co-Flat Map", record_type, [self.stream1, self.stream2])

    def process(
        self, func: CoProcessFunction | KeyedCoProcessFunction, output_type: Any = None
    ) -> DataStream:
        """Process the records of both streams with access to time, side outputs and, keyed, state.

        Args:
            func: a CoProcessFunction, or a KeyedCoProcessFunction if both streams are keyed.
            output_type: the type of the results; results are converted to it.

        Raises:
            ProgramError: if a KeyedCoProcessFunction meets streams without keys.
        """
        check_function(func, "process", CoProcessFunction, KeyedCoProcessFunction)
        record_type = result_type(output_type, func, "process_element1", of_elements=True)
        keys = self._key_selectors()
        inputs = [self.stream1, self.stream2]
        if keys is not None:
            keyed = KeyedCoProcessSpec(func, keys[0], keys[1], record_type.declared)
            return add_operation(keyed, "Keyed Co-Process", record_type, [*inputs])
        if isinstance(func, KeyedCoProcessFunction):
            raise ProgramError(
                f"process: {type(func).__name__} is a KeyedCoProcessFunction and needs keys on "
                "both streams. Call key_by(...) on the connected streams first."
            )
        spec = CoProcessSpec(func, record_type.declared)
        return add_operation(spec, "Co-Process", record_type, [*inputs])

    def _key_selectors(self) -> tuple[Callable[[Any], Any], Callable[[Any], Any]] | None:
        first, second = self.stream1._key_selector, self.stream2._key_selector
        return None if first is None or second is None else (first, second)
