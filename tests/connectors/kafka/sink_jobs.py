"""A Kafka sink on the model broker, as the suite of sinks wants it: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.codecs import RecordEncoder, RecordEncoderFactory
from flott.connectors.kafka.sink import KafkaSink
from flott.core.batch import Batch
from flott.core.context import OperatorContext
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.connectors.sink_suite import Fuse, SinkJob

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
    **options: Any,
) -> KafkaSink:
    return KafkaSink(
        {"bootstrap.servers": "broker:9092", **(properties or {})},
        topic,
        encoder or Numbers(),
        guarantee,
        prefix,
        clients=ModelClients(broker),
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


class KafkaJob(SinkJob):
    """A job whose clock is the broker's, so that transactions time out while time passes."""

    def __init__(self, broker: ModelBroker, parallelism: int = 1, **options: Any) -> None:
        self._clock = broker.clock
        fuse = Fuse()
        broker.hook = lambda call, phase: fuse.burn()
        super().__init__(create_sink(broker, **options), fuse, parallelism)

    @property
    def clock(self) -> Any:
        return self._clock

    @clock.setter
    def clock(self, clock: Any) -> None:
        pass
