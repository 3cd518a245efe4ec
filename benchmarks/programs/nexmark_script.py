"""The statements of a Nexmark query, for whichever system runs them; needs nothing installed."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "nexmark"
QUERIES = tuple(f"q{number}" for number in range(24))


def read_script(query: str, events: str, folder: str) -> tuple[list[str], str]:
    """What prepares a query, and the statement that runs it into a sink.

    Args:
        query: ``q0`` to ``q23``.
        events: The options of the table of events, as they stand in WITH.
        folder: Where files of the query are.
    """
    text = (ROOT / "tables.sql").read_text() + (ROOT / "queries" / f"{query}.sql").read_text()
    text = text.replace("${EVENTS}", events).replace("${FOLDER}", folder)
    text = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    *preparation, last = [part.strip() for part in text.split(";\n") if part.strip()]
    if not last.startswith("INSERT"):
        last = f"CREATE TABLE nexmark_{query} WITH ('connector' = 'blackhole') AS\n{last}"
    return preparation, last


def read_duckdb(query: str) -> str:
    """The query as DuckDB takes it."""
    return (ROOT / "duckdb" / f"{query}.sql").read_text()


def generator_options(events: int, rate: int = 10_000_000) -> str:
    """The options of a table of events that are made while the query runs."""
    return (
        f"'connector' = 'nexmark', 'events.num' = '{events}', "
        f"'first-event.rate' = '{rate}', 'next-event.rate' = '{rate}'"
    )


def file_options(path: str) -> str:
    """The options of a table of events in files of JSON lines."""
    return f"'connector' = 'filesystem', 'path' = '{path}', 'format' = 'json'"


def write_side_input(folder: Path) -> None:
    """The file that q13 looks up."""
    lines = [f"{key},{key}\n" for key in range(10_000)]
    (folder / "side_input.csv").write_text("".join(lines))
