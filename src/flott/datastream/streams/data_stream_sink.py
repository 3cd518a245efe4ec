"""``DataStreamSink``: the end of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flott.datastream.streams.operator_settings import OperatorSettings
from flott.plan.stream_plan import StreamNode

if TYPE_CHECKING:
    from flott.datastream.streams.data_stream import DataStream

__all__ = ["DataStreamSink"]


class DataStreamSink(OperatorSettings):
    """A sink in the program; made by ``sink_to`` and ``print``."""

    def __init__(self, sink_stream: DataStream) -> None:
        self._node = sink_stream._outputs[0].source

    def _own_node(self, setting: str) -> StreamNode:
        return self._node
