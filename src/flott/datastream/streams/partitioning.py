"""How the records of a stream are divided among the subtasks that read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from flott.common.state import MapStateDescriptor
from flott.core.partitioner import (
    Broadcast,
    Custom,
    Forward,
    Global,
    Partitioner,
    Rebalance,
    Rescale,
    Shuffle,
)
from flott.datastream.functions import row_functions
from flott.datastream.functions.row_functions import KeySelector
from flott.datastream.streams.base_stream import BaseStream
from flott.datastream.streams.broadcast_stream import BroadcastStream
from flott.datastream.streams.checks import to_key_function
from flott.datastream.streams.kinds import KINDS

if TYPE_CHECKING:
    from flott.datastream.streams.data_stream import DataStream

__all__ = ["Partitioning"]


class Partitioning(BaseStream):
    """The part of DataStream that divides records."""

    def shuffle(self) -> DataStream:
        """Send each record to a subtask drawn at random."""
        return self._repartition(Shuffle())

    def rebalance(self) -> DataStream:
        """Deal the records out to all subtasks in turn."""
        return self._repartition(Rebalance())

    def rescale(self) -> DataStream:
        """Deal the records out in turn to a share of the subtasks, each sender to its own."""
        return self._repartition(Rescale())

    def forward(self) -> DataStream:
        """Keep the records in their subtask; both sides need the same parallelism."""
        return self._repartition(Forward())

    def global_(self) -> DataStream:
        """Send every record to the first subtask; Flink's ``global``. Beyond PyFlink."""
        return self._repartition(Global())

    @overload
    def broadcast(self) -> DataStream: ...
    @overload
    def broadcast(
        self,
        broadcast_state_descriptor: MapStateDescriptor,
        *other_broadcast_state_descriptors: MapStateDescriptor,
    ) -> BroadcastStream: ...
    def broadcast(
        self,
        broadcast_state_descriptor: MapStateDescriptor | None = None,
        *other_broadcast_state_descriptors: MapStateDescriptor,
    ) -> DataStream | BroadcastStream:
        """Send every record to every subtask.

        Args:
            broadcast_state_descriptor: names a map that the records fill; then the result can be
                connected to another stream with a broadcast process function.
            other_broadcast_state_descriptors: further maps.

        Raises:
            TypeError: if one is not a MapStateDescriptor.
        """
        stream = self._repartition(Broadcast())
        if broadcast_state_descriptor is None:
            return stream
        return BroadcastStream(
            stream, [broadcast_state_descriptor, *other_broadcast_state_descriptors]
        )

    def partition_custom(
        self,
        partitioner: Callable[[Any, int], int] | row_functions.Partitioner[Any],
        key_selector: Callable[[Any], Any] | KeySelector[Any, Any],
    ) -> DataStream:
        """Let a function decide which subtask gets a record.

        Args:
            partitioner: takes the key and the number of subtasks, gives one from 0.
            key_selector: gives the key of a record.

        Example::

            stream.partition_custom(lambda key, n: key % n, lambda record: record[0])
        """
        call = "partition_custom"
        partition = to_key_function(partitioner, call, row_functions.Partitioner, "partition")
        return self._repartition(
            Custom(partition, to_key_function(key_selector, call, KeySelector, "get_key"))
        )

    def _repartition(self, partitioner: Partitioner) -> DataStream:
        return KINDS.data(self._environment, self._partitioned(partitioner), self._record_type)
