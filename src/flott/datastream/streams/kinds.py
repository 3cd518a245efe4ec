"""Which class stands for which kind of stream.

Streams make each other: a DataStream makes a KeyedStream, which makes a DataStream. So that their
modules need not import each other in a circle, each class enters itself here and the others find
it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flott.datastream.streams.all_windowed_stream import AllWindowedStream
    from flott.datastream.streams.broadcast_connected_stream import BroadcastConnectedStream
    from flott.datastream.streams.cached_data_stream import CachedDataStream
    from flott.datastream.streams.connected_streams import ConnectedStreams
    from flott.datastream.streams.data_stream import DataStream
    from flott.datastream.streams.joined_streams import CoGroupedStreams, JoinedStreams
    from flott.datastream.streams.keyed_stream import KeyedStream
    from flott.datastream.streams.partition_window_stream import PartitionWindowStream
    from flott.datastream.streams.windowed_stream import WindowedStream

__all__ = ["KINDS", "StreamKinds"]


class StreamKinds:
    """The classes, by kind."""

    all_windowed: type[AllWindowedStream]
    broadcast_connected: type[BroadcastConnectedStream]
    cached: type[CachedDataStream]
    co_grouped: type[CoGroupedStreams]
    connected: type[ConnectedStreams]
    data: type[DataStream]
    joined: type[JoinedStreams]
    keyed: type[KeyedStream]
    partition_window: type[PartitionWindowStream]
    windowed: type[WindowedStream]


KINDS = StreamKinds()
