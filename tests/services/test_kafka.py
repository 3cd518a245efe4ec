"""The brokers of the tests do what the tests ask of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from tests.services.java import MissingService, require, version_of
from tests.services.kafka import KafkaCluster, wait_until

ROOT = Path(__file__).parents[2]


def produce(cluster: KafkaCluster, topic: str, values: list[str]) -> None:
    producer = Producer(cluster.client_settings(acks="all"))
    for value in values:
        producer.produce(topic, value.encode())
    assert producer.flush(30) == 0


def consume(cluster: KafkaCluster, topic: str, count: int) -> list[str]:
    settings = cluster.client_settings(group_id=topic, auto_offset_reset="earliest")
    consumer = Consumer(settings)
    consumer.subscribe([topic])
    try:
        messages = []
        while len(messages) < count:
            messages += consumer.consume(count - len(messages), 30)
        return [message.value().decode() for message in messages]
    finally:
        consumer.close()


def test_records_come_back(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, ["a", "b"])
    assert consume(kafka, topic, 2) == ["a", "b"]


def test_partitions_are_added_and_records_deleted(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, ["a", "b", "c"])
    kafka.delete_records(topic, 0, 2)
    kafka.add_partitions(topic, 3)
    assert kafka.begin_offsets(topic) == {0: 2, 1: 0, 2: 0}
    assert kafka.end_offsets(topic) == {0: 3, 1: 0, 2: 0}
    kafka.delete_topic(topic)


def test_killed_and_paused_broker_comes_back_with_its_records(own_kafka: KafkaCluster) -> None:
    topic = own_kafka.create_topic()
    produce(own_kafka, topic, ["a"])
    own_kafka.broker.kill()
    assert not own_kafka.broker.is_running
    own_kafka.restart()
    own_kafka.broker.pause()
    own_kafka.broker.resume()
    produce(own_kafka, topic, ["b"])
    assert consume(own_kafka, topic, 2) == ["a", "b"]


def test_leadership_moves_to_another_broker_and_back(kafka_cluster: KafkaCluster) -> None:
    topic = kafka_cluster.create_topic()
    produce(kafka_cluster, topic, ["a"])
    stopped = kafka_cluster.move_leadership(topic)
    assert kafka_cluster.leader(topic) is not stopped
    produce(kafka_cluster, topic, ["b"])
    kafka_cluster.restart(stopped)
    kafka_cluster.elect_preferred(topic)
    assert consume(kafka_cluster, topic, 2) == ["a", "b"]


def test_program_ends_with_its_owner() -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    guard = [sys.executable, str(ROOT / "tests/services/guard.py"), str(owner.pid)]
    guarded = subprocess.Popen(
        [*guard, "/bin/cat", "/dev/zero"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert guarded.stdout is not None
    child = int(guarded.stdout.readline())
    owner.kill()
    owner.communicate()
    guarded.wait(30)
    guarded.stdout.close()
    assert not Path(f"/proc/{child}").exists()


def test_program_ends_with_its_guard() -> None:
    guard = [sys.executable, str(ROOT / "tests/services/guard.py"), str(os.getpid())]
    guarded = subprocess.Popen(
        [*guard, "/bin/cat", "/dev/zero"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert guarded.stdout is not None
    child = int(guarded.stdout.readline())
    guarded.send_signal(signal.SIGKILL)
    guarded.wait(30)
    guarded.stdout.close()
    wait_until(lambda: not Path(f"/proc/{child}").exists(), "the program has ended")


def test_missing_jars_are_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(
        MissingService, match=f"{version_of('kafka')} is not fetched: `make services`"
    ):
        require("kafka")
