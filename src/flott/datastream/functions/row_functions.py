"""Functions of one record, or of two records of one kind, without access to time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from flott.datastream.functions.function import Function, FunctionWrapper

__all__ = [
    "AggregateFunction",
    "CoFlatMapFunction",
    "CoMapFunction",
    "FilterFunction",
    "FlatMapFunction",
    "KeySelector",
    "MapFunction",
    "MapPartitionFunction",
    "NullByteKeySelector",
    "Partitioner",
    "ReduceFunction",
    "ReduceFunctionWrapper",
]

IN = TypeVar("IN")
IN1 = TypeVar("IN1")
IN2 = TypeVar("IN2")
ACC = TypeVar("ACC")
OUT = TypeVar("OUT")
KEY = TypeVar("KEY")


class MapFunction(Function, Generic[IN, OUT]):
    """Turns each record into one other.

    >>> class Double(MapFunction):
    ...     def map(self, value):
    ...         return 2 * value
    >>> Double().map(21)
    42
    """

    @abstractmethod
    def map(self, value: IN) -> OUT:
        """Return the one result for ``value``; None is a result like any other."""


class FlatMapFunction(Function, Generic[IN, OUT]):
    """Turns each record into none, one or many others.

    >>> class Split(FlatMapFunction):
    ...     def flat_map(self, value):
    ...         yield from value.split()
    >>> list(Split().flat_map("to be"))
    ['to', 'be']
    """

    @abstractmethod
    def flat_map(self, value: IN) -> Iterable[OUT] | None:
        """Yield or return the results for ``value``; None means there are none."""


class FilterFunction(Function, Generic[IN]):
    """Decides which records stay."""

    @abstractmethod
    def filter(self, value: IN) -> bool:
        """Return whether ``value`` stays. Must not change it."""


class CoMapFunction(Function, Generic[IN1, IN2, OUT]):
    """Maps the records of two connected streams to one type."""

    @abstractmethod
    def map1(self, value: IN1) -> OUT | None:
        """Return the result for a record of the first stream; None for none."""

    @abstractmethod
    def map2(self, value: IN2) -> OUT | None:
        """Return the result for a record of the second stream; None for none."""


class CoFlatMapFunction(Function, Generic[IN1, IN2, OUT]):
    """Turns each record of two connected streams into none, one or many of one type."""

    @abstractmethod
    def flat_map1(self, value: IN1) -> Iterable[OUT] | None:
        """Yield or return the results for a record of the first stream."""

    @abstractmethod
    def flat_map2(self, value: IN2) -> Iterable[OUT] | None:
        """Yield or return the results for a record of the second stream."""


class ReduceFunction(Function, Generic[IN]):
    """Joins two records into one of the same type, again and again until one is left."""

    @abstractmethod
    def reduce(self, value1: IN, value2: IN) -> IN:
        """Join what was reduced so far with the next record.

        The order in which records are joined is theirs within a key; in merging windows it is not
        defined, so the function should be associative.
        """


class ReduceFunctionWrapper(FunctionWrapper):
    """A ReduceFunction around a callable of two values."""

    def __init__(self, func: Callable[[Any, Any], Any]) -> None:
        super().__init__(func)

    def reduce(self, value1: Any, value2: Any) -> Any:
        """Join two values."""
        return self._func(value1, value2)


class AggregateFunction(Function, Generic[IN, ACC, OUT]):
    """Adds records to an accumulator and makes a result of it.

    Input, accumulator and result may be of three types, and partial aggregates can be merged.

    >>> class Average(AggregateFunction):
    ...     def create_accumulator(self):
    ...         return 0, 0
    ...     def add(self, value, accumulator):
    ...         return accumulator[0] + value, accumulator[1] + 1
    ...     def get_result(self, accumulator):
    ...         return accumulator[0] / accumulator[1]
    ...     def merge(self, acc_a, acc_b):
    ...         return acc_a[0] + acc_b[0], acc_a[1] + acc_b[1]
    >>> average = Average()
    >>> average.get_result(average.add(4, average.add(2, average.create_accumulator())))
    3.0
    """

    @abstractmethod
    def create_accumulator(self) -> ACC:
        """Return an accumulator to which nothing was added yet."""

    @abstractmethod
    def add(self, value: IN, accumulator: ACC) -> ACC:
        """Add a record and give the accumulator back, changed or new."""

    @abstractmethod
    def get_result(self, accumulator: ACC) -> OUT:
        """Return the result; the accumulator may be added to afterwards."""

    @abstractmethod
    def merge(self, acc_a: ACC, acc_b: ACC) -> ACC:
        """Join two accumulators, as session windows do when they grow together."""


class KeySelector(Function, Generic[IN, KEY]):
    """Says which key a record belongs to."""

    @abstractmethod
    def get_key(self, value: IN) -> KEY:
        """Return the key of ``value``: hashable, and the same whenever asked."""


class NullByteKeySelector(KeySelector[Any, int]):
    """Gives every record the same key."""

    def get_key(self, value: Any) -> int:
        """Return 0."""
        return 0


class Partitioner(Function, Generic[KEY]):
    """Decides which subtask gets a record."""

    @abstractmethod
    def partition(self, key: KEY, num_partitions: int) -> int:
        """Return the number of the subtask for ``key``, from 0 to ``num_partitions`` - 1."""


class MapPartitionFunction(Function, Generic[IN, OUT]):
    """Works on all records of a partition at once, when its input has ended. Beyond PyFlink."""

    @abstractmethod
    def map_partition(self, values: Iterable[IN]) -> Iterable[OUT] | None:
        """Yield or return the results for the whole partition."""
