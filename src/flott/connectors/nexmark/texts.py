"""The texts that events choose from: names, channels, addresses and filling.

They are made once in a process from a fixed seed, so that they are the same everywhere. Events hold
views of them: a million bids share a few thousand texts.
"""

from __future__ import annotations

from functools import cache, cached_property
from random import Random
from string import ascii_lowercase
from typing import Final

import polars as pl

CHANNELS: Final = 10_000
POOL: Final = 4096
_HOT_CHANNELS: Final = ("Google", "Facebook", "Baidu", "Apple")
_STATES: Final = ("AZ", "CA", "ID", "OR", "WA", "WY")
_CITIES: Final = (
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle",
    "Kent", "Cheyenne",
)  # fmt: skip
_FIRST_NAMES: Final = (
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter",
)  # fmt: skip
_LAST_NAMES: Final = (
    "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris",
)  # fmt: skip
_SEED: Final = 20_150_715


class Texts:
    """Tables of texts, each made when it is first asked for."""

    @cached_property
    def channels(self) -> pl.Series:
        """Channels, the hot ones first."""
        return pl.Series([*_HOT_CHANNELS, *(f"channel-{number}" for number in range(CHANNELS))])

    @cached_property
    def urls(self) -> pl.Series:
        """One for each channel."""
        random = Random(_SEED)
        hot = [_url(random) for _ in _HOT_CHANNELS]
        return pl.Series([*hot, *(_channel_url(random, number) for number in range(CHANNELS))])

    @cached_property
    def names(self) -> pl.Series:
        """First and last names."""
        return pl.Series([f"{first} {last}" for first in _FIRST_NAMES for last in _LAST_NAMES])

    @cached_property
    def emails(self) -> pl.Series:
        """Addresses."""
        random = Random(_SEED + 1)
        return pl.Series([f"{_word(random, 7)}@{_word(random, 5)}.com" for _ in range(POOL)])

    @cached_property
    def digits(self) -> pl.Series:
        """``0000`` to ``9999``."""
        return pl.Series([f"{number:04d}" for number in range(10_000)])

    @cached_property
    def cities(self) -> pl.Series:
        """Cities of the USA."""
        return pl.Series(list(_CITIES))

    @cached_property
    def states(self) -> pl.Series:
        """States of the USA."""
        return pl.Series(list(_STATES))

    @cached_property
    def items(self) -> pl.Series:
        """Names of things."""
        random = Random(_SEED + 2)
        return pl.Series([_word(random, 20) for _ in range(POOL)])

    @cached_property
    def descriptions(self) -> pl.Series:
        """What is said about things."""
        random = Random(_SEED + 3)
        return pl.Series([_word(random, 100) for _ in range(POOL)])


#: The tables of this process.
TEXTS: Final = Texts()
#: How many channels there are, hot ones included.
CHANNEL_COUNT: Final = len(_HOT_CHANNELS) + CHANNELS


def filling_count(size: int) -> int:
    """How many texts ``filling`` has."""
    return POOL if size > 0 else 1


@cache
def filling(size: int) -> pl.Series:
    """Texts of letters that are ``size`` long on average, a fifth more or less."""
    random = Random(_SEED + size)
    if size <= 0:
        return pl.Series([""])
    spread = round(size * 0.2)
    lengths = [size - spread + int(random.random() * 2 * spread) for _ in range(POOL)]
    return pl.Series([random.randbytes(each).translate(_PLAIN).decode() for each in lengths])


def _letters(special: str) -> bytes:
    """For each byte a letter, or ``special`` for one in thirteen."""
    chars = [special if byte % 13 == 0 else ascii_lowercase[byte % 26] for byte in range(256)]
    return "".join(chars).encode()


_TABLES: Final = {special: _letters(special) for special in " _"}
_PLAIN: Final = bytes(ord(ascii_lowercase[byte % 26]) for byte in range(256))


def _word(random: Random, longest: int, special: str = " ") -> str:
    length = 3 + int(random.random() * (longest - 3))
    return random.randbytes(length).translate(_TABLES[special]).decode().strip()


def _url(random: Random) -> str:
    folders = "/".join(_word(random, 5, "_") for _ in range(3))
    return f"https://www.nexmark.com/{folders}/item.htm?query=1"


def _channel_url(random: Random, number: int) -> str:
    url = _url(random)
    if random.randrange(10) == 0:
        return url
    reversed_bits = int(f"{number:032b}"[::-1], 2)
    if reversed_bits >= 1 << 31:
        reversed_bits = (1 << 32) - reversed_bits
    return f"{url}&channel_id={reversed_bits}"
