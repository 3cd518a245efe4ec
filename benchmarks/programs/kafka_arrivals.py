"""Reads what a job writes, as a reader of committed records sees it, and when it arrives.

    python kafka_arrivals.py bids|ads SERVERS TOPIC

Prints ``first`` when the first record has come. A line with two moments in microseconds ends it:
then the latencies of the records sent between them are printed as JSON, in milliseconds. It waits
for them a while: a job that cannot keep up has arrivals missing.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from array import array

from confluent_kafka import Consumer
from kafka_bids import sent_of
from yahoo_events import moment_of

PATIENCE_S = 15.0


class Arrivals(threading.Thread):
    """Reads until told."""

    def __init__(self, kind: str, servers: str, topic: str) -> None:
        super().__init__(daemon=True)
        self._consumer = Consumer(
            {
                "bootstrap.servers": servers,
                "group.id": f"arrivals-{topic}",
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 100,
                "enable.auto.commit": False,
            }
        )
        self._consumer.subscribe([topic])
        self._moment = sent_of if kind == "bids" else moment_of
        self.sent, self.arrived = array("q"), array("q")
        self.told = threading.Event()
        self.latest = 0

    def run(self) -> None:
        consume, moment, sent, arrived = (
            self._consumer.consume,
            self._moment,
            self.sent,
            self.arrived,
        )
        while not self.told.is_set():
            messages = consume(5000, 0.001)
            now = time.time_ns() // 1000
            if messages and not sent:
                print("first", flush=True)
            for message in messages:
                if message.error() is None:
                    sent.append(moment(message.value()))
                    arrived.append(now)
            if messages and sent:
                self.latest = max(self.latest, sent[-1])
        self._consumer.close()


def main() -> None:
    arrivals = Arrivals(*sys.argv[1:])
    arrivals.start()
    begin_us, end_us = map(int, sys.stdin.readline().split())
    deadline = time.monotonic() + PATIENCE_S
    while arrivals.latest < end_us and time.monotonic() < deadline:
        arrivals.told.wait(0.1)
    arrivals.told.set()
    arrivals.join()
    taken = sorted(
        (arrived - sent) / 1000
        for sent, arrived in zip(arrivals.sent, arrivals.arrived)
        if begin_us <= sent < end_us
    )
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    found = {name: taken[int(len(taken) * share)] for name, share in shares.items() if taken}
    print(json.dumps({"records": len(taken), **found}))


if __name__ == "__main__":
    main()
