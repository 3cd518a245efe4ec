"""Events as columns: only the kinds, columns and fields that somebody reads.

Everything follows from an event's number, so that it is the same whoever makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from flott.common.logical_types import RowType
from flott.common.physical_types import polars_type
from flott.connectors.nexmark.config import EventKind, NexmarkConfig
from flott.connectors.nexmark.schema import COLUMN_TYPES, KIND_COLUMNS
from flott.connectors.nexmark.texts import CHANNEL_COUNT, TEXTS, filling, filling_count
from flott.kernels.columns.nexmark import BidColumn, NexmarkPlan, make_bids, make_random

_FIRST_ID: Final = 1000
_FIRST_CATEGORY: Final = 10
_CATEGORIES: Final = 5
_HOT_SPAN: Final = 100
_IN_FLIGHT: Final = 100
_ACTIVE_PEOPLE: Final = 1000
_LEAD: Final = 10
_TIME: Final = pl.Datetime("us")
_BID_COLUMNS: Final = {
    "auction": BidColumn.AUCTION,
    "bidder": BidColumn.BIDDER,
    "price": BidColumn.PRICE,
    "channel": BidColumn.CHANNEL,
    "url": BidColumn.CHANNEL,
    "dateTime": BidColumn.TIME,
    "extra": BidColumn.EXTRA,
}


class EventMaker:
    """Makes frames of events.

    Args:
        config: How events are made.
        columns: Which columns, in order: ``event_type``, ``person``, ``auction``, ``bid``.
        kinds: Which kinds of events; the others are left out.
        used: The fields that are read, by column; others may be NULL. All fields of columns that
            are not named.

    >>> maker = EventMaker(NexmarkConfig(), ["event_type"])
    >>> maker.make(0, 5).to_series().to_list()
    [0, 1, 1, 1, 2]
    """

    def __init__(
        self,
        config: NexmarkConfig,
        columns: Sequence[str],
        kinds: frozenset[EventKind] = frozenset(EventKind),
        used: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._config = config
        self._columns = tuple(columns)
        self._kinds = kinds
        self._used = dict(used or {})
        self._makers: dict[EventKind, Callable[[int, int, frozenset[str]], dict[str, pl.Series]]]
        self._makers = {
            EventKind.PERSON: self._make_persons,
            EventKind.AUCTION: self._make_auctions,
            EventKind.BID: self._make_bids,
        }
        self._plan = NexmarkPlan(
            config.person_proportion,
            config.auction_proportion,
            config.bid_proportion,
            config.hot_auction_ratio,
            config.hot_bidder_ratio,
            config.hot_seller_ratio,
            config.base_time_ms * 1000,
            config.delay_us,
            CHANNEL_COUNT,
            filling_count(config.bid_size - 32),
        )

    def make(self, start: int, stop: int) -> pl.DataFrame:
        """The events number ``start`` up to ``stop``, those of other kinds left out."""
        if len(self._kinds) == 1:
            [kind] = self._kinds
            return self._make_alone(kind, start, stop)
        frame = self._make_mixed(start, stop)
        if len(self._kinds) < len(EventKind):
            kinds = [int(kind) for kind in self._kinds]
            frame = frame.filter(self._kinds_of(start, stop).is_in(kinds))
        return frame

    def _make_alone(self, kind: EventKind, start: int, stop: int) -> pl.DataFrame:
        config = self._config
        first = config.count_before(kind, start)
        count = config.count_before(kind, stop) - first
        if not self._columns:
            return pl.DataFrame(height=count)
        columns = []
        for index, name in enumerate(self._columns):
            if name == "event_type":
                column = pl.Series([int(kind)], dtype=pl.Int32).new_from_index(0, count)
            elif KIND_COLUMNS[name] is kind:
                column = self._struct(name, kind, first, count)
            else:
                column = _nulls(name, count)
            columns.append(column.alias(f"f{index}"))
        return pl.DataFrame(columns)

    def _make_mixed(self, start: int, stop: int) -> pl.DataFrame:
        if not self._columns:
            return pl.DataFrame(height=stop - start)
        kinds = self._kinds_of(start, stop)
        columns = []
        for index, name in enumerate(self._columns):
            if name == "event_type":
                column = kinds
            else:
                column = self._spread(name, KIND_COLUMNS[name], kinds, start, stop)
            columns.append(column.alias(f"f{index}"))
        return pl.DataFrame(columns)

    def _kinds_of(self, start: int, stop: int) -> pl.Series:
        config = self._config
        place = pl.col("event") % config.cycle
        first_bid = config.offset(EventKind.BID)
        kind = (place >= config.offset(EventKind.AUCTION)).cast(pl.Int32) + (place >= first_bid)
        events = pl.DataFrame([pl.int_range(start, stop, eager=True).alias("event")])
        return events.select(kind.cast(pl.Int32)).to_series()

    def _spread(
        self, name: str, kind: EventKind, kinds: pl.Series, start: int, stop: int
    ) -> pl.Series:
        """The column of one kind among all events: NULL for the others."""
        height = stop - start
        is_kind = kinds == int(kind)
        if kind is EventKind.BID:
            wanted = self._wanted(name)
            made = self._make_bids(start, height, wanted, all_events=True)
        else:
            first = self._config.count_before(kind, start)
            count = self._config.count_before(kind, stop) - first
            if count == 0:
                return _nulls(name, height)
            position = (is_kind.cast(pl.UInt32).cum_sum() - 1).zip_with(is_kind, _NO_POSITION)
            made = {
                each: column.gather(position)
                for each, column in self._makers[kind](first, count, self._wanted(name)).items()
            }
        fields = pl.DataFrame([_as_struct(name, made, height), is_kind.alias("is_kind")])
        return fields.select(pl.when("is_kind").then(name)).to_series()

    def _struct(self, name: str, kind: EventKind, first: int, count: int) -> pl.Series:
        """The rows of a kind."""
        return _as_struct(name, self._makers[kind](first, count, self._wanted(name)), count)

    def _wanted(self, name: str) -> frozenset[str]:
        """The fields of a column that somebody reads."""
        data_type = COLUMN_TYPES[name]
        assert isinstance(data_type, RowType)
        return self._used.get(name, frozenset(data_type.field_names()))

    def _make_bids(
        self, first: int, count: int, wanted: frozenset[str], all_events: bool = False
    ) -> dict[str, pl.Series]:
        flags = BidColumn(0)
        for name in wanted:
            flags |= _BID_COLUMNS[name]
        bids = make_bids(self._plan, first, count, flags, all_events)
        made = {column.name: column for column in bids}
        columns: dict[str, pl.Series] = {
            name: made[name] for name in ("auction", "bidder", "price") if name in made
        }
        if "dateTime" in wanted:
            columns["dateTime"] = made["time"].cast(_TIME)
        if "channel" in wanted:
            columns["channel"] = TEXTS.channels.gather(made["channel"])
        if "url" in wanted:
            columns["url"] = TEXTS.urls.gather(made["channel"])
        if "extra" in wanted:
            columns["extra"] = filling(self._config.bid_size - 32).gather(made["extra"])
        return columns

    def _make_persons(self, first: int, count: int, wanted: frozenset[str]) -> dict[str, pl.Series]:
        frame = self._numbered(EventKind.PERSON, first, count, ("r1", "r2", "r3"))
        pools = TEXTS
        cards = [_pick("r2", 1 << 16 * part, 10_000) for part in range(4)]
        picks = {
            "name": _Pick(lambda: pools.names, "r1", 1),
            "emailAddress": _Pick(lambda: pools.emails, "r1", 1 << 8),
            "city": _Pick(lambda: pools.cities, "r1", 1 << 24),
            "state": _Pick(lambda: pools.states, "r1", 1 << 32),
            "extra": _Pick(lambda: filling(self._config.person_size - 67), "r3", 1),
        }
        columns = _gathered(frame, picks, wanted)
        if "creditCard" in wanted:
            parts = frame.select(part.alias(f"p{i}") for i, part in enumerate(cards))
            texts_of = [pools.digits.gather(part).alias(part.name) for part in parts]
            columns["creditCard"] = (
                pl.DataFrame(texts_of).select(pl.concat_str(pl.all(), separator=" ")).to_series()
            )
        times = {"id": pl.col("ordinal") + _FIRST_ID, "dateTime": pl.col("time").cast(_TIME)}
        return columns | _computed(frame, times, wanted)

    def _make_auctions(
        self, first: int, count: int, wanted: frozenset[str]
    ) -> dict[str, pl.Series]:
        config = self._config
        names = ("r1", "r2", "r3", "r4")
        frame = self._numbered(EventKind.AUCTION, first, count, names)
        pools = TEXTS
        picks = {
            "itemName": _Pick(lambda: pools.items, "r1", 1),
            "description": _Pick(lambda: pools.descriptions, "r1", 1 << 16),
            "extra": _Pick(lambda: filling(config.auction_size - 110), "r1", 1 << 32),
        }
        columns = _gathered(frame, picks, wanted)
        price = _price("r2", 1)
        ahead = _IN_FLIGHT * config.cycle // max(config.auction_proportion, 1)
        due = _event_time(config, pl.col("event") + ahead)
        length_ms = ((due - pl.col("time")) // 1000 * 2).clip(1)
        drawn = (pl.col("r3") % pl.lit(1 << 32, pl.UInt64)).cast(pl.Int64)
        exprs = {
            "id": pl.col("ordinal") + _FIRST_ID,
            "initialBid": price,
            "reserve": price + _price("r2", 1 << 32),
            "dateTime": pl.col("time").cast(_TIME),
            "expires": (pl.col("time") + (drawn % length_ms + 1) * 1000).cast(_TIME),
            "seller": self._seller(),
            "category": _pick("r3", 1 << 40, _CATEGORIES).cast(pl.Int64) + _FIRST_CATEGORY,
        }
        return columns | _computed(frame, exprs, wanted)

    def _seller(self) -> pl.Expr:
        config = self._config
        people = pl.col("event") // config.cycle * config.person_proportion
        people = (people + config.person_proportion).clip(1)
        active = people.clip(upper_bound=_ACTIVE_PEOPLE)
        drawn = _pick("r4", 1 << 32, 1 << 32).cast(pl.Int64)
        anyone = people - active + drawn % (active + _LEAD)
        hot = (people - 1) // _HOT_SPAN * _HOT_SPAN
        is_hot = _pick("r4", 1, config.hot_seller_ratio) > 0
        return pl.when(is_hot).then(hot).otherwise(anyone) + _FIRST_ID

    def _numbered(
        self, kind: EventKind, first: int, count: int, randoms: Sequence[str]
    ) -> pl.DataFrame:
        """Ordinals of a kind, event numbers, times and random numbers."""
        config = self._config
        proportion = config.proportion(kind)
        ordinals = pl.DataFrame(
            [
                pl.int_range(first, first + count, eager=True).alias("ordinal"),
                *(
                    make_random(first, count, 1000 * (kind + 1) + salt).alias(name)
                    for salt, name in enumerate(randoms)
                ),
            ]
        )
        if count == 0:
            proportion = max(proportion, 1)
        ordinal = pl.col("ordinal")
        event = ordinal // proportion * config.cycle + ordinal % proportion + config.offset(kind)
        return ordinals.with_columns(event.alias("event")).with_columns(
            _event_time(config, pl.col("event")).alias("time")
        )


def _event_time(config: NexmarkConfig, event: pl.Expr) -> pl.Expr:
    """Event time in microseconds, whole milliseconds."""
    passed = (event.cast(pl.Float64) * config.delay_us).cast(pl.Int64)
    return passed // 1000 * 1000 + config.base_time_ms * 1000


def _pick(name: str, shift: int, count: int) -> pl.Expr:
    """A position in a table, from some bits of a random number."""
    bits = pl.col(name) // pl.lit(shift, pl.UInt64)
    return (bits % pl.lit(count, pl.UInt64)).cast(pl.UInt32)


def _price(name: str, shift: int) -> pl.Expr:
    """100 * 10^(6 u) for some bits of a random number."""
    share = _pick(name, shift, 1 << 31).cast(pl.Float64) / float(1 << 31)
    return ((share * (6 * 2.302585092994046)).exp() * 100.0).round().cast(pl.Int64)


class _Pick(NamedTuple):
    """Values of a table that is made when somebody wants them: which table, and which bits of which
    random number say where in it."""

    table: Callable[[], pl.Series]
    random: str
    shift: int


def _gathered(
    frame: pl.DataFrame, picks: Mapping[str, _Pick], wanted: frozenset[str]
) -> dict[str, pl.Series]:
    chosen = {name: (pick, pick.table()) for name, pick in picks.items() if name in wanted}
    positions = frame.select(
        _pick(pick.random, pick.shift, table.len()).alias(name)
        for name, (pick, table) in chosen.items()
    )
    return {name: table.gather(positions.get_column(name)) for name, (_, table) in chosen.items()}


def _computed(
    frame: pl.DataFrame, exprs: Mapping[str, pl.Expr], wanted: frozenset[str]
) -> dict[str, pl.Series]:
    chosen = [expr.alias(name) for name, expr in exprs.items() if name in wanted]
    return {column.name: column for column in frame.select(chosen)}


def _as_struct(name: str, made: Mapping[str, pl.Series], count: int) -> pl.Series:
    """A ROW column; fields that were not made are NULL."""
    data_type = COLUMN_TYPES[name]
    assert isinstance(data_type, RowType)
    fields = []
    for field in data_type:
        column = made.get(field.name)
        if column is None:
            column = pl.Series([None], dtype=polars_type(field.data_type)).new_from_index(0, count)
        fields.append(column.alias(field.name))
    return pl.DataFrame(fields).to_struct(name)


def _nulls(name: str, count: int) -> pl.Series:
    return pl.Series([None], dtype=polars_type(COLUMN_TYPES[name])).new_from_index(0, count)


_NO_POSITION: Final = pl.Series([None], dtype=pl.UInt32)
