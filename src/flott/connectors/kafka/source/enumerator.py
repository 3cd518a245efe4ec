"""The enumerator of a Kafka source: discovers partitions and assigns each to a reader.

It knows which partitions it has assigned and never assigns one twice; how far they are read is for
the readers to know. Brokers that are away are waited for: at the start for a limited time, later
as long as the job runs.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from flott.common.errors import FlottError, SourceError
from flott.connectors.kafka.client.errors import explain, is_passing
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.client.properties import check_servers
from flott.connectors.kafka.source.discovery import (
    Discovered,
    DiscoverySettings,
    PartitionDiscovery,
)
from flott.connectors.kafka.source.split import KafkaPartitionSplit
from flott.connectors.kafka.source.subscription import MissingTopicError, TopicPattern, join
from flott.core.source import EnumeratorContext, NoSplitsForNow, SplitEnumerator

_log = logging.getLogger("flott.kafka")

_RETRY_MS: Final = 500
#: A topic made a moment ago may not be known to every broker yet.
_MISSING_TOPIC_WAIT_MS: Final = 2_000
_TELL_EVERY_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class KafkaEnumeratorState:
    """What outlives a restart.

    Attributes:
        known: Partitions that readers have, or have read to their end.
        is_first_done: Whether the partitions there at the start have been found: what is found
            later is read from its first record.
    """

    known: frozenset[TopicPartition] = frozenset()
    is_first_done: bool = False


@dataclass(frozen=True, slots=True)
class PartitionsRemoved:
    """To a reader: these partitions do not exist any more."""

    partitions: frozenset[TopicPartition]


@dataclass(frozen=True, slots=True)
class EnumeratorSettings:
    """What the enumerator looks for, and how often.

    Attributes:
        discovery: What it looks for.
        discovery_ms: How often it looks; ``None`` for once.
        wait_ms: How long it waits for brokers at the start.
        is_bounded: Whether the source ends: then the partitions found first are all.
    """

    discovery: DiscoverySettings
    discovery_ms: int | None
    wait_ms: int
    is_bounded: bool


class KafkaEnumerator(SplitEnumerator):
    """Discovers and assigns partitions, at the coordinator.

    Args:
        context: The coordinator.
        settings: How to work.
        restored: State to go on from.
    """

    def __init__(
        self,
        context: EnumeratorContext,
        settings: EnumeratorSettings,
        restored: KafkaEnumeratorState | None,
    ) -> None:
        state = restored or KafkaEnumeratorState()
        self._context = context
        self._settings = settings
        self._discovery = PartitionDiscovery(settings.discovery)
        self._servers = check_servers(settings.discovery.properties)
        self._known = state.known
        self._is_first_done = state.is_first_done
        self._waited_ms = 0.0
        self._told_ms = -float(_TELL_EVERY_MS)

    def start(self) -> None:
        if self._settings.is_bounded and self._is_first_done:
            self._end()
            return
        self._warn_about_foreign(self._known)
        self._context.call_periodically(self._look, self._take_first, 0, None)

    def handle_split_request(self, subtask: int) -> None:
        """Nothing to do: partitions are given away when they are found."""

    def snapshot(self, checkpoint_id: int) -> KafkaEnumeratorState:
        return KafkaEnumeratorState(self._known, self._is_first_done)

    def close(self) -> None:
        self._discovery.close()

    # --- looking for partitions ------------------------------------------------------------------

    def _look(self) -> Discovered:
        """Away from the loop, which waits with changes until the result is there."""
        return self._discovery.look(self._known, not self._is_first_done)

    def _take_first(self, result: Discovered | BaseException) -> None:
        found = _unwrap(result)
        if found.error is not None:
            self._wait(found.error, found.took_ms)
            return
        self._take(found)
        self._is_first_done = True
        interval_ms = self._settings.discovery_ms
        if interval_ms is None:
            self._end()
        else:
            self._context.call_periodically(self._look, self._take_later, interval_ms, interval_ms)

    def _take_later(self, result: Discovered | BaseException) -> None:
        found = _unwrap(result)
        error = found.error
        if error is None:
            self._take(found)
            return
        if not (isinstance(error, ClientError) and is_passing(error)):
            raise self._derive_error(error) from error
        _log.warning("%s; looking again later", self._describe(error))

    def _take(self, found: Discovered) -> None:
        removed = self._find_removed(found.partitions)
        if removed:
            _log.warning("Deleted, and not read any further: %s", join(removed))
            for subtask in range(self._context.parallelism):
                self._context.send_event(subtask, PartitionsRemoved(removed))
        self._known = (self._known - removed) | {each.topic_partition for each in found.splits}
        self._assign(found.splits)
        if not self._known:
            meaning = self._settings.discovery.subscription.meaning
            _log.warning("Kafka at %s has nothing to read yet: %s", self._servers, meaning)

    def _find_removed(self, there: frozenset[TopicPartition]) -> frozenset[TopicPartition]:
        """What a pattern no longer finds; topics that were named are missed otherwise."""
        subscription = self._settings.discovery.subscription
        if not isinstance(subscription, TopicPattern):
            return frozenset()
        return frozenset(each for each in self._known - there if subscription.covers(each))

    def _assign(self, splits: Iterable[KafkaPartitionSplit]) -> None:
        shares: dict[int, list[KafkaPartitionSplit]] = {}
        for split in splits:
            owner = owner_of(split.topic_partition, self._context.parallelism)
            shares.setdefault(owner, []).append(split)
        if shares:
            self._context.assign(shares)
        for subtask in range(self._context.parallelism):
            if subtask not in shares:
                self._context.send_event(subtask, NoSplitsForNow())

    def _end(self) -> None:
        for subtask in range(self._context.parallelism):
            self._context.no_more_splits(subtask)

    # --- waiting, and what cannot be waited for --------------------------------------------------

    def _wait(self, error: Exception, took_ms: float) -> None:
        """Try again a little later, unless that is no use or has taken too long."""
        self._waited_ms += took_ms
        limit_ms = 0.0
        if isinstance(error, MissingTopicError):
            limit_ms = min(_MISSING_TOPIC_WAIT_MS, self._settings.wait_ms)
        elif isinstance(error, ClientError) and is_passing(error):
            # After a restart readers wait for brokers without a limit, so there is no hurry here.
            limit_ms = math.inf if self._is_first_done else self._settings.wait_ms
        if self._waited_ms >= limit_ms:
            raise self._derive_error(error) from error
        if self._waited_ms - self._told_ms >= _TELL_EVERY_MS:
            self._told_ms = self._waited_ms
            left_s = (limit_ms - self._waited_ms) / 1000
            how_long = "again" if left_s == math.inf else f"for another {left_s:.0f} s"
            _log.warning("%s; trying %s", self._describe(error), how_long)
        self._waited_ms += _RETRY_MS
        self._context.call_periodically(self._look, self._take_first, _RETRY_MS, None)

    def _describe(self, error: Exception) -> str:
        if isinstance(error, ClientError):
            meaning = self._settings.discovery.subscription.meaning
            return explain(error, f"looking for {meaning}", self._servers)
        return f"Kafka at {self._servers}: {error}"

    def _derive_error(self, error: Exception) -> Exception:
        if not isinstance(error, (ClientError, MissingTopicError)):
            return error if isinstance(error, FlottError) else SourceError(self._describe(error))
        after = ""
        if isinstance(error, ClientError) and is_passing(error):
            after = (
                f". Waited {self._waited_ms / 1000:.0f} s (default.api.timeout.ms). Are the "
                "brokers running, is bootstrap.servers their address as seen from here, and is "
                "security.protocol what they speak there?"
            )
        return SourceError(self._describe(error) + after)

    def _warn_about_foreign(self, partitions: Collection[TopicPartition]) -> None:
        covers = self._settings.discovery.subscription.covers
        foreign = [each for each in partitions if not covers(each)]
        if foreign:
            _log.warning("No longer named, but read on as the checkpoint says: %s", join(foreign))


def owner_of(partition: TopicPartition, parallelism: int) -> int:
    """The subtask that reads a partition: those of a topic go round all subtasks, and topics begin
    at different ones, as in Flink.

    >>> [owner_of(TopicPartition("orders", each), 2) for each in range(4)]
    [1, 0, 1, 0]
    """
    start = ((_hash_of(partition.topic) * 31) & 0x7FFFFFFF) % parallelism
    return (start + partition.partition) % parallelism


def _hash_of(text: str) -> int:
    """Java's hash of a string: the same in every process, and the same owners as in Flink."""
    result = 0
    for unit in memoryview(text.encode("utf-16-le")).cast("H"):
        result = (31 * result + unit) & 0xFFFFFFFF
    return result


def _unwrap(result: Discovered | BaseException) -> Discovered:
    if isinstance(result, BaseException):
        raise result
    return result
