"""Card payments, made up: ordinary ones, and now and then a stolen card being tried.

A thief tries a card with a tiny payment first; if that works, a large one follows at once.
"""

from __future__ import annotations

import datetime
import json
import random
import threading
import time

from confluent_kafka import Producer

CARDS = 500
CITIES = ("Oslo", "Porto", "Riga", "Turin", "Ghent")
#: One payment in so many is a thief's first.
RARITY = 400


class Payments(threading.Thread):
    """Sends payments until it is stopped.

    Args:
        servers: The broker.
        topic: Where payments go; their key is the card, so that those of a card stay in order.
        rate: How many a second.
        thefts_max: So many cards are stolen; after that all payments are ordinary.
    """

    def __init__(self, servers: str, topic: str, rate: int, thefts_max: int) -> None:
        super().__init__(daemon=True)
        self._producer = Producer({"bootstrap.servers": servers, "linger.ms": 5, "log_level": 0})
        self._topic = topic
        self._rate = rate
        self._thefts_max = thefts_max
        self._chance = random.Random(2013)
        self._cards = [f"card-{number:04}" for number in range(CARDS)]
        self._stopped = threading.Event()
        self.sent = 0
        self.stolen: list[tuple[str, float]] = []

    def run(self) -> None:
        started = time.monotonic()
        while not self._stopped.wait(0.01):
            for _ in range(int((time.monotonic() - started) * self._rate) - self.sent):
                self._send_next()
            self._producer.poll(0)
        self._producer.flush(10)

    def stop(self) -> None:
        """Send no more."""
        self._stopped.set()
        self.join()

    def _send_next(self) -> None:
        card = self._chance.choice(self._cards)
        if len(self.stolen) < self._thefts_max and self._chance.randrange(RARITY) == 0:
            amount = round(self._chance.uniform(600, 2000), 2)
            self._send(card, round(self._chance.uniform(0.1, 0.9), 2))
            self._send(card, amount, later_ms=20)
            self.stolen.append((card, amount))
            self._cards.remove(card)  # it is blocked
            self._cards.append(f"card-{CARDS + len(self.stolen):04}")
        else:
            self._send(card, round(self._chance.uniform(2, 400), 2))

    def _send(self, card: str, amount: float, later_ms: int = 0) -> None:
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(milliseconds=later_ms)
        payment = {
            "card": card,
            "amount": amount,
            "city": self._chance.choice(CITIES),
            "paid_at": now.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z",
        }
        self._producer.produce(self._topic, json.dumps(payment), card)
        self.sent += 1
