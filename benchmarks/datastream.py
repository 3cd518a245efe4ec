"""The DataStream benchmark: Flott beside Bytewax and PyFlink, one run, alternating.

    python benchmarks/datastream.py [--rounds 3] [--bytewax PYTHON] [--pyflink PYTHON]

Each peer runs in the virtual environment of its own; give the path of its interpreter (PyFlink
also needs Java 17 in PATH). Every case runs ``rounds`` times, systems taking turns, and the median
is reported. Flott takes a checkpoint every second, and so do the peers; all else is as installed.
Throughput is what a program sees from starting the job to its end, for PyFlink without the start
of its cluster; a peer's records are fewer where it is slow.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
HELLO = """
from flott.datastream import StreamExecutionEnvironment
env = StreamExecutionEnvironment.get_execution_environment()
env.from_collection(["hello"]).map(str.upper).print()
env.execute("hello")
"""


@dataclass(frozen=True)
class Runner:
    """A system that runs cases: its interpreter, program, last argument, and records per case."""

    name: str
    python: str
    program: str
    argument: str
    records: dict[str, int]


FLOTT = {"map_filter": 10_000_000, "keyed_count": 3_000_000, "window_count": 3_000_000}
BYTEWAX = {"map_filter": 3_000_000, "keyed_count": 1_000_000, "window_count": 300_000}
PYFLINK = {
    "thread": {"map_filter": 1_000_000, "keyed_count": 300_000, "window_count": 100_000},
    "process": {"map_filter": 1_000_000, "keyed_count": 30_000, "window_count": 30_000},
}


def run_json(command: list[str], timeout_s: int = 300) -> dict[str, float] | None:
    """The JSON that a program prints last; ``None`` if it failed or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        print(f"not within {timeout_s} s: {' '.join(command)}", file=sys.stderr)
        return None
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    result: dict[str, float] = json.loads(lines[-1])
    return result


def throughput(runner: Runner, case: str) -> float | None:
    """Records per second of one run."""
    records = runner.records[case]
    program = str(PROGRAMS / runner.program)
    found = run_json([runner.python, program, case, str(records), runner.argument])
    return None if found is None else found["records"] / found["seconds"]


def compare(runners: list[Runner], rounds: int) -> None:
    """Print throughput per case and system, and the ratio to Flott's."""
    print(f"{'case':<14}{'system':<18}{'records/s':>14}{'Flott is':>12}")
    for case in FLOTT:
        figures: dict[str, list[float]] = {runner.name: [] for runner in runners}
        for _ in range(rounds):
            for runner in runners:
                figure = throughput(runner, case)
                if figure is not None:
                    figures[runner.name].append(figure)
        ours = statistics.median(figures["flott"])
        for name, values in figures.items():
            if values:
                middle = statistics.median(values)
                ratio = "" if name == "flott" else f"{ours / middle:.1f}x"
                print(f"{case:<14}{name:<18}{middle:>14,.0f}{ratio:>12}")


def scaling(rounds: int) -> None:
    """Print how two workers compare with one on a CPU-bound map."""
    program = str(PROGRAMS / "flott_program.py")
    figures: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers in figures:
            found = run_json([sys.executable, program, "cpu_map", "2000000", str(workers)])
            if found is not None:
                figures[workers].append(found["records"] / found["seconds"])
    one, two = (statistics.median(figures[workers]) for workers in (1, 2))
    print(f"cpu-bound map: one worker {one:,.0f}/s, two {two:,.0f}/s, {two / one:.2f}x")


def latency() -> None:
    """Print percentiles at 50,000 records a second."""
    program = str(PROGRAMS / "latency_program.py")
    for workers in (1, 2):
        found = run_json([sys.executable, program, "50000", "10", str(workers)])
        print(f"latency at 50,000/s, {workers} worker(s), ms: {found}")


def hello(rounds: int) -> None:
    """Print the time to the first result of a fresh process, and its memory."""
    seconds, kilobytes = [], []
    for _ in range(max(rounds, 5)):
        started = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", HELLO], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            seconds.append(time.perf_counter() - started)
            process.stdout.read()
            kilobytes.append(os.wait4(process.pid, 0)[2].ru_maxrss)
            process.returncode = 0
    memory = statistics.median(kilobytes) / 1024
    print(f"hello world: {statistics.median(seconds):.2f} s to the first result, {memory:.0f} MB")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bytewax", help="interpreter with bytewax installed")
    parser.add_argument("--pyflink", help="interpreter with apache-flink installed")
    parser.add_argument("--throughput-only", action="store_true")
    arguments = parser.parse_args()
    runners = [Runner("flott", sys.executable, "flott_program.py", "1", FLOTT)]
    if arguments.bytewax:
        runners.append(Runner("bytewax", arguments.bytewax, "bytewax_program.py", "", BYTEWAX))
    if arguments.pyflink:
        for mode, records in PYFLINK.items():
            name = f"pyflink ({mode})"
            runners.append(Runner(name, arguments.pyflink, "pyflink_program.py", mode, records))
    compare(runners, arguments.rounds)
    if arguments.throughput_only:
        return
    scaling(arguments.rounds)
    latency()
    hello(arguments.rounds)


if __name__ == "__main__":
    main()
