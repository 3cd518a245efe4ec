"""Real Kafka brokers, in KRaft mode, each process broker and controller at once.

``KafkaBroker`` is one process with its folder and ports; it can be killed, paused and started again
on the same ports and data. ``KafkaCluster`` is several that replicate, and asks and tells them
things through the client's admin interface: ``KafkaCluster(folder)`` is one broker,
``KafkaCluster(folder, size=3)`` three. The broker's own topics are small: it starts fast.
"""

from __future__ import annotations

import base64
import shutil
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from confluent_kafka import (
    Consumer,
    ElectionType,
    IsolationLevel,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic, OffsetSpec

from tests.services.java import JavaProcess, require, run_java

CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAQ"
#: No step of a broker takes longer, on a busy machine either.
LIMIT_S = 60.0
JVM = ("-Xms64m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    # A transaction that timed out is aborted within this time.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    # A killed broker may come back under its number after this time.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.index.size.max.bytes": "262144",
    "num.io.threads": "4",
}


class KafkaBroker:
    """One broker process, which can be hurt and comes back."""

    def __init__(
        self, folder: Path, node_id: int, port: int, voters: str, settings: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.node_id = node_id
        self.port = port
        self.log = folder / "broker.log"
        self._process: JavaProcess | None = None
        controller = _controller(voters, node_id)
        self._settings = {
            **SETTINGS,
            "node.id": str(node_id),
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "log.dirs": str(folder / "data"),
            **settings,
        }

    @property
    def is_running(self) -> bool:
        """Whether its process is there, paused or not."""
        return self._process is not None and self._process.is_running

    @property
    def pid(self) -> int:
        """The process id of its JVM."""
        assert self._process is not None, "the broker has not been started"
        return self._process.pid

    def add_listeners(self, places: Mapping[str, str], settings: Mapping[str, str]) -> None:
        """Have it listen for other protocols, too, each at its address; before it is formatted."""
        own = self._settings
        added = "".join(f",{name}://{place}" for name, place in places.items())
        own["listeners"] += added
        own["advertised.listeners"] += added
        own["listener.security.protocol.map"] = ",".join(
            f"{name}:{name}" for name in ("PLAINTEXT", *places)
        )
        own["listener.security.protocol.map"] += ",CONTROLLER:PLAINTEXT"
        own.update(settings)

    def format(self, formatted: KafkaBroker | None = None) -> None:
        """Make its folder and storage; after the first broker's, which differs in names only."""
        self.folder.mkdir(parents=True)
        text = "".join(f"{key}={value}\n" for key, value in self._settings.items())
        properties = self.folder / "server.properties"
        properties.write_text(text)
        if formatted is None:
            tool = ("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties))
            run_java(require("kafka"), *tool)
            return
        (self.folder / "data").mkdir()
        shutil.copy(formatted.folder / "data" / "bootstrap.checkpoint", self.folder / "data")
        directory = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        lines = {"node.id": self.node_id, "directory.id": directory, "version": 1}
        lines["cluster.id"] = CLUSTER_ID
        meta = "".join(f"{key}={value}\n" for key, value in lines.items())
        (self.folder / "data" / "meta.properties").write_text(meta)

    def start(self, owner_pid: int | None = None, jvm: Iterable[str] = JVM) -> None:
        """Start its process; it may take seconds until it answers."""
        assert not self.is_running, f"broker {self.node_id} is running"
        jars = require("kafka")
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        command = [*jvm, logging, "-cp", f"{jars}/*", "kafka.Kafka"]
        with self.log.open("ab") as output:
            properties = str(self.folder / "server.properties")
            self._process = JavaProcess([*command, properties], output, owner_pid)

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        assert self._process is not None, "the broker has not been started"
        self._process.signal(number)

    def kill(self) -> None:
        """SIGKILL: it is gone at once and has said good-bye to nobody."""
        if self._process is not None:
            self._process.stop()

    def terminate(self) -> None:
        """SIGTERM: it hands over leaderships, writes what it has and ends."""
        self.signal(signal.SIGTERM)
        assert self._process is not None
        self._process.wait(LIMIT_S)

    def pause(self) -> None:
        """SIGSTOP: connections stay open, and nobody answers."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: it goes on as if nothing had been."""
        self.signal(signal.SIGCONT)


class KafkaCluster:
    """One broker or several, with what tests ask of them.

    Args:
        folder: A folder that does not exist yet.
        size: How many brokers; topics are replicated to all.
        settings: Settings of the brokers, over those of tests.
    """

    def __init__(
        self, folder: Path, size: int = 1, settings: Mapping[str, str] | None = None
    ) -> None:
        ports = free_ports(2 * size)
        nodes = range(1, size + 1)
        voters = ",".join(f"{node}@127.0.0.1:{ports[size + node - 1]}" for node in nodes)
        replicas = {
            "offsets.topic.replication.factor": str(size),
            "transaction.state.log.replication.factor": str(size),
            "transaction.state.log.min.isr": str(min(size, 2)),
            "default.replication.factor": str(size),
            "min.insync.replicas": str(min(size, 2)),
            **(settings or {}),
        }
        self.size = size
        self.brokers = [
            KafkaBroker(folder / str(node), node, ports[node - 1], voters, replicas)
            for node in nodes
        ]
        self.bootstrap_servers = ",".join(f"127.0.0.1:{broker.port}" for broker in self.brokers)
        self._admin: AdminClient | None = None

    @property
    def broker(self) -> KafkaBroker:
        """The first broker: the only one in a cluster of one."""
        return self.brokers[0]

    @property
    def admin(self) -> AdminClient:
        """The client's admin interface."""
        if self._admin is None:
            self._admin = AdminClient(self.client_settings())
        return self._admin

    def client_settings(self, **more: Any) -> dict[str, Any]:
        """Settings for a client of these brokers; in names ``_`` stands for a dot."""
        return {
            "bootstrap.servers": self.bootstrap_servers,
            # What a client complains of while a broker is down is not the tests' output.
            "log_level": 0,
            "reconnect.backoff.max.ms": 500,
            **{name.replace("_", "."): value for name, value in more.items()},
        }

    def start(self, owner_pid: int | None = None, jvm: Iterable[str] = JVM) -> None:
        """Start all brokers for the first time and wait until they answer."""
        self.broker.format()
        for broker in self.brokers[1:]:
            broker.format(formatted=self.broker)
        for broker in self.brokers:
            broker.start(owner_pid, jvm)
        self.wait_ready()

    def stop(self) -> None:
        """End all brokers at once."""
        for broker in self.brokers:
            broker.kill()

    def restart(self, broker: KafkaBroker | None = None) -> None:
        """Start a broker that is down on its port and data, and wait until it answers."""
        (broker or self.broker).start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until every running broker is known to the others and can answer."""
        running = {broker.node_id for broker in self.brokers if broker.is_running}

        def ready() -> bool:
            if not all(broker.is_running for broker in self.brokers if broker.node_id in running):
                raise AssertionError(f"a broker has ended; its log is {self.logs()}")
            try:
                return running <= set(self.admin.list_topics(timeout=1).brokers)
            except KafkaException:
                return False

        wait_until(ready, f"the brokers {running} answer; {self.logs()}")

    def logs(self) -> str:
        """Where the brokers' logs are."""
        return ", ".join(str(broker.log) for broker in self.brokers)

    def create_topic(
        self,
        name: str | None = None,
        partitions: int = 1,
        *,
        replicas: int | None = None,
        config: Mapping[str, str] | None = None,
    ) -> str:
        """Create a topic and wait until it can be used; give its name, by default a new one."""
        name = name or f"topic-{uuid.uuid4().hex[:12]}"
        new = NewTopic(name, partitions, replicas or self.size, config=dict(config or {}))
        self.admin.create_topics([new], operation_timeout=LIMIT_S)[name].result(LIMIT_S)
        self._wait_partitions(name, partitions)
        return name

    def delete_topic(self, name: str) -> None:
        """Delete a topic and wait until it is gone."""
        self.admin.delete_topics([name], operation_timeout=LIMIT_S)[name].result(LIMIT_S)
        wait_until(lambda: name not in self.admin.list_topics(timeout=5).topics, f"{name} is gone")

    def add_partitions(self, name: str, count: int) -> None:
        """Let a topic have ``count`` partitions in all."""
        new = NewPartitions(name, count)
        self.admin.create_partitions([new], operation_timeout=LIMIT_S)[name].result(LIMIT_S)
        self._wait_partitions(name, count)

    def delete_records(self, name: str, partition: int, before_offset: int) -> None:
        """Delete the records of a partition that are before an offset."""
        where = TopicPartition(name, partition, before_offset)
        self.admin.delete_records([where], operation_timeout=LIMIT_S)[where].result(LIMIT_S)

    def end_offsets(self, name: str, read_committed: bool = False) -> dict[int, int]:
        """The offset after the last record of each partition."""
        return self._offsets(name, OffsetSpec.latest(), read_committed)

    def begin_offsets(self, name: str) -> dict[int, int]:
        """The offset of the first record of each partition."""
        return self._offsets(name, OffsetSpec.earliest(), False)

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The offsets a consumer group has committed for a topic."""
        consumer = Consumer(self.client_settings(group_id=group))
        places = [TopicPartition(topic, partition) for partition in self.end_offsets(topic)]
        try:
            found = consumer.committed(places, LIMIT_S)
            return {each.partition: each.offset for each in found if each.offset >= 0}
        finally:
            consumer.close()

    def leader(self, name: str, partition: int = 0) -> KafkaBroker:
        """The broker that leads a partition."""
        node = self.admin.list_topics(name, timeout=10).topics[name].partitions[partition].leader
        return self.brokers[node - 1]

    def move_leadership(self, name: str, partition: int = 0) -> KafkaBroker:
        """Have another broker lead a partition: the leader ends in order; it is returned."""
        leader = self.leader(name, partition)
        leader.terminate()
        others = {broker.node_id for broker in self.brokers} - {leader.node_id}

        def moved() -> bool:
            try:
                found = self.admin.list_topics(name, timeout=1).topics[name]
            except KafkaException:
                return False
            return found.partitions[partition].leader in others

        wait_until(moved, f"a new leader of {name}-{partition}")
        return leader

    def elect_preferred(self, name: str, partition: int = 0) -> None:
        """Give the leadership of a partition back to its first replica."""
        where = [TopicPartition(name, partition)]
        wait_until(lambda: self._elect(where), f"the first replica of {name}-{partition} leads")

    def _elect(self, where: list[TopicPartition]) -> bool:
        try:
            errors = self.admin.elect_leaders(ElectionType.PREFERRED, where).result(LIMIT_S)
        except KafkaException:
            return False
        return all(
            error is None or error.name() == "ELECTION_NOT_NEEDED" for error in errors.values()
        )

    def _offsets(self, name: str, spec: OffsetSpec, read_committed: bool) -> dict[int, int]:
        found = wait_until(
            lambda: self._try_offsets(name, spec, read_committed), f"the offsets of {name}"
        )
        assert isinstance(found, dict)
        return found

    def _try_offsets(
        self, name: str, spec: OffsetSpec, read_committed: bool
    ) -> dict[int, int] | None:
        """The offsets; None while a partition has a leader that does not know it yet."""
        level = IsolationLevel.READ_COMMITTED if read_committed else IsolationLevel.READ_UNCOMMITTED
        try:
            partitions = self.admin.list_topics(name, timeout=10).topics[name].partitions
            asked = {TopicPartition(name, partition): spec for partition in partitions}
            answers = self.admin.list_offsets(asked, isolation_level=level)
            return {at.partition: each.result(LIMIT_S).offset for at, each in answers.items()}
        except KafkaException:
            return None

    def _wait_partitions(self, name: str, count: int) -> None:
        def ready() -> bool:
            found = self.admin.list_topics(timeout=5).topics.get(name)
            if found is None or found.error is not None or len(found.partitions) != count:
                return False
            return self._try_offsets(name, OffsetSpec.latest(), False) is not None

        wait_until(ready, f"{name} has {count} partitions with leaders")

    def __enter__(self) -> KafkaCluster:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def wait_until(condition: Callable[[], Any], what: str, limit_s: float = LIMIT_S) -> Any:
    """Look again and again until ``condition`` is true; give what it gave."""
    pause = threading.Event()
    for _ in range(int(limit_s / 0.05)):
        found = condition()
        if found:
            return found
        pause.wait(0.05)
    raise TimeoutError(f"not within {limit_s:.0f} s: {what}")


def _controller(voters: str, node_id: int) -> str:
    return dict(each.split("@", 1) for each in voters.split(","))[str(node_id)]
