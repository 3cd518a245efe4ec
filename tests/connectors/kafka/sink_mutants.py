"""Broken Kafka sinks, to see whether the tests of the sink notice them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flott.connectors.kafka.client.ports import ClientError
from flott.connectors.kafka.sink.committer import KafkaCommitter
from flott.connectors.kafka.sink.kafka_sink import KafkaSink
from flott.connectors.kafka.sink.record_log import RecordLog
from flott.connectors.kafka.sink.settling import Settler
from flott.connectors.kafka.sink.transactions import ProducerPair, TransactionalProducer
from flott.connectors.kafka.sink.writer import TransactionalWriter
from flott.connectors.kafka.sink.writer_transactions import WriterTransactions
from flott.connectors.write_ahead import Epoch, Marker, WriterId
from tests.connectors.kafka.model_clients import ModelClients, ModelProducer

# The settler of restored epochs.


class BlindSettler(Settler):
    """Does not look at the marker before it writes again."""

    def settle(self, pair: ProducerPair, marker: Marker | None, epoch: Epoch) -> Marker | None:
        return self._write(pair, marker, epoch) if epoch.count else marker

    def _read(self, writer_id: WriterId, epochs: list[Epoch]) -> Marker | None:
        return None


class TrustingSettler(Settler):
    """Believes that what was restored is committed."""

    def settle(self, pair: ProducerPair, marker: Marker | None, epoch: Epoch) -> Marker | None:
        return marker


class HastySettler(Settler):
    """Writes only the last one of several epochs."""

    def _take_over(self, writer_id: WriterId, epochs: list[Epoch]) -> None:
        super()._take_over(writer_id, epochs[-1:])


class LateFencingSettler(Settler):
    """Fences after it has looked."""

    def _take_over(self, writer_id: WriterId, epochs: list[Epoch]) -> None:
        marker = self._read(writer_id, epochs)
        pair = ProducerPair(self._access, writer_id)
        for epoch in epochs:
            marker = self.settle(pair, marker, epoch)
        pair.close()


class UnmarkedSettler(Settler):
    """Writes again without a marker."""

    def _write(self, pair: ProducerPair, marker: Marker | None, epoch: Epoch) -> Marker:
        assert marker is not None
        frames = epoch.content.frames()
        pair.commit(pair.producers[0], frames, marker, epoch.marker_location, epoch.checkpoint_id)
        return marker


# What writer and committer share.


class ImpatientTransactions(WriterTransactions):
    """Begins an epoch before all records of the one before have arrived."""

    def _are_delivered(self, sealed: Any) -> bool:
        return True


class ForgivingTransactions(WriterTransactions):
    """Takes an epoch whose commit failed for committed."""

    def _redo(self, epoch: Epoch, may_be_there: bool) -> None:
        pass


class RepeatingTransactions(WriterTransactions):
    """Writes again after a failed commit without a look at the marker."""

    def _redo(self, epoch: Epoch, may_be_there: bool) -> None:
        known, settle = self._marker, self._settler.settle
        self._abandon()
        try:
            pair = ProducerPair(self._access, self.writer_id)
            self._marker = settle(pair, known, epoch)
        except ClientError as error:
            raise self._access.explain(error, "write again") from error
        self._pair, self._idle, self._is_broken = pair, list(pair.producers), False


class CarelessTransactions(WriterTransactions):
    """Takes every epoch for one with a head start."""

    def _choose_producer(
        self, epoch: Epoch, sealed: Any
    ) -> tuple[TransactionalProducer | None, int]:
        producer, _ = super()._choose_producer(epoch, sealed)
        return producer, epoch.count


class DisorderlyTransactions(WriterTransactions):
    """Sends a marker while an older epoch may yet send its own."""

    def add_marker(self, checkpoint_id: int) -> None:
        with self._lock:
            before, self._sealed = self._sealed, dict(reversed(self._sealed.items()))
        super().add_marker(checkpoint_id)
        with self._lock:
            self._sealed = before


class UnregisteredTransactions(WriterTransactions):
    """Writes no marker before its first epoch."""

    def register(self, marker_topic: str, parallelism: int, is_scattered: bool = False) -> None:
        super().register(marker_topic, parallelism, is_scattered)
        self._access.clients.broker.delete_group(self.writer_id.name)  # type: ignore[attr-defined]


# The writer.


class EagerWriter(TransactionalWriter):
    """Commits at the barrier."""

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        epochs = super().prepare_commit(checkpoint_id)
        self._transactions.commit(epochs[0])
        return epochs


class ForgetfulWriter(TransactionalWriter):
    """Keeps no records."""

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        return [
            replace(each, content=RecordLog([], []))
            for each in super().prepare_commit(checkpoint_id)
        ]


# The clients.


class _MutantClients(ModelClients):
    producer_class: type[ModelProducer]

    def producer(self, properties: Mapping[str, str], topic: str | None) -> ModelProducer:
        return self.producer_class(self.broker, properties, topic)


class UnfencedProducer(ModelProducer):
    """``init_transactions`` is skipped."""

    def init_transactions(self, timeout_ms: int) -> None:
        assert self.transactional_id is not None
        owner = self.broker.owners[self.transactional_id]
        owner.epoch = self._epoch = max(owner.epoch, 0)


class HalfFencedProducer(UnfencedProducer):
    """... of the second one of two transactional ids."""

    def init_transactions(self, timeout_ms: int) -> None:
        if str(self.transactional_id).endswith("-1"):
            return super().init_transactions(timeout_ms)
        return ModelProducer.init_transactions(self, timeout_ms)


class UnfencedClients(_MutantClients):
    producer_class = UnfencedProducer


class HalfFencedClients(_MutantClients):
    producer_class = HalfFencedProducer


class OutsideProducer(ModelProducer):
    """The marker is committed at once, outside the transaction."""

    def send_offsets(self, group: str, offsets: Any, timeout_ms: int) -> None:
        with self.call("send_offsets"):
            self.broker.commit_offsets(group, offsets)


class OutsideClients(_MutantClients):
    producer_class = OutsideProducer


class LateProducer(ModelProducer):
    """The marker is committed after the transaction."""

    def send_offsets(self, group: str, offsets: Any, timeout_ms: int) -> None:
        self.late = group, offsets

    def commit_transaction(self, timeout_ms: int) -> None:
        super().commit_transaction(timeout_ms)
        with self.call("send_offsets"):
            self.broker.commit_offsets(*self.late)


class LateClients(_MutantClients):
    producer_class = LateProducer


class OneIdClients(ModelClients):
    """Both transactional ids are the same."""

    def producer(self, properties: Mapping[str, str], topic: str | None) -> ModelProducer:
        name = properties["transactional.id"].removesuffix("-1").removesuffix("-0")
        return super().producer({**properties, "transactional.id": name}, topic)


# Sinks made of them.


class MutantSink(KafkaSink):
    settler_class: type[Settler] = Settler
    transactions_class: type[WriterTransactions] = WriterTransactions
    writer_class: type[TransactionalWriter] = TransactionalWriter

    def create_committer(self, context: Any) -> KafkaCommitter:
        committer = super().create_committer(context)
        assert isinstance(committer, KafkaCommitter)
        committer._settler.__class__ = self.settler_class
        transactions_class = self.transactions_class

        class Committer(KafkaCommitter):
            def open_transactions(self, writer_id: WriterId, token: str) -> WriterTransactions:
                live = super().open_transactions(writer_id, token)
                live.__class__ = transactions_class
                return live

        committer.__class__ = Committer
        return committer

    def create_writer(self, context: Any, restored: Any, committer: Any) -> Any:
        writer = super().create_writer(context, restored, committer)
        writer.__class__ = self.writer_class
        return writer


@dataclass(frozen=True)
class Mutant:
    """What to break.

    Attributes:
        options: Of ``create_sink``.
        parallelism_max: How many subtasks a play has at most; with one, order is looked at, too.
        is_storm: Whether it takes bad luck to notice.
    """

    options: dict[str, Any]
    parallelism_max: int = 3
    is_storm: bool = False


def _sink(**classes: type) -> Mutant:
    return Mutant({"sink_class": type("Sink", (MutantSink,), classes)})


MUTANTS: dict[str, Mutant] = {
    "the marker is not looked at": _sink(settler_class=BlindSettler),
    "restored epochs are taken for committed": _sink(settler_class=TrustingSettler),
    "only the last restored epoch is settled": replace(
        _sink(settler_class=HastySettler), is_storm=True
    ),
    "fenced after the marker was read": replace(
        _sink(settler_class=LateFencingSettler), is_storm=True
    ),
    "no marker when written again": _sink(settler_class=UnmarkedSettler),
    "the next epoch does not wait": replace(
        _sink(transactions_class=ImpatientTransactions), parallelism_max=1
    ),
    "a failed commit is taken for done": _sink(transactions_class=ForgivingTransactions),
    "a failed commit is repeated blindly": replace(
        _sink(transactions_class=RepeatingTransactions), is_storm=True
    ),
    "an epoch without head start is left out": _sink(transactions_class=CarelessTransactions),
    "markers are sent out of order": _sink(transactions_class=DisorderlyTransactions),
    "no marker before the first epoch": _sink(transactions_class=UnregisteredTransactions),
    "committed at the barrier": _sink(writer_class=EagerWriter),
    "records are not kept": _sink(writer_class=ForgetfulWriter),
    "nobody is fenced": Mutant({"clients_class": UnfencedClients}),
    "one of two ids is not fenced": Mutant({"clients_class": HalfFencedClients}),
    "the marker is outside the transaction": Mutant({"clients_class": OutsideClients}),
    "the marker comes after the transaction": Mutant({"clients_class": LateClients}),
    "both ids are the same": Mutant({"clients_class": OneIdClients}),
}
