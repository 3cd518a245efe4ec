"""``PartitionWindowStream``: whole partitions of bounded data, seen when the input has ended.

Beyond PyFlink, as in Flink's Java. On a keyed stream a partition is all records of a key,
otherwise all records of a subtask.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from flott.datastream.functions.row_functions import (
    AggregateFunction,
    KeySelector,
    MapPartitionFunction,
    ReduceFunction,
)
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.record_type import RecordType, result_type
from flott.operators.rows.windows.full_partition import FullPartitionKind, FullPartitionSpec

__all__ = ["Order", "PartitionWindowStream"]


class Order(Enum):
    """Which record of a sorted partition comes first."""

    ASCENDING = "ascending"
    DESCENDING = "descending"


class PartitionWindowStream:
    """Made by ``stream.full_window_partition()``.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> numbers = env.from_collection([3, 1, 2])
    >>> ranked = numbers.full_window_partition().sort_partition(lambda n: n, Order.DESCENDING)
    >>> list(ranked.execute_and_collect())
    [3, 2, 1]
    """

    def __init__(self, stream: DataStream) -> None:
        self._stream = stream

    def map_partition(
        self,
        func: Callable[[Any], Any] | MapPartitionFunction[Any, Any],
        output_type: Any = None,
    ) -> DataStream:
        """Make results of all records of a partition.

        Args:
            func: a callable of the records that returns or yields results, or a
                MapPartitionFunction.
            output_type: the type of the results; results are converted to it.
        """
        check_function(func, "map_partition", MapPartitionFunction, or_callable=True)
        record_type = result_type(output_type, func, "map_partition", of_elements=True)
        return self._compute(FullPartitionKind.MAP_PARTITION, func, record_type)

    def sort_partition(
        self, field: int | str | Callable[[Any], Any] | KeySelector[Any, Any], order: Order
    ) -> DataStream:
        """Sort the records of a partition.

        Args:
            field: position or name of the field to sort by, or a function that gives what to sort
                by.
            order: which end comes first.
        """
        if not isinstance(field, int | str):
            check_function(field, "sort_partition", KeySelector, or_callable=True)
        return self._compute(
            FullPartitionKind.SORT_PARTITION,
            field,
            self._stream._record_type,
            is_descending=Order(order) is Order.DESCENDING,
        )

    def aggregate(
        self, aggregate_function: AggregateFunction[Any, Any, Any], output_type: Any = None
    ) -> DataStream:
        """Aggregate each partition."""
        check_function(aggregate_function, "aggregate", AggregateFunction)
        record_type = result_type(output_type, aggregate_function, "get_result")
        return self._compute(FullPartitionKind.AGGREGATE, aggregate_function, record_type)

    def reduce(
        self, reduce_function: Callable[[Any, Any], Any] | ReduceFunction[Any]
    ) -> DataStream:
        """Join all records of each partition into one."""
        check_function(reduce_function, "reduce", ReduceFunction, or_callable=True)
        return self._compute(FullPartitionKind.REDUCE, reduce_function, self._stream._record_type)

    def _compute(
        self, kind: FullPartitionKind, function: Any, record_type: RecordType, **settings: Any
    ) -> DataStream:
        spec = FullPartitionSpec(
            partition_kind=kind,
            function=function,
            key_selector=self._stream._key_selector,
            output_type=record_type.declared,
            **settings,
        )
        return self._stream._transform(spec, kind.value, record_type)
