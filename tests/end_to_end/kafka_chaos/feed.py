"""Numbered records for a topic: ``key number time``, numbers without gap in each key."""

from __future__ import annotations

import random
import threading
from collections import Counter

from confluent_kafka import Producer

from tests.services.kafka import KafkaCluster

KEYS = 40
WINDOW_MS = 1000
#: How far the records' time moves with each of them.
STEP_MS = 2
START_MS = 1_700_000_000_000
#: Records of this key only move time on; the job leaves them out.
END_KEY = "end"
#: So much is sent at once.
TICK_S = 0.02
#: The feed waits while so many records have not been counted, as on a machine that is busy.
UNDER_WAY_MAX = 5000


class Feed(threading.Thread):
    """Sends records from a thread of its own until it is told to stop.

    Attributes:
        counts: How many records of each key have been sent.
        windows: How many records of each key are in each window, by its start.
        counted: How many of them have been counted, as far as somebody has said.
    """

    def __init__(self, cluster: KafkaCluster, topic: str, seed: int, rate: int) -> None:
        super().__init__(name="feed", daemon=True)
        self.counts: Counter[str] = Counter()
        self.windows: Counter[tuple[str, int]] = Counter()
        self.counted = 0
        self._topic = topic
        self._partitions = len(cluster.end_offsets(topic))
        self._random = random.Random(seed)
        self._share = max(1, round(rate * TICK_S))
        self._time_ms = START_MS
        self._is_stopped = threading.Event()
        # Each record once and in order, however often the broker goes away.
        settings = {"enable.idempotence": True, "message.timeout.ms": 0, "linger.ms": 5}
        self._producer = Producer({**cluster.client_settings(), **settings})

    @property
    def total(self) -> int:
        """How many records have been sent."""
        return self.counts.total()

    def run(self) -> None:
        while not self._is_stopped.wait(TICK_S):
            under_way = self.total - self.counted
            for _ in range(min(self._share, UNDER_WAY_MAX - under_way)):
                self._send(f"k{int(KEYS * self._random.random() ** 2)}")
            self._producer.poll(0)

    def stop(self) -> None:
        """Send what closes the last windows, and wait until all is there."""
        self._is_stopped.set()
        self.join()
        last_ms = self._time_ms + 10 * WINDOW_MS
        for partition in range(self._partitions):
            value = f"{END_KEY} 0 {last_ms}"
            self._producer.produce(self._topic, value, END_KEY, partition)
        assert self._producer.flush(120) == 0, "the broker does not take records"

    def _send(self, key: str) -> None:
        self._time_ms += STEP_MS
        value = f"{key} {self.counts[key]} {self._time_ms}"
        while True:
            try:
                self._producer.produce(self._topic, value, key)
                break
            except BufferError:
                self._producer.poll(0.1)
        self.counts[key] += 1
        self.windows[key, self._time_ms - self._time_ms % WINDOW_MS] += 1
