"""Key index, grouped aggregation and distinct counts in columns, beside DuckDB on one thread.

    python benchmarks/micro/aggregates.py [--batches 40]

Each line: rows a second of CPU time with every change sent on (`changes`), with results at the end
only (`final`), and of DuckDB for the same rows in memory. Batches have 65,536 rows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from flott.kernels.columns.group_table import DistinctSet, GroupTable, KernelAggregate
from flott.kernels.columns.key_index import KeyIndex

BATCH_ROWS = 65_536
LONG = pl.Int64()
COUNT = KernelAggregate("COUNT")


@dataclass(frozen=True)
class Query:
    """A query as the kernel and as DuckDB know it; columns f0, f1, ..."""

    name: str
    keys: Sequence[int]
    aggregates: Sequence[KernelAggregate]
    sets: Sequence[DistinctSet]
    select: str


def bids(random: np.random.Generator) -> pl.DataFrame:
    """Auction, day, price, three price ranges, bidder, channel."""
    price = random.integers(100, 10_000_000, BATCH_ROWS)
    channel = np.char.add("channel-", random.integers(0, 10_000, BATCH_ROWS).astype(str))
    common = np.array(["Google", "Facebook", "Baidu", "Apple"])[random.integers(0, 4, BATCH_ROWS)]
    return pl.DataFrame(
        {
            "f0": random.integers(0, 400_000, BATCH_ROWS),
            "f1": np.array(["2024-01-01", "2024-01-02"])[random.integers(0, 2, BATCH_ROWS)],
            "f2": price,
            "f3": price < 10_000,
            "f4": (price >= 10_000) & (price < 1_000_000),
            "f5": price >= 1_000_000,
            "f6": random.integers(0, 300_000, BATCH_ROWS),
            "f7": np.where(random.random(BATCH_ROWS) < 0.5, channel, common),
        }
    )


RANGES = [COUNT, *(KernelAggregate("COUNT", -1, column) for column in (3, 4, 5))]
RANGES_SQL = "count(*), " + ", ".join(f"count(*) filter (where f{c})" for c in (3, 4, 5))
DISTINCTS = [
    KernelAggregate("COUNT", column, filter_column, number)
    for number, column in enumerate((6, 0))
    for filter_column in (-1, 3, 4, 5)
]
DISTINCTS_SQL = ", ".join(
    f"count(distinct f{column})" + (f" filter (where f{c})" if c else "")
    for column in (6, 0)
    for c in (0, 3, 4, 5)
)
SETS = [DistinctSet([6], [-1, 3, 4, 5]), DistinctSet([0], [-1, 3, 4, 5])]
PRICES = [KernelAggregate(function, 2) for function in ("MIN", "MAX", "AVG", "SUM")]
QUERIES = [
    Query("count by auction", [0], [COUNT], [], "f0, count(*)"),
    Query("q4: average by day", [1], [PRICES[2]], [], "f1, avg(f2)"),
    Query(
        "q15: distincts by day", [1], [*RANGES, *DISTINCTS], SETS,
        f"f1, {RANGES_SQL}, {DISTINCTS_SQL}",
    ),
    Query(
        "q16: distincts by channel, day", [7, 1], [*RANGES, *DISTINCTS], SETS,
        f"f7, f1, {RANGES_SQL}, {DISTINCTS_SQL}",
    ),
    Query(
        "q17: prices by auction, day", [0, 1], [*RANGES, *PRICES], [],
        f"f0, f1, {RANGES_SQL}, min(f2), max(f2), avg(f2), sum(f2)",
    ),
]  # fmt: skip


def rate(work: Callable[[], None], rows: int) -> str:
    """Rows a second of CPU time."""
    start = time.process_time()
    work()
    return f"{rows / (time.process_time() - start) / 1e6:7.2f} M/s"


def run_index(random: np.random.Generator, batches: int) -> None:
    """The key index alone, all keys being there."""
    for keys in (1_000, 300_000, 2_800_000):
        frames = [
            pl.DataFrame({"f0": random.integers(0, keys, BATCH_ROWS)}) for _ in range(batches)
        ]
        index = KeyIndex({"f0": LONG})
        index.upsert(pl.DataFrame({"f0": range(keys)}))
        speed = rate(
            lambda index=index, frames=frames: _each(index.upsert, frames), batches * BATCH_ROWS
        )
        print(f"{'index, ' + str(keys) + ' keys':32} {speed}")


def run_query(query: Query, frames: Sequence[pl.DataFrame]) -> None:
    """One line of the table."""
    schema = dict(frames[0].schema)
    results = {f"f{len(query.keys) + i}": LONG for i in range(len(query.aggregates))}

    def table() -> GroupTable:
        return GroupTable(schema, query.keys, results, query.aggregates, query.sets)

    rows = len(frames) * BATCH_ROWS
    changing, final = table(), table()

    def at_end() -> None:
        for frame in frames:
            final.accumulate(frame)
        list(final.results())

    changes = rate(lambda: _each(changing.process, frames), rows)
    last = rate(at_end, rows)
    print(f"{query.name:32} changes {changes}  final {last}  DuckDB {duckdb_rate(query, frames)}")


def _each(work: Callable[[pl.DataFrame], object], frames: Sequence[pl.DataFrame]) -> None:
    for frame in frames:
        work(frame)


def duckdb_rate(query: Query, frames: Sequence[pl.DataFrame]) -> str:
    """The same in DuckDB, if it is installed."""
    try:
        import duckdb
    except ImportError:
        return "not installed"
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    rows = pl.concat(frames)
    connection.register("bids", rows.to_arrow())
    connection.execute("create table bid as select * from bids")
    keys = ", ".join(f"f{key}" for key in query.keys)
    text = f"create or replace temp table r as select {query.select} from bid group by {keys}"

    def run() -> None:
        connection.execute(text)

    return rate(run, rows.height)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=40)
    batches = parser.parse_args().batches
    random = np.random.default_rng(1)
    run_index(random, batches)
    frames = [bids(random) for _ in range(batches)]
    for query in QUERIES:
        run_query(query, frames)


if __name__ == "__main__":
    main()
