"""Writers of a Kafka sink: one with transactions, one without."""

from __future__ import annotations

import logging
from typing import Any, Final

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import TOPIC, ClientError
from flott.connectors.kafka.records.codecs import RecordEncoder
from flott.connectors.kafka.sink.blocks import Blocks
from flott.connectors.kafka.sink.epochs import OpenEpoch, largest_of
from flott.connectors.kafka.sink.errors import is_fencing, is_final
from flott.connectors.kafka.sink.transactions import Access, TransactionalProducer
from flott.connectors.kafka.sink.writer_transactions import WriterTransactions
from flott.connectors.write_ahead import Epoch
from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.sink import SinkWriter
from flott.metrics import MetricGroup

_log = logging.getLogger(__name__)

#: How long one step of waiting for deliveries takes at most.
_FLUSH_STEP_MS: Final = 1_000


class PlainWriter(SinkWriter):
    """Writes without transactions.

    Args:
        access: How to reach Kafka.
        encoder: Makes records of batches.
        waits: Whether a checkpoint waits until all records before it have arrived.
        metrics: Where to count.
    """

    def __init__(
        self, access: Access, encoder: RecordEncoder, waits: bool, metrics: MetricGroup
    ) -> None:
        self._access = access
        self._encoder = encoder
        self._waits = waits
        self._sent = metrics.counter("numRecordsSend")
        self._producer = access.create_producer()

    def write(self, batch: Batch) -> None:
        frame = self._encoder.encode(batch)
        if not frame.height:
            return
        try:
            self._producer.check()
            self._access.hand_over(self._producer, frame)
        except ClientError as error:
            size = largest_of(frame)
            raise self._access.explain(error, "write to Kafka", size) from error
        self._sent.inc(frame.height)

    def flush(self, end_of_input: bool) -> None:
        if not (self._waits or end_of_input):
            return
        clock = self._access.clock
        # The client gives records up after this time; it is slow to say so while it is busy.
        deadline_ms = clock.monotonic_ms() + 2 * self._access.situation.delivery_ms
        try:
            while not self._producer.flush(_FLUSH_STEP_MS):
                if clock.monotonic_ms() > deadline_ms:
                    count = self._producer.outstanding
                    raise ClientError("_MSG_TIMED_OUT", f"{count} records did not arrive")
        except ClientError as error:
            raise self._access.explain(error, "write to Kafka") from error

    def close(self) -> None:
        self._producer.close()


class TransactionalWriter(SinkWriter):
    """Keeps the records of an epoch, and gives them a head start.

    Args:
        access: How to reach Kafka.
        encoder: Makes records of batches.
        transactions: Shared with the committer.
        marker_topic: Where the marker is; ``None`` for the topic of the first record.
        context: The subtask.
    """

    def __init__(
        self,
        access: Access,
        encoder: RecordEncoder,
        transactions: WriterTransactions,
        marker_topic: str | None,
        context: OperatorContext,
    ) -> None:
        self._access = access
        self._encoder = encoder
        self._transactions = transactions
        self._context = context
        # Without checkpoints nobody would ever read what is kept.
        self._blocks = Blocks() if context.checkpoints_enabled else None
        self._producer: TransactionalProducer | None = None
        self._epoch = OpenEpoch(self._blocks)
        self._sent = context.metrics.counter("numRecordsSend")
        context.metrics.gauge("numTransactionsLost", lambda: transactions.losses)
        if marker_topic is not None:
            self._register(marker_topic)

    def write(self, batch: Batch) -> None:
        frame = self._encoder.encode(batch)
        if not frame.height:
            return
        if self._transactions.incarnation is None:
            topic = self._access.topic
            self._register(topic or frame[TOPIC][0], is_scattered=topic is None)
        self._epoch.add(frame)
        self._advance()
        self._sent.inc(frame.height)

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        self._advance()
        epoch, self._epoch = self._epoch, OpenEpoch(self._blocks)
        producer, self._producer = self._producer, None
        transactions = self._transactions
        content = epoch.pack() if epoch.count else None
        transactions.seal(checkpoint_id, producer, epoch.produced, epoch.count)
        if producer is not None and self._context.checkpoints_enabled:
            self._context.blocking.submit(
                lambda: transactions.add_marker(checkpoint_id), self._on_marker_added
            )
        return [
            Epoch(
                transactions.writer_id,
                checkpoint_id,
                transactions.incarnation,
                epoch.count,
                content,
                transactions.marker_topic,
            )
        ]

    def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            self._transactions.drop(producer)

    def _on_marker_added(self, result: BaseException | None) -> None:
        """What Kafka refuses is left to the committer; anything else is a fault of ours."""
        if result is not None:
            self._context.run_in_task(lambda: _raise(result))

    def _register(self, topic: str, is_scattered: bool = False) -> None:
        try:
            self._transactions.register(topic, self._context.parallelism, is_scattered)
        except ClientError as error:
            doing = f"begin to write under {self._transactions.writer_id.name!r}"
            raise self._access.explain(error, doing) from error

    def _advance(self) -> None:
        """Produce what can be produced now."""
        producer = self._producer
        if producer is not None and not self._transactions.is_usable(producer):
            self._lose(producer)
        if self._epoch.rest is None:
            return
        if self._producer is None:
            self._producer = self._transactions.begin()
        if self._producer is not None:
            self._produce(self._producer)

    def _produce(self, producer: TransactionalProducer) -> None:
        epoch = self._epoch
        try:
            producer.begin()
            producer.client.check()
            while (frame := epoch.rest) is not None:
                self._access.hand_over(producer.client, frame)
                epoch.take(frame.height)
        except ClientError as error:
            if self._transactions.is_usable(producer):
                self._check_worth_going_on(error, producer)
                _log.info("The head start of %s is lost: %s", producer.transactional_id, error)
                self._transactions.give_up()
            self._lose(producer)

    def _check_worth_going_on(self, error: ClientError, producer: TransactionalProducer) -> None:
        is_taken = is_fencing(error) and not producer.may_have_timed_out
        if is_taken or is_final(error):
            size = self._epoch.find_largest()
            raise self._access.explain(error, "write to Kafka", size) from error

    def _lose(self, producer: TransactionalProducer) -> None:
        """The committer has taken the ids over, or will; what is kept is not lost."""
        self._producer = None
        self._transactions.drop(producer)
        if self._blocks is None:
            raise SinkError(
                f"The transaction {producer.transactional_id!r} was lost, and a job without "
                "checkpoints does not keep records. It has to run again; raise "
                "transaction.timeout.ms if it takes long, or take checkpoints."
            )
        self._epoch.rewind()


def _raise(error: BaseException) -> None:
    raise error
