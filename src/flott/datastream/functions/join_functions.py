"""Functions that bring records of two streams together. Beyond PyFlink, named as in Java."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from flott.datastream.functions.function import Function

__all__ = ["CoGroupFunction", "FlatJoinFunction", "JoinFunction", "ProcessJoinFunction"]

IN1 = TypeVar("IN1")
IN2 = TypeVar("IN2")
OUT = TypeVar("OUT")


class JoinFunction(Function, Generic[IN1, IN2, OUT]):
    """Makes one result of each pair of records that have the same key and window."""

    @abstractmethod
    def join(self, first: IN1, second: IN2) -> OUT:
        """Return the result for a pair."""


class FlatJoinFunction(Function, Generic[IN1, IN2, OUT]):
    """Makes none, one or many results of each pair of records."""

    @abstractmethod
    def join(self, first: IN1, second: IN2) -> Iterable[OUT] | None:
        """Yield or return the results for a pair."""


class CoGroupFunction(Function, Generic[IN1, IN2, OUT]):
    """Sees all records of both streams with the same key and window; one may have none."""

    @abstractmethod
    def co_group(self, first: Iterable[IN1], second: Iterable[IN2]) -> Iterable[OUT] | None:
        """Yield or return the results for a key and a window."""


class ProcessJoinFunction(Function, Generic[IN1, IN2, OUT]):
    """Makes results of each pair of records that an interval join finds."""

    class Context(ABC):
        """What ``process_element`` may ask."""

        @abstractmethod
        def get_left_timestamp(self) -> int:
            """Return the event time of the left record in epoch milliseconds."""

        @abstractmethod
        def get_right_timestamp(self) -> int:
            """Return the event time of the right record in epoch milliseconds."""

        @abstractmethod
        def get_timestamp(self) -> int:
            """Return the event time of the result: the later of the two."""

    @abstractmethod
    def process_element(self, left: IN1, right: IN2, ctx: ProcessJoinFunction.Context) -> Any:
        """Yield or return the results for a pair, or nothing; side outputs work as elsewhere."""
