"""Regular joins, one core: rows that come in for each second, of joins as Nexmark has them.

    python benchmarks/micro/joins.py [--events 2000000] [--batch 8192] [--only q20]

Rows are made beforehand; what is measured is the operator alone: probing, keeping, and making the
result's columns. 46 of 50 events are bids, 3 auctions, 1 a person, as in Nexmark.
"""

from __future__ import annotations

import argparse
import resource
import time
from itertools import pairwise
from typing import Any

import polars as pl

from flott.common.logical_types import STRING, BigIntType, DataType, TimestampType
from flott.common.physical_types import column_names
from flott.core.column_batch import ColumnBatch
from flott.core.expression import Predicate
from flott.operators.columns.joins.interval import IntervalJoinSpec
from flott.operators.columns.joins.regular import JoinSpec
from tests.operators.harness import Harness

LONG, TIME = BigIntType(), TimestampType(3)


def events(count: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Bids, auctions and persons, each with the number of its event."""
    n = pl.DataFrame({"n": pl.int_range(count, dtype=pl.Int64, eager=True)})
    time_column = (pl.lit(1_700_000_000_000_000) + pl.col("n") * 100).cast(pl.Datetime("us"))
    place = pl.col("n") % 50
    newest = pl.col("n") // 50 * 3
    some = (pl.col("n") * 2_654_435_761) % 2**31
    bids = n.filter(place >= 4).select(
        "n",
        # Half of the bids are for one of the hundred newest auctions' first, as Nexmark's hot ones.
        pl.when(some % 2 == 0)
        .then(newest // 100 * 100)
        .otherwise((newest - some % 100).clip(0))
        .alias("auction"),
        (some % 1000).alias("bidder"),
        (some % 10_000).alias("price"),
        time_column.alias("time"),
        pl.format("channel-{}", some % 10_000).alias("channel"),
        pl.format("https://www.nexmark.com/{}/item.htm?query=1", some).alias("url"),
    )
    auctions = n.filter(place.is_between(1, 3)).select(
        "n",
        (newest + place - 1).alias("id"),
        (newest // 3 - some % 50).clip(0).alias("seller"),
        (pl.lit(10) + some % 5).alias("category"),
        time_column.alias("time"),
        (time_column + pl.duration(seconds=10)).alias("expires"),
        pl.format("item {}", some).alias("item"),
        pl.format("a description of some length {}", some).alias("description"),
    )
    persons = n.filter(place == 0).select(
        "n",
        (pl.col("n") // 50).alias("id"),
        pl.format("person {}", some).alias("name"),
        pl.format("city {}", some % 10).alias("city"),
        pl.format("st{}", some % 6).alias("state"),
    )
    return bids, auctions, persons


class Between(Predicate):
    """The third column between two others."""

    def __init__(self, value: str, low: str, high: str) -> None:
        self._columns = (value, low, high)

    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        value, low, high = map(pl.col, self._columns)
        return frame.select(((value >= low) & (value <= high)).fill_null(False)).to_series()


def batches(frames: tuple[pl.DataFrame, pl.DataFrame], events: int, size: int) -> list[Any]:
    """(side, batch) in the order of events."""
    found = []
    starts = list(range(0, events + size, size))
    for side, frame in enumerate(frames):
        names = [name for name in frame.columns if name != "n"]
        cuts = frame["n"].search_sorted(pl.Series(starts))
        plain = frame.select(
            pl.col(a).alias(b) for a, b in zip(names, column_names(len(names)), strict=True)
        )
        for at, (start, stop) in enumerate(pairwise(cuts)):
            if stop > start:
                found.append((at, side, ColumnBatch(plain[start:stop].rechunk())))
    found.sort(key=lambda each: each[:2])
    return [(side, batch) for _, side, batch in found]


def types_of(frame: pl.DataFrame) -> tuple[DataType, ...]:
    kinds: dict[Any, DataType] = {pl.Int64: LONG, pl.String: STRING}
    return tuple(kinds.get(frame[name].dtype, TIME) for name in frame.columns if name != "n")


def regular(kind: str, left: pl.DataFrame, right: pl.DataFrame, keys: tuple[int, int], **more: Any):
    arguments: dict[str, Any] = {"condition": None} | more
    return JoinSpec(
        kind,
        (keys[0],),
        (keys[1],),
        (False,),
        left_types=types_of(left),
        right_types=types_of(right),
        **arguments,
    )


def cases(count: int) -> dict[str, Any]:
    """name -> (spec, left rows, right rows)."""
    bids, auctions, persons = events(count)
    narrow_bids = bids.select("n", "auction", "price", "time")
    narrow_auctions = auctions.select("n", "id", "category", "time", "expires")
    between = Between("f6", "f2", "f3")
    sellers = auctions.select("n", "id", "seller").filter(auctions["category"] == 10)
    ten = auctions.filter(auctions["category"] == 10)
    interval = IntervalJoinSpec(
        "INNER", (0,), (0,), (False,), 2, 2, 0, 10_000, None,
        types_of(narrow_auctions), types_of(narrow_bids),
    )  # fmt: skip
    return {
        "q3: auctions of a category with their sellers": (
            regular("INNER", sellers, persons, (1, 0)), sellers, persons),
        "q4: auctions with their bids in time": (
            regular("INNER", narrow_auctions, narrow_bids, (0, 0), condition=between),
            narrow_auctions, narrow_bids),
        "q9: auctions with their bids, wide": (
            regular("INNER", auctions, bids, (0, 0)), auctions, bids),
        "q20: bids with their auctions, wide": (
            regular("INNER", bids, ten, (0, 0)), bids, ten),
        "left outer, wide": (regular("LEFT", bids, auctions, (0, 0)), bids, auctions),
        "retracting, narrow": (
            regular("INNER", narrow_auctions, narrow_bids, (0, 0), left_retracts=True,
                    right_retracts=True), narrow_auctions, narrow_bids),
        "interval of ten seconds": (interval, narrow_auctions, narrow_bids),
    }  # fmt: skip


class Counting:
    """An output that counts."""

    def __init__(self, count: Any) -> None:
        self.emit = count

    def emit_watermark(self, timestamp: int) -> None: ...


def measure(spec: Any, given: list[Any]) -> tuple[float, int, int]:
    """Seconds, rows out, bytes of state."""
    harness = Harness(spec)
    rows_out = 0

    def count(batch: Any) -> None:
        nonlocal rows_out
        rows_out += batch.row_count

    harness.operator.output = Counting(count)
    process = harness.operator.process_batch
    by_time = isinstance(spec, IntervalJoinSpec)
    begin = time.perf_counter()
    for side, batch in given:
        process(batch, side)
        if by_time and side:
            latest = int(batch.frame["f2"].to_physical()[-1]) // 1000
            harness.operator.process_watermark(latest - 1000)
    seconds = time.perf_counter() - begin
    return seconds, rows_out, harness.context.keyed_store.state_bytes


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for name, (spec, left, right) in cases(options.events).items():
        if options.only not in name:
            continue
        given = batches((left, right), options.events, options.batch)
        rows = left.height + right.height
        runs = [measure(spec, given) for _ in range(3)]
        seconds, rows_out, state = min(runs)
        print(
            f"{name:48} {rows / seconds / 1e6:6.2f} M rows/s in, {rows_out:8} out, "
            f"{options.events / seconds / 1e6:6.2f} M events/s, state {state / 2**20:6.1f} MB"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak:.0f} MB, rows made beforehand included")


if __name__ == "__main__":
    main()
