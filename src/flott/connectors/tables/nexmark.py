"""The ``nexmark`` table: the events of the benchmark, with the options of the public one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flott.common.errors import ConfigurationError
from flott.common.logical_types import RowType, VarCharType
from flott.common.option_values import parse_memory_size
from flott.common.table_options import TableOptions
from flott.connectors.nexmark.config import BASE_TIME_MS, EventKind, NexmarkConfig
from flott.connectors.nexmark.schema import COLUMN_TYPES
from flott.connectors.nexmark.source import NexmarkSource
from flott.connectors.tables.conjuncts import column_values
from flott.connectors.tables.options import options_of, refuse_write
from flott.core.source import Source
from flott.core.table import (
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
    UsedFields,
)

_ALL_KINDS: Final = frozenset(EventKind)


class NexmarkTableFactory(TableFactory):
    """Makes ``nexmark`` tables."""

    identifier = "nexmark"
    options = {
        "events.num": "How many events; 0 for no end.",
        "first-event.rate": "Events a second of event time.",
        "next-event.rate": "Without effect.",
        "rate.shape": "Without effect.",
        "rate.period": "Without effect.",
        "rate.limited": "Whether events come when they are due.",
        "max-emit-speed": "Whether events come as fast as they can.",
        "person.proportion": "Persons in each cycle of events.",
        "auction.proportion": "Auctions in each cycle of events.",
        "bid.proportion": "Bids in each cycle of events.",
        "person.avg-size": "Average size of a person.",
        "auction.avg-size": "Average size of an auction.",
        "bid.avg-size": "Average size of a bid.",
        "bid.hot-ratio.auctions": "All but one in so many bids go to a hot auction.",
        "bid.hot-ratio.bidders": "All but one in so many bids come from a hot bidder.",
        "auction.hot-ratio.sellers": "All but one in so many auctions are of a hot seller.",
        "keep-alive": "Whether the source stays when all events are out.",
        "stop-at": "After how many events to end; -1 for events.num.",
        "base-time": "Event time of the first event, in epoch milliseconds.",
    }

    def create_source(self, table: TableDescription) -> TableSource:
        _check_columns(table)
        names = [column.name for column in table.columns]
        place = names.index("event_type") if "event_type" in names else -1
        return NexmarkTableSource(read_config(options_of(table)), place)

    def create_sink(self, table: TableDescription) -> TableSink:
        raise refuse_write(self.identifier)


def read_config(options: TableOptions) -> NexmarkConfig:
    """How events are made, by a table's options.

    Raises:
        ConfigurationError: One of them is wrong.
    """

    def size(key: str, default: int) -> int:
        return options.read(key, default, lambda text: parse_memory_size(text).get_bytes())

    events = options.number("events.num", 0)
    stop_at = options.number("stop-at", -1, least=-1)
    if stop_at >= 0:
        events = min(events, stop_at) if events else stop_at
    config = NexmarkConfig(
        events,
        options.number("first-event.rate", 10_000, least=1),
        options.number("person.proportion", 1),
        options.number("auction.proportion", 3),
        options.number("bid.proportion", 46),
        size("person.avg-size", 200),
        size("auction.avg-size", 500),
        size("bid.avg-size", 100),
        options.number("bid.hot-ratio.auctions", 2, least=1),
        options.number("bid.hot-ratio.bidders", 4, least=1),
        options.number("auction.hot-ratio.sellers", 4, least=1),
        options.number("base-time", BASE_TIME_MS),
        options.flag("max-emit-speed", True) and not options.flag("rate.limited"),
        options.flag("keep-alive"),
    )
    if config.cycle == 0:
        raise ConfigurationError("The proportions of persons, auctions and bids are all 0.")
    return config


def _check_columns(table: TableDescription) -> None:
    for column in table.columns:
        expected = COLUMN_TYPES.get(column.name)
        if expected is None:
            raise ConfigurationError(
                f"Connector 'nexmark' has no column '{column.name}'; it has "
                f"{', '.join(COLUMN_TYPES)}."
            )
        if not _is_same(column.data_type, expected):
            raise ConfigurationError(
                f"Column '{column.name}' of connector 'nexmark' is {expected}, not "
                f"{column.data_type}."
            )


def _is_same(found: Any, expected: Any) -> bool:
    if isinstance(expected, RowType) and isinstance(found, RowType):
        return len(found) == len(expected) and all(
            a.name == b.name and _is_same(a.data_type, b.data_type)
            for a, b in zip(found, expected, strict=True)
        )
    if isinstance(expected, VarCharType):
        # Whatever the length: the texts are what they are.
        return isinstance(found, VarCharType)
    return bool(found.same_type(expected))


@dataclass(frozen=True)
class NexmarkTableSource(TableSource):
    """The events to read.

    Attributes:
        config: How events are made.
        kind_place: The position of the column ``event_type``.
        kinds: Which kinds are read.
        used: Which fields are read, by column.
    """

    config: NexmarkConfig
    kind_place: int = 0
    kinds: frozenset[EventKind] = _ALL_KINDS
    used: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_better_read_apart(self) -> bool:
        return True

    @property
    def is_bounded(self) -> bool:
        return bool(self.config.events_num) and not self.config.keep_alive

    @property
    def row_count(self) -> int | None:
        return self.create_source([], ()).record_count()

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        return NexmarkSource(self.config, columns, self.kinds, self.used)

    def with_filters(self, filters: Sequence[Any]) -> tuple[TableSource, Sequence[Any]]:
        kinds = self.kinds
        remaining = []
        for conjunct in filters:
            values = column_values(conjunct, self.kind_place)
            if values is None:
                remaining.append(conjunct)
            else:
                kinds &= {EventKind(value) for value in values if value in tuple(EventKind)}
        # Without any kind nothing would be read: leave that to the filter.
        if not kinds:
            return self, filters
        return replace(self, kinds=kinds), remaining

    def with_used_fields(self, used: UsedFields) -> TableSource:
        names = {column: frozenset(path[0] for path in paths) for column, paths in used.items()}
        return replace(self, used=names)
