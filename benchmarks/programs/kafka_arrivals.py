"""Reads what a job writes, as a reader of committed records sees it, and when it arrives.

    python kafka_arrivals.py bids|ads SERVERS TOPIC

Prints ``first`` when the first record has come. A line with two moments in microseconds ends it:
then the latencies of the records sent between them are printed as JSON, in milliseconds. It waits
for them a while: a job that cannot keep up has arrivals missing. Records are looked at afterwards,
for what reads must not take the broker's core.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import polars as pl
from kafka_bids import sent_of
from yahoo_events import moment_of

from flott.connectors.kafka.client.ports import VALUE, TopicPartition
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients

PATIENCE_S = 15.0
#: Between two looks at what has come: every look costs more than the records it brings.
_PAUSE_S = 0.001


class Arrivals(threading.Thread):
    """Reads until told."""

    def __init__(self, kind: str, servers: str, topic: str) -> None:
        super().__init__(daemon=True)
        settings = {
            "bootstrap.servers": servers,
            "group.id": f"arrivals-{topic}",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": "100",
            "enable.auto.commit": "false",
        }
        clients = LibrdkafkaClients()
        cluster = clients.cluster({"bootstrap.servers": servers})
        partitions = cluster.partitions([topic])[topic]
        self._woken = threading.Event()
        self._consumer = clients.consumer(settings, [VALUE], self._woken.set)
        self._consumer.assign({TopicPartition(topic, each): 0 for each in partitions})
        self._moment = sent_of if kind == "bids" else moment_of
        self._seen: list[tuple[int, pl.Series]] = []
        self.told = threading.Event()
        self.latest = 0

    def run(self) -> None:
        while not self.told.is_set():
            self._woken.clear()
            fetched = self._consumer.poll(100_000)
            if fetched is None:
                self._woken.wait(0.1)
                continue
            now = time.time_ns() // 1000
            values = fetched.frame[VALUE]
            if len(values):
                if not self._seen:
                    print("first", flush=True)
                self._seen.append((now, values))
                self.latest = max(self.latest, self._moment(values[-1]))
            self.told.wait(_PAUSE_S)
        self._consumer.close()

    def latencies(self, begin_us: int, end_us: int) -> list[float]:
        """Of the records between two moments, in milliseconds, sorted."""
        moments = [(now, self._moment(value)) for now, values in self._seen for value in values]
        return sorted((now - sent) / 1000 for now, sent in moments if begin_us <= sent < end_us)


def main() -> None:
    arrivals = Arrivals(*sys.argv[1:])
    arrivals.start()
    begin_us, end_us = map(int, sys.stdin.readline().split())
    deadline = time.monotonic() + PATIENCE_S
    while arrivals.latest < end_us and time.monotonic() < deadline:
        arrivals.told.wait(0.1)
    arrivals.told.set()
    arrivals.join()
    taken = arrivals.latencies(begin_us, end_us)
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    found = {name: taken[int(len(taken) * share)] for name, share in shares.items() if taken}
    print(json.dumps({"records": len(taken), **found}))


if __name__ == "__main__":
    main()
