"""The events of the Yahoo streaming benchmark: ads seen, clicked and bought, as JSON."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

CAMPAIGNS = 100
ADS_PER_CAMPAIGN = 10
WINDOW_MS = 10_000
PARTITIONS = 4
_POOL = 50_000
_KINDS = ("view", "click", "purchase")
_TYPES = ("banner", "modal", "sponsored-search", "mail", "mobile")


def ad_names() -> list[str]:
    """The ids of all ads; those of a campaign follow each other."""
    chance = random.Random(7)
    return [_name(chance) for _ in range(CAMPAIGNS * ADS_PER_CAMPAIGN)]


def campaign_names() -> list[str]:
    """The ids of the campaigns."""
    chance = random.Random(8)
    return [_name(chance) for _ in range(CAMPAIGNS)]


def campaign_of_ads() -> dict[str, str]:
    """The campaign of each ad."""
    campaigns = campaign_names()
    return {ad: campaigns[number // ADS_PER_CAMPAIGN] for number, ad in enumerate(ad_names())}


def _name(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def write_campaigns(folder: Path) -> Path:
    """Which ad belongs to which campaign, as CSV with a moment before all events."""
    lines = [f"{ad},{campaign},1970-01-01 00:00:00\n" for ad, campaign in campaign_of_ads().items()]
    path = folder / "campaigns.csv"
    path.write_text("".join(lines))
    return path


class Ads:
    """Events that differ in all but their form; the moment of the event comes last."""

    def __init__(self) -> None:
        chance, ads = random.Random(9), ad_names()
        self._heads = [_head(chance, chance.choice(ads)) for _ in range(_POOL)]
        self._number = 0

    def make(self, number: int, moment_us: int) -> tuple[None, bytes]:
        """Key, which there is none, and value of an event."""
        return None, b"%s%d}" % (self._heads[number % _POOL], moment_us // 1000)

    def frame(self, moments):
        """Values of the next events, with their moments, dealt among partitions: without their
        share of every moment in each of them watermarks would wait."""
        import polars as pl  # not there beside PyFlink

        numbers = pl.int_range(self._number, self._number + len(moments), eager=True)
        self._number += len(moments)
        heads = pl.Series("head", [head.decode() for head in self._heads])
        rows = pl.DataFrame([heads.gather(numbers % _POOL), (moments // 1000).alias("ms")])
        return rows.select(
            (numbers % PARTITIONS).cast(pl.Int32).alias("partition"),
            pl.concat_str("head", "ms", pl.lit("}")).alias("value"),
        )


def _head(chance: random.Random, ad: str) -> bytes:
    return (
        f'{{"user_id":"{_name(chance)}","page_id":"{_name(chance)}","ad_id":"{ad}",'
        f'"ad_type":"{chance.choice(_TYPES)}","event_type":"{chance.choice(_KINDS)}",'
        f'"ip_address":"1.2.3.4","event_time":'
    ).encode()


def moment_of(value: bytes) -> int:
    """The end of the window that a result is of, in microseconds."""
    start = value.index(b'"window_end":"') + 14
    return _moment_us(value[start : value.index(b'"', start)])


@cache
def _moment_us(text: bytes) -> int:
    moment = datetime.fromisoformat(text.decode()).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000_000)
