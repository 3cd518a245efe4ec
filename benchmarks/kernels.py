"""Times the native kernels on batches of 65,536 rows.

.venv/bin/python benchmarks/kernels.py

First nanoseconds for each key of Python objects. Then keys of columns, in million rows a second:
the index from keys to slots alone, with a sum for each key, and DuckDB's grouped count on one
thread over the same rows, if it is installed; and what a batch of one row takes.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from flott.kernels.columns.group_table import GroupTable, KernelAggregate
from flott.kernels.columns.key_index import KeyIndex
from flott.kernels.partition import hash_partition, key_groups

ROWS = 65_536
REPEATS = 30
BATCHES = 40
COLUMNS: dict[str, pl.DataType] = {"f0": pl.Int64(), "f1": pl.Int64()}

KEYS: dict[str, list[Any]] = {
    "int": list(range(ROWS)),
    "float": [float(n) for n in range(ROWS)],
    "str, 5 to 8 letters": [f"key-{n % 5000}" for n in range(ROWS)],
    "str, 41 to 45 letters": ["x" * 40 + str(n) for n in range(ROWS)],
    "tuple of int and str": [(n, "a") for n in range(ROWS)],
    "UUID": [uuid.UUID(int=n) for n in range(ROWS)],
    "datetime": [datetime(2013, 1, 1 + n % 28, n % 24) for n in range(ROWS)],
}


def best_ns_a_row(function: Callable[[], object]) -> float:
    """The shortest of some runs, for each row."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter_ns()
        function()
        best = min(best, time.perf_counter_ns() - started)
    return best / ROWS


def best_rate(function: Callable[[pl.DataFrame], object], frames: Sequence[pl.DataFrame]) -> float:
    """Million rows a second in the best of some passes over ``frames``."""
    best = float("inf")
    for _ in range(REPEATS // 3):
        started = time.perf_counter()
        for frame in frames:
            function(frame)
        best = min(best, time.perf_counter() - started)
    return sum(frame.height for frame in frames) / best / 1e6


def sum_by_key() -> GroupTable:
    """A table that adds up ``f1`` for each ``f0``."""
    return GroupTable(COLUMNS, [0], {"f1": pl.Int64()}, [KernelAggregate("SUM", 1)])


def duckdb_rate(frames: Sequence[pl.DataFrame]) -> float | None:
    """Million rows a second of a grouped count; ``None`` if DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        return None
    connection = duckdb.connect(config={"threads": 1})
    connection.register("frames", pl.concat(frames).to_arrow())
    connection.execute("CREATE TABLE bids AS SELECT * FROM frames")
    text = "CREATE OR REPLACE TEMP TABLE counts AS SELECT f0, count(*) FROM bids GROUP BY f0"
    rows = len(frames) * ROWS
    best = float("inf")
    for _ in range(REPEATS // 3):
        started = time.perf_counter()
        connection.execute(text)
        best = min(best, time.perf_counter() - started)
    return rows / best / 1e6


def print_columns() -> None:
    """The table of keys in columns, every key being there already."""
    random = np.random.default_rng(1)
    print(f"\n{'keys':>12}{'index':>12}{'and sum':>12}{'DuckDB':>12}")
    for keys in (1_000, 300_000, 2_800_000):
        frames = [
            pl.DataFrame({"f0": random.integers(0, keys, ROWS), "f1": random.integers(0, 9, ROWS)})
            for _ in range(BATCHES)
        ]
        index, table = KeyIndex({"f0": pl.Int64()}), sum_by_key()
        index.upsert(pl.DataFrame({"f0": range(keys)}))
        table.accumulate(pl.DataFrame({"f0": range(keys), "f1": range(keys)}))
        found = best_rate(index.upsert, [frame.select("f0") for frame in frames])
        summed = best_rate(table.accumulate, frames)
        other = duckdb_rate(frames)
        last = "-" if other is None else f"{other:.0f}"
        print(f"{keys:12,}{found:12.0f}{summed:12.0f}{last:>12}")
    one = pl.DataFrame({"f0": [1], "f1": [1]})
    row = best_ns_a_row(lambda: [table.accumulate(one) for _ in range(1000)]) * ROWS / 1e6
    print(f"a batch of one row: {row:.2f} microseconds")


def main() -> None:
    print(f"{'keys':24}{'key_groups':>12}{'hash_partition':>16}{'with timestamps':>17}")
    times = list(range(ROWS))
    for name, keys in KEYS.items():
        groups = best_ns_a_row(partial(key_groups, keys, 128))
        split = best_ns_a_row(partial(hash_partition, keys, keys, None, 128, 2))
        timed = best_ns_a_row(partial(hash_partition, keys, keys, times, 128, 2))
        print(f"{name:24}{groups:12.1f}{split:16.1f}{timed:17.1f}")
    print_columns()


if __name__ == "__main__":
    main()
