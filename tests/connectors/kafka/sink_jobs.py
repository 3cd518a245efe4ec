"""A Kafka sink on the model broker, as the suite of sinks wants it: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.records.codecs import RecordEncoder, RecordEncoderFactory
from flott.connectors.kafka.sink.kafka_sink import KafkaSink
from flott.core.batch import Batch
from flott.core.blocking import BlockingCalls
from flott.core.context import OperatorContext
from flott.testing.connectors import Fuse, SinkJob
from flott.testing.connectors.context import travel
from flott.testing.connectors.sink_suite import SinkCheckpoint
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

TOPIC = "numbers"


class Numbers(RecordEncoderFactory, RecordEncoder):
    """A number is its own key and value; ``topic_of`` may name a topic for it."""

    def __init__(self, topic_of: Callable[[int], str] | None = None) -> None:
        self.topic_of = topic_of

    def create_encoder(self, context: OperatorContext) -> RecordEncoder:
        return self

    def encode(self, batch: Batch) -> pl.DataFrame:
        values: list[int] = batch.values  # type: ignore[attr-defined]
        texts = [str(value).encode() for value in values]
        columns: dict[str, Any] = {"key": texts, "value": texts}
        schema: dict[str, Any] = {"key": pl.Binary, "value": pl.Binary}
        if self.topic_of is not None:
            columns = {"topic": [self.topic_of(value) for value in values], **columns}
            schema = {"topic": pl.String, **schema}
        return pl.DataFrame(columns, schema=schema)


def create_broker(partitions: int = 2) -> ModelBroker:
    broker = ModelBroker()
    broker.create_topic(TOPIC, partitions)
    return broker


def create_sink(
    broker: ModelBroker,
    guarantee: DeliveryGuarantee = DeliveryGuarantee.EXACTLY_ONCE,
    prefix: str | None = "job",
    topic: str | None = TOPIC,
    encoder: Numbers | None = None,
    properties: dict[str, str] | None = None,
    sink_class: type[KafkaSink] = KafkaSink,
    clients_class: type[ModelClients] = ModelClients,
    **options: Any,
) -> KafkaSink:
    return sink_class(
        {"bootstrap.servers": "broker:9092", **(properties or {})},
        topic,
        encoder or Numbers(),
        guarantee,
        prefix,
        clients=clients_class(broker),
        pause=broker.pass_time,
        **options,
    )


def burning(broker: ModelBroker, **options: Any) -> Callable[[Fuse], KafkaSink]:
    """A sink whose process may die before and after each call's effect."""

    def make(fuse: Fuse) -> KafkaSink:
        broker.hook = lambda call, phase: fuse.burn()
        return create_sink(broker, **options)

    return make


def visible(broker: ModelBroker, topic: str = TOPIC) -> list[int]:
    """What a reader with ``read_committed`` has seen."""
    return [int(record.value or b"") for record in broker.read(topic)]


def all_visible(broker: ModelBroker) -> list[int]:
    return [number for topic in broker.topics for number in visible(broker, topic)]


class CallsBeside(BlockingCalls):
    """Calls on threads beside the tasks: they are made at once, or when somebody says so.

    Attributes:
        are_late: Whether the next call waits to be made.
    """

    def __init__(self) -> None:
        self.are_late: Callable[[], bool] = lambda: False
        self._late: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        if self.are_late():
            self._late.append((call, done))
        else:
            done(call())

    @property
    def has_late(self) -> bool:
        """Whether a call waits."""
        return bool(self._late)

    def make_one(self) -> None:
        """Make the call that has waited longest."""
        if self._late:
            call, done = self._late.pop(0)
            done(call())


class KafkaJob(SinkJob):
    """A job whose clock is the broker's, so that transactions time out while time passes.

    Attributes:
        meanwhile: Called between the calls of a commit, as if the task went on beside it.
        while_starting: Called between the calls of a start.
        savepoints: Plain savepoints that were taken; they complete nothing.
        beside: The calls that tasks have others make. Those of dead tasks may still be made.
    """

    def __init__(self, broker: ModelBroker, parallelism: int = 1, **options: Any) -> None:
        self.broker = broker
        self.meanwhile: Callable[[], None] = lambda: None
        self.while_starting: Callable[[], None] = lambda: None
        self.savepoints: list[tuple[int, SinkCheckpoint]] = []
        self.beside = CallsBeside()
        self._clock = broker.clock
        self._is_committing = False
        self._is_starting = False
        broker.hook = self.meet
        super().__init__(create_sink(broker, **options), Fuse(), parallelism)

    @property
    def clock(self) -> Any:
        return self._clock

    @clock.setter
    def clock(self, clock: Any) -> None:
        pass

    def meet(self, call: str, phase: str) -> None:
        """A client makes a call: the process may die, or the task do something meanwhile."""
        self.fuse.burn()
        if self._is_committing:
            self._is_committing = False
            self.meanwhile()
            self._is_committing = True
        elif self._is_starting:
            self._is_starting = False
            self.while_starting()
            self._is_starting = True

    def start(self, parallelism: int) -> None:
        self._is_starting = True
        try:
            super().start(parallelism)
        finally:
            self._is_starting = False
        for task in self.tasks:
            task.context.blocking = self.beside

    def prepare(self) -> SinkCheckpoint:
        """What a barrier does; nobody is told that the checkpoint is complete."""
        self.checkpoint_id += 1
        number = self.checkpoint_id
        writers = [item for task in self.tasks for item in task.prepare(number)]
        kept = [list(task.kept) for task in self.tasks]
        return travel(SinkCheckpoint(self.position, writers, kept))

    def complete(self, number: int, checkpoint: SinkCheckpoint) -> None:
        """The manifest is written; then the sinks are told."""
        self.last = checkpoint
        self.restored_id = number
        for task in self.tasks:
            task.completed = number
        self.fuse.burn()
        for task in self.tasks:
            self._is_committing = True
            try:
                task.commit(number)
            finally:
                self._is_committing = False

    def take_checkpoint(self, is_complete: bool = True, is_end: bool = False) -> None:
        checkpoint = self.prepare()
        if is_complete:
            self.complete(self.checkpoint_id, checkpoint)

    def take_savepoint(self) -> SinkCheckpoint:
        checkpoint = self.prepare()
        self.savepoints.append((self.checkpoint_id, checkpoint))
        return checkpoint

    def restore(self, number: int | None, checkpoint: SinkCheckpoint, parallelism: int = 1) -> None:
        """Start from a checkpoint of one's choice."""
        self.kill(keeps_zombies=True)
        self.last, self.restored_id = checkpoint, number
        self.checkpoint_id = number or 0
        self.start(parallelism)

    def renew(self, parallelism: int = 1) -> None:
        """Die without a word and start again."""
        self.kill(keeps_zombies=True)
        self.start(parallelism)
