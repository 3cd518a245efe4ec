"""``BroadcastConnectedStream``: a stream and the rules broadcast to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.common.state import MapStateDescriptor
from flott.datastream.functions.broadcast_functions import (
    BroadcastProcessFunction,
    KeyedBroadcastProcessFunction,
)
from flott.datastream.streams.base_stream import add_operation
from flott.datastream.streams.broadcast_stream import BroadcastStream
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.keyed_stream import KeyedStream
from flott.datastream.streams.record_type import result_type
from flott.operators.rows.broadcast import BroadcastProcessSpec, KeyedBroadcastProcessSpec

__all__ = ["BroadcastConnectedStream"]


class BroadcastConnectedStream:
    """Made by ``stream.connect(other.broadcast(descriptor, ...))``."""

    def __init__(
        self,
        non_broadcast_stream: DataStream,
        broadcast_stream: BroadcastStream,
        broadcast_state_descriptors: Sequence[MapStateDescriptor],
    ) -> None:
        self.non_broadcast_stream = non_broadcast_stream
        self.broadcast_stream = broadcast_stream
        self.broadcast_state_descriptors = list(broadcast_state_descriptors)

    def process(
        self,
        func: BroadcastProcessFunction[Any, Any, Any]
        | KeyedBroadcastProcessFunction[Any, Any, Any, Any],
        output_type: Any = None,
    ) -> DataStream:
        """Process the records of both streams; only the broadcast side may change the maps.

        Args:
            func: a KeyedBroadcastProcessFunction if the stream is keyed, else a
                BroadcastProcessFunction.
            output_type: the type of the results; results are converted to it.

        Raises:
            TypeError: if it is the wrong one of the two.
        """
        check_function(func, "process", BroadcastProcessFunction, KeyedBroadcastProcessFunction)
        record_type = result_type(output_type, func, "process_element", of_elements=True)
        stream, descriptors = self.non_broadcast_stream, tuple(self.broadcast_state_descriptors)
        inputs = [stream, self.broadcast_stream.input_stream]
        if isinstance(stream, KeyedStream):
            if not isinstance(func, KeyedBroadcastProcessFunction):
                raise TypeError("process: a keyed stream needs a KeyedBroadcastProcessFunction")
            keyed = KeyedBroadcastProcessSpec(
                func, stream._key_selector, descriptors, record_type.declared
            )
            return add_operation(keyed, "Keyed-Co-Process-Broadcast", record_type, [*inputs])
        if isinstance(func, KeyedBroadcastProcessFunction):
            raise TypeError(
                "process: a KeyedBroadcastProcessFunction needs a keyed stream. Call key_by(...) "
                "before connect(...)."
            )
        spec = BroadcastProcessSpec(func, descriptors, record_type.declared)
        return add_operation(spec, "Co-Process-Broadcast", record_type, [*inputs])
