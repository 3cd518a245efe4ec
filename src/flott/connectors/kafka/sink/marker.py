"""Where a sink's marker is: an offset that a group of its own commits, with the marker as metadata.

Kafka can commit offsets of a group within a transaction, so the marker appears together with the
records, or not at all. The group is named after the writer, the partition is the first one of a
topic the sink writes to, and the offset is the number of the checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import Cluster, TopicPartition
from flott.connectors.write_ahead import Marker, WriterId

#: Clients on the way back read metadata up to the first zero byte, whatever its length.
_END: Final = "\0"

#: The offset and its metadata, as a producer commits them.
MarkerOffsets = dict[TopicPartition, tuple[int, str]]


def marker_offsets(
    marker: Marker, topic: str, checkpoint_id: int, job_id: str, subtask: int
) -> MarkerOffsets:
    """What to commit for the group.

    Args:
        marker: The marker.
        topic: The topic that holds it.
        checkpoint_id: The checkpoint that the transaction belongs to.
        job_id: The job that writes it, for people who look at it.
        subtask: The subtask that writes it, likewise.
    """
    text = marker.to_text(job=job_id, subtask=subtask)
    return {TopicPartition(topic, 0): (checkpoint_id, text + _END)}


def has_marker(cluster: Cluster, writer_id: WriterId, topics: Iterable[str]) -> bool:
    """Whether a writer has a marker in one of some topics.

    A marker that is there is reported at once, even if an abandoned transaction would renew it.
    Only if there is none, wait for open transactions that may commit one.

    Raises:
        ClientError: The cluster cannot be asked.
    """
    partitions = [TopicPartition(topic, 0) for topic in topics]
    return any(
        found is not None
        for waits in (False, True)
        for found in cluster.committed(writer_id.name, partitions, waits=waits).values()
    )


def read_marker(cluster: Cluster, writer_id: WriterId, topic: str) -> Marker | None:
    """The marker of a writer; ``None`` if there is none.

    Raises:
        ClientError: The cluster cannot be asked.
        SinkError: Somebody else commits offsets under this name.
    """
    partition = TopicPartition(topic, 0)
    found = cluster.committed(writer_id.name, [partition]).get(partition)
    if found is None:
        return None
    try:
        return Marker.from_text(found[1].partition(_END)[0])
    except ValueError as error:
        raise SinkError(
            f"The consumer group {writer_id.name!r} holds a committed offset for {partition} that "
            f"the sink has not written: {error}. Groups that begin with the sink's transactional "
            "id prefix are its own; choose another prefix, or have the other consumer use another "
            "group."
        ) from error
