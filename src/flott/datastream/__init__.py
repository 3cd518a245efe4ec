"""DataStream programs: streams of Python objects, with event time, state and exactly-once.

The names are those of ``pyflink.datastream``; what goes beyond them is named as in Flink's Java.

>>> from flott.datastream import StreamExecutionEnvironment
>>> env = StreamExecutionEnvironment.get_execution_environment()
>>> words = env.from_collection(["to be or", "not to be"]).flat_map(str.split)
>>> counts = words.map(lambda word: (word, 1)).key_by(lambda pair: pair[0]).sum(1)
>>> sorted(counts.execute_and_collect())[-2:]
[('to', 1), ('to', 2)]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flott.common.checkpointing import CheckpointingMode, ExternalizedCheckpointRetention
    from flott.common.execution_mode import RuntimeExecutionMode
    from flott.common.memory_size import MemorySize
    from flott.common.output_tag import OutputTag
    from flott.common.time_domain import TimeDomain
    from flott.datastream.async_data_stream import AsyncDataStream
    from flott.datastream.checkpoint_config import CheckpointConfig
    from flott.datastream.checkpoint_storage import (
        CheckpointStorage,
        CustomCheckpointStorage,
        FileSystemCheckpointStorage,
        JobManagerCheckpointStorage,
    )
    from flott.datastream.data_stream import (
        AllWindowedStream,
        BroadcastConnectedStream,
        BroadcastStream,
        CachedDataStream,
        CloseableIterator,
        CoGroupedStreams,
        ConnectedStreams,
        DataStream,
        DataStreamSink,
        IntervalJoin,
        JoinedStreams,
        KeyedStream,
        PartitionWindowStream,
        WindowedStream,
    )
    from flott.datastream.functions import (
        AggregateFunction,
        AllWindowFunction,
        AsyncFunction,
        AsyncRetryPredicate,
        AsyncRetryStrategy,
        BroadcastProcessFunction,
        CoFlatMapFunction,
        CoGroupFunction,
        CoMapFunction,
        CoProcessFunction,
        FilterFunction,
        FlatJoinFunction,
        FlatMapFunction,
        Function,
        JoinFunction,
        KeyedBroadcastProcessFunction,
        KeyedCoProcessFunction,
        KeyedProcessFunction,
        KeySelector,
        MapFunction,
        MapPartitionFunction,
        Partitioner,
        ProcessAllWindowFunction,
        ProcessFunction,
        ProcessJoinFunction,
        ProcessWindowFunction,
        ReduceFunction,
        RuntimeContext,
        SinkFunction,
        SourceFunction,
        WindowFunction,
    )
    from flott.datastream.job_listener import JobListener
    from flott.datastream.slot_sharing_group import SlotSharingGroup
    from flott.datastream.state_backend import (
        CustomStateBackend,
        EmbeddedRocksDBStateBackend,
        HashMapStateBackend,
        PredefinedOptions,
        StateBackend,
    )
    from flott.datastream.stream_execution_environment import StreamExecutionEnvironment
    from flott.datastream.streams.partition_window_stream import Order
    from flott.datastream.timerservice import TimerService
    from flott.operators.window import (
        CountWindow,
        GlobalWindow,
        MergingWindowAssigner,
        TimeWindow,
        Trigger,
        TriggerResult,
        Window,
        WindowAssigner,
    )

__all__ = [
    "AggregateFunction",
    "AllWindowFunction",
    "AllWindowedStream",
    "AsyncDataStream",
    "AsyncFunction",
    "AsyncRetryPredicate",
    "AsyncRetryStrategy",
    "BroadcastConnectedStream",
    "BroadcastProcessFunction",
    "BroadcastStream",
    "CachedDataStream",
    "CheckpointConfig",
    "CheckpointStorage",
    "CheckpointingMode",
    "CloseableIterator",
    "CoFlatMapFunction",
    "CoGroupFunction",
    "CoGroupedStreams",
    "CoMapFunction",
    "CoProcessFunction",
    "ConnectedStreams",
    "CountWindow",
    "CustomCheckpointStorage",
    "CustomStateBackend",
    "DataStream",
    "DataStreamSink",
    "EmbeddedRocksDBStateBackend",
    "ExternalizedCheckpointRetention",
    "FileSystemCheckpointStorage",
    "FilterFunction",
    "FlatJoinFunction",
    "FlatMapFunction",
    "Function",
    "GlobalWindow",
    "HashMapStateBackend",
    "IntervalJoin",
    "JobListener",
    "JobManagerCheckpointStorage",
    "JoinFunction",
    "JoinedStreams",
    "KeySelector",
    "KeyedBroadcastProcessFunction",
    "KeyedCoProcessFunction",
    "KeyedProcessFunction",
    "KeyedStream",
    "MapFunction",
    "MapPartitionFunction",
    "MemorySize",
    "MergingWindowAssigner",
    "Order",
    "OutputTag",
    "PartitionWindowStream",
    "Partitioner",
    "PredefinedOptions",
    "ProcessAllWindowFunction",
    "ProcessFunction",
    "ProcessJoinFunction",
    "ProcessWindowFunction",
    "ReduceFunction",
    "RuntimeContext",
    "RuntimeExecutionMode",
    "SinkFunction",
    "SlotSharingGroup",
    "SourceFunction",
    "StateBackend",
    "StreamExecutionEnvironment",
    "TimeDomain",
    "TimeWindow",
    "TimerService",
    "Trigger",
    "TriggerResult",
    "Window",
    "WindowAssigner",
    "WindowFunction",
    "WindowedStream",
]

# Modules are imported when a name of theirs is first asked for: a program pays for what it uses.
_HOME = {
    "AggregateFunction": "flott.datastream.functions.row_functions",
    "AllWindowFunction": "flott.datastream.functions.window_functions",
    "AllWindowedStream": "flott.datastream.streams.all_windowed_stream",
    "AsyncDataStream": "flott.datastream.async_data_stream",
    "AsyncFunction": "flott.datastream.functions.async_functions",
    "AsyncRetryPredicate": "flott.datastream.functions.async_functions",
    "AsyncRetryStrategy": "flott.datastream.functions.async_functions",
    "BroadcastConnectedStream": "flott.datastream.streams.broadcast_connected_stream",
    "BroadcastProcessFunction": "flott.datastream.functions.broadcast_functions",
    "BroadcastStream": "flott.datastream.streams.broadcast_stream",
    "CachedDataStream": "flott.datastream.streams.cached_data_stream",
    "CheckpointConfig": "flott.datastream.checkpoint_config",
    "CheckpointStorage": "flott.datastream.checkpoint_storage",
    "CheckpointingMode": "flott.common.checkpointing",
    "CloseableIterator": "flott.datastream.streams.closeable_iterator",
    "CoFlatMapFunction": "flott.datastream.functions.row_functions",
    "CoGroupFunction": "flott.datastream.functions.join_functions",
    "CoGroupedStreams": "flott.datastream.streams.joined_streams",
    "CoMapFunction": "flott.datastream.functions.row_functions",
    "CoProcessFunction": "flott.datastream.functions.process_functions",
    "ConnectedStreams": "flott.datastream.streams.connected_streams",
    "CountWindow": "flott.operators.window",
    "CustomCheckpointStorage": "flott.datastream.checkpoint_storage",
    "CustomStateBackend": "flott.datastream.state_backend",
    "DataStream": "flott.datastream.streams.data_stream",
    "DataStreamSink": "flott.datastream.streams.data_stream_sink",
    "EmbeddedRocksDBStateBackend": "flott.datastream.state_backend",
    "ExternalizedCheckpointRetention": "flott.common.checkpointing",
    "FileSystemCheckpointStorage": "flott.datastream.checkpoint_storage",
    "FilterFunction": "flott.datastream.functions.row_functions",
    "FlatJoinFunction": "flott.datastream.functions.join_functions",
    "FlatMapFunction": "flott.datastream.functions.row_functions",
    "Function": "flott.datastream.functions.function",
    "GlobalWindow": "flott.operators.window",
    "HashMapStateBackend": "flott.datastream.state_backend",
    "IntervalJoin": "flott.datastream.streams.interval_join",
    "JobListener": "flott.datastream.job_listener",
    "JobManagerCheckpointStorage": "flott.datastream.checkpoint_storage",
    "JoinFunction": "flott.datastream.functions.join_functions",
    "JoinedStreams": "flott.datastream.streams.joined_streams",
    "KeySelector": "flott.datastream.functions.row_functions",
    "KeyedBroadcastProcessFunction": "flott.datastream.functions.broadcast_functions",
    "KeyedCoProcessFunction": "flott.datastream.functions.process_functions",
    "KeyedProcessFunction": "flott.datastream.functions.process_functions",
    "KeyedStream": "flott.datastream.streams.keyed_stream",
    "MapFunction": "flott.datastream.functions.row_functions",
    "MapPartitionFunction": "flott.datastream.functions.row_functions",
    "MemorySize": "flott.common.memory_size",
    "MergingWindowAssigner": "flott.operators.window",
    "Order": "flott.datastream.streams.partition_window_stream",
    "OutputTag": "flott.common.output_tag",
    "PartitionWindowStream": "flott.datastream.streams.partition_window_stream",
    "Partitioner": "flott.datastream.functions.row_functions",
    "PredefinedOptions": "flott.datastream.state_backend",
    "ProcessAllWindowFunction": "flott.datastream.functions.window_functions",
    "ProcessFunction": "flott.datastream.functions.process_functions",
    "ProcessJoinFunction": "flott.datastream.functions.join_functions",
    "ProcessWindowFunction": "flott.datastream.functions.window_functions",
    "ReduceFunction": "flott.datastream.functions.row_functions",
    "RuntimeContext": "flott.operators.runtime_context",
    "RuntimeExecutionMode": "flott.common.execution_mode",
    "SinkFunction": "flott.datastream.functions.removed",
    "SlotSharingGroup": "flott.datastream.slot_sharing_group",
    "SourceFunction": "flott.datastream.functions.removed",
    "StateBackend": "flott.datastream.state_backend",
    "StreamExecutionEnvironment": "flott.datastream.stream_execution_environment",
    "TimeDomain": "flott.common.time_domain",
    "TimeWindow": "flott.operators.window",
    "TimerService": "flott.datastream.timerservice",
    "Trigger": "flott.operators.window",
    "TriggerResult": "flott.operators.window",
    "Window": "flott.operators.window",
    "WindowAssigner": "flott.operators.window",
    "WindowFunction": "flott.datastream.functions.window_functions",
    "WindowedStream": "flott.datastream.streams.windowed_stream",
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
