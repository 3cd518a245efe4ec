"""The transactions of a running writer: what writer and committer share.

The writer, on the task's thread, begins a *head start* for an epoch: it produces the records into
an open transaction while they are kept for the checkpoint, too. At the barrier it hands the
transaction over, and while the checkpoint is being stored the marker is added, on a thread beside
the task. The committer, on such a thread, too, commits once the checkpoint is complete; if the head
start was lost, it takes the ids over again and writes the kept records.

Readers get the records of a partition in the order in which they were written. So a head start
begins only once all records of the epochs before have arrived, and when one is lost, those after it
are lost, too: their transactions belong to a pair of producers that is given up.

``_lock`` guards the fields and is never held during a call to Kafka. A producer that was handed
over is only used by whoever holds its own lock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Lock

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import ClientError
from flott.connectors.kafka.sink.errors import is_fencing, is_final
from flott.connectors.kafka.sink.marker import read_marker
from flott.connectors.kafka.sink.settling import ATTEMPTS_MAX, Settler, abort_vanished
from flott.connectors.kafka.sink.transactions import Access, ProducerPair, TransactionalProducer
from flott.connectors.write_ahead import (
    Epoch,
    Incarnation,
    Marker,
    Verdict,
    WriterId,
    judge,
    register,
)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Sealed:
    """An epoch whose checkpoint has been taken and that is not committed yet.

    Attributes:
        count: Its records.
        producer: The transaction with its head start; ``None`` if it has none.
        produced: How many records are in that transaction, from the front.
    """

    count: int
    producer: TransactionalProducer | None
    produced: int


class WriterTransactions:
    """The transactions and the marker of one writer.

    Args:
        access: How to reach Kafka.
        writer_id: The writer.
        settler: Writes epochs whose head start was lost.
        token: Random; names this incarnation.

    Attributes:
        losses: How often a transaction was lost, so that its records were written again.
    """

    def __init__(self, access: Access, writer_id: WriterId, settler: Settler, token: str) -> None:
        self.writer_id = writer_id
        self.incarnation: Incarnation | None = None
        self.marker_topic = ""
        self.losses = 0
        self._access = access
        self._settler = settler
        self._token = token
        self._lock = Lock()
        self._marker: Marker | None = None
        self._sealed: dict[int, _Sealed] = {}
        self._open: TransactionalProducer | None = None
        self._is_broken = False
        self._pair: ProducerPair | None = ProducerPair(access, writer_id)
        #: Used in turn, so that brokers forget neither id for want of use.
        self._idle: list[TransactionalProducer] = list(self._pair.producers)

    # By the writer.

    def register(self, marker_topic: str, parallelism: int, is_scattered: bool = False) -> None:
        """Write the first marker, before the first record.

        Args:
            marker_topic: The topic to hold it.
            parallelism: How many subtasks there are by now.
            is_scattered: Whether other subtasks may have theirs in other topics.

        Raises:
            ClientError: It could not be written.
        """
        assert self.incarnation is None, "a writer registers once"
        writer_id = self.writer_id
        abort_vanished(self._access, writer_id, parallelism, None if is_scattered else marker_topic)
        before = self._access.ask(lambda cluster: read_marker(cluster, writer_id, marker_topic))
        marker, incarnation = register(before, self._token)
        with self._lock:
            pair = self._pair
            producer = self._idle.pop(0) if self._idle else None
        if pair is None or producer is None:
            # A writer that failed to register, or was closed, and does not know it.
            raise ClientError(
                "_STATE", "The writer's transactions were given up before", is_fatal=True
            )
        pair.commit(producer, (), marker, marker_topic, writer_id.base)
        with self._lock:
            self._idle.append(producer)
            self._marker, self.incarnation, self.marker_topic = marker, incarnation, marker_topic

    def begin(self) -> TransactionalProducer | None:
        """A producer for a head start; ``None`` while there must not be one."""
        with self._lock:
            if self._is_broken or not self._idle:
                return None
            before = next((each for each in reversed(self._sealed.values()) if each.count), None)
        if before is not None and not self._are_delivered(before):
            return None
        with self._lock:
            if self._is_broken or not self._idle:
                return None
            producer = self._open = self._idle.pop(0)
        return producer

    def is_usable(self, producer: TransactionalProducer) -> bool:
        """Whether what is in the producer may still be committed."""
        with self._lock:
            return (
                not self._is_broken and self._pair is not None and producer in self._pair.producers
            )

    def drop(self, producer: TransactionalProducer) -> None:
        """Release a producer that is not usable any more."""
        with self._lock:
            assert producer is self._open
            self._open = None
        producer.close()

    def give_up(self) -> None:
        """The head start is lost; the committer takes the ids over again."""
        with self._lock:
            self._is_broken = True

    def seal(
        self, checkpoint_id: int, producer: TransactionalProducer | None, produced: int, count: int
    ) -> None:
        """Hand an epoch over to the committer."""
        with self._lock:
            assert checkpoint_id not in self._sealed
            assert producer is self._open, "a head start is handed over by whoever began it"
            self._open = None
            is_usable = self._pair is not None and producer in self._pair.producers
            if producer is not None and not is_usable:
                producer.close()
                producer, produced = None, 0
            if producer is not None:
                producer.sealed_for = checkpoint_id
            self._sealed[checkpoint_id] = _Sealed(count, producer, produced)

    def _are_delivered(self, sealed: _Sealed) -> bool:
        """Whether all records of an epoch are in the log, where others may follow them."""
        producer = sealed.producer
        if producer is None or sealed.produced < sealed.count:
            return False
        if producer.is_delivered:
            return True
        if not producer.lock.acquire(blocking=False):
            return False  # it is being committed, and will be gone then
        try:
            return not producer.is_closed and producer.check_delivered()
        except ClientError as error:
            _log.info("The head start of %s is lost: %s", producer.transactional_id, error)
            self.give_up()
            return False
        finally:
            producer.lock.release()

    # On a thread beside the task, while the checkpoint is being stored.

    def add_marker(self, checkpoint_id: int) -> None:
        """Put the marker into the transaction of an epoch whose barrier has passed.

        Nobody sees it before the transaction is committed. Of several offsets for one partition
        Kafka keeps the one that was sent last, in whatever order their transactions are committed.
        So it is only sent once no older epoch is left that may send one. Without it, or after it
        has failed, ``commit`` does it.
        """
        with self._lock:
            oldest = next(iter(self._sealed), None)
            sealed = self._sealed[checkpoint_id] if oldest == checkpoint_id else None
            marker, incarnation, pair = self._marker, self.incarnation, self._pair
            is_usable = sealed is not None and sealed.producer is not None and not self._is_broken
        if not is_usable or pair is None or marker is None or incarnation is None:
            return
        assert sealed is not None
        producer = sealed.producer
        assert producer is not None
        if not producer.lock.acquire(blocking=False):
            return  # it is being committed
        try:
            # By now it may be committed, and the producer have begun another epoch.
            if producer.sealed_for == checkpoint_id and not producer.is_closed:
                after = marker.commit(incarnation, checkpoint_id)
                pair.add_marker(producer, after, self.marker_topic, checkpoint_id)
        finally:
            producer.lock.release()

    # By the committer.

    def commit(self, epoch: Epoch) -> None:
        """Commit an epoch whose checkpoint is complete; epochs come in order.

        Raises:
            SinkError: It is not known to be committed.
        """
        assert epoch.writer_id == self.writer_id
        with self._lock:
            sealed = self._sealed.get(epoch.checkpoint_id)
            if sealed is None:
                assert judge(self._marker, epoch) is Verdict.COMMITTED
                return None
            is_settled = epoch.count and judge(self._marker, epoch) is Verdict.COMMITTED
            producer, produced = (None, 0) if is_settled else self._choose_producer(epoch, sealed)
            if producer is None and not epoch.count and not self._is_broken:
                # Nothing to write, and no transaction to spare to renew the marker with.
                del self._sealed[epoch.checkpoint_id]
                return None
        if is_settled:
            # The marker was read again after a loss: whoever came after us has settled this epoch.
            raise self._superseded()
        try:
            if producer is None:
                raise ClientError("_LOST", "The head start was lost before")
            self._finish(epoch, producer, produced)
        except ClientError as error:
            self._check_worth_repeating(error, producer, epoch)
            _log.info("Writing checkpoint %d again: %s", epoch.checkpoint_id, error)
            self._redo(epoch, may_be_there=producer is not None and producer.is_ending)
        return self._forget(epoch)

    def _choose_producer(
        self, epoch: Epoch, sealed: _Sealed
    ) -> tuple[TransactionalProducer | None, int]:
        """The transaction to commit, and how many records it has already."""
        if self._is_broken or self.incarnation is None:
            return None, 0
        if sealed.producer is not None:
            return sealed.producer, sealed.produced
        return (self._idle.pop(0) if self._idle else None), 0

    def _finish(self, epoch: Epoch, producer: TransactionalProducer, produced: int) -> None:
        assert self._marker is not None
        assert self.incarnation is not None
        marker = self._marker
        if epoch.count:
            marker = marker.commit(self.incarnation, epoch.checkpoint_id)
        pair = self._pair
        assert pair is not None
        if epoch.content is None and produced < epoch.count:
            raise ClientError("_LOST", "The head start is incomplete")
        frames = () if epoch.content is None else epoch.content.frames(produced)
        with producer.lock:
            pair.commit(producer, frames, marker, self.marker_topic, epoch.checkpoint_id)
        with self._lock:
            self._marker = marker
            self._idle.append(producer)

    def _check_worth_repeating(
        self, error: ClientError, producer: TransactionalProducer | None, epoch: Epoch
    ) -> None:
        """Fail if writing again could only fail again, or somebody else has taken over."""
        is_taken = is_fencing(error) and not (producer is not None and producer.may_have_timed_out)
        if is_taken or is_final(error):
            doing = (
                f"commit what checkpoint {epoch.checkpoint_id} covers under {self.writer_id.name!r}"
            )
            raise self._access.explain(error, doing) from error

    def _redo(self, epoch: Epoch, may_be_there: bool) -> None:
        for attempt in range(ATTEMPTS_MAX):
            try:
                return self._take_over(epoch, may_be_there or attempt > 0)
            except ClientError as error:
                is_last = attempt == ATTEMPTS_MAX - 1
                if is_last or is_fencing(error) or is_final(error):
                    doing = f"write again what checkpoint {epoch.checkpoint_id} covers"
                    raise self._access.explain(error, doing) from error

    def _take_over(self, epoch: Epoch, may_be_there: bool) -> None:
        """Begin anew with both ids, and settle the epoch as if it had been restored.

        Args:
            epoch: The epoch.
            may_be_there: Whether we have tried to commit it. If not and it is there all the same,
                somebody has settled it who came after us.
        """
        self._abandon()
        self.losses += 1
        pair = ProducerPair(self._access, self.writer_id)
        try:
            marker = self._marker
            if self.incarnation is not None:
                writer_id, marker_topic = self.writer_id, self.marker_topic
                marker = self._access.ask(
                    lambda cluster: read_marker(cluster, writer_id, marker_topic)
                )
                self._check_not_superseded(marker, None if may_be_there else epoch)
            marker = self._settler.settle(pair, marker, epoch)
        except BaseException:
            pair.close()
            raise
        with self._lock:
            self._pair, self._idle = pair, list(pair.producers)
            self._marker = marker or self._marker
            self._is_broken = False

    def _abandon(self) -> None:
        """Give up both ids. A producer that the writer has open it closes itself."""
        with self._lock:
            self._is_broken = True
            pair, self._pair, self._idle = self._pair, None, []
            for sealed in self._sealed.values():
                sealed.producer, sealed.produced = None, 0
            opened = self._open
        for producer in pair.producers if pair is not None else ():
            if producer is not opened:
                with producer.lock:
                    producer.close()

    def _check_not_superseded(self, marker: Marker | None, missing: Epoch | None) -> None:
        assert self.incarnation is not None
        if marker is not None and marker.is_superseded(self.incarnation):
            raise self._superseded()
        if missing is not None and missing.count and judge(marker, missing) is Verdict.COMMITTED:
            raise self._superseded()

    def _superseded(self) -> SinkError:
        error = ClientError("_FENCED", "Another writer has begun since")
        return self._access.explain(error, f"go on under {self.writer_id.name!r}")

    def _forget(self, epoch: Epoch) -> None:
        with self._lock:
            self._sealed.pop(epoch.checkpoint_id, None)

    def close(self) -> None:
        """Release both ids, once neither writer nor committer needs them."""
        with self._lock:
            pair, self._pair, self._idle = self._pair, None, []
            opened, self._open = self._open, None
        for producer in [*(pair.producers if pair is not None else ()), opened]:
            if producer is not None:
                with producer.lock:
                    producer.close()
