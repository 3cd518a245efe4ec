"""Events of the Nexmark benchmark from their numbers; what each means is said in
``flott.connectors.nexmark``."""

from __future__ import annotations

from enum import IntFlag

import polars as pl

from flott.kernels import _native


class BidColumn(IntFlag):
    """Columns of bids, in the order in which they are made."""

    AUCTION = 1
    BIDDER = 2
    PRICE = 4
    CHANNEL = 8
    TIME = 16
    EXTRA = 32


NexmarkPlan = _native.NexmarkPlan


def make_bids(
    plan: _native.NexmarkPlan, first: int, count: int, wanted: BidColumn, all_events: bool = False
) -> list[pl.Series]:
    """Columns of the bids number ``first`` and following; channel and extra as positions of texts,
    times in microseconds. Under ``all_events`` numbers are those of events, and what is not a bid
    gets the columns of one as well.

    >>> plan = NexmarkPlan(1, 3, 46, 2, 4, 4, 0, 100.0, 100, 10)
    >>> [column.name for column in make_bids(plan, 0, 3, BidColumn.PRICE | BidColumn.TIME)]
    ['price', 'time']
    """
    made = _native.nexmark_bids(plan, first, count, int(wanted), all_events)
    return pl.DataFrame(made).get_columns()


def make_random(first: int, count: int, salt: int) -> pl.Series:
    """A random 64-bit number for each of the numbers from ``first`` on; the same in every run."""
    return pl.DataFrame(_native.nexmark_random(first, count, salt)).to_series()
