"""Takes the first or last lines out of a file or folder, or the rows of a Parquet file."""

from __future__ import annotations

from collections import deque
from itertools import islice
from pathlib import Path

import polars as pl

from flott.cli.peeking.guess import Guess
from flott.cli.peeking.records import Sample, SeenRecord
from flott.common.errors import ConfigurationError
from flott.connectors.tables.frames import derive_fields

_PARQUET = b"PAR1"


def find_file(path: Path) -> Path:
    """The file to look at: the first of a folder, hidden ones left out.

    Raises:
        ConfigurationError: There is none.
    """
    if path.is_file():
        return path
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            parts = each.relative_to(path).parts
            if each.is_file() and not any(part.startswith((".", "_")) for part in parts):
                return each
        raise ConfigurationError(f"There is no file in {path}")
    raise ConfigurationError(
        f"There is no file {path}. A topic is written kafka://HOST:PORT/TOPIC."
    )


def is_parquet(file: Path) -> bool:
    """Whether a file says that it is Parquet."""
    with file.open("rb") as stream:
        return stream.read(4) == _PARQUET


def sample_lines(file: Path, rows: int, from_latest: bool) -> Sample:
    """The first or last lines; empty ones are left out."""
    with file.open("rb") as stream:
        lines = ((number, line.rstrip(b"\r\n")) for number, line in enumerate(stream, 1))
        filled = ((number, line) for number, line in lines if line)
        chosen = deque(filled, rows) if from_latest else islice(filled, rows)
        records = [SeenRecord(None, number, None, None, line) for number, line in chosen]
    return Sample(records, None)


def sample_parquet(file: Path, rows: int, from_latest: bool) -> tuple[Sample, Guess]:
    """The first or last rows as lines of JSON, and the columns that the file names."""
    scan = pl.scan_parquet(file, hive_partitioning=False)
    total = scan.select(pl.len()).collect().item()
    start = max(0, total - rows) if from_latest else 0
    frame = scan.slice(start, rows).collect()
    records = [
        SeenRecord(None, start + number, None, None, line)
        for number, line in enumerate(frame.write_ndjson().encode().splitlines(), 1)
    ]
    fields = {field.name: field.data_type for field in derive_fields(frame)}
    return Sample(records, total), Guess("parquet", fields)
