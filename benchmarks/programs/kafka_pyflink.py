"""The case ``running`` of the Kafka benchmark on PyFlink's DataStream API; runs until it is ended.

Arguments are those of kafka_sql.py, variables too; ``FLINK_MODE`` is ``process`` or ``thread``.
"""

import os
import sys

from pyflink.common import Configuration, Row, Types, WatermarkStrategy
from pyflink.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.connectors.base import DeliveryGuarantee
from pyflink.datastream.connectors.kafka import (
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)
from pyflink.datastream.formats.json import (
    JsonRowDeserializationSchema,
    JsonRowSerializationSchema,
)
from pyflink.datastream.state import ValueStateDescriptor

BIDS = Types.ROW_NAMED(["auction", "price", "sent"], [Types.LONG()] * 3)
COUNTED = Types.ROW_NAMED(["auction", "price", "sent", "bids"], [Types.LONG()] * 4)
KEY = Types.ROW_NAMED(["auction"], [Types.LONG()])


class CountPerAuction(KeyedProcessFunction):
    def open(self, runtime_context):
        self._bids = runtime_context.get_state(ValueStateDescriptor("bids", Types.LONG()))

    def process_element(self, value, ctx):
        bids = (self._bids.value() or 0) + 1
        self._bids.update(bids)
        auction, price, sent = value
        yield Row(auction, price, sent, bids)


def make_sink(servers, target, guarantee):
    values = JsonRowSerializationSchema.builder().with_type_info(COUNTED).build()
    keys = JsonRowSerializationSchema.builder().with_type_info(KEY).build()
    records = KafkaRecordSerializationSchema.builder().set_topic(target)
    records.set_value_serialization_schema(values).set_key_serialization_schema(keys)
    return (
        KafkaSink.builder()
        .set_bootstrap_servers(servers)
        .set_record_serializer(records.build())
        .set_delivery_guarantee(DeliveryGuarantee[guarantee.upper().replace("-", "_")])
        .set_transactional_id_prefix(target)
        .set_property("transaction.timeout.ms", "600000")
        .build()
    )


def main():
    # Workers run what is called python in PATH.
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    _, _, servers, source, target, guarantee, checkpoint_ms, folder = sys.argv[1:]
    configuration = Configuration()
    options = {
        "pipeline.jars": f"file://{os.environ['FLINK_JAR']}",
        "pipeline.object-reuse": "true",
        "python.execution-mode": os.environ.get("FLINK_MODE", "process"),
        "execution.checkpointing.interval": f"{checkpoint_ms} ms",
        "execution.checkpointing.dir": f"file://{folder}/checkpoints",
        "restart-strategy.type": "none",  # else a job that cannot start hangs
    }
    if os.environ.get("QUICK"):
        options["execution.buffer-timeout.interval"] = "1 ms"
        options["python.fn-execution.bundle.time"] = "5"
    for key, value in options.items():
        configuration.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(1)
    read = JsonRowDeserializationSchema.builder().type_info(BIDS).build()
    bids = (
        KafkaSource.builder()
        .set_bootstrap_servers(servers)
        .set_topics(source)
        .set_group_id(target)
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(read)
        .build()
    )
    stream = env.from_source(bids, WatermarkStrategy.no_watermarks(), "records")
    keyed = stream.key_by(lambda bid: bid[0], key_type=Types.LONG())
    keyed.process(CountPerAuction(), COUNTED).sink_to(make_sink(servers, target, guarantee))
    env.execute("kafka")


if __name__ == "__main__":
    main()
