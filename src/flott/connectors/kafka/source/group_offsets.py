"""What the group of a source has been told of its offsets, and what it has taken.

Offsets in the group are for monitoring; positions are in checkpoints. So a commit is never waited
for, and one that fails is only counted and logged: what it was about is told again next time.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flott.connectors.kafka.client.ports import CommitOutcome, TopicPartition
from flott.connectors.kafka.source.reader_metrics import ReaderMetrics

_log = logging.getLogger("flott.kafka")


class GroupOffsets:
    """The offsets of one reader, as its group knows them.

    Args:
        metrics: Counts commits.
    """

    def __init__(self, metrics: ReaderMetrics) -> None:
        self._metrics = metrics
        self._committed: dict[TopicPartition, int] = {}
        self._requested: dict[TopicPartition, int] = {}
        self._left: dict[TopicPartition, int] = {}  # of partitions no longer read
        self._snapshots: dict[int, dict[TopicPartition, int]] = {}
        self._under_way = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a commit has been sent whose end is not known."""
        return self._under_way > 0

    def committed(self, partition: TopicPartition) -> int:
        """The offset that the group has of a partition, as far as it was told by this reader; -1
        before the first."""
        return self._committed.get(partition, -1)

    def begin(self, partition: TopicPartition) -> None:
        """A partition is read."""
        self._left.pop(partition, None)

    def leave(self, partition: TopicPartition, position: int) -> None:
        """A partition is read no further; the group is still to hear how far it was."""
        self._left[partition] = position

    def snapshot(self, checkpoint_id: int, positions: Mapping[TopicPartition, int]) -> None:
        """Positions belong to a checkpoint."""
        self._snapshots[checkpoint_id] = {**self._left, **positions}

    def complete(self, checkpoint_id: int) -> dict[TopicPartition, int]:
        """A checkpoint is complete: what is to be committed now."""
        offsets = self._snapshots.pop(checkpoint_id, {})
        for older in [each for each in self._snapshots if each < checkpoint_id]:
            del self._snapshots[older]
        return self._request(offsets)

    def catch_up(self, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """What is to be committed for the group to know these positions."""
        return self._request({**self._left, **positions})

    def _request(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        requested = self._requested
        new = {partition: at for partition, at in offsets.items() if requested.get(partition) != at}
        if new:
            requested.update(new)
            self._under_way += 1
            self._metrics.note_commit_requested()
        return new

    def settle(self, outcome: CommitOutcome) -> None:
        """A commit has ended."""
        assert self._under_way, "what ends was requested"
        self._under_way -= 1
        for partition, offset in outcome.committed.items():
            self._committed[partition] = offset
            if self._left.get(partition) == offset:
                del self._left[partition], self._requested[partition], self._committed[partition]
        for partition in outcome.failed:
            self._requested.pop(partition, None)
        self._metrics.note_commit_ended(is_success=not outcome.failed)
        if outcome.failed:
            partition, reason = next(iter(outcome.failed.items()))
            _log.warning(
                "The group was not told how far %d of its partitions are read, %s among them: %s. "
                "Reading goes on; the next checkpoint tells it.",
                len(outcome.failed),
                partition,
                reason,
            )
