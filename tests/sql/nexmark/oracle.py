"""The answers of the benchmark's queries, computed by DuckDB on the same events.

Events come one a millisecond, so that no two have the same time and every order is definite.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from flott.connectors.nexmark.config import EventKind, NexmarkConfig
from flott.connectors.nexmark.events import EventMaker

ROOT = Path(__file__).resolve().parents[3] / "benchmarks" / "nexmark"
EVENTS = 20_000
RATE = 1000
SIDE_ROWS = 10_000
OPTIONS = f"'connector' = 'nexmark', 'events.num' = '{EVENTS}', 'first-event.rate' = '{RATE}'"


@cache
def tables() -> dict[str, pl.DataFrame]:
    """Persons, auctions and bids, and the file that q13 looks up."""
    config = NexmarkConfig(events_num=EVENTS, rate=RATE)
    made = {}
    for kind in EventKind:
        name = kind.name.lower()
        frame = EventMaker(config, [name], frozenset({kind})).make(0, EVENTS)
        made[name] = frame.select(pl.col("f0").struct.unnest())
    keys = pl.int_range(SIDE_ROWS, eager=True)
    made["side_input"] = pl.DataFrame([keys.alias("key"), keys.cast(pl.String).alias("value")])
    return made


@cache
def expected_rows(query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, sorted."""
    with duckdb.connect() as database:
        for name, frame in tables().items():
            database.register(name, frame.to_arrow())
        text = (ROOT / "duckdb" / f"{query}.sql").read_text()
        return sorted(database.execute(text).fetchall(), key=repr)


def read_statements(query: str, folder: str) -> tuple[list[str], str]:
    """What prepares a query, and the query itself, with the tables of the benchmark."""
    text = (ROOT / "tables.sql").read_text() + (ROOT / "queries" / f"{query}.sql").read_text()
    text = text.replace("${EVENTS}", OPTIONS).replace("${FOLDER}", folder)
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    statements = [part.strip() for part in "\n".join(lines).split(";\n")]
    *preparation, last = [each for each in statements if each]
    return preparation, last.strip().rstrip(";")


def write_side_input(folder: Path) -> None:
    """The file that q13 looks up."""
    lines = [f"{key},{key}\n" for key in range(SIDE_ROWS)]
    (folder / "side_input.csv").write_text("".join(lines))
