"""The streams, one class a module; importing this package enters all of them in ``kinds``."""

from flott.datastream.streams.broadcast_connected_stream import BroadcastConnectedStream
from flott.datastream.streams.broadcast_stream import BroadcastStream
from flott.datastream.streams.closeable_iterator import CloseableIterator
from flott.datastream.streams.connected_streams import ConnectedStreams
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.data_stream_sink import DataStreamSink
from flott.datastream.streams.interval_join import IntervalJoin, IntervalJoined
from flott.datastream.streams.keyed_stream import KeyedStream

__all__ = [
    "BroadcastConnectedStream",
    "BroadcastStream",
    "CloseableIterator",
    "ConnectedStreams",
    "DataStream",
    "DataStreamSink",
    "IntervalJoin",
    "IntervalJoined",
    "KeyedStream",
]
