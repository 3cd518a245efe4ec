"""Finding librdkafka, and what its clients do around the native ones."""

import gc
import logging
import pickle
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.librdkafka.clients import (
    LibrdkafkaClients,
    find_library,
    find_mapped,
    load_library,
    make_client_error,
)
from flott.connectors.kafka.librdkafka.log import QuietLogger, forward_log, level_of
from flott.connectors.kafka.librdkafka.settings import consumer_settings, producer_settings

AWAY = {"bootstrap.servers": "127.0.0.1:1", "group.id": "group", "transactional.id": "id"}


def without_package(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program where confluent-kafka is not installed."""
    hidden = "import sys; sys.modules['confluent_kafka'] = None\n"
    return subprocess.run([sys.executable, "-c", hidden + program], capture_output=True, text=True)


def test_the_library_is_the_one_of_confluent_kafka() -> None:
    assert Path(find_library()).name.startswith("librdkafka")
    assert load_library().version >= 0x02080000


@pytest.mark.parametrize("made", ["consumer({}, [], print)", "producer({}, None)", "cluster({})"])
def test_without_confluent_kafka_the_error_says_what_to_install(made: str) -> None:
    done = without_package(
        "from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients\n"
        f"LibrdkafkaClients().{made}"
    )
    assert "ConfigurationError" in done.stderr
    assert "pip install flott[kafka]" in done.stderr


def test_clients_can_be_named_without_loading_anything() -> None:
    done = without_package(
        "from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients\n"
        "LibrdkafkaClients(); print('polars' in sys.modules)"
    )
    assert done.stdout == "False\n"


def test_the_library_is_found_among_what_is_mapped(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.write_text(
        "7f0000000000-7f0000001000 r-xp 0 08:01 1  /usr/lib/libc.so.6\n"
        "7f0000001000-7f0000002000 r-xp 0 08:01 2  /usr/lib/librdkafka.so.1\n"
    )
    assert find_mapped(maps) == "/usr/lib/librdkafka.so.1"


def test_a_system_without_such_a_list_has_no_mapped_library(tmp_path: Path) -> None:
    assert find_mapped(tmp_path / "missing") is None


def test_clients_travel_to_workers() -> None:
    assert pickle.loads(pickle.dumps(LibrdkafkaClients())) == LibrdkafkaClients()


def test_an_error_about_a_partition_names_it() -> None:
    error = make_client_error("CODE", "text", False, True, False, "topic", 3)
    assert (error.partition, error.is_retriable) == (TopicPartition("topic", 3), True)


def test_an_error_about_a_topic_names_it() -> None:
    error = make_client_error("CODE", "text", True, False, True, "topic", -1)
    assert str(error) == "text, topic 'topic' (CODE)"
    assert (error.partition, error.is_fatal, error.needs_abort) == (None, True, True)


@pytest.mark.parametrize("kind", ["consumer", "producer", "cluster"])
def test_a_property_that_does_not_exist_is_named(kind: str) -> None:
    clients = LibrdkafkaClients()
    wrong = {"no.such.property": "1"}
    make = {
        "consumer": lambda: clients.consumer(wrong, ["value"], lambda: None),
        "producer": lambda: clients.producer(wrong, None),
        "cluster": lambda: clients.cluster(wrong),
    }
    with pytest.raises(ClientError, match=r"no\.such\.property") as raised:
        make[kind]()
    assert raised.value.code == "_INVALID_ARG"


def test_a_consumer_that_nobody_closed_ends_with_its_last_reference() -> None:
    before = set(threading.enumerate())
    woken = threading.Event()
    consumer = LibrdkafkaClients().consumer(AWAY, ["value"], woken.set)
    (waker,) = set(threading.enumerate()) - before
    gone = weakref.ref(consumer)
    del consumer
    gc.collect()
    waker.join(60)
    assert (gone(), waker.is_alive()) == (None, False)


def test_python_ends_although_clients_are_open() -> None:
    program = (
        "from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients as C\n"
        f"away = {AWAY}\n"
        "import threading; woken = threading.Event()\n"
        "consumer = C().consumer(away, ['value'], woken.set)\n"
        "producer = C().producer(away, 'topic')\n"
        "cluster = C().cluster({'bootstrap.servers': '127.0.0.1:1'})\n"
        "from flott.connectors.kafka.client.ports import TopicPartition\n"
        "consumer.assign({TopicPartition('topic', 0): 0})\n"
        "while consumer.last_error is None:\n"
        "    consumer.poll(1) or woken.wait(60)\n"
        "    woken.clear()\n"
        "print('done')"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_closing_twice_is_fine() -> None:
    consumer = LibrdkafkaClients().consumer(AWAY, ["value"], lambda: None)
    producer = LibrdkafkaClients().producer(AWAY, None)
    for client in (consumer, producer, consumer, producer):
        client.close()


def test_partitions_that_are_not_assigned_are_passed_over() -> None:
    consumer = LibrdkafkaClients().consumer(AWAY, ["value"], lambda: None)
    nowhere = [TopicPartition("topic", 0)]
    consumer.pause(nowhere)
    consumer.resume(nowhere)
    consumer.unassign(nowhere)
    consumer.commit({})
    assert consumer.end_offset(nowhere[0]) is None
    consumer.close()


def test_a_closed_cluster_says_so() -> None:
    cluster = LibrdkafkaClients().cluster({"bootstrap.servers": "127.0.0.1:1"})
    cluster.close()
    with pytest.raises(ClientError, match="closed"):
        cluster.topics()


def test_a_cluster_that_is_away_is_worth_another_try_and_says_why() -> None:
    away = {"bootstrap.servers": "127.0.0.1:1", "default.api.timeout.ms": "300"}
    cluster = LibrdkafkaClients().cluster(away)
    ask = [
        cluster.topics,
        lambda: cluster.partitions(["topic"]),
        lambda: cluster.latest([TopicPartition("topic", 0)]),
        lambda: cluster.committed("group", [TopicPartition("topic", 0)]),
    ]
    for question in ask:
        with pytest.raises(ClientError, match=r"127\.0\.0\.1:1") as raised:
            question()
        assert raised.value.is_retriable
    cluster.close()


class Talkative:
    """A client with something to say."""

    has_log = True

    def take_log(self) -> list[tuple[int, str, str]]:
        return [(2, "CRIT", "far gone"), (3, "FAIL", "connection lost"), (7, "FETCH", "detail")]


def test_what_passes_by_itself_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "flott.connectors.kafka"):
        forward_log(Talkative())
        QuietLogger().log(logging.ERROR, "%s: %s", "FAIL", "no broker")
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "CRIT: far gone"),
        ("INFO", "FAIL: connection lost"),
        ("DEBUG", "FETCH: detail"),
        ("DEBUG", "FAIL: no broker"),
    ]


def test_only_what_is_beyond_hope_is_loud() -> None:
    levels = [level_of(severity) for severity in range(8)]
    assert levels == [logging.WARNING] * 3 + [logging.INFO] * 2 + [logging.DEBUG] * 3


def test_users_have_the_last_word_on_most_settings() -> None:
    given = {"fetch.queue.backoff.ms": "7", "partitioner": "random", "linger.ms": "1"}
    assert given.items() <= consumer_settings(given).items()
    assert given.items() <= producer_settings(given).items()


def test_positions_are_never_committed_by_the_client() -> None:
    assert consumer_settings({"enable.auto.commit": "true"})["enable.auto.commit"] == "false"
