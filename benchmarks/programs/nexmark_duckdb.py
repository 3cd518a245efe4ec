"""One Nexmark query in DuckDB over the same events in memory; prints its seconds as JSON.

The whole answer is made at once from rows that are there already: the limit for any stream
processor that makes it step by step.
"""

from __future__ import annotations

import json
import sys
import time

import duckdb
import polars as pl
from nexmark_script import generator_options, read_duckdb

from flott.common.table_options import TableOptions
from flott.connectors.nexmark.config import EventKind, NexmarkConfig
from flott.connectors.nexmark.events import EventMaker
from flott.connectors.tables.nexmark import read_config

_BLOCK = 1 << 20


def read_options(text: str) -> dict[str, str]:
    """Options as they stand in WITH."""
    pairs = [pair.split("=") for pair in text.split(",")]
    return {key.strip(" '"): value.strip(" '") for key, value in pairs}


def load(database: duckdb.DuckDBPyConnection, config: NexmarkConfig) -> None:
    """Fill the tables of persons, auctions and bids."""
    for kind in EventKind:
        name = kind.name.lower()
        maker = EventMaker(config, [name], frozenset({kind}))
        for start in range(0, config.events_num, _BLOCK):
            frame = maker.make(start, min(start + _BLOCK, config.events_num))
            rows = frame.select(pl.col("f0").struct.unnest()).to_arrow()
            database.register("rows", rows)
            verb = f"INSERT INTO {name}" if start else f"CREATE TABLE {name} AS"
            database.execute(f"{verb} SELECT * FROM rows")
    keys = "SELECT range AS key, range::VARCHAR AS value FROM range(10000)"
    database.execute(f"CREATE TABLE side_input AS {keys}")


def main() -> None:
    """``nexmark_duckdb.py QUERY EVENTS THREADS``."""
    query, events, threads = sys.argv[1:]
    options = TableOptions(read_options(generator_options(int(events))), "events")
    with duckdb.connect(config={"threads": int(threads)}) as database:
        load(database, read_config(options))
        started = time.perf_counter()
        database.execute(f"CREATE TABLE answer AS {read_duckdb(query)}")
        print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
