"""Bids as JSON of about 200 bytes, in Nexmark's manner, with the moment of sending."""

from __future__ import annotations

import random

import polars as pl

_CHANNELS = ("Google", "Facebook", "Baidu", "Apple")
_POOL = 50_000


class Bids:
    """Bids that differ in all but their form.

    Args:
        keys: How many auctions there are; half of the bids go to a hundredth of them.
    """

    def __init__(self, keys: int) -> None:
        chance = random.Random(42)
        self._parts = [_parts(chance, keys) for _ in range(_POOL)]
        self._pool = pl.DataFrame(
            [[part.decode() for part in parts] for parts in self._parts],
            schema=["key", "head", "tail"],
            orient="row",
        )
        self._number = 0

    def make(self, number: int, sent_us: int) -> tuple[bytes, bytes]:
        """Key and value of a bid."""
        key, head, tail = self._parts[number % _POOL]
        return key, b"%s%d%s" % (head, sent_us, tail)

    def frame(self, moments: pl.Series) -> pl.DataFrame:
        """Keys and values of the next bids, with their moments."""
        numbers = pl.int_range(self._number, self._number + len(moments), eager=True) % _POOL
        self._number += len(moments)
        rows = self._pool[numbers].with_columns(moments.alias("sent"))
        return rows.select("key", value=pl.concat_str("head", "sent", "tail"))


def _parts(chance: random.Random, keys: int) -> tuple[bytes, bytes, bytes]:
    auction = 1000 + chance.randrange(max(1, keys // 100) if chance.random() < 0.5 else keys)
    path = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9))
    head = (
        f'{{"auction":{auction},"bidder":{chance.randrange(1000, 99999)},'
        f'"price":{chance.randrange(100, 10_000_000)},"channel":"{chance.choice(_CHANNELS)}",'
        f'"url":"https://www.nexmark.com/{path}/item.htm?query=1","sent":'
    )
    tail = f',"extra":"{path * 3}"}}'
    return str(auction).encode(), head.encode(), tail.encode()


def sent_of(value: bytes) -> int:
    """The moment in a record that carries it on, in microseconds."""
    start = value.index(b'"sent":') + 7
    return int(value[start : start + 17].strip(b" ,}"))
