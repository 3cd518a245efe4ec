"""Sends records at a fixed rate, each with the moment at which it is due.

    python kafka_pace.py bids|ads SERVERS TOPIC RATE KEYS

A hundred a second until a line comes in; then, for the seconds it says, ``RATE``. Prints the first
and the last moment of those, in microseconds. The moment is when a record is due, not when it is
sent, so that a pause of whatever is measured shows in every record it delays. Records are made
beforehand and sent by the native producer: what sends must not take the broker's core.
"""

from __future__ import annotations

import sys
import threading
import time

import polars as pl
from kafka_bids import Bids
from yahoo_events import Ads

from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients

TRICKLE = 100
_TICK_S = 0.002
_LEAD_US = 3_000_000


class Pacer:
    """Sends what is due."""

    def __init__(self, kind: str, servers: str, topic: str, keys: int) -> None:
        # Every request costs the broker about a tenth of a millisecond, and each carries records of
        # one partition: with keys, and less patience, these requests alone would fill its core.
        settings = {
            "bootstrap.servers": servers,
            "linger.ms": "2",
            "sticky.partitioning.linger.ms": "4",
            "queue.buffering.max.messages": "5000000",
            "queue.buffering.max.kbytes": "2000000",
        }
        self._producer = LibrdkafkaClients().producer(settings, topic)
        make = Bids(keys).frame if kind == "bids" else Ads().frame
        self._make = lambda moments: make(moments).select(pl.exclude("key"))

    def trickle(self, until: threading.Event) -> None:
        """A few records, until told."""
        while not until.wait(1 / TRICKLE):
            self._send(self._make(pl.Series([time.time_ns() // 1000])))

    def run(self, rate: int, seconds: float) -> tuple[int, int]:
        """``rate`` records a second; gives the moments of the first and the last."""
        begin_us = time.time_ns() // 1000 + _LEAD_US
        total = int(rate * seconds)
        records = self._make(begin_us + pl.int_range(total, eager=True) * 1_000_000 // rate)
        sent, pause = 0, threading.Event()
        while sent < total:
            due = min((time.time_ns() // 1000 - begin_us) * rate // 1_000_000, total)
            if due > sent:
                self._send(records.slice(sent, due - sent))
                sent = due
            pause.wait(_TICK_S)
        self._producer.check()
        return begin_us, begin_us + int(seconds * 1_000_000)

    def _send(self, records: pl.DataFrame) -> None:
        taken = self._producer.produce(records)
        assert taken == records.height, "the producer's queue is full"


def main() -> None:
    kind, servers, topic, rate, keys = sys.argv[1:]
    pacer = Pacer(kind, servers, topic, int(keys))
    told = threading.Event()
    seconds: list[float] = []

    def listen() -> None:
        seconds.append(float(sys.stdin.readline() or 0))
        told.set()

    threading.Thread(target=listen, daemon=True).start()
    pacer.trickle(told)
    print(*pacer.run(int(rate), seconds[0]), flush=True)
    # Event time has to go on for the last windows to end.
    pacer.trickle(threading.Event())


if __name__ == "__main__":
    main()
