"""The Yahoo streaming benchmark: Flott beside Apache Flink on one broker, in one run.

    python benchmarks/yahoo.py [--records 10000000] [--rounds 3] [--json FILE]
        [--flink PYTHON --jar CONNECTOR_JAR] [--cases throughput,latency,memory]

Ads that are seen, clicked and bought come from a topic as JSON, about 250 bytes each. Views are
kept, joined with the campaign of the ad, and counted for each campaign in windows of ten seconds of
event time; the counts go to another topic. One core is the job's, the other the broker's;
checkpoints are taken every second, results are exactly once.

Throughput is that between the first and the last window that comes out. Latency is the time from
the end of a window to the arrival of its counts at a reader of committed records, at a fixed rate;
exactly-once results wait for the commit besides. In memory (``memory``) there is neither broker nor
JSON: both systems make the events by the same statement; DataStream reads rows from a list.

Flink needs what it needs in ``benchmarks/kafka.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(PROGRAMS))

from brokered import (  # noqa: E402
    JOB_CORE,
    Job,
    System,
    Topics,
    broker,
    load,
    measure_latency,
    print_row,
    wait_until_written,
    warm_up,
)
from yahoo_events import CAMPAIGNS, WINDOW_MS, Ads, moment_of, write_campaigns  # noqa: E402

PARTITIONS = 4
#: So many windows have events of a throughput case.
WINDOWS = 100
START_MS = 1_700_000_000_000
LATENCY_CASES = (("at-least-once", 1000), ("exactly-once", 100))


@dataclass(frozen=True)
class Figures:
    """What a run of a throughput case gave."""

    rate: float
    cpu_us: float
    peak_mb: float


class Benchmark:
    """One run of it all."""

    def __init__(self, arguments: argparse.Namespace, servers: str, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder
        self._topics = Topics(servers)
        self._servers = servers
        self._runs = 0
        warm_up(self._topics)

    def _name(self, what: str) -> str:
        self._runs += 1
        return f"{what}-{os.getpid()}-{self._runs}"

    def _start(self, system: System, topics: tuple[str, str], guarantee: str, ms: int) -> Job:
        folder = self._folder / topics[1]
        folder.mkdir()
        write_campaigns(folder)
        arguments = ["yahoo", "kafka", self._servers, *topics, guarantee, str(ms), str(folder)]
        return Job(system, arguments, folder / "log.txt")

    @property
    def _per_window(self) -> int:
        return self._arguments.records // WINDOWS

    def load(self) -> str:
        """A topic with events of a hundred windows, each partition in order of time."""
        topic, ads = self._topics.create(self._name("ads"), PARTITIONS), Ads()

        def make(number: int) -> tuple[None, bytes]:
            moment_ms = START_MS + number * WINDOW_MS // self._per_window
            return ads.make(number, moment_ms * 1000)

        load(self._servers, topic, self._arguments.records, make, PARTITIONS)
        return topic

    def throughput(self, system: System, source: str) -> Figures:
        """One run."""
        target = self._topics.create(self._name("views"), 1)
        job = self._start(system, (source, target), "exactly-once", 1000)
        try:
            # The last window stays open: nothing follows that would end it.
            expected = CAMPAIGNS * (WINDOWS - 2)
            is_whole = wait_until_written(
                self._topics, target, expected, job, self._arguments.timeout
            )
        finally:
            usage = job.end()
        moments: dict[int, int] = {}
        for message in self._topics.read(target):
            window = moment_of(message.value())
            moments[window] = max(moments.get(window, 0), message.timestamp()[1])
        self._topics.delete(target)
        if not is_whole or len(moments) < WINDOWS - 2:
            raise RuntimeError(f"{len(moments)} of {WINDOWS} windows within the time")
        first, last = min(moments), max(moments)
        windows = (last - first) / 1000 / WINDOW_MS
        seconds = (moments[last] - moments[first]) / 1000
        records = self._arguments.records
        rate = windows * self._per_window / max(seconds, 0.001)
        return Figures(rate, usage.cpu_seconds / records * 1e6, usage.peak_mb)

    def latency(self, system: System, guarantee: str, interval_ms: int) -> dict[str, float]:
        """One run."""
        source = self._topics.create(self._name("ads"), PARTITIONS)
        target = self._topics.create(self._name("views"), 1)
        job = self._start(system, (source, target), guarantee, interval_ms)
        try:
            wanted = (self._arguments.rate, self._arguments.seconds, 0)
            return measure_latency("ads", self._servers, source, target, job, wanted)
        finally:
            job.end()
            self._topics.delete(source)
            self._topics.delete(target)


def make_systems(arguments: argparse.Namespace) -> list[System]:
    """The systems to compare."""
    systems = []
    if not arguments.no_flott:
        systems.append(System("Flott SQL", (sys.executable, "kafka_sql.py"), {}))
        systems.append(System("Flott DataStream", (sys.executable, "kafka_stream.py"), {}))
    if arguments.flink and arguments.jar:
        variables = {"FLINK_JAR": str(Path(arguments.jar).resolve())}
        systems.append(System("Flink 2.3 SQL", (arguments.flink, "kafka_sql.py"), variables))
    return systems


def compare_throughput(
    benchmark: Benchmark, systems: list[System], rounds: int
) -> Iterator[dict[str, object]]:
    """Run the systems in turns and print a table."""
    source = benchmark.load()
    runs: dict[str, list[Figures]] = {system.name: [] for system in systems}
    for _ in range(rounds):
        for system in systems:
            try:
                runs[system.name].append(benchmark.throughput(system, source))
            except RuntimeError as error:
                print(f"{system.name}: {error}", file=sys.stderr)
    print("\nfrom Kafka, exactly-once, checkpoints every second")
    print_row(["system", "events/s", "Flott SQL is", "us cpu/event", "peak MB"])
    yield from print_throughput(runs)


def print_throughput(runs: dict[str, list[Figures]]) -> Iterator[dict[str, object]]:
    """Print the medians."""
    ours = statistics.median(run.rate for run in runs.get("Flott SQL") or [Figures(0, 0, 0)])
    for name, each in runs.items():
        if not each:
            continue
        rate, cpu, peak = (
            statistics.median(values) for values in zip(*(asdict(run).values() for run in each))
        )
        ratio = f"{ours / rate:.1f}x" if ours and name != "Flott SQL" else ""
        print_row([name, f"{rate:,.0f}", ratio, f"{cpu:.2f}", f"{peak:,.0f}"])
        yield {"system": name, **asdict(Figures(rate, cpu, peak)), "rounds": [r.rate for r in each]}


def compare_latency(
    benchmark: Benchmark, systems: list[System], arguments: argparse.Namespace
) -> Iterator[dict[str, object]]:
    """Run the latency cases and print a table of each."""
    for guarantee, interval_ms in LATENCY_CASES:
        print(f"\nlatency at {arguments.rate:,}/s, {guarantee}, checkpoints every {interval_ms} ms")
        print_row(["system", "p50 ms", "p99 ms", "results"])
        for system in systems:
            quick = System(system.name, system.command, {**system.variables, "FLINK_QUICK": "1"})
            runs = []
            for _ in range(arguments.rounds):
                try:
                    runs.append(benchmark.latency(quick, guarantee, interval_ms))
                except RuntimeError as error:
                    print(f"{system.name}: {error}", file=sys.stderr)
            runs = [run for run in runs if "p99" in run]
            if runs:
                names = ("p50", "p99", "records")
                middle = {name: statistics.median(run[name] for run in runs) for name in names}
                cells = [f"{middle['p50']:,.1f}", f"{middle['p99']:,.1f}", f"{middle['records']:,}"]
                print_row([system.name, *cells])
                case = {"guarantee": guarantee, "interval_ms": interval_ms, "system": system.name}
                yield {**case, **middle, "rounds": runs}


def compare_in_memory(arguments: argparse.Namespace, folder: Path) -> Iterator[dict[str, object]]:
    """Run the variant without a broker and print a table."""
    write_campaigns(folder)
    flott = (sys.executable, "yahoo_memory.py")
    commands: dict[str, tuple[tuple[str, ...], str, dict[str, str]]] = {}
    if not arguments.no_flott:
        commands["Flott SQL"] = (flott, "sql", {})
        commands["Flott DataStream"] = (flott, "list", {})
    if arguments.flink:
        commands["Flink 2.3 SQL"] = ((arguments.flink, "yahoo_memory.py"), "sql", {"FLINK": "1"})
    runs: dict[str, list[Figures]] = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, (command, variant, variables) in commands.items():
            records = arguments.records // (10 if variant == "list" else 1)
            done = subprocess.run(
                [*command, variant, str(records), str(folder)],
                cwd=PROGRAMS,
                env={**os.environ, **variables},
                capture_output=True,
                text=True,
                timeout=arguments.timeout,
                preexec_fn=lambda: os.sched_setaffinity(0, {JOB_CORE}),
            )
            if done.returncode:
                print(f"{name}: {done.stderr[-2000:]}", file=sys.stderr)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            rate = found["records"] / found["seconds"]
            cpu_us = found["cpu_seconds"] / found["records"] * 1e6
            runs[name].append(Figures(rate, cpu_us, found["peak_mb"]))
    print("\nin memory")
    print_row(["system", "events/s", "Flott SQL is", "us cpu/event", "peak MB"])
    yield from print_throughput(runs)


def parse_arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--servers", help="a broker that runs; without, one is started")
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default="throughput,latency,memory")
    parser.add_argument("--rate", type=int, default=50_000, help="of latency cases, a second")
    parser.add_argument("--seconds", type=float, default=60, help="of latency cases")
    parser.add_argument("--flink", help="interpreter with apache-flink installed")
    parser.add_argument("--jar", help="Flink's Kafka connector")
    parser.add_argument("--only", default="", help="systems whose names have this in them")
    parser.add_argument("--no-flott", action="store_true", help="Flink only")
    parser.add_argument("--timeout", type=int, default=600, help="seconds of a run at most")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    arguments = parse_arguments()
    systems = [each for each in make_systems(arguments) if arguments.only in each.name]
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "memory" in arguments.cases:
            found["memory"] = list(compare_in_memory(arguments, folder))
        if {"throughput", "latency"} & set(arguments.cases.split(",")):
            with broker(arguments.servers, folder) as servers:
                benchmark = Benchmark(arguments, servers, folder)
                if "throughput" in arguments.cases:
                    rounds = arguments.rounds
                    found["throughput"] = list(compare_throughput(benchmark, systems, rounds))
                if "latency" in arguments.cases:
                    found["latency"] = list(compare_latency(benchmark, systems, arguments))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
