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
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import orjson

PROGRAMS = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(PROGRAMS))

from brokered import System, broker, load, wait_until_written  # noqa: E402
from comparing import (  # noqa: E402
    PARTITIONS,
    Benchmark,
    Figures,
    add_arguments,
    compare_latency,
    in_turns,
    print_throughput,
)
from kafka_bids import Bids  # noqa: E402

_QUIX_SHARE = 0.1
_PYFLINK_SHARE = 0.2
#: Guarantee and interval of checkpoints.
LATENCY_CASES = (
    ("at-least-once", 1000),
    ("at-least-once", 100),
    ("exactly-once", 1000),
    ("exactly-once", 100),
)


class BidsBenchmark(Benchmark):
    """One run of it all."""

    case = "kafka"
    load_kind = "bids"
    target_partitions = PARTITIONS

    def load(self, records: int) -> str:
        """A topic with bids."""
        topic = self.create_topic("bids")
        bids = Bids(self.arguments.keys)
        load(self.servers, topic, records, lambda number: bids.make(number, 10**15 + number))
        return topic

    def throughput(
        self, system: System, shape: str, source: str, records: int, guarantee: str
    ) -> Figures:
        """One run of a case."""
        topics, target = self.topics, self.create_target()
        job = self.start(system, shape, (source, target), guarantee, 1000)
        try:
            # How many changes there are is the system's choice.
            expected = records if shape == "running" else self.arguments.keys // 2
            timeout = self.arguments.timeout
            is_whole = wait_until_written(topics, target, expected, job, timeout)
        finally:
            usage = job.end()
        written = sorted((each.timestamp()[1], each.value()) for each in topics.read(target))
        topics.delete(target)
        if not is_whole or len(written) < expected:
            raise RuntimeError(f"{len(written):,} of {records:,} records within the time")
        if guarantee == "exactly-once" and shape == "running" and len(written) != records:
            raise RuntimeError(f"{len(written):,} results of {records:,} records")
        tenth = len(written) // 10
        seconds = (written[-1][0] - written[tenth][0]) / 1000
        rate = (records - counted(value for _, value in written[:tenth])) / max(seconds, 0.001)
        return Figures(rate, usage.cpu_seconds / records * 1e6, usage.peak_mb, len(written))


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
    benchmark: BidsBenchmark, systems: list[System], arguments: argparse.Namespace
) -> list[dict[str, object]]:
    """Run the throughput cases and print a table of each."""
    shares = {system.share for system in systems}
    sources = {share: benchmark.load(int(arguments.records * share)) for share in shares}
    found = []
    for shape in arguments.shapes.split(","):
        able = {each.name: each for each in systems if shape == "running" or "SQL" in each.name}
        for guarantee in arguments.guarantees.split(","):

            def run(name: str, case: tuple[str, str] = (shape, guarantee)) -> Figures:
                system = able[name]  # noqa: B023 (called before it changes)
                records = int(arguments.records * system.share)
                source = sources[system.share]
                return benchmark.throughput(system, case[0], source, records, case[1])

            runs = in_turns(list(able), arguments.rounds, run)
            title = f"{shape}, {guarantee}, checkpoints every second"
            for row in print_throughput(title, "record", runs):
                found.append({"shape": shape, "guarantee": guarantee, **row})
    return found


def parse_arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--keys", type=int, default=10_000, help="number of auctions")
    parser.add_argument("--cases", default="throughput,latency")
    parser.add_argument("--shapes", default="running,groups")
    parser.add_argument("--guarantees", default="at-least-once,exactly-once")
    parser.add_argument("--seconds", type=float, default=20, help="of latency cases")
    parser.add_argument("--quix", help="interpreter with quixstreams installed")
    parser.add_argument("--timeout", type=int, default=300, help="seconds of a run at most")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    arguments = parse_arguments()
    systems = [each for each in make_systems(arguments) if arguments.only in each.name]
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name, broker(arguments.servers, Path(name)) as servers:
        benchmark = BidsBenchmark(arguments, servers, Path(name))
        if "throughput" in arguments.cases:
            found["throughput"] = compare_throughput(benchmark, systems, arguments)
        if "latency" in arguments.cases:
            able = [each for each in systems if each.share > _PYFLINK_SHARE]
            cases = [each for each in LATENCY_CASES if each[0] in arguments.guarantees]
            found["latency"] = list(compare_latency(benchmark, able, "running", cases))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
