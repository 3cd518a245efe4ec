from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError
from flott.common.logical_types import IntType
from flott.connectors.nexmark.config import EventKind, NexmarkConfig
from flott.connectors.nexmark.events import EventMaker
from flott.connectors.nexmark.schema import COLUMN_TYPES
from flott.connectors.nexmark.source import NexmarkSource
from flott.connectors.tables import find_table_factory
from flott.testing.connectors import SourceJob, check_source
from tests.connectors.fakes import FakeContext, FakeCoordinator, ManualClock
from tests.connectors.tables.table_io import describe, read_batches

COLUMNS = list(COLUMN_TYPES)
CONFIG = NexmarkConfig(events_num=5000, rate=1000)


def events(config: NexmarkConfig = CONFIG, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
    return EventMaker(config, columns).make(0, config.events_num)


def fields(kind: EventKind, config: NexmarkConfig = CONFIG) -> pl.DataFrame:
    """Persons, auctions or bids by their fields."""
    frame = EventMaker(config, [kind.name.lower()], frozenset({kind})).make(0, config.events_num)
    return frame.select(pl.col("f0").struct.unnest())


def source_of(**options: Any) -> Any:
    named = {key.replace("__", ".").replace("_", "-"): value for key, value in options.items()}
    table = describe(COLUMN_TYPES, {"connector": "nexmark", **named})
    return find_table_factory(table).create_source(table)


def test_kinds_come_in_their_proportions() -> None:
    counts = events()["f0"].value_counts().sort("f0")["count"]
    assert counts.to_list() == [100, 300, 4600]


def test_an_event_is_of_one_kind_only() -> None:
    kinds = events().select(
        ((pl.col("f0") == kind) == pl.col(f"f{kind + 1}").is_not_null()).alias(str(kind))
        for kind in range(3)
    )
    assert all(column.all() for column in kinds)


@pytest.mark.parametrize("kind", EventKind)
def test_events_alone_are_those_among_all(kind: EventKind) -> None:
    mixed = (
        events().filter(pl.col("f0") == int(kind)).select(pl.col(f"f{kind + 1}").struct.unnest())
    )
    assert mixed.equals(fields(kind))


@given(st.integers(0, 5000), st.integers(0, 500))
@settings(deadline=None, max_examples=30)
def test_events_are_the_same_wherever_making_begins(start: int, count: int) -> None:
    part = EventMaker(CONFIG, COLUMNS).make(start, min(start + count, 5000))
    assert part.equals(events().slice(start, count))


def test_times_rise_by_the_rate() -> None:
    times = fields(EventKind.BID)["dateTime"].dt.epoch("ms") - CONFIG.base_time_ms
    assert times.to_list()[:3] == [4, 5, 6]
    assert times.is_sorted()


def test_ids_rise_and_references_were_there_or_soon_are() -> None:
    persons, auctions, bids = (fields(kind) for kind in EventKind)
    assert persons["id"].to_list() == list(range(1000, 1100))
    assert auctions["id"].to_list() == list(range(1000, 1300))
    assert auctions["seller"].is_between(1000, 1110).all()
    assert bids["bidder"].is_between(1000, 1110).all()
    assert bids["auction"].is_between(1000, 1310).all()


def test_hot_things_have_their_share() -> None:
    bids = fields(EventKind.BID, NexmarkConfig(events_num=50_000))
    assert 0.45 < (bids["auction"] % 100 == 0).mean() < 0.56
    assert 0.70 < (bids["bidder"] % 100 == 1).mean() < 0.80
    hot = bids["channel"].is_in(["Google", "Facebook", "Baidu", "Apple"])
    assert 0.47 < hot.mean() < 0.53


def test_prices_are_spread_over_six_magnitudes() -> None:
    prices = fields(EventKind.BID)["price"].log10()
    assert 2 <= prices.min() < 2.1
    assert 7.9 < prices.max() <= 8
    assert 4.9 < prices.mean() < 5.1


def test_texts_are_as_long_as_told() -> None:
    config = replace(CONFIG, bid_size=232)
    lengths = fields(EventKind.BID, config)["extra"].str.len_chars()
    assert 160 <= lengths.min() < lengths.max() < 240
    assert 195 < lengths.mean() < 205


def test_addresses_name_most_channels() -> None:
    bids = fields(EventKind.BID).filter(pl.col("channel").str.starts_with("channel-"))
    assert 0.85 < bids["url"].str.contains("&channel_id=", literal=True).mean() < 0.95


def test_unused_fields_are_null() -> None:
    used = {"bid": frozenset({"price"})}
    maker = EventMaker(CONFIG, ["bid"], frozenset({EventKind.BID}), used)
    found = maker.make(0, 100).select(pl.col("f0").struct.unnest())
    assert found["price"].to_list() == fields(EventKind.BID)["price"].to_list()[:92]
    assert found["url"].null_count() == 92


@given(st.data())
@settings(deadline=None, max_examples=30)
def test_every_event_is_made_once(data: st.DataObject) -> None:
    used = {"bid": frozenset({"auction", "dateTime"})}
    source = NexmarkSource(replace(CONFIG, events_num=2500), ["event_type", "bid"], used=used)
    expected = EventMaker(CONFIG, ["event_type", "bid"], used=used).make(0, 2500).rows()
    check_source(data, source, expected)


def test_a_reader_of_several_lanes_keeps_to_event_time() -> None:
    job = SourceJob(NexmarkSource(CONFIG, ["bid"], frozenset({EventKind.BID})), 3)
    for subtask in range(3):
        job.step(subtask, 100)
    job.take_checkpoint()
    job.crash(1)
    before = len(job.records)
    job.finish(300)
    times = [row[0]["dateTime"] for row in job.records[before:]]
    assert times == sorted(times)


def test_a_paced_source_waits_until_events_are_due() -> None:
    clock = ManualClock()
    context = FakeContext(clock=clock)
    coordinator = FakeCoordinator()
    source = NexmarkSource(replace(CONFIG, max_speed=False), ["event_type"])
    enumerator = source.create_enumerator(coordinator, None)
    enumerator.handle_split_request(0)
    reader = source.create_reader(context)
    reader.add_splits(coordinator.take()[0][2])
    first = reader.poll(1000)
    assert first is not None
    assert first.batch is not None
    assert first.batch.row_count == 1
    assert reader.poll(1000) is None
    context.advance(5)
    later = reader.poll(1000)
    assert later is not None
    assert later.batch is not None
    assert later.batch.row_count == 5


def call(function: str, *args: Any) -> Any:
    return type("Call", (SimpleNamespace,), {})(function=function, args=args)


EVENT_TYPE = type("InputRef", (SimpleNamespace,), {})(index=0)


def literal(value: Any) -> Any:
    return type("Literal", (SimpleNamespace,), {})(value=value)


@pytest.mark.parametrize(
    ("conjunct", "kinds"),
    [
        (call("=", EVENT_TYPE, literal(2)), {EventKind.BID}),
        (call("=", literal(0), EVENT_TYPE), {EventKind.PERSON}),
        (call("IN", EVENT_TYPE, literal(0), literal(1)), {EventKind.PERSON, EventKind.AUCTION}),
        (
            call("OR", call("=", EVENT_TYPE, literal(1)), call("=", EVENT_TYPE, literal(2))),
            {EventKind.AUCTION, EventKind.BID},
        ),
    ],
)
def test_filters_by_kind_are_the_sources(conjunct: Any, kinds: set[EventKind]) -> None:
    other = call(">", EVENT_TYPE, literal(0))
    source, remaining = source_of(events__num=5000).with_filters([conjunct, other])
    assert (source.kinds, remaining) == (kinds, [other])
    found = pl.concat(
        [batch.frame for batch in read_batches(source.create_source(["event_type"], ()))]
    )
    assert set(found["f0"]) == {int(kind) for kind in kinds}
    assert source.row_count == found.height


def test_a_kind_that_does_not_exist_is_left_to_the_filter() -> None:
    source = source_of(events__num=10)
    assert source.with_filters([call("=", EVENT_TYPE, literal(7))])[0] is source


def test_options_set_the_proportions() -> None:
    config = source_of(
        events__num=100, person__proportion=1, auction__proportion=0, bid__proportion=1
    ).config
    assert (config.cycle, config.proportion(EventKind.AUCTION)) == (2, 0)
    assert EventMaker(config, ["event_type"]).make(0, 4).to_series().to_list() == [0, 2, 0, 2]


def test_stop_at_ends_earlier() -> None:
    assert source_of(events__num=100, stop_at=30).config.events_num == 30
    assert not source_of().is_bounded


def test_other_columns_are_refused() -> None:
    for columns in ({"bids": IntType()}, {"bid": IntType()}):
        table = describe(columns, {"connector": "nexmark"})
        with pytest.raises(ConfigurationError, match="nexmark"):
            find_table_factory(table).create_source(table)
