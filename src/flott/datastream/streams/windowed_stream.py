"""``WindowedStream``: the records of each key, grouped into windows."""

from __future__ import annotations

from typing import Any

from flott.datastream.functions.window_functions import ProcessWindowFunction, WindowFunction
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.window_operations import WindowOperations
from flott.operators.window import (
    CountSlidingWindowAssigner,
    CountTumblingWindowAssigner,
    WindowAssigner,
)

__all__ = ["WindowedStream"]


class WindowedStream(WindowOperations):
    """Made by ``keyed.window(assigner)`` and ``keyed.count_window(size)``.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> sales = env.from_collection([("tea", 2), ("cup", 5), ("tea", 3), ("tea", 4)])
    >>> pairs = sales.key_by(lambda sale: sale[0]).count_window(2)
    >>> list(pairs.reduce(lambda a, b: (a[0], a[1] + b[1])).execute_and_collect())
    [('tea', 5)]
    """

    _apply_class = WindowFunction
    _process_class = ProcessWindowFunction
    _kind = "Window"

    def __init__(self, keyed_stream: DataStream, window_assigner: WindowAssigner[Any, Any]) -> None:
        super().__init__(keyed_stream, window_assigner)

    @staticmethod
    def of_count(keyed_stream: DataStream, size: int, slide: int) -> WindowedStream:
        """Group by number; see ``KeyedStream.count_window``."""
        if slide == 0:
            return WindowedStream(keyed_stream, CountTumblingWindowAssigner.of(size))
        return WindowedStream(keyed_stream, CountSlidingWindowAssigner.of(size, slide))
