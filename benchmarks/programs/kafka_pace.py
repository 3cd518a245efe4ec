"""Sends records at a fixed rate, each with the moment at which it was due.

    python kafka_pace.py bids|ads SERVERS TOPIC RATE KEYS

A hundred a second until a line comes in; then, for the seconds it says, ``RATE``. Prints the first
and the last moment of those, in microseconds. The moment is when a record is due, not when it is
sent, so that a pause of whatever is measured shows in every record it delays.
"""

from __future__ import annotations

import sys
import threading
import time

from confluent_kafka import Producer
from kafka_bids import Bids
from yahoo_events import Ads

TRICKLE = 100


class Pacer:
    """Sends what is due."""

    def __init__(self, kind: str, servers: str, topic: str, keys: int) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "linger.ms": 2,  # without it every record is a request, and the broker the limit
                "queue.buffering.max.messages": 5_000_000,
                "queue.buffering.max.kbytes": 2_000_000,
            }
        )
        self._topic = topic
        self._number = 0
        self._make = (Bids(keys) if kind == "bids" else Ads()).make
        # Without keys every partition gets its share of every moment, or watermarks would wait.
        self._partitions = self._count_partitions() if kind == "ads" else None

    def _count_partitions(self) -> int:
        while True:  # a topic that has just been made
            found = len(self._producer.list_topics(self._topic, 10).topics[self._topic].partitions)
            if found:
                return found

    def run(self, rate: int, begin_us: int, until: threading.Event, total: int | None) -> None:
        """``rate`` records a second from a moment on, until told, or until ``total`` are sent."""
        sent = 0
        produce, make, topic = self._producer.produce, self._make, self._topic
        partitions = self._partitions
        while not until.is_set() and (total is None or sent < total):
            due = (time.time_ns() // 1000 - begin_us) * rate // 1_000_000
            due = due if total is None else min(due, total)
            for number in range(sent, due):
                key, value = make(self._number, begin_us + number * 1_000_000 // rate)
                place = -1 if partitions is None else self._number % partitions
                produce(topic, value, key, place)
                self._number += 1
            sent = max(sent, due)
            self._producer.poll(0)
            until.wait(0.001)
        self._producer.flush(10)


def main() -> None:
    kind, servers, topic, rate, keys = sys.argv[1:]
    pacer = Pacer(kind, servers, topic, int(keys))
    told = threading.Event()
    seconds: list[float] = []

    def listen() -> None:
        seconds.append(float(sys.stdin.readline() or 0))
        told.set()

    threading.Thread(target=listen, daemon=True).start()
    pacer.run(TRICKLE, time.time_ns() // 1000, told, None)
    begin_us = time.time_ns() // 1000
    pacer.run(int(rate), begin_us, threading.Event(), int(int(rate) * seconds[0]))
    print(begin_us, begin_us + int(seconds[0] * 1_000_000), flush=True)
    # Event time has to go on for the last windows to end.
    pacer.run(TRICKLE, time.time_ns() // 1000, threading.Event(), None)


if __name__ == "__main__":
    main()
