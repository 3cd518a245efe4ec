"""The reader of a Kafka source: takes what the client has fetched of all its partitions, and makes
one batch of it.

Positions are those of what has been given away, so a snapshot is exact whatever waits in the
client. A partition with an end is cut at that offset. When an offset is no longer there, the reader
asks which are, and begins there if that was allowed, else it fails and says so.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flott.common.errors import SourceError
from flott.connectors.bad_records import BadRecords, OnError
from flott.connectors.kafka.client.errors import (
    MISSING_OFFSET,
    MISSING_TOPIC,
    explain,
    is_passing,
)
from flott.connectors.kafka.client.ports import (
    KEY,
    OFFSET,
    VALUE,
    ClientError,
    Fetched,
    KafkaClients,
    TopicPartition,
)
from flott.connectors.kafka.client.properties import check_servers
from flott.connectors.kafka.records.codecs import DecodedRecords, RecordDecoderFactory
from flott.connectors.kafka.source.dead_letter import DEAD_LETTER_COLUMNS, DeadLetterTopic
from flott.connectors.kafka.source.enumerator import PartitionsRemoved
from flott.connectors.kafka.source.fetching import cut_at_ends, origin_of, parts_of
from flott.connectors.kafka.source.group_offsets import GroupOffsets
from flott.connectors.kafka.source.missing_offsets import Range, choose_offset
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy
from flott.connectors.kafka.source.partition_progress import PartitionProgress
from flott.connectors.kafka.source.reader_metrics import ReaderMetrics
from flott.connectors.kafka.source.rejected import derive_message_error, rejected_messages
from flott.connectors.kafka.source.split import KafkaPartitionSplit
from flott.connectors.kafka.source.subscription import join
from flott.core.context import OperatorContext
from flott.core.source import RejectedRecord, SourceReader, SplitBatch

_log = logging.getLogger("flott.kafka")

#: How long to leave a client alone that has trouble with the brokers.
_PAUSE_MS: Final = 500
#: How often a partition may answer that an offset is missing which is there.
_RETRIES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """How readers read, decode and commit.

    Attributes:
        clients: Makes their clients.
        properties: Those of consumers, librdkafka's names.
        producer_properties: Those of the producer of dead letters.
        decoder_factory: What makes sense of records.
        on_error: What to do with broken ones; ``None`` for the job's option.
        dead_letter_topic: Where broken records go; ``None`` for the side output.
        reset: What to do when the next record is gone.
        commits: Whether offsets are told to the group.
        commit_interval_ms: How often, in jobs without checkpoints; ``None`` for never.
        passes_over_deleted: Whether a topic that disappears is not a failure.
    """

    clients: KafkaClients
    properties: Mapping[str, str]
    producer_properties: Mapping[str, str]
    decoder_factory: RecordDecoderFactory
    on_error: OnError | None = None
    dead_letter_topic: str | None = None
    reset: KafkaOffsetResetStrategy = KafkaOffsetResetStrategy.NONE
    commits: bool = False
    commit_interval_ms: int | None = None
    passes_over_deleted: bool = False


class KafkaReader(SourceReader):
    """Reads the partitions that are assigned to one subtask.

    Args:
        context: The task.
        settings: How to read.
    """

    def __init__(self, context: OperatorContext, settings: ReaderSettings) -> None:
        self._context = context
        self._settings = settings
        self._servers = check_servers(settings.properties)
        self._partitions: dict[TopicPartition, PartitionProgress] = {}
        self._finished: deque[str] = deque()
        self._failure: Exception | None = None
        self._last: tuple[Fetched, DecodedRecords] | None = None
        self._dead_letters: DeadLetterTopic | None = None
        choice = settings.on_error
        if settings.dead_letter_topic is not None:
            choice = OnError.DEAD_LETTER
            self._dead_letters = DeadLetterTopic(
                settings.clients,
                settings.producer_properties,
                settings.dead_letter_topic,
                context.job_name,
            )
        self._bad_records = BadRecords(context, choice, derive_message_error)
        self._decoder = settings.decoder_factory.create_decoder(context)
        self._metrics = ReaderMetrics(context.metrics, self._count_pending)
        self._group = GroupOffsets(self._metrics)
        self._consumer = self._create_consumer()
        if settings.commit_interval_ms is not None and not context.checkpoints_enabled:
            self._schedule_commit(settings.commit_interval_ms)

    def _create_consumer(self) -> Any:
        columns = {*self._decoder.columns, OFFSET, VALUE}
        if self._bad_records.choice is OnError.DEAD_LETTER:
            columns.add(KEY)
        if self._dead_letters is not None:
            columns |= DEAD_LETTER_COLUMNS
        settings = self._settings
        try:
            return settings.clients.consumer(settings.properties, columns, self._context.wake)
        except ClientError as error:
            raise SourceError(explain(error, "making a consumer", self._servers)) from error

    # --- splits ----------------------------------------------------------------------------------

    def add_splits(self, splits: Sequence[KafkaPartitionSplit]) -> None:
        positions = {}
        for split in splits:
            partition = split.topic_partition
            state = self._partitions[partition] = PartitionProgress(split)
            self._group.begin(partition)
            self._metrics.add_partition(
                partition,
                partial(getattr, state, "position"),
                partial(self._group.committed, partition),
            )
            if state.is_read:
                self._retire(partition)
            else:
                positions[partition] = split.position
        if positions:
            self._assign(positions)
        self._context.wake()

    def _assign(self, positions: Mapping[TopicPartition, int]) -> None:
        self._call("assigning partitions", self._consumer.assign, positions)
        for partition in positions:
            self._partitions[partition].is_assigned = True

    def pause_splits(self, pause: Sequence[str], resume: Sequence[str]) -> None:
        by_id = {state.split.split_id: partition for partition, state in self._partitions.items()}
        for names, is_paused in ((pause, True), (resume, False)):
            partitions = [by_id[name] for name in names if name in by_id]
            for partition in partitions:
                self._partitions[partition].is_paused = is_paused
            there = [
                partition for partition in partitions if self._partitions[partition].is_assigned
            ]
            if there:
                call = self._consumer.pause if is_paused else self._consumer.resume
                self._call("pausing and resuming", call, there)
        if resume:
            self._context.wake()

    def handle_source_event(self, event: Any) -> None:
        assert isinstance(event, PartitionsRemoved), "the enumerator sends nothing else"
        for partition in event.partitions & self._partitions.keys():
            self._retire(partition)
        self._context.wake()

    def _retire(self, partition: TopicPartition) -> None:
        """Nothing further is read of a partition."""
        state = self._partitions.pop(partition)
        self._group.leave(partition, state.position)
        self._finished.append(state.split.split_id)
        if state.is_assigned:
            self._call("unassigning partitions", self._consumer.unassign, [partition])

    # --- records ---------------------------------------------------------------------------------

    def poll(self, rows_max: int) -> SplitBatch | None:
        while True:
            if self._failure is not None:
                raise self._failure
            if self._group.is_waiting:
                self._settle_commits()
            if self._finished:
                return self._finish()
            if not self._partitions:
                return None
            try:
                fetched = self._consumer.poll(rows_max)
            except ClientError as error:
                if not self._handle(error):
                    return None
                continue
            if fetched is None:
                return None
            found = self._take(fetched)
            if found is not None:
                return found

    def _finish(self) -> SplitBatch:
        if self._dead_letters is not None:
            self._dead_letters.flush()  # there may be no checkpoint after the end
        return SplitBatch(self._finished.popleft(), None, finished=True)

    def _take(self, fetched: Fetched) -> SplitBatch | None:
        partitions = self._partitions
        fetched = cut_at_ends(
            fetched, {partition: state.split.stop for partition, state in partitions.items()}
        )
        for partition, position in fetched.positions.items():
            state = partitions[partition]
            state.move(position)
            if state.is_read:
                self._retire(partition)
        if not fetched.frame.height:
            return None
        self._metrics.note_records(fetched.frame)
        decoded = self._decoder.decode(fetched)
        self._last = fetched, decoded
        rejected = self._reject(fetched, decoded) if decoded.malformed else ()
        batch = decoded.batch
        if not batch.row_count:
            return SplitBatch(str(fetched.parts[0][0]), None, rejected=rejected)
        parts = parts_of(fetched, decoded)
        return SplitBatch(
            parts[0][0], batch, rejected=rejected, parts=parts if len(parts) > 1 else ()
        )

    def _reject(self, fetched: Fetched, decoded: DecodedRecords) -> Sequence[RejectedRecord]:
        messages = rejected_messages(fetched, decoded.malformed)
        wanted = self._bad_records.handle(messages)
        if self._dead_letters is None:
            return wanted
        rows = [each.row for each in decoded.malformed]
        self._dead_letters.send(fetched, rows, messages)
        return ()

    def describe_position(self, value: Any) -> str | None:
        if self._last is None:
            return None
        return origin_of(value, *self._last)

    # --- checkpoints -----------------------------------------------------------------------------

    def snapshot(self, checkpoint_id: int) -> list[KafkaPartitionSplit]:
        if self._dead_letters is not None:
            self._dead_letters.flush()
        if self._settings.commits:
            self._group.snapshot(checkpoint_id, self._positions())
        return [state.to_split() for state in self._partitions.values()]

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._commit(self._group.complete(checkpoint_id))

    def close(self) -> None:
        self._partitions.clear()
        if self._dead_letters is not None:
            self._dead_letters.close()
        self._consumer.close()

    def _positions(self) -> dict[TopicPartition, int]:
        return {partition: state.position for partition, state in self._partitions.items()}

    def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if offsets:
            self._call("committing offsets", self._consumer.commit, offsets)

    def _settle_commits(self) -> None:
        for outcome in self._consumer.take_commits():
            self._group.settle(outcome)

    def _schedule_commit(self, interval_ms: int) -> None:
        def commit() -> None:
            self._commit(self._group.catch_up(self._positions()))
            self._schedule_commit(interval_ms)

        self._context.schedule(self._context.clock.now_ms() + interval_ms, commit)

    def _count_pending(self) -> int:
        pending = 0
        for partition, state in self._partitions.items():
            end = self._consumer.end_offset(partition) if state.is_assigned else None
            if end is not None:
                pending += max(end - state.position, 0)
        return pending

    # --- errors ----------------------------------------------------------------------------------

    def _call(self, doing: str, call: Any, argument: Any) -> None:
        try:
            call(argument)
        except ClientError as error:
            raise SourceError(explain(error, doing, self._servers)) from error

    def _handle(self, error: ClientError) -> bool:
        """Get over an error of the client, or fail with what it means; whether to go on at once."""
        partition = error.partition
        if partition is not None and error.code in MISSING_OFFSET | MISSING_TOPIC:
            state = self._partitions.get(partition)
            if state is not None and state.is_assigned:
                if error.code in MISSING_OFFSET:
                    self._seek(partition, state)
                else:
                    self._lose(partition, error)
                return True
            return True  # about what was given up meanwhile
        if is_passing(error):
            _log.warning("%s; going on", explain(error, "reading", self._servers))
            again_ms = self._context.clock.now_ms() + _PAUSE_MS
            self._context.schedule(again_ms, self._context.wake)
            return False
        names = join(self._partitions) if partition is None else str(partition)
        raise SourceError(explain(error, f"reading {names}", self._servers)) from error

    def _lose(self, partition: TopicPartition, error: ClientError) -> None:
        if not self._settings.passes_over_deleted:
            raise SourceError(
                f"Topic '{partition.topic}', partition {partition.partition} does not exist any "
                f"more at {self._servers}: {error.text}. Create it again and start without its "
                "state, or leave the topic out and start from a savepoint that did not read it"
            ) from error
        _log.warning("Deleted, and not read any further: %s", partition)
        self._retire(partition)

    def _seek(self, partition: TopicPartition, state: PartitionProgress) -> None:
        """Ask where the partition can be read, away from the loop."""
        state.is_assigned = False
        state.retries += 1
        self._call("unassigning partitions", self._consumer.unassign, [partition])
        ask = partial(Range.ask, self._settings.clients, self._settings.properties, partition)
        self._context.blocking.submit(ask, partial(self._go_on, partition, state))

    def _go_on(
        self, partition: TopicPartition, state: PartitionProgress, found: Range | BaseException
    ) -> None:
        if self._partitions.get(partition) is not state:
            return
        try:
            if isinstance(found, BaseException):
                raise found
            self._assign_again(partition, state, found)
        except ClientError as error:
            doing = f"asking for the offsets of {partition}"
            self._failure = SourceError(explain(error, doing, self._servers))
        except Exception as error:
            self._failure = error
        self._context.wake()

    def _assign_again(
        self, partition: TopicPartition, state: PartitionProgress, found: Range
    ) -> None:
        reset = state.to_split().reset or self._settings.reset
        offset = choose_offset(
            partition, state.position, found, reset, state.retries > _RETRIES_MAX
        )
        if offset != state.position:
            _log.warning("%s has no offset %d; reading from %d", partition, state.position, offset)
            state.move(offset)
        if state.is_read:
            self._retire(partition)
            return
        self._assign({partition: state.position})
        if state.is_paused:
            self._call("pausing and resuming", self._consumer.pause, [partition])
