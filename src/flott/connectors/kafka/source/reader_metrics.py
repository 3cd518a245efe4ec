"""What a Kafka reader counts, under Flink's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flott.connectors.kafka.client.ports import KEY, VALUE, TopicPartition

if TYPE_CHECKING:
    import polars as pl

    from flott.metrics import MetricGroup


class ReaderMetrics:
    """The metrics of one reader: ``numRecordsIn``, ``numBytesIn``, ``pendingRecords``,
    ``commitsSucceeded`` and ``commitsFailed``, and for each partition ``currentOffset`` and
    ``committedOffset``.

    Args:
        group: The operator's metrics.
        lag: Tells how many records wait to be read, as far as is known.
    """

    def __init__(self, group: MetricGroup, lag: Callable[[], int]) -> None:
        self._records = group.counter("numRecordsIn")
        self._bytes = group.counter("numBytesIn")
        group.gauge("pendingRecords", lag)
        self._group = group.add_group("KafkaSourceReader")
        self._commits_requested = self._group.counter("commitsRequested")
        self._commits_succeeded = self._group.counter("commitsSucceeded")
        self._commits_failed = self._group.counter("commitsFailed")

    def add_partition(
        self,
        partition: TopicPartition,
        current: Callable[[], Any],
        committed: Callable[[], Any],
    ) -> None:
        """Show the offsets of a partition."""
        topic = self._group.add_group("topic", partition.topic)
        group = topic.add_group("partition", str(partition.partition))
        group.gauge("currentOffset", current)
        group.gauge("committedOffset", committed)

    def note_records(self, frame: pl.DataFrame) -> None:
        """Records have been fetched."""
        self._records.inc(frame.height)
        for name in (KEY, VALUE):
            if name in frame.columns:
                # Of binary data this is the exact length, and costs nothing.
                self._bytes.inc(int(frame[name].estimated_size()))

    def note_commit_requested(self) -> None:
        """Offsets were sent to the group."""
        self._commits_requested.inc()

    def note_commit_ended(self, *, is_success: bool) -> None:
        """The group has answered, or nobody has."""
        (self._commits_succeeded if is_success else self._commits_failed).inc()
