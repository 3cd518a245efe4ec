"""``AllWindowedStream``: all records of a stream, grouped into windows in one subtask."""

from __future__ import annotations

from typing import Any

from flott.datastream.functions.window_functions import AllWindowFunction, ProcessAllWindowFunction
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.window_operations import WindowOperations
from flott.operators.window import WindowAssigner

__all__ = ["AllWindowedStream"]


class AllWindowedStream(WindowOperations):
    """Made by ``stream.window_all(assigner)``; never parallel.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> from flott.datastream.window import CountTumblingWindowAssigner
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> numbers = env.from_collection([1, 2, 3, 4])
    >>> pairs = numbers.window_all(CountTumblingWindowAssigner.of(2))
    >>> list(pairs.reduce(lambda a, b: a + b).execute_and_collect())
    [3, 7]
    """

    _apply_class = AllWindowFunction
    _process_class = ProcessAllWindowFunction
    _kind = "AllWindow"
    _node_settings = {"parallelism": 1, "max_parallelism": 1, "fixed_parallelism": True}

    def __init__(self, data_stream: DataStream, window_assigner: WindowAssigner[Any, Any]) -> None:
        super().__init__(data_stream, window_assigner)
