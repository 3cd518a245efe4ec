"""Asks the cluster which partitions there are to read, and from where to where: the calls of the
enumerator that may block."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from flott.connectors.kafka.client.errors import MISSING_TOPIC
from flott.connectors.kafka.client.ports import ClientError, Cluster, KafkaClients, TopicPartition
from flott.connectors.kafka.source.offsets import (
    KafkaOffsetResetStrategy,
    OffsetQuestions,
    OffsetsInitializer,
)
from flott.connectors.kafka.source.split import KafkaPartitionSplit
from flott.connectors.kafka.source.subscription import MissingTopicError, Subscription


@dataclass(frozen=True)
class DiscoverySettings:
    """What is looked for.

    Attributes:
        clients: Makes the client that asks.
        properties: Its properties, librdkafka's.
        subscription: Which partitions.
        starting: Where to begin in those found first; later ones are read from their first record.
        stopping: Where to stop; ``None`` for nowhere.
        group: The consumer group; ``None`` for none.
        read_committed: Whether only committed records are read.
    """

    clients: KafkaClients
    properties: Mapping[str, str]
    subscription: Subscription
    starting: OffsetsInitializer
    stopping: OffsetsInitializer | None = None
    group: str | None = None
    read_committed: bool = False


@dataclass(frozen=True)
class Discovered:
    """What one look found.

    Attributes:
        partitions: All that are there.
        splits: Splits of those that were not known before.
        error: What was in the way; then the rest is empty.
        took_ms: How long it took.
    """

    partitions: frozenset[TopicPartition] = frozenset()
    splits: tuple[KafkaPartitionSplit, ...] = ()
    error: Exception | None = None
    took_ms: float = 0.0


class PartitionDiscovery:
    """Looks for partitions. One look at a time, from any thread."""

    def __init__(self, settings: DiscoverySettings) -> None:
        self._settings = settings
        self._cluster: Cluster | None = None

    def look(self, known: Collection[TopicPartition], is_first: bool) -> Discovered:
        """Find what there is, and where to begin in what is not ``known``."""
        start_s = time.monotonic()
        try:
            found = self._find(frozenset(known), is_first)
        except Exception as error:  # the enumerator decides what it means
            found = Discovered(error=error)
        return replace(found, took_ms=(time.monotonic() - start_s) * 1000)

    def close(self) -> None:
        """Release the connection."""
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            with contextlib.suppress(ClientError):
                cluster.close()

    def _find(self, known: frozenset[TopicPartition], is_first: bool) -> Discovered:
        settings = self._settings
        if self._cluster is None:
            self._cluster = settings.clients.cluster(settings.properties)
        try:
            there = frozenset(settings.subscription.find(self._cluster))
        except ClientError as error:
            if error.code in MISSING_TOPIC:
                raise MissingTopicError(str(error)) from error
            raise
        fresh = sorted(there - known)
        return Discovered(there, self._splits_of(fresh, is_first) if fresh else ())

    def _splits_of(
        self, partitions: list[TopicPartition], is_first: bool
    ) -> tuple[KafkaPartitionSplit, ...]:
        settings = self._settings
        assert self._cluster is not None
        ask = OffsetQuestions(self._cluster, settings.group, settings.read_committed)
        starting = settings.starting if is_first else OffsetsInitializer.earliest()
        # Ends first: what is written meanwhile lies behind them, and no start is beyond its end.
        ends = {} if settings.stopping is None else settings.stopping.choose(ask, partitions)
        starts = starting.choose(ask, partitions)
        no_reset = starting.reset is KafkaOffsetResetStrategy.NONE
        return tuple(
            KafkaPartitionSplit(
                each.topic,
                each.partition,
                starts[each],
                ends.get(each),
                None if no_reset else starting.reset,
            )
            for each in partitions
        )
