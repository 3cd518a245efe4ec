"""PyFlink's module path of the streams; each class has its own module in ``streams``."""

from flott.datastream.streams.all_windowed_stream import AllWindowedStream
from flott.datastream.streams.broadcast_connected_stream import BroadcastConnectedStream
from flott.datastream.streams.broadcast_stream import BroadcastStream
from flott.datastream.streams.cached_data_stream import CachedDataStream
from flott.datastream.streams.closeable_iterator import CloseableIterator
from flott.datastream.streams.connected_streams import ConnectedStreams
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.data_stream_sink import DataStreamSink
from flott.datastream.streams.interval_join import IntervalJoin
from flott.datastream.streams.joined_streams import CoGroupedStreams, JoinedStreams
from flott.datastream.streams.keyed_stream import KeyedStream
from flott.datastream.streams.partition_window_stream import PartitionWindowStream
from flott.datastream.streams.windowed_stream import WindowedStream

__all__ = [
    "AllWindowedStream",
    "BroadcastConnectedStream",
    "BroadcastStream",
    "CachedDataStream",
    "CloseableIterator",
    "CoGroupedStreams",
    "ConnectedStreams",
    "DataStream",
    "DataStreamSink",
    "IntervalJoin",
    "JoinedStreams",
    "KeyedStream",
    "PartitionWindowStream",
    "WindowedStream",
]
