"""The fraud detection in the DataStream API: a large payment right after a tiny one."""

from __future__ import annotations

from collections.abc import Iterator

from flott.common import Configuration, Duration, Row, Types, WatermarkStrategy
from flott.datastream import KeyedProcessFunction, RuntimeContext, StreamExecutionEnvironment
from flott.datastream.connectors.base import DeliveryGuarantee
from flott.datastream.connectors.kafka import (
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)
from flott.datastream.formats.json import (
    JsonRowDeserializationSchema,
    JsonRowSerializationSchema,
)
from flott.datastream.state import ValueStateDescriptor

TINY, LARGE = 1.00, 500.00
MINUTE_MS = 60_000
PAYMENT = Types.ROW_NAMED(
    ["card", "amount", "city", "paid_at"],
    [Types.STRING(), Types.DOUBLE(), Types.STRING(), Types.INSTANT()],
)
ALERT = Types.ROW_NAMED(
    ["card", "amount", "city"], [Types.STRING(), Types.DOUBLE(), Types.STRING()]
)


class FraudDetector(KeyedProcessFunction):
    """Watches one card, the key."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._tiny_ms = runtime_context.get_state(ValueStateDescriptor("tiny payment at", int))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        card, amount, city, _ = value
        now_ms, tiny_ms = ctx.timestamp(), self._tiny_ms.value()
        if tiny_ms is not None:
            if amount > LARGE and now_ms - tiny_ms <= MINUTE_MS:
                yield Row(card, amount, city)
            self._tiny_ms.clear()
        if amount < TINY:
            self._tiny_ms.update(now_ms)


def make_source(servers: str) -> KafkaSource:
    """The payments."""
    return (
        KafkaSource.builder()
        .set_bootstrap_servers(servers)
        .set_topics("payments")
        .set_group_id("fraud-datastream")
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(
            JsonRowDeserializationSchema.builder().type_info(PAYMENT).build()
        )
        .build()
    )


def make_sink(servers: str) -> KafkaSink:
    """The alerts, each exactly once."""
    alerts = (
        KafkaRecordSerializationSchema.builder()
        .set_topic("alerts-datastream")
        .set_value_serialization_schema(
            JsonRowSerializationSchema.builder().with_type_info(ALERT).build()
        )
        .build()
    )
    return (
        KafkaSink.builder()
        .set_bootstrap_servers(servers)
        .set_record_serializer(alerts)
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .set_transactional_id_prefix("fraud-datastream")
        .build()
    )


def make_job(servers: str) -> StreamExecutionEnvironment:
    """The job, ready to start."""
    configuration = Configuration.from_dict({"execution.checkpointing.interval": "500 ms"})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    in_order = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_millis(500)
    ).with_timestamp_assigner(lambda payment, _: payment.paid_at.to_epoch_milli())
    (
        env.from_source(make_source(servers), in_order, "payments")
        .key_by(lambda payment: payment.card)
        .process(FraudDetector(), ALERT)
        .name("fraud detector")
        .sink_to(make_sink(servers))
    )
    return env
