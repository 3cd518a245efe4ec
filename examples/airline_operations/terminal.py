"""What the demo shows: a live line while a job runs, tables at the end; plain text in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from flott.deploy.progress import JobProgress

YEAR_MS = 365 * 24 * 3600 * 1000
NEW_YEAR_MS = int(datetime(2013, 1, 1, tzinfo=UTC).timestamp() * 1000)


class LiveLine:
    """Shows how far a job is; where there is no terminal, says so a few times only."""

    def __init__(self, console: Console, name: str) -> None:
        self._console = console
        self._name = name
        self._said = 0.0
        self._bar = Progress(
            TextColumn(f"[bold]{name}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(name, total=1.0, detail="starting two workers")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: JobProgress) -> None:
        """Bring the line up to date."""
        part = year_part(progress)
        if progress.watermark_ms is not None:
            detail = (
                f"{date_of(progress.watermark_ms)}   checkpoint {progress.checkpoint_id or '-'}"
                f"   workers {', '.join(map(str, progress.worker_pids))}"
            )
            self._bar.update(self._task, completed=part, detail=detail)
            if not self._console.is_terminal and part >= self._said + 0.25:
                self._said = part
                self._console.print(f"  {self._name}: {detail}")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(f"  {text}")


def year_part(progress: JobProgress) -> float:
    """Which part of the year has been processed."""
    reached_ms = progress.watermark_ms
    return 0.0 if reached_ms is None else (reached_ms - NEW_YEAR_MS) / YEAR_MS


def date_of(time_ms: int) -> str:
    """A date as in ``9 Feb``."""
    day = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{day.day:2} {day:%b}"


@contextmanager
def section(console: Console, title: str) -> Iterator[None]:
    """A heading, and an empty line behind what follows it."""
    console.print(f"[bold]{title}[/]")
    yield
    console.print()


def carrier_table(carriers: pl.DataFrame) -> Table:
    """The year by carrier."""
    table = Table(title="Departures from New York, 2013", title_justify="left")
    table.add_column("carrier")
    for heading in ("in time for\ntheir window", "cancelled", "mean delay", "too late"):
        table.add_column(heading, justify="right")
    for _, name, departures, cancelled, mean, late in carriers.rows():
        table.add_row(name, f"{departures:,}", f"{cancelled:,}", f"{mean:.1f} min", f"{late:,}")
    return table


def silence_table(silences: pl.DataFrame) -> Table:
    """The longest times without departures."""
    table = Table(title="Departures stopped longest", title_justify="left")
    for heading in ("airport", "resumed on"):
        table.add_column(heading)
    table.add_column("after", justify="right")
    for time_ms, airport, minutes in silences.select("time_ms", "airport", "minutes").rows():
        table.add_row(airport, date_of(time_ms), span(minutes))
    return table


def span(minutes: int) -> str:
    """A length of time as in ``2 h 05``."""
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"
