"""How a stream meets others: union, connection, joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from flott.common.errors import ProgramError
from flott.datastream.streams.base_stream import BaseStream, check_same_environment
from flott.datastream.streams.broadcast_stream import BroadcastStream
from flott.datastream.streams.kinds import KINDS
from flott.datastream.streams.record_type import UNKNOWN, RecordType

if TYPE_CHECKING:
    from flott.datastream.streams.broadcast_connected_stream import BroadcastConnectedStream
    from flott.datastream.streams.connected_streams import ConnectedStreams
    from flott.datastream.streams.data_stream import DataStream
    from flott.datastream.streams.joined_streams import CoGroupedStreams, JoinedStreams

__all__ = ["Meeting"]


class Meeting(BaseStream):
    """The part of DataStream that brings streams together."""

    def union(self, *streams: DataStream) -> DataStream:
        """Merge streams of one type. There is no order between them; watermarks take the least.

        Raises:
            ProgramError: if two declared types differ.

        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> both = env.from_collection([1]).union(env.from_collection([2]))
        >>> sorted(both.execute_and_collect())
        [1, 2]
        """
        for stream in streams:
            _check_stream(stream, "union")
        merged: list[BaseStream] = [self, *streams]
        check_same_environment(merged)
        outputs = tuple(edge for stream in merged for edge in stream._outputs)
        return KINDS.data(self._environment, outputs, _common_type(merged))

    @overload
    def connect(self, ds: DataStream) -> ConnectedStreams: ...
    @overload
    def connect(self, ds: BroadcastStream) -> BroadcastConnectedStream: ...
    def connect(
        self, ds: DataStream | BroadcastStream
    ) -> ConnectedStreams | BroadcastConnectedStream:
        """Let one function see two streams that keep their types.

        Args:
            ds: another stream, or one made by ``broadcast(descriptor, ...)``.
        """
        stream: Any = self
        if isinstance(ds, BroadcastStream):
            return KINDS.broadcast_connected(stream, ds, ds.broadcast_state_descriptors)
        _check_stream(ds, "connect")
        return KINDS.connected(stream, ds)

    def join(self, other: DataStream) -> JoinedStreams:
        """Pair the records that have the same key and window. Beyond PyFlink.

        Example::

            left.join(right).where(key).equal_to(key).window(assigner).apply(function)
        """
        _check_stream(other, "join")
        stream: Any = self
        return KINDS.joined(stream, other)

    def co_group(self, other: DataStream) -> CoGroupedStreams:
        """Bring together all records that have the same key and window. Beyond PyFlink.

        Example::

            left.co_group(right).where(key).equal_to(key).window(assigner).apply(function)
        """
        _check_stream(other, "co_group")
        stream: Any = self
        return KINDS.co_grouped(stream, other)


def _check_stream(stream: Any, call: str) -> None:
    if not isinstance(stream, BaseStream):
        raise TypeError(f"{call}: expected a DataStream, found {stream!r}")


def _common_type(streams: list[BaseStream]) -> RecordType:
    first = streams[0]._record_type
    for stream in streams[1:]:
        other = stream._record_type
        if first.declared and other.declared and first.info != other.info:
            raise ProgramError(
                f"union: the streams have different types, {first.info} and {other.info}. "
                "Map them to one type first."
            )
        if first.info != other.info:
            return UNKNOWN
    return first
