"""Our Kafka consumer and producer beside confluent-kafka's, both on librdkafka.

    python benchmarks/micro/kafka_client.py [--records 1000000]

Each line: nanoseconds of CPU time a record of 200 bytes, of the calling thread and of all threads
of the client, librdkafka's own included. A broker is started for it (Java, `make services`).
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import confluent_kafka
import polars as pl

from flott.connectors.kafka.client.ports import RecordProducer, TopicPartition
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients
from tests.services.kafka import KafkaCluster

BLOCK = 10_000
PARTITIONS = 4
PAUSE_S = 0.002
SETTINGS = {"partitioner": "murmur2_random"}
VALUES = [(b'{"auction":%d,"extra":"' % number).ljust(198, b"x") + b'"}' for number in range(BLOCK)]


@contextmanager
def measured(name: str, records: int) -> Iterator[None]:
    """Print what the block took."""
    thread, whole = time.thread_time_ns(), time.process_time_ns()
    yield
    thread, whole = time.thread_time_ns() - thread, time.process_time_ns() - whole
    print(f"{name:40} {thread / records:8.0f} {whole / records:8.0f}", flush=True)


def produce_frames(servers: str, topic: str, records: int, frame: pl.DataFrame, name: str) -> None:
    """Our producer."""
    producer = LibrdkafkaClients().producer({"bootstrap.servers": servers, **SETTINGS}, topic)
    _produce_all(producer, frame[:1])
    with measured(name, records):
        for _ in range(0, records, BLOCK):
            taken = producer.produce(frame)
            while taken < BLOCK:
                time.sleep(PAUSE_S)
                taken += producer.produce(frame[taken:])
        producer.flush(60_000)
    producer.close()


def _produce_all(producer: RecordProducer, frame: pl.DataFrame) -> None:
    assert producer.produce(frame) == len(frame)
    assert producer.flush(60_000)


def produce_batches(servers: str, topic: str, records: int) -> None:
    """confluent-kafka's produce_batch."""
    producer = confluent_kafka.Producer({"bootstrap.servers": servers, **SETTINGS})
    producer.produce(topic, VALUES[0])
    producer.flush()
    with measured("produce: confluent-kafka, produce_batch", records):
        for _ in range(0, records, BLOCK):
            rest = [{"value": value} for value in VALUES]
            while rest:
                producer.produce_batch(topic, rest)
                rest = [{"value": each["value"]} for each in rest if "_error" in each]
                producer.poll(PAUSE_S if rest else 0)
        producer.flush()


def produce_singly(servers: str, topic: str, records: int) -> None:
    """confluent-kafka's produce."""
    producer = confluent_kafka.Producer({"bootstrap.servers": servers, **SETTINGS})
    producer.produce(topic, VALUES[0])
    producer.flush()
    with measured("produce: confluent-kafka, produce", records):
        for _ in range(0, records, BLOCK):
            for value in VALUES:
                _produce_patiently(producer, topic, value)
            producer.poll(0)
        producer.flush()


def _produce_patiently(producer: confluent_kafka.Producer, topic: str, value: bytes) -> None:
    while True:
        try:
            return producer.produce(topic, value)
        except BufferError:
            producer.poll(PAUSE_S)


def consume_frames(servers: str, topic: str, records: int, columns: list[str]) -> None:
    """Our consumer."""
    woken = threading.Event()
    properties = {"bootstrap.servers": servers, "group.id": "group"}
    consumer = LibrdkafkaClients().consumer(properties, columns, woken.set)
    consumer.assign({TopicPartition(topic, number): 0 for number in range(PARTITIONS)})

    def take() -> int:
        while (fetched := consumer.poll(65_536)) is None:
            woken.wait(60)
            woken.clear()
        return len(fetched.frame)

    _consume(f"consume: ours, {', '.join(columns)}", take, records)
    consumer.close()


def consume_messages(servers: str, topic: str, records: int) -> None:
    """confluent-kafka's consume."""
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "group",
            "enable.auto.commit": False,
            "isolation.level": "read_uncommitted",
        }
    )
    places = [confluent_kafka.TopicPartition(topic, number, 0) for number in range(PARTITIONS)]
    consumer.assign(places)

    def take() -> int:
        return len([message.value() for message in consumer.consume(10_000, 0.05)])

    _consume("consume: confluent-kafka, value", take, records)
    consumer.close()


def _consume(name: str, take: Callable[[], int], records: int) -> None:
    while not take():
        pass
    with measured(name, records):
        count = 0
        while count < records:
            count += take()


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    records = parser.parse_args().records
    frame = pl.DataFrame({"value": VALUES})
    timed = frame.with_columns(timestamp=pl.lit(1_700_000_000_000, pl.Int64))
    keyed = frame.with_columns(key=pl.Series([b"key-%d" % (i % 1000) for i in range(BLOCK)]))
    print(f"{'ns a record':40} {'thread':>8} {'all':>8}")
    with tempfile.TemporaryDirectory() as folder, KafkaCluster(Path(folder) / "kafka") as kafka:
        servers, topic = kafka.bootstrap_servers, kafka.create_topic(partitions=PARTITIONS)
        for _ in range(2):
            produce_frames(servers, topic, records, frame, "produce: ours, value")
            produce_batches(servers, topic, records)
            produce_singly(servers, topic, records)
            produce_frames(servers, topic, records, timed, "produce: ours, timestamp, value")
            produce_frames(servers, topic, records, keyed, "produce: ours, key, value")
        for _ in range(2):
            consume_frames(servers, topic, records, ["value"])
            consume_messages(servers, topic, records)
            consume_frames(servers, topic, records, ["offset", "timestamp", "key", "value"])


if __name__ == "__main__":
    main()
