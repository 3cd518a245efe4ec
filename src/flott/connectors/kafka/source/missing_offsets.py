"""Where to go on when the next offset is not there: deleted by retention, or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flott.common.errors import SourceError
from flott.connectors.kafka.client.ports import KafkaClients, TopicPartition
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy, explain_missing


class Range(NamedTuple):
    """The offsets of a partition.

    Attributes:
        first: The first that can be read.
        end: The one behind the last.
    """

    first: int
    end: int

    @staticmethod
    def ask(
        clients: KafkaClients, properties: Mapping[str, str], partition: TopicPartition
    ) -> Range:
        """Ask the cluster; blocks.

        Raises:
            ClientError: It does not answer.
        """
        cluster = clients.cluster(properties)
        try:
            first, end = cluster.earliest([partition]), cluster.latest([partition])
        finally:
            cluster.close()
        return Range(first[partition], end[partition])


def choose_offset(
    partition: TopicPartition,
    wanted: int,
    found: Range,
    reset: KafkaOffsetResetStrategy,
    is_last_try: bool,
) -> int:
    """The offset to go on from.

    Args:
        partition: Of which partition.
        wanted: What was to be read next.
        found: What there is.
        reset: What to do about the difference.
        is_last_try: Whether an offset that is there, and was refused all the same, is given up.

    Raises:
        SourceError: Nobody said where to go on, or going on has been tried often enough.

    >>> partition = TopicPartition("orders", 0)
    >>> choose_offset(partition, 7, Range(100, 300), KafkaOffsetResetStrategy.EARLIEST, False)
    100
    """
    if found.first <= wanted <= found.end:
        # The broker that was asked had not caught up, or has been replaced since.
        if is_last_try:
            raise SourceError(
                f"{partition} refuses to give offset {wanted}, although it has offsets "
                f"{found.first} to {found.end - 1}"
            )
        return wanted
    if reset is KafkaOffsetResetStrategy.NONE:
        raise SourceError(explain_missing(partition, wanted, *found))
    return found.first if reset is KafkaOffsetResetStrategy.EARLIEST else found.end
