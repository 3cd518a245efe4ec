"""The table of the benchmark: one column that tells the kind of an event, one ROW for each kind."""

from __future__ import annotations

from typing import Final

from flott.common import logical_types as t
from flott.connectors.nexmark.config import EventKind

_TIME: Final = t.TimestampType(3)
_LONG: Final = t.BigIntType()

COLUMN_TYPES: Final[dict[str, t.DataType]] = {
    "event_type": t.IntType(),
    "person": t.RowType.of(
        ("id", _LONG),
        ("name", t.STRING),
        ("emailAddress", t.STRING),
        ("creditCard", t.STRING),
        ("city", t.STRING),
        ("state", t.STRING),
        ("dateTime", _TIME),
        ("extra", t.STRING),
    ),
    "auction": t.RowType.of(
        ("id", _LONG),
        ("itemName", t.STRING),
        ("description", t.STRING),
        ("initialBid", _LONG),
        ("reserve", _LONG),
        ("dateTime", _TIME),
        ("expires", _TIME),
        ("seller", _LONG),
        ("category", _LONG),
        ("extra", t.STRING),
    ),
    "bid": t.RowType.of(
        ("auction", _LONG),
        ("bidder", _LONG),
        ("price", _LONG),
        ("channel", t.STRING),
        ("url", t.STRING),
        ("dateTime", _TIME),
        ("extra", t.STRING),
    ),
}
KIND_COLUMNS: Final = {
    "person": EventKind.PERSON,
    "auction": EventKind.AUCTION,
    "bid": EventKind.BID,
}
