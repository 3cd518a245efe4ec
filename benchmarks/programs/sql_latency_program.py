"""Latency of a running aggregate in SQL at a fixed rate; prints percentiles in ms as JSON.

    python sql_latency_program.py RATE SECONDS WORKERS

A query in the manner of Nexmark's q17 sends on every change of a group. Each row carries the
moment at which it was due, and the sink compares it with the moment at which the change arrives,
so that a pause of the engine shows in every row it delays (no coordinated omission).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from latency_program import WARM_UP_S
from paced import Paced

from flott.common import logical_types as t
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from flott.core.source import Source
from flott.core.table import ChangelogMode, TableSink, TableSource
from flott.sql.catalog.objects import ColumnDefinition, TableObject
from flott.sql.logical.nodes import Sink as SinkNode
from flott.table import EnvironmentSettings, TableEnvironment
from flott.table.execution.jobs import run_inserts

QUERY = """
SELECT k, COUNT(*) AS n, COUNT(*) FILTER (WHERE price < 10000) AS low, MIN(price) AS least,
       MAX(price) AS most, AVG(price) AS mean, SUM(price) AS total, MAX(due) AS due
FROM paced GROUP BY k"""


def make_batch(first: int, stop: int, begin_ns: int, period_ns: int) -> ColumnBatch:
    """Keys, prices, and the moments at which the rows are due."""
    numbers = pl.int_range(first, stop, dtype=pl.Int64, eager=True)
    columns = [
        (numbers * 7919 % 9973).alias("f0"),
        (numbers * 31 % 1_000_000).alias("f1"),
        (numbers * period_ns + begin_ns).alias("f2"),
    ]
    return ColumnBatch(pl.DataFrame(columns))


class PacedTable(TableSource):
    def __init__(self, source: Paced) -> None:
        self._source = source

    @property
    def is_bounded(self) -> bool:
        return True

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        assert list(columns) == ["k", "price", "due"]
        return self._source


class TimingWriter(SinkWriter):
    """Keeps how long each change took; writes them down at the end."""

    def __init__(self, folder: str, subtask: int) -> None:
        self._path = Path(folder) / f"{subtask}.parquet"
        self._parts: list[pl.DataFrame] = []

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, ColumnBatch)
        due = batch.frame.to_series(batch.frame.width - 1)
        taken = time.perf_counter_ns() - due
        self._parts.append(pl.DataFrame({"due": due, "taken": taken}))

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return []

    def close(self) -> None:
        if self._parts:
            pl.concat(self._parts).write_parquet(self._path)


class TimingSink(Sink):
    def __init__(self, folder: str) -> None:
        self._folder = folder

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return TimingWriter(self._folder, context.subtask_index)


class TimingTable(TableSink):
    def __init__(self, folder: str) -> None:
        self._folder = folder

    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        return ChangelogMode.UPSERT

    @property
    def needs_key_for_upserts(self) -> bool:
        return False

    def create_sink(self, metadata: Sequence[str]) -> Sink:
        return TimingSink(self._folder)


def main() -> None:
    rate, seconds, workers = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("parallelism.default", workers)
    context = environment._context
    columns = tuple(ColumnDefinition(name, t.BigIntType()) for name in ("k", "price", "due"))
    table = TableObject(columns, source=PacedTable(Paced(rate, seconds + WARM_UP_S, make_batch)))
    manager = context.catalog
    path = (manager.current_catalog, manager.current_database, "paced")
    manager.create_object(path, table)
    query = environment.sql_query(QUERY)
    with tempfile.TemporaryDirectory() as folder:
        node = query._node
        sink = SinkNode(node.fields, node, (*path[:2], "timed"), TimingTable(folder))
        run_inserts([sink], context, context.session(QUERY)).wait()
        found = pl.concat(pl.read_parquet(path) for path in Path(folder).iterdir())
    start = found["due"].min() + int(WARM_UP_S * 1e9)
    taken = found.filter(pl.col("due") >= start)["taken"] / 1e6
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    print(json.dumps({name: round(taken.quantile(share), 3) for name, share in shares.items()}))


if __name__ == "__main__":
    main()
