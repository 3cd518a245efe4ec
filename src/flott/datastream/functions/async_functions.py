"""``AsyncFunction``: calls to the outside world, many at a time."""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum
from typing import Any, Generic, TypeVar

from flott.common.time import Time
from flott.datastream.functions.function import Function
from flott.operators.rows.async_retry import AsyncRetryPredicate, AsyncRetryStrategy

__all__ = [
    "AsyncFunction",
    "AsyncFunctionDescriptor",
    "AsyncRetryPredicate",
    "AsyncRetryStrategy",
]

IN = TypeVar("IN")
OUT = TypeVar("OUT")


class AsyncFunction(Function, Generic[IN, OUT]):
    """Answers each record with the help of others, without waiting for one answer at a time.

    >>> class Lookup(AsyncFunction):
    ...     async def async_invoke(self, value):
    ...         return [(value, await find_customer(value))]
    """

    @abstractmethod
    async def async_invoke(self, value: IN) -> list[OUT]:
        """Return the results for one record; called again if the retry strategy says so."""

    def timeout(self, value: IN) -> list[OUT]:
        """Return the results for a record whose answer did not come in time.

        Raises:
            TimeoutError: unless overridden; it fails the job.
        """
        raise TimeoutError(f"The asynchronous call for {value!r} has timed out")


class AsyncFunctionDescriptor:
    """An asynchronous function with its settings."""

    class OutputMode(Enum):
        """Whether results keep the order of the records."""

        ORDERED = 0
        UNORDERED = 1

    def __init__(
        self,
        async_function: AsyncFunction[Any, Any],
        timeout: Time,
        capacity: int,
        async_retry_strategy: AsyncRetryStrategy[Any],
        output_mode: AsyncFunctionDescriptor.OutputMode,
    ) -> None:
        self.async_function = async_function
        self.timeout = timeout
        self.capacity = capacity
        self.async_retry_strategy = async_retry_strategy
        self.output_mode = output_mode
