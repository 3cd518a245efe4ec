"""What benchmarks on Kafka share: topics, load, the processes of systems, and their figures.

The job has one core for itself; broker, load and readers have the other. Jobs run without end and
are ended from outside, so that every system is measured in the same way: by the moments at which
the broker appended what it writes.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

PROGRAMS = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(PROGRAMS))
sys.path.insert(0, str(PROGRAMS.parents[1]))  # the broker is started as for the tests

from usage import Usage, usage_of  # noqa: E402

BROKER_CORE, JOB_CORE = 0, 1
_PR_SET_PDEATHSIG = 1
_POLL_S = 0.2
#: As Kafka's own script has it. With one core Java would take a collector that stops for 65 ms.
_JVM = ("-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20")
#: Names the home of a Java of version 23 or later for the broker. That one has a collector that
#: does not stop: with G1 on one core every half second has a pause of 12 to 25 ms.
_JAVA_VARIABLE = "BROKER_JAVA_HOME"
_PAUSELESS_JVM = ("-Xms1g", "-Xmx1g", "-XX:+UseZGC", "-XX:+AlwaysPreTouch")
#: So long the full rate lasts before latencies count.
_WARM_UP_S = 15.0
_WARM_UP_RECORDS = 2_000_000
#: A job that writes nothing for so long is taken to have come to its end.
_STILL_S = 12.0


@contextmanager
def broker(servers: str | None, folder: Path) -> Iterator[str]:
    """The broker that is named, or one that is started for the benchmark, on its core."""
    # What this process starts inherits its core.
    os.sched_setaffinity(0, {BROKER_CORE})
    if servers:
        yield servers
        return
    from tests.services.kafka import KafkaCluster

    settings = {"log.segment.bytes": "1073741824", "log.cleaner.dedupe.buffer.size": "134217728"}
    cluster = KafkaCluster(folder / "broker", settings=settings)
    try:
        _start(cluster)
        yield cluster.bootstrap_servers
    finally:
        cluster.stop()


def _start(cluster: Any) -> None:
    home = os.environ.get(_JAVA_VARIABLE)
    if home is None:
        return cluster.start(jvm=_JVM)
    path = os.environ["PATH"]
    os.environ["PATH"] = os.path.join(home, "bin") + os.pathsep + path
    try:
        return cluster.start(jvm=_PAUSELESS_JVM)
    finally:
        os.environ["PATH"] = path


@dataclass(frozen=True)
class System:
    """A system that runs cases.

    Attributes:
        name: Shown in the table.
        command: The interpreter and the program.
        variables: Put into its environment.
        share: It gets this part of the records, so that all take about as long.
    """

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    share: float = 1.0


class Topics:
    """Makes topics and looks at them."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self._admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})

    def create(self, name: str, partitions: int) -> str:
        """A topic whose records have the time at which the broker appended them."""
        topic = NewTopic(name, partitions, 1, config={"message.timestamp.type": "LogAppendTime"})
        self._admin.create_topics([topic])[name].result(30)
        return name

    def delete(self, name: str) -> None:
        """Free its room."""
        self._admin.delete_topics([name])[name].result(30)

    def _partitions(self, name: str) -> list[TopicPartition]:
        found = self._admin.list_topics(name, 10).topics[name].partitions
        return [TopicPartition(name, partition) for partition in found]

    def visible(self, name: str) -> int:
        """How far readers of committed records can read, all partitions together."""
        return sum(self._ends(name, IsolationLevel.READ_COMMITTED).values())

    def _ends(self, name: str, isolation: IsolationLevel) -> dict[int, int]:
        asked = {each: OffsetSpec.latest() for each in self._partitions(name)}
        answers = self._admin.list_offsets(asked, isolation_level=isolation, request_timeout=20)
        return {each.partition: answers[each].result(20).offset for each in asked}

    def read(self, name: str) -> Iterator[Message]:
        """All committed records of a topic as it is now."""
        ends = self._ends(name, IsolationLevel.READ_COMMITTED)
        left = {partition for partition, end in ends.items() if end}
        consumer = Consumer(
            {
                "bootstrap.servers": self.servers,
                "group.id": "benchmark",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "enable.auto.commit": False,
            }
        )
        consumer.assign([TopicPartition(name, partition, 0) for partition in left])
        while left:
            for message in consumer.consume(10_000, 1.0):
                error = message.error()
                if error is None:
                    yield message
                else:
                    left.discard(message.partition())
        consumer.close()


def load(
    servers: str,
    topic: str,
    records: int,
    make: Callable[[int], tuple[bytes | None, bytes]],
    partitions: int | None = None,
    linger_ms: int = 50,
) -> None:
    """Write records as fast as they are made.

    Args:
        servers: Where the broker is.
        topic: Where to.
        records: How many.
        make: Gives key and value of a number.
        partitions: Among how many partitions they are dealt; by key if not given.
        linger_ms: How long the client waits for a batch.
    """
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "log_level": 0,
            "linger.ms": linger_ms,
            "batch.size": 500_000,
            "queue.buffering.max.messages": 500_000,
        }
    )
    for number in range(records):
        key, value = make(number)
        partition = -1 if partitions is None else number % partitions
        while True:
            try:
                producer.produce(topic, value, key, partition)
                break
            except BufferError:
                producer.poll(0.05)
    if producer.flush(120):
        raise RuntimeError(f"the broker did not take all records of {topic}")


def _prepare() -> None:
    """In the job's process: its core, and an end with that of the benchmark."""
    os.sched_setaffinity(0, {JOB_CORE})
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def warm_up(topics: Topics) -> None:
    """Keep a new broker busy for a while: a cold one, on one core, would be all one sees."""
    name = topics.create(f"warm-up-{os.getpid()}", 4)
    value = b"x" * 200
    load(topics.servers, name, _WARM_UP_RECORDS, lambda number: (None, value), 4, linger_ms=1)
    for _ in topics.read(name):
        pass
    topics.delete(name)


class Job:
    """A system at work, on a core of its own."""

    def __init__(self, system: System, arguments: Sequence[str], log: Path) -> None:
        self._log = log
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                [*system.command, *arguments],
                cwd=PROGRAMS,
                env={**os.environ, **system.variables},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_prepare,
            )

    def check(self) -> None:
        """Fail if it has ended.

        Raises:
            RuntimeError: It has.
        """
        if self._process.poll() is not None:
            raise RuntimeError(self._log.read_text(errors="replace")[-3000:])

    def end(self) -> Usage:
        """End it, with all processes it started."""
        usage = usage_of(self._process.pid)
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return usage


def wait_until_written(topics: Topics, name: str, expected: int, job: Job, timeout_s: int) -> bool:
    """Wait for a topic to have so many records, and then to grow no more.

    Returns:
        Whether it got as far.
    """
    deadline = time.monotonic() + timeout_s
    seen, since = 0, time.monotonic()
    while time.monotonic() < deadline:
        job.check()
        try:
            count = topics.visible(name)
        except KafkaException:  # a topic that has just been made, or a broker under load
            count = seen
        if count != seen:
            seen, since = count, time.monotonic()
        still = time.monotonic() - since
        if (seen >= expected and still > 2.5) or (seen and still > _STILL_S):
            return seen >= expected
        _PAUSE.wait(_POLL_S)
    return False


_PAUSE = threading.Event()


@contextmanager
def program(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of the programs that send and read, with its input and output; ended at the end."""
    process = subprocess.Popen(
        [sys.executable, name, *arguments],
        cwd=PROGRAMS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str], job: Job, timeout_s: float) -> str:
    """The next line that a program prints.

    Raises:
        RuntimeError: It prints none in time, or the job has ended.
    """
    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()), daemon=True)
    reader.start()
    deadline = time.monotonic() + timeout_s
    while reader.is_alive():
        job.check()
        if time.monotonic() > deadline:
            raise RuntimeError(f"no answer within {timeout_s} s")
        reader.join(_POLL_S)
    return lines[0]


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Give a program a line."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def measure_latency(
    kind: str, servers: str, source: str, target: str, job: Job, load: tuple[int, float, int]
) -> dict[str, Any]:
    """Latencies of a running job at a fixed rate.

    Args:
        kind: ``bids`` or ``ads``.
        servers: Where the broker is.
        source: Where records are sent to.
        target: Where the job writes to.
        job: The job.
        load: Records a second, seconds, keys.
    """
    rate, seconds, keys = load
    with (
        program("kafka_arrivals.py", kind, servers, target) as arrivals,
        program("kafka_pace.py", kind, servers, source, str(rate), str(keys)) as pace,
    ):
        line_of(arrivals, job, 90)
        tell(pace, str(seconds + _WARM_UP_S))
        begin_us, end_us = map(int, line_of(pace, job, seconds + _WARM_UP_S + 60).split())
        tell(arrivals, f"{begin_us + int(_WARM_UP_S * 1e6)} {end_us}")
        answer = line_of(arrivals, job, 60)
    found: dict[str, Any] = json.loads(answer)
    return found


def print_row(cells: Sequence[Any], width: int = 13) -> None:
    """A line of a table; the first cell is wide."""
    print(f"{cells[0]:<22}" + "".join(f"{cell:>{width}}" for cell in cells[1:]), flush=True)
