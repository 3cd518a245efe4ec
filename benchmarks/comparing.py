"""What the benchmarks on Kafka have in common: runs of cases, their medians, their tables."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar, TypeVar

from brokered import Job, System, Topics, measure_latency, print_row, warm_up

PARTITIONS = 4
_OURS = "Flott SQL"

R = TypeVar("R")


@dataclass(frozen=True)
class Figures:
    """What a run of a throughput case gave.

    Attributes:
        rate: Records a second.
        cpu_us: Processor time a record.
        peak_mb: Memory.
        written: Results, where systems differ in their number.
    """

    rate: float
    cpu_us: float
    peak_mb: float
    written: float = 0


class Benchmark:
    """The runs of one benchmark.

    Attributes:
        case: Tells the programs which benchmark they run.
        load_kind: What is sent at a fixed rate: ``bids`` or ``ads``.
        target_partitions: Of topics of results.
    """

    case: ClassVar[str]
    load_kind: ClassVar[str]
    target_partitions: ClassVar[int]

    def __init__(self, arguments: argparse.Namespace, servers: str, folder: Path) -> None:
        self.arguments = arguments
        self.servers = servers
        self.topics = Topics(servers)
        self._folder = folder
        self._runs = 0
        warm_up(self.topics)

    def prepare(self, folder: Path) -> None:
        """Put what programs need into the folder of a run."""

    def create_topic(self, what: str, partitions: int = PARTITIONS) -> str:
        """A new topic."""
        self._runs += 1
        return self.topics.create(f"{what}-{os.getpid()}-{self._runs}", partitions)

    def create_target(self) -> str:
        """A new topic of results."""
        return self.create_topic("results", self.target_partitions)

    def start(
        self, system: System, shape: str, topics: tuple[str, str], guarantee: str, interval_ms: int
    ) -> Job:
        """A system at work, from a topic to another."""
        folder = self._folder / topics[1]
        folder.mkdir()
        self.prepare(folder)
        arguments = [self.case, shape, self.servers, *topics, guarantee, str(interval_ms)]
        return Job(system, [*arguments, str(folder)], folder / "log.txt")

    def latency(
        self, system: System, shape: str, guarantee: str, interval_ms: int
    ) -> dict[str, float]:
        """One run of a latency case."""
        source, target = self.create_topic(self.load_kind), self.create_target()
        job = self.start(system, shape, (source, target), guarantee, interval_ms)
        try:
            keys = getattr(self.arguments, "keys", 0)
            wanted = (self.arguments.rate, self.arguments.seconds, keys)
            return measure_latency(self.load_kind, self.servers, source, target, job, wanted)
        finally:
            job.end()
            self.topics.delete(source)
            self.topics.delete(target)


def in_turns(
    systems: Sequence[str], rounds: int, run: Callable[[str], R | None]
) -> dict[str, list[R]]:
    """What runs of systems gave, by turns; a run that fails says why and gives nothing."""
    runs: dict[str, list[R]] = {name: [] for name in systems}
    for _ in range(rounds):
        for name in systems:
            try:
                found = run(name)
            except RuntimeError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            if found is not None:
                runs[name].append(found)
    return {name: each for name, each in runs.items() if each}


def print_throughput(
    title: str, record: str, runs: Mapping[str, Sequence[Figures]]
) -> Iterator[dict[str, object]]:
    """Print the medians of a case.

    Args:
        title: Stands above the table.
        record: What is counted: ``record``, ``event``.
        runs: Those of each system.
    """
    print(f"\n{title}")
    has_written = any(run.written for each in runs.values() for run in each)
    heads = ["system", f"{record}s/s", f"{_OURS} is", f"us cpu/{record}", "peak MB"]
    print_row([*heads, "written"] if has_written else heads)
    medians = {
        name: Figures(
            *(statistics.median(values) for values in zip(*(asdict(run).values() for run in each)))
        )
        for name, each in runs.items()
    }
    ours = medians.get(_OURS)
    for name, figures in medians.items():
        ratio = f"{ours.rate / figures.rate:.1f}x" if ours and ours is not figures else ""
        cells = [f"{figures.rate:,.0f}", ratio, f"{figures.cpu_us:.2f}", f"{figures.peak_mb:,.0f}"]
        print_row([name, *cells, f"{figures.written:,.0f}"] if has_written else [name, *cells])
        yield {"system": name, **asdict(figures), "rounds": [run.rate for run in runs[name]]}


def compare_latency(
    benchmark: Benchmark, systems: Sequence[System], shape: str, cases: Sequence[tuple[str, int]]
) -> Iterator[dict[str, object]]:
    """Run latency cases and print a table of each.

    Args:
        benchmark: Runs them.
        systems: The systems.
        shape: What they do.
        cases: Guarantees and intervals of checkpoints.
    """
    arguments = benchmark.arguments
    quick = {
        each.name: replace(each, variables={**each.variables, "QUICK": "1"}) for each in systems
    }
    if systems:  # not shown: a broker is slow until it has seen many small requests
        for guarantee in dict(cases):  # each makes the broker do something else
            with suppress(RuntimeError):
                benchmark.latency(systems[0], shape, guarantee, 100)
    for guarantee, interval_ms in cases:

        def run(name: str, case: tuple[str, int] = (guarantee, interval_ms)) -> dict[str, float]:
            return benchmark.latency(quick[name], shape, *case)

        print(f"\nlatency at {arguments.rate:,}/s, {guarantee}, checkpoints every {interval_ms} ms")
        print_row(["system", "p50 ms", "p99 ms", "p99.9 ms", "results"])
        for name, each in in_turns(list(quick), arguments.rounds, run).items():
            measured = [run for run in each if "p99" in run]
            if not measured:
                continue
            names = ("p50", "p99", "p99.9", "records")
            middle = {key: statistics.median(run[key] for run in measured) for key in names}
            cells = [f"{middle[key]:,.1f}" for key in names[:3]]
            print_row([name, *cells, f"{middle['records']:,.0f}"])
            case = {"guarantee": guarantee, "interval_ms": interval_ms, "system": name}
            yield {**case, **middle, "rounds": measured}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what users can ask of both benchmarks."""
    parser.add_argument("--servers", help="a broker that runs; without, one is started")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=50_000, help="of latency cases, a second")
    parser.add_argument("--flink", help="interpreter with apache-flink installed")
    parser.add_argument("--jar", help="Flink's Kafka connector")
    parser.add_argument("--only", default="", help="systems whose names have this in them")
    parser.add_argument("--no-flott", action="store_true", help="peers only")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
