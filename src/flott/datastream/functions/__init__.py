"""User functions: the classes whose methods run for each record, window or timer.

Where a class has one method, a plain function may stand in its place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flott.common.state import BroadcastState, ReadOnlyBroadcastState
    from flott.datastream.functions.async_functions import (
        AsyncFunction,
        AsyncFunctionDescriptor,
        AsyncRetryPredicate,
        AsyncRetryStrategy,
    )
    from flott.datastream.functions.broadcast_functions import (
        BaseBroadcastProcessFunction,
        BroadcastProcessFunction,
        KeyedBroadcastProcessFunction,
    )
    from flott.datastream.functions.function import Function, FunctionWrapper
    from flott.datastream.functions.join_functions import (
        CoGroupFunction,
        FlatJoinFunction,
        JoinFunction,
        ProcessJoinFunction,
    )
    from flott.datastream.functions.keyed_state_store import KeyedStateStore
    from flott.datastream.functions.process_functions import (
        CoProcessFunction,
        KeyedCoProcessFunction,
        KeyedProcessFunction,
        ProcessFunction,
    )
    from flott.datastream.functions.removed import JavaFunctionWrapper, SinkFunction, SourceFunction
    from flott.datastream.functions.row_functions import (
        AggregateFunction,
        CoFlatMapFunction,
        CoMapFunction,
        FilterFunction,
        FlatMapFunction,
        KeySelector,
        MapFunction,
        MapPartitionFunction,
        NullByteKeySelector,
        Partitioner,
        ReduceFunction,
        ReduceFunctionWrapper,
    )
    from flott.datastream.functions.window_functions import (
        AllWindowFunction,
        PassThroughAllWindowFunction,
        PassThroughWindowFunction,
        ProcessAllWindowFunction,
        ProcessWindowFunction,
        WindowFunction,
    )
    from flott.datastream.timerservice import TimerService
    from flott.operators.runtime_context import RuntimeContext

__all__ = [
    "AggregateFunction",
    "AllWindowFunction",
    "AsyncFunction",
    "AsyncFunctionDescriptor",
    "AsyncRetryPredicate",
    "AsyncRetryStrategy",
    "BaseBroadcastProcessFunction",
    "BroadcastProcessFunction",
    "BroadcastState",
    "CoFlatMapFunction",
    "CoGroupFunction",
    "CoMapFunction",
    "CoProcessFunction",
    "FilterFunction",
    "FlatJoinFunction",
    "FlatMapFunction",
    "Function",
    "FunctionWrapper",
    "JavaFunctionWrapper",
    "JoinFunction",
    "KeySelector",
    "KeyedBroadcastProcessFunction",
    "KeyedCoProcessFunction",
    "KeyedProcessFunction",
    "KeyedStateStore",
    "MapFunction",
    "MapPartitionFunction",
    "NullByteKeySelector",
    "Partitioner",
    "PassThroughAllWindowFunction",
    "PassThroughWindowFunction",
    "ProcessAllWindowFunction",
    "ProcessFunction",
    "ProcessJoinFunction",
    "ProcessWindowFunction",
    "ReadOnlyBroadcastState",
    "ReduceFunction",
    "ReduceFunctionWrapper",
    "RuntimeContext",
    "SinkFunction",
    "SourceFunction",
    "TimerService",
    "WindowFunction",
]

# Modules are imported when a name of theirs is first asked for: a program pays for what it uses.
_HOME = {
    "AggregateFunction": "flott.datastream.functions.row_functions",
    "AllWindowFunction": "flott.datastream.functions.window_functions",
    "AsyncFunction": "flott.datastream.functions.async_functions",
    "AsyncFunctionDescriptor": "flott.datastream.functions.async_functions",
    "AsyncRetryPredicate": "flott.datastream.functions.async_functions",
    "AsyncRetryStrategy": "flott.datastream.functions.async_functions",
    "BaseBroadcastProcessFunction": "flott.datastream.functions.broadcast_functions",
    "BroadcastProcessFunction": "flott.datastream.functions.broadcast_functions",
    "BroadcastState": "flott.common.state",
    "CoFlatMapFunction": "flott.datastream.functions.row_functions",
    "CoGroupFunction": "flott.datastream.functions.join_functions",
    "CoMapFunction": "flott.datastream.functions.row_functions",
    "CoProcessFunction": "flott.datastream.functions.process_functions",
    "FilterFunction": "flott.datastream.functions.row_functions",
    "FlatJoinFunction": "flott.datastream.functions.join_functions",
    "FlatMapFunction": "flott.datastream.functions.row_functions",
    "Function": "flott.datastream.functions.function",
    "FunctionWrapper": "flott.datastream.functions.function",
    "JavaFunctionWrapper": "flott.datastream.functions.removed",
    "JoinFunction": "flott.datastream.functions.join_functions",
    "KeySelector": "flott.datastream.functions.row_functions",
    "KeyedBroadcastProcessFunction": "flott.datastream.functions.broadcast_functions",
    "KeyedCoProcessFunction": "flott.datastream.functions.process_functions",
    "KeyedProcessFunction": "flott.datastream.functions.process_functions",
    "KeyedStateStore": "flott.datastream.functions.keyed_state_store",
    "MapFunction": "flott.datastream.functions.row_functions",
    "MapPartitionFunction": "flott.datastream.functions.row_functions",
    "NullByteKeySelector": "flott.datastream.functions.row_functions",
    "Partitioner": "flott.datastream.functions.row_functions",
    "PassThroughAllWindowFunction": "flott.datastream.functions.window_functions",
    "PassThroughWindowFunction": "flott.datastream.functions.window_functions",
    "ProcessAllWindowFunction": "flott.datastream.functions.window_functions",
    "ProcessFunction": "flott.datastream.functions.process_functions",
    "ProcessJoinFunction": "flott.datastream.functions.join_functions",
    "ProcessWindowFunction": "flott.datastream.functions.window_functions",
    "ReadOnlyBroadcastState": "flott.common.state",
    "ReduceFunction": "flott.datastream.functions.row_functions",
    "ReduceFunctionWrapper": "flott.datastream.functions.row_functions",
    "RuntimeContext": "flott.operators.runtime_context",
    "SinkFunction": "flott.datastream.functions.removed",
    "SourceFunction": "flott.datastream.functions.removed",
    "TimerService": "flott.datastream.timerservice",
    "WindowFunction": "flott.datastream.functions.window_functions",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
