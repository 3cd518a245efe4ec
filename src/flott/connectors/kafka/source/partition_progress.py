"""A partition that is being read, as its reader knows it."""

from __future__ import annotations

from dataclasses import replace

from flott.connectors.kafka.source.split import KafkaPartitionSplit


class PartitionProgress:
    """How far a partition has been read.

    Attributes:
        split: What was assigned.
        position: The offset of the next record.
        is_assigned: Whether the client reads it: not before it is told to, and not while it is
            asked where the partition can be read.
        is_paused: Whether it is held.
        retries: How often its offset was refused since it last moved.
    """

    __slots__ = ("is_assigned", "is_paused", "position", "retries", "split")

    def __init__(self, split: KafkaPartitionSplit) -> None:
        self.split = split
        self.position = split.position
        self.is_paused = False
        self.is_assigned = False
        self.retries = 0

    @property
    def is_read(self) -> bool:
        """Whether nothing is left to read."""
        stop = self.split.stop
        return stop is not None and self.position >= stop

    def move(self, position: int) -> None:
        """Go on; never beyond the stop."""
        stop = self.split.stop
        self.position = position if stop is None else min(position, stop)
        self.retries = 0

    def to_split(self) -> KafkaPartitionSplit:
        """The split with the position reached."""
        split = self.split
        if self.position == split.position:
            return split
        return replace(split, position=self.position, reset=None)
