"""Where a sink's marker is: an offset that a group of its own commits, with the marker as metadata.

Kafka can commit offsets of a group within a transaction, so the marker appears together with the
records, or not at all. The group has the name of the line, the partition is the first one of a
topic the sink writes to, and the offset is the number of the checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import Cluster, TopicPartition
from flott.connectors.write_ahead import Line, Marker

#: Clients on the way back read metadata up to the first zero byte, whatever its length.
_END: Final = "\0"

#: The offset and its metadata, as a producer commits them.
MarkerOffsets = dict[TopicPartition, tuple[int, str]]


def marker_offsets(
    marker: Marker, place: str, checkpoint_id: int, job_id: str, subtask: int
) -> MarkerOffsets:
    """What to commit for the group.

    Args:
        marker: The marker.
        place: The topic that holds it.
        checkpoint_id: The checkpoint that the transaction belongs to.
        job_id: The job that writes it, for people who look at it.
        subtask: The subtask that writes it, likewise.
    """
    text = marker.to_text(job=job_id, subtask=subtask)
    return {TopicPartition(place, 0): (checkpoint_id, text + _END)}


def has_marker(cluster: Cluster, line: Line, places: Iterable[str]) -> bool:
    """Whether a line has a marker with one of some topics. One that is there counts at once, though
    a transaction may be about to renew it that nobody is there to end; only if there is none is it
    waited for.

    Raises:
        ClientError: The cluster cannot be asked.
    """
    partitions = [TopicPartition(place, 0) for place in places]
    return any(
        found is not None
        for waits in (False, True)
        for found in cluster.committed(line.name, partitions, waits=waits).values()
    )


def read_marker(cluster: Cluster, line: Line, place: str) -> Marker | None:
    """The marker of a line; ``None`` if there is none.

    Raises:
        ClientError: The cluster cannot be asked.
        SinkError: Somebody else commits offsets under this name.
    """
    partition = TopicPartition(place, 0)
    found = cluster.committed(line.name, [partition]).get(partition)
    if found is None:
        return None
    try:
        return Marker.from_text(found[1].partition(_END)[0])
    except ValueError as error:
        raise SinkError(
            f"The consumer group {line.name!r} holds a committed offset for {partition} that the "
            f"sink has not written: {error}. Groups that begin with the sink's transactional id "
            "prefix are its own; choose another prefix, or have the other consumer use another "
            "group."
        ) from error
