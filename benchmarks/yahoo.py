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
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(PROGRAMS))

from brokered import JOB_CORE, System, broker, load, wait_until_written  # noqa: E402
from comparing import (  # noqa: E402
    PARTITIONS,
    Benchmark,
    Figures,
    add_arguments,
    compare_latency,
    in_turns,
    print_throughput,
)
from yahoo_events import CAMPAIGNS, WINDOW_MS, Ads, moment_of, write_campaigns  # noqa: E402

#: So many windows have events of a throughput case.
WINDOWS = 100
START_MS = 1_700_000_000_000
LATENCY_CASES = (("at-least-once", 1000), ("exactly-once", 100))


class AdsBenchmark(Benchmark):
    """One run of it all."""

    case = "yahoo"
    load_kind = "ads"
    target_partitions = 1

    def prepare(self, folder: Path) -> None:
        write_campaigns(folder)

    @property
    def _per_window(self) -> int:
        return self.arguments.records // WINDOWS

    def load(self) -> str:
        """A topic with events of a hundred windows, each partition in order of time."""
        topic, ads = self.create_topic("ads"), Ads()

        def make(number: int) -> tuple[None, bytes]:
            moment_ms = START_MS + number * WINDOW_MS // self._per_window
            return ads.make(number, moment_ms * 1000)

        load(self.servers, topic, self.arguments.records, make, PARTITIONS)
        return topic

    def throughput(self, system: System, source: str) -> Figures:
        """One run."""
        topics, target = self.topics, self.create_target()
        job = self.start(system, "kafka", (source, target), "exactly-once", 1000)
        try:
            # The last window stays open: nothing follows that would end it.
            expected = CAMPAIGNS * (WINDOWS - 2)
            timeout = self.arguments.timeout
            is_whole = wait_until_written(topics, target, expected, job, timeout)
        finally:
            usage = job.end()
        moments: dict[int, int] = {}
        for message in topics.read(target):
            window = moment_of(message.value())
            moments[window] = max(moments.get(window, 0), message.timestamp()[1])
        topics.delete(target)
        if not is_whole or len(moments) < WINDOWS - 2:
            raise RuntimeError(f"{len(moments)} of {WINDOWS} windows within the time")
        first, last = min(moments), max(moments)
        windows = (last - first) / 1000 / WINDOW_MS
        seconds = (moments[last] - moments[first]) / 1000
        rate = windows * self._per_window / max(seconds, 0.001)
        cpu_us = usage.cpu_seconds / self.arguments.records * 1e6
        return Figures(rate, cpu_us, usage.peak_mb)


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
    benchmark: AdsBenchmark, systems: list[System], rounds: int
) -> Iterator[dict[str, object]]:
    """Run the systems in turns and print a table."""
    source = benchmark.load()
    by_name = {system.name: system for system in systems}
    runs = in_turns(list(by_name), rounds, lambda name: benchmark.throughput(by_name[name], source))
    title = "from Kafka, exactly-once, checkpoints every second"
    yield from print_throughput(title, "event", runs)


def compare_in_memory(arguments: argparse.Namespace, folder: Path) -> Iterator[dict[str, object]]:
    """Run the variant without a broker and print a table."""
    write_campaigns(folder)
    commands: dict[str, tuple[str, str, dict[str, str]]] = {}
    if not arguments.no_flott:
        commands["Flott SQL"] = (sys.executable, "sql", {})
        commands["Flott DataStream"] = (sys.executable, "list", {})
    if arguments.flink:
        commands["Flink 2.3 SQL"] = (arguments.flink, "sql", {"FLINK": "1"})

    def run(name: str) -> Figures:
        interpreter, variant, variables = commands[name]
        records = arguments.records // (10 if variant == "list" else 1)
        done = subprocess.run(
            [interpreter, "yahoo_memory.py", variant, str(records), str(folder)],
            cwd=PROGRAMS,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=arguments.timeout,
            preexec_fn=lambda: os.sched_setaffinity(0, {JOB_CORE}),
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout.splitlines()[-1])
        cpu_us = found["cpu_seconds"] / found["records"] * 1e6
        return Figures(found["records"] / found["seconds"], cpu_us, found["peak_mb"])

    able = [each for each in commands if arguments.only in each]
    yield from print_throughput("in memory", "event", in_turns(able, arguments.rounds, run))


def parse_arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--cases", default="throughput,latency,memory")
    parser.add_argument("--seconds", type=float, default=60, help="of latency cases")
    parser.add_argument("--timeout", type=int, default=600, help="seconds of a run at most")
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
                benchmark = AdsBenchmark(arguments, servers, folder)
                if "throughput" in arguments.cases:
                    rounds = arguments.rounds
                    found["throughput"] = list(compare_throughput(benchmark, systems, rounds))
                if "latency" in arguments.cases:
                    cases = LATENCY_CASES
                    found["latency"] = list(compare_latency(benchmark, systems, "kafka", cases))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
