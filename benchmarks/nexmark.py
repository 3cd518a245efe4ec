"""The Nexmark benchmark: Flott beside Apache Flink and DuckDB, query by query, in one run.

    python benchmarks/nexmark.py [--queries q0,q5] [--events 5000000] [--workers 2] [--json FILE]
        [--files] [--memory] [--flink PYTHON] [--jar NEXMARK_JAR] [--checkpoints MS] [--rounds N]

Columns are thousand events a second: Flott with one worker and with ``--workers``, Flink with as
many slots, and DuckDB's batch query on one thread over the same rows in memory, which is the limit.
Persons, auctions and bids all count as events, read or not.

``--memory`` adds one worker of Flott over the very rows that DuckDB has, instead of a generator
that takes its part of the time; for queries without windows.

Flink needs an interpreter with ``apache-flink`` 2.3 (``--flink``) and Java in PATH. Its source of
events is not part of it: build the jar from the public nexmark repository (``nexmark-flink``,
``mvn package``) and name it with ``--jar``; or use ``--files``, where both systems read the same
JSON lines. Seconds are the job's own, without the start of processes. Peak memory is that of all
processes of a system together; ``--json`` keeps the figures of ``--workers`` Flott workers.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(PROGRAMS))

from nexmark_script import (  # noqa: E402
    QUERIES,
    file_options,
    generator_options,
    write_side_input,
)

_SAMPLE_S = 0.05
_BLOCK = 1 << 17


@dataclass(frozen=True)
class System:
    """A system that runs queries.

    Attributes:
        name: Shown over its column.
        command: Runs one query: the query's name is put behind the program.
        arguments: What follows.
    """

    name: str
    command: tuple[str, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What a run took."""

    seconds: float
    peak_mb: float
    state_mb: float


def descendants(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from descendants(int(child))


def resident_mb(pid: int) -> float:
    """Memory of a process and all below it, pages that they share counted once."""
    total = 0
    for each in descendants(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def folder_mb(folder: Path) -> float:
    """Size of all files below a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total / 1e6


class Sampler(threading.Thread):
    """Looks at a process until it ends, and keeps the highest figures."""

    def __init__(self, pid: int, checkpoints: Path) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._checkpoints = checkpoints
        self._done = threading.Event()
        self.peak_mb = 0.0
        self.state_mb = 0.0

    def run(self) -> None:
        while not self._done.wait(_SAMPLE_S):
            self.peak_mb = max(self.peak_mb, resident_mb(self._pid))
            if self._checkpoints.exists():
                self.state_mb = max(self.state_mb, folder_mb(self._checkpoints))

    def finish(self) -> None:
        """Stop looking."""
        self._done.set()
        self.join()


def run_query(system: System, query: str, folder: Path, timeout_s: int) -> Figures | None:
    """One run; ``None`` if it failed or takes too long."""
    command = [*system.command, query, *system.arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROGRAMS
    ) as process:
        sampler = Sampler(process.pid, folder / "checkpoints")
        sampler.start()
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            print(f"{system.name} {query}: not within {timeout_s} s", file=sys.stderr)
            return None
        finally:
            sampler.finish()
    lines = out.strip().splitlines()
    if process.returncode or not lines:
        print(f"{system.name} {query}: {err[-1500:]}", file=sys.stderr)
        return None
    return Figures(json.loads(lines[-1])["seconds"], sampler.peak_mb, sampler.state_mb)


def median_of(runs: Sequence[Figures]) -> Figures | None:
    """The figures in the middle."""
    if not runs:
        return None
    return Figures(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.peak_mb for run in runs),
        max(run.state_mb for run in runs),
    )


def write_events(events: int, path: Path) -> None:
    """The events as JSON lines, a file for each of some blocks."""
    from flott.common.logical_types import RowField
    from flott.connectors.nexmark.config import NexmarkConfig
    from flott.connectors.nexmark.events import EventMaker
    from flott.connectors.nexmark.schema import COLUMN_TYPES
    from flott.core.column_batch import ColumnBatch
    from flott.formats.columns.json.format import JsonEncoder
    from flott.formats.columns.json.writer import JsonStyle

    fields = [RowField(name, data_type) for name, data_type in COLUMN_TYPES.items()]
    encoder = JsonEncoder(fields, JsonStyle())
    maker = EventMaker(NexmarkConfig(events_num=events, rate=10_000_000), list(COLUMN_TYPES))
    with path.open("wb") as stream:
        for start in range(0, events, _BLOCK):
            frame = maker.make(start, min(start + _BLOCK, events))
            stream.write(encoder.encode(ColumnBatch(frame)))


def make_systems(arguments: argparse.Namespace, folder: Path) -> list[System]:
    """The columns of the table."""
    options = generator_options(arguments.events)
    if arguments.files:
        path = folder / "events.json"
        write_events(arguments.events, path)
        options = file_options(str(path))
    workers, checkpoints = str(arguments.workers), str(arguments.checkpoints)
    flott = (sys.executable, "nexmark_flott.py")
    systems = [
        System(f"flott {count}", flott, (options, str(folder), count, checkpoints))
        for count in dict.fromkeys(["1", workers])
    ]
    if arguments.memory:
        memory = (sys.executable, "nexmark_memory.py")
        systems.append(System("flott memory", memory, (str(arguments.events),)))
    if arguments.flink and (arguments.files or arguments.jar):
        jar = "" if arguments.files else str(Path(arguments.jar).resolve())
        flink_arguments = (options, str(folder), workers, checkpoints, jar)
        systems.append(System("flink", (arguments.flink, "nexmark_flink.py"), flink_arguments))
    if not arguments.no_duckdb:
        duckdb = (sys.executable, "nexmark_duckdb.py")
        systems.append(System("duckdb", duckdb, (str(arguments.events), "1")))
    return systems


def print_row(cells: Sequence[Any]) -> None:
    """A line of the table."""
    print("".join(f"{cell:>14}" for cell in cells), flush=True)


def compare(
    systems: Sequence[System], queries: Sequence[str], folder: Path, arguments: argparse.Namespace
) -> dict[str, dict[str, Figures]]:
    """Run everything, and print a line for each query."""
    print_row(["query", *(system.name for system in systems), "flott MB", "flink MB", "x flink"])
    ours = f"flott {arguments.workers}"
    found: dict[str, dict[str, Figures]] = {}
    for query in queries:
        medians: dict[str, Figures] = {}
        runs: dict[str, list[Figures]] = {system.name: [] for system in systems}
        for _ in range(arguments.rounds):
            for system in systems:
                figures = run_query(system, query, folder, arguments.timeout)
                if figures is not None:
                    runs[system.name].append(figures)
        for name, each in runs.items():
            middle = median_of(each)
            if middle is not None:
                medians[name] = middle
        found[query] = medians
        print_row(summary(query, medians, [system.name for system in systems], ours, arguments))
    return found


def summary(
    query: str,
    medians: dict[str, Figures],
    names: Sequence[str],
    ours: str,
    arguments: argparse.Namespace,
) -> list[str]:
    """The cells of a line: thousand events a second, memory, and the ratio to Flink."""
    cells = [query]
    for name in names:
        figures = medians.get(name)
        rate = None if figures is None else arguments.events / figures.seconds / 1000
        cells.append("-" if rate is None else f"{rate:,.0f}")
    flott, flink = medians.get(ours), medians.get("flink")
    cells.append(f"{flott.peak_mb:,.0f}" if flott else "-")
    cells.append(f"{flink.peak_mb:,.0f}" if flink else "-")
    cells.append(f"{flink.seconds / flott.seconds:.1f}" if flott and flink else "-")
    return cells


def save(found: dict[str, dict[str, Figures]], ours: str, events: int, path: Path) -> None:
    """Flott's figures as JSON."""
    table = {
        query: {
            "events_per_second": round(events / figures[ours].seconds),
            "seconds": round(figures[ours].seconds, 3),
            "peak_mb": round(figures[ours].peak_mb, 1),
            "state_mb": round(figures[ours].state_mb, 1),
        }
        for query, figures in found.items()
        if ours in figures
    }
    path.write_text(json.dumps(table, indent=2) + "\n")


def parse_arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queries", default=",".join(QUERIES), help="q0,q5,...")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="keep Flott's figures in this file")
    parser.add_argument("--files", action="store_true", help="read JSON lines, not a generator")
    parser.add_argument("--memory", action="store_true", help="one worker over rows in memory, too")
    parser.add_argument("--flink", help="interpreter with apache-flink installed")
    parser.add_argument("--jar", help="the jar of the public benchmark's source, for Flink")
    parser.add_argument("--checkpoints", type=int, default=0, help="interval in ms; 0 for none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=600, help="seconds of a run at most")
    parser.add_argument("--no-duckdb", action="store_true")
    arguments = parser.parse_args()
    unknown = set(arguments.queries.split(",")) - set(QUERIES)
    if unknown:
        parser.error(f"there is no query {', '.join(sorted(unknown))}")
    return arguments


def main() -> None:
    """Run the benchmark."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_side_input(folder)
        systems = make_systems(arguments, folder)
        found = compare(systems, arguments.queries.split(","), folder, arguments)
    if arguments.json is not None:
        save(found, f"flott {arguments.workers}", arguments.events, arguments.json)


if __name__ == "__main__":
    main()
