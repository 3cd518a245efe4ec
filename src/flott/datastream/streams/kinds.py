"""Which class stands for which kind of stream; each is loaded when a program first makes one.

Streams make each other: a DataStream makes a KeyedStream, which makes a DataStream. Their modules
do not import each other in a circle because they find each other here; and a program that counts
words does not load windows and joins.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from flott.datastream.streams.all_windowed_stream import AllWindowedStream
    from flott.datastream.streams.broadcast_connected_stream import BroadcastConnectedStream
    from flott.datastream.streams.cached_data_stream import CachedDataStream
    from flott.datastream.streams.connected_streams import ConnectedStreams
    from flott.datastream.streams.data_stream import DataStream
    from flott.datastream.streams.interval_join import IntervalJoin
    from flott.datastream.streams.joined_streams import CoGroupedStreams, JoinedStreams
    from flott.datastream.streams.keyed_stream import KeyedStream
    from flott.datastream.streams.partition_window_stream import PartitionWindowStream
    from flott.datastream.streams.windowed_stream import WindowedStream

__all__ = ["KINDS", "StreamKinds"]

_HOMES: Final = {
    "all_windowed": ("all_windowed_stream", "AllWindowedStream"),
    "broadcast_connected": ("broadcast_connected_stream", "BroadcastConnectedStream"),
    "cached": ("cached_data_stream", "CachedDataStream"),
    "co_grouped": ("joined_streams", "CoGroupedStreams"),
    "connected": ("connected_streams", "ConnectedStreams"),
    "data": ("data_stream", "DataStream"),
    "interval_join": ("interval_join", "IntervalJoin"),
    "joined": ("joined_streams", "JoinedStreams"),
    "keyed": ("keyed_stream", "KeyedStream"),
    "partition_window": ("partition_window_stream", "PartitionWindowStream"),
    "windowed": ("windowed_stream", "WindowedStream"),
}


class StreamKinds:
    """The classes, by kind."""

    all_windowed: type[AllWindowedStream]
    broadcast_connected: type[BroadcastConnectedStream]
    cached: type[CachedDataStream]
    co_grouped: type[CoGroupedStreams]
    connected: type[ConnectedStreams]
    data: type[DataStream]
    interval_join: type[IntervalJoin]
    joined: type[JoinedStreams]
    keyed: type[KeyedStream]
    partition_window: type[PartitionWindowStream]
    windowed: type[WindowedStream]

    def __getattr__(self, kind: str) -> Any:
        if kind not in _HOMES:
            raise AttributeError(kind)
        module, name = _HOMES[kind]
        found = getattr(import_module(f"flott.datastream.streams.{module}"), name)
        setattr(self, kind, found)
        return found


KINDS: Final = StreamKinds()
