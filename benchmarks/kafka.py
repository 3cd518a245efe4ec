"""The Kafka benchmark: Flott beside Apache Flink and Quix Streams on one broker, in one run.

    python benchmarks/kafka.py [--records 3000000] [--rounds 3] [--json FILE]
        [--flink PYTHON --jar CONNECTOR_JAR] [--quix PYTHON] [--cases throughput,latency]

A topic of JSON bids, about 200 bytes each, is read, decoded, projected to three fields, counted per
auction and written back as JSON: every bid with its number (``running``), or the changes of
``GROUP BY`` (``groups``, as many as a system makes of its batches). One core is the job's, the
other the broker's. Checkpoints are taken every second; ``exactly-once`` is what readers of
committed records see. Records a second are counted from the first tenth of the output on, when
every system is warm.

Latency is that of single records at 50,000 a second, from the moment a record is due to be sent to
the moment a reader of committed records has its result. Quix Streams and PyFlink's DataStream do
fewer and are left out.

Flink needs an interpreter with ``apache-flink`` 2.3 (``--flink``), Java in PATH, and the jar
``flink-sql-connector-kafka`` (``--jar``); Quix an interpreter with ``quixstreams``. The broker is
that of ``make services``, or one named with ``--servers``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

PROGRAMS = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(PROGRAMS))

from brokered import (  # noqa: E402
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
from kafka_bids import Bids  # noqa: E402

PARTITIONS = 4
_QUIX_SHARE = 0.1
_PYFLINK_SHARE = 0.2
#: Guarantee and interval of checkpoints.
LATENCY_CASES = (
    ("at-least-once", 1000),
    ("at-least-once", 100),
    ("exactly-once", 1000),
    ("exactly-once", 100),
)


@dataclass(frozen=True)
class Figures:
    """What a run of a throughput case gave."""

    rate: float
    cpu_us: float
    peak_mb: float
    written: int


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

    def _start(
        self, system: System, shape: str, topics: tuple[str, str], guarantee: str, interval_ms: int
    ) -> Job:
        folder = self._folder / topics[1]
        folder.mkdir()
        arguments = ["kafka", shape, self._servers, *topics, guarantee]
        log = folder / "log.txt"
        return Job(system, [*arguments, str(interval_ms), str(folder)], log)

    def load(self, records: int) -> str:
        """A topic with bids."""
        topic = self._topics.create(self._name("bids"), PARTITIONS)
        bids = Bids(self._arguments.keys)
        load(self._servers, topic, records, lambda number: bids.make(number, 10**15 + number))
        return topic

    def throughput(
        self, system: System, shape: str, source: str, records: int, guarantee: str
    ) -> Figures:
        """One run of a case."""
        target = self._topics.create(self._name("counts"), PARTITIONS)
        job = self._start(system, shape, (source, target), guarantee, 1000)
        try:
            # How many changes there are is the system's choice.
            expected = records if shape == "running" else self._arguments.keys // 2
            is_whole = wait_until_written(
                self._topics, target, expected, job, self._arguments.timeout
            )
        finally:
            usage = job.end()
        written = sorted((each.timestamp()[1], each.value()) for each in self._topics.read(target))
        self._topics.delete(target)
        if not is_whole or len(written) < expected:
            raise RuntimeError(f"{len(written):,} of {records:,} records within the time")
        if guarantee == "exactly-once" and shape == "running" and len(written) != records:
            raise RuntimeError(f"{len(written):,} results of {records:,} records")
        tenth = len(written) // 10
        seconds = (written[-1][0] - written[tenth][0]) / 1000
        rate = (records - counted(value for _, value in written[:tenth])) / max(seconds, 0.001)
        return Figures(rate, usage.cpu_seconds / records * 1e6, usage.peak_mb, len(written))

    def latency(self, system: System, guarantee: str, interval_ms: int) -> dict[str, float]:
        """One run of a case."""
        source = self._topics.create(self._name("bids"), PARTITIONS)
        target = self._topics.create(self._name("counts"), PARTITIONS)
        job = self._start(system, "running", (source, target), guarantee, interval_ms)
        try:
            wanted = (self._arguments.rate, self._arguments.seconds, self._arguments.keys)
            return measure_latency("bids", self._servers, source, target, job, wanted)
        finally:
            job.end()
            self._topics.delete(source)
            self._topics.delete(target)


def counted(results: Iterable[bytes]) -> int:
    """How many bids some results have counted: the highest count of each auction."""
    counts: dict[int, int] = {}
    for result in results:
        row = orjson.loads(result)
        counts[row["auction"]] = max(counts.get(row["auction"], 0), row["bids"])
    return sum(counts.values())


def make_systems(arguments: argparse.Namespace) -> list[System]:
    """The systems to compare."""
    systems = []
    if not arguments.no_flott:
        systems.append(System("Flott SQL", (sys.executable, "kafka_sql.py"), {}))
        systems.append(System("Flott DataStream", (sys.executable, "kafka_stream.py"), {}, 0.5))
    if arguments.flink and arguments.jar:
        variables = {"FLINK_JAR": str(Path(arguments.jar).resolve())}
        systems.append(System("Flink 2.3 SQL", (arguments.flink, "kafka_sql.py"), variables))
        program = (arguments.flink, "kafka_pyflink.py")
        systems.append(System("PyFlink DataStream", program, variables, _PYFLINK_SHARE))
    if arguments.quix:
        systems.append(System("Quix Streams", (arguments.quix, "kafka_quix.py"), {}, _QUIX_SHARE))
    return systems


def compare_throughput(
    benchmark: Benchmark, systems: list[System], arguments: argparse.Namespace
) -> list[dict[str, object]]:
    """Run the throughput cases and print a table of each."""
    shares = {system.share for system in systems}
    sources = {share: benchmark.load(int(arguments.records * share)) for share in shares}
    found = []
    for shape in arguments.shapes.split(","):
        for guarantee in arguments.guarantees.split(","):
            print(f"\n{shape}, {guarantee}, checkpoints every second")
            print_row(["system", "records/s", "Flott SQL is", "us cpu/rec", "peak MB", "written"])
            able = [each for each in systems if shape == "running" or each.name.endswith("SQL")]
            runs: dict[str, list[Figures]] = {system.name: [] for system in able}
            for _ in range(arguments.rounds):
                for system in able:
                    records = int(arguments.records * system.share)
                    source = sources[system.share]
                    try:
                        figures = benchmark.throughput(system, shape, source, records, guarantee)
                    except RuntimeError as error:
                        print(f"{system.name}: {error}", file=sys.stderr)
                        continue
                    runs[system.name].append(figures)
            for row in print_throughput(runs):
                found.append({"shape": shape, "guarantee": guarantee, **row})
    return found


def print_throughput(runs: dict[str, list[Figures]]) -> Iterator[dict[str, object]]:
    """Print the medians of a case."""
    medians = {
        name: Figures(
            *(statistics.median(values) for values in zip(*(asdict(run).values() for run in each)))
        )
        for name, each in runs.items()
        if each
    }
    ours = medians.get("Flott SQL")
    for name, figures in medians.items():
        ratio = f"{ours.rate / figures.rate:.1f}x" if ours and ours is not figures else ""
        cells = [f"{figures.rate:,.0f}", ratio, f"{figures.cpu_us:.2f}"]
        print_row([name, *cells, f"{figures.peak_mb:,.0f}", f"{figures.written:,.0f}"])
        yield {"system": name, **asdict(figures), "rounds": [run.rate for run in runs[name]]}


def compare_latency(
    benchmark: Benchmark, systems: list[System], arguments: argparse.Namespace
) -> list[dict[str, object]]:
    """Run the latency cases and print a table of each."""
    found: list[dict[str, object]] = []
    if systems:  # not shown: a broker is slow until it has seen many small requests
        with suppress(RuntimeError):
            benchmark.latency(systems[0], *LATENCY_CASES[0])
    for guarantee, interval_ms in LATENCY_CASES:
        if guarantee not in arguments.guarantees:
            continue
        print(f"\nlatency at {arguments.rate:,}/s, {guarantee}, checkpoints every {interval_ms} ms")
        print_row(["system", "p50 ms", "p99 ms", "p99.9 ms", "records"])
        for system in (each for each in systems if each.share > _PYFLINK_SHARE):
            quick = System(system.name, system.command, {**system.variables, "FLINK_QUICK": "1"})
            runs = []
            for _ in range(arguments.rounds):
                try:
                    runs.append(benchmark.latency(quick, guarantee, interval_ms))
                except RuntimeError as error:
                    print(f"{system.name}: {error}", file=sys.stderr)
            runs = [run for run in runs if "p99" in run]
            if not runs:
                continue
            names = ("p50", "p99", "p99.9", "records")
            middle = {name: statistics.median(run[name] for run in runs) for name in names}
            cells = [f"{middle[name]:,.1f}" for name in names[:3]]
            share = middle["records"] / (arguments.rate * arguments.seconds)
            print_row([system.name, *cells, f"{share:.0%}"])
            case = {"guarantee": guarantee, "interval_ms": interval_ms, "system": system.name}
            found.append({**case, **middle, "rounds": runs})
    return found


def parse_arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--servers", help="a broker that runs; without, one is started")
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--keys", type=int, default=10_000, help="number of auctions")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default="throughput,latency")
    parser.add_argument("--shapes", default="running,groups")
    parser.add_argument("--guarantees", default="at-least-once,exactly-once")
    parser.add_argument("--rate", type=int, default=50_000, help="of latency cases, a second")
    parser.add_argument("--seconds", type=float, default=20, help="of latency cases")
    parser.add_argument("--flink", help="interpreter with apache-flink installed")
    parser.add_argument("--jar", help="Flink's Kafka connector")
    parser.add_argument("--quix", help="interpreter with quixstreams installed")
    parser.add_argument("--only", default="", help="systems whose names have this in them")
    parser.add_argument("--no-flott", action="store_true", help="peers only")
    parser.add_argument("--timeout", type=int, default=300, help="seconds of a run at most")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    arguments = parse_arguments()
    systems = [each for each in make_systems(arguments) if arguments.only in each.name]
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name, broker(arguments.servers, Path(name)) as servers:
        benchmark = Benchmark(arguments, servers, Path(name))
        if "throughput" in arguments.cases:
            found["throughput"] = compare_throughput(benchmark, systems, arguments)
        if "latency" in arguments.cases:
            found["latency"] = compare_latency(benchmark, systems, arguments)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
