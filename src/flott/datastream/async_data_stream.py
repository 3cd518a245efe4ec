"""``AsyncDataStream``: many calls to the outside world at a time."""

from __future__ import annotations

import inspect
from typing import Any

from flott.common.errors import ProgramError
from flott.common.time import Duration, Time, to_milliseconds
from flott.datastream.async_retry_strategies import NO_RETRY_STRATEGY
from flott.datastream.functions.async_functions import AsyncFunction, AsyncRetryStrategy
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.record_type import result_type
from flott.operators.rows.async_wait import AsyncWaitSpec

__all__ = ["AsyncDataStream"]


class AsyncDataStream:
    """Adds asynchronous operations to streams.

    Arguments of all four methods:

    - ``data_stream``: the records.
    - ``async_function``: an AsyncFunction, whose ``async_invoke`` is ``async def``.
    - ``timeout``: how long one record may take, all retries included; 0 for ever.
    - ``async_retry_strategy``: whether and when a call is made again.
    - ``capacity``: how many records may be under way; more wait, and hold the stream back.
    - ``output_type``: the type of the results; results are converted to it.
    """

    @staticmethod
    def unordered_wait(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time | Duration,
        capacity: int = 100,
        output_type: Any = None,
    ) -> DataStream:
        """Emit results as they come; only watermarks are not overtaken."""
        return AsyncDataStream.unordered_wait_with_retry(
            data_stream, async_function, timeout, NO_RETRY_STRATEGY, capacity, output_type
        )

    @staticmethod
    def unordered_wait_with_retry(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time | Duration,
        async_retry_strategy: AsyncRetryStrategy[Any],
        capacity: int = 100,
        output_type: Any = None,
    ) -> DataStream:
        """Emit results as they come, and call again as the strategy says."""
        return _wait(
            data_stream, async_function, timeout, async_retry_strategy, capacity, output_type, False
        )

    @staticmethod
    def ordered_wait(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time | Duration,
        capacity: int = 100,
        output_type: Any = None,
    ) -> DataStream:
        """Emit results in the order of the records."""
        return AsyncDataStream.ordered_wait_with_retry(
            data_stream, async_function, timeout, NO_RETRY_STRATEGY, capacity, output_type
        )

    @staticmethod
    def ordered_wait_with_retry(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time | Duration,
        async_retry_strategy: AsyncRetryStrategy[Any],
        capacity: int = 100,
        output_type: Any = None,
    ) -> DataStream:
        """Emit results in the order of the records, and call again as the strategy says."""
        return _wait(
            data_stream, async_function, timeout, async_retry_strategy, capacity, output_type, True
        )


def _wait(
    stream: DataStream,
    function: AsyncFunction[Any, Any],
    timeout: Time | Duration,
    strategy: AsyncRetryStrategy[Any],
    capacity: int,
    output_type: Any,
    ordered: bool,
) -> DataStream:
    timeout_ms = to_milliseconds(timeout)
    _check(function, timeout_ms, strategy, capacity)
    record_type = result_type(output_type, function, "async_invoke", of_elements=True)
    spec = AsyncWaitSpec(function, ordered, timeout_ms, capacity, strategy, record_type.declared)
    return stream._transform(spec, "async wait operator", record_type)


def _check(
    function: AsyncFunction[Any, Any],
    timeout_ms: int,
    strategy: AsyncRetryStrategy[Any],
    capacity: int,
) -> None:
    check_function(function, "AsyncDataStream", AsyncFunction)
    if not inspect.iscoroutinefunction(function.async_invoke):
        raise ProgramError(f"{type(function).__name__}.async_invoke must be an 'async def'")
    if not isinstance(strategy, AsyncRetryStrategy):
        raise TypeError(f"AsyncDataStream: expected an AsyncRetryStrategy, found {strategy!r}")
    if strategy is not NO_RETRY_STRATEGY and timeout_ms <= 0:
        raise ProgramError("Retrying needs a timeout above 0, or it might never end")
    if strategy.get_retry_predicate() is None:
        raise ProgramError(f"{type(strategy).__name__} has no retry predicate")
    if capacity < 1:
        raise ProgramError(f"AsyncDataStream: the capacity must be at least 1, found {capacity}")
