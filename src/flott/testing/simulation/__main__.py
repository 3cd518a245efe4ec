"""``python -m flott.testing.simulation``: run many seeds, or show one run."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from flott.testing.simulation.report import (
    Summary,
    render_failures,
    render_faults,
    render_figures,
    render_page,
)
from flott.testing.simulation.run import run_seed


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the result is 0 if all is well."""
    parser = argparse.ArgumentParser(prog="python -m flott.testing.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", type=int, metavar="SEED", help="show the events of one run")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report as a page")
    chosen = parser.parse_args(arguments)
    if chosen.replay is not None:
        return _replay(chosen.replay)
    return _run_many(chosen.first, chosen.seeds, chosen.write)


def _replay(seed: int) -> int:
    result = run_seed(seed, keep_log=True)
    sys.stdout.write("\n".join(result.log) + "\n")
    sys.stdout.write(
        f"seed {seed}: {result.workload} at parallelism {result.parallelisms}, "
        f"log {result.log_hash}\n"
    )
    for violation in result.violations:
        sys.stdout.write(f"VIOLATION {violation}\n")
    return 1 if result.violations else 0


def _run_many(first: int, count: int, page: Path | None) -> int:
    summary = Summary(first)
    started_s = time.process_time()
    for seed in range(first, first + count):
        result = run_seed(seed)
        summary.add(result)
        if result.violations:
            sys.stderr.write(f"seed {seed}: {result.violations[0]}\n")
    summary.cpu_s = time.process_time() - started_s
    if page is not None:
        page.write_text(render_page(summary), encoding="utf-8")
    lines = [*render_figures(summary), "", *render_faults(summary), "", *render_failures(summary)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if summary.failed else 0


if __name__ == "__main__":
    sys.exit(main())
