"""What the benchmark's source can be told, with the names and defaults of the public benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

#: Event time of the first event, epoch milliseconds: 2015-07-15 00:00 UTC.
BASE_TIME_MS: Final = 1_436_918_400_000


class EventKind(IntEnum):
    """What an event is, as the column ``event_type`` says it."""

    PERSON = 0
    AUCTION = 1
    BID = 2


@dataclass(frozen=True)
class NexmarkConfig:
    """How events are made.

    Attributes:
        events_num: How many events; 0 for no end.
        rate: Events a second of event time.
        person_proportion: Persons in each cycle of events.
        auction_proportion: Auctions in each cycle.
        bid_proportion: Bids in each cycle.
        person_size: Average size of a person, in bytes.
        auction_size: Average size of an auction, in bytes.
        bid_size: Average size of a bid, in bytes.
        hot_auction_ratio: All but one in so many bids go to a hot auction.
        hot_bidder_ratio: All but one in so many bids come from a hot bidder.
        hot_seller_ratio: All but one in so many auctions are of a hot seller.
        base_time_ms: Event time of the first event, epoch milliseconds.
        max_speed: Whether events come as fast as they can, and not when they are due.
        keep_alive: Whether the source stays when all events are out.
    """

    events_num: int = 0
    rate: int = 10_000
    person_proportion: int = 1
    auction_proportion: int = 3
    bid_proportion: int = 46
    person_size: int = 200
    auction_size: int = 500
    bid_size: int = 100
    hot_auction_ratio: int = 2
    hot_bidder_ratio: int = 4
    hot_seller_ratio: int = 4
    base_time_ms: int = BASE_TIME_MS
    max_speed: bool = True
    keep_alive: bool = False

    @property
    def cycle(self) -> int:
        """Events in a cycle."""
        return self.person_proportion + self.auction_proportion + self.bid_proportion

    @property
    def delay_us(self) -> float:
        """Event time between two events, in microseconds."""
        return 1e6 / self.rate

    def proportion(self, kind: EventKind) -> int:
        """How many events of a cycle are of a kind."""
        proportions = (self.person_proportion, self.auction_proportion, self.bid_proportion)
        return proportions[kind]

    def offset(self, kind: EventKind) -> int:
        """The first place of a kind in a cycle."""
        return sum(self.proportion(EventKind(before)) for before in range(kind))

    def count_before(self, kind: EventKind, event: int) -> int:
        """How many events of a kind have a number below ``event``.

        >>> NexmarkConfig().count_before(EventKind.AUCTION, 53)
        5
        """
        cycles, rest = divmod(event, self.cycle)
        count = self.proportion(kind)
        return cycles * count + min(max(rest - self.offset(kind), 0), count)
