"""Airline operations: a streaming job on a year of real departures, run twice.

The second time one of its two worker processes is killed half way. The job goes on from its last
checkpoint, and what it has written is the same, row by row.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

from data import write_feed
from job import build_job, make_environment
from outcome import find_differences, longest_silences, read_results, summarise_carriers
from rich.console import Console
from terminal import LiveLine, carrier_table, date_of, section, silence_table, year_part

OUT = Path("out") / "airline_operations"
LOOK_EVERY_S = 0.05


def main() -> None:
    console = Console(highlight=False)
    shutil.rmtree(OUT, ignore_errors=True)
    feed = OUT / "feed.parquet"
    with section(console, "A year of departures"):
        count = write_feed(feed)
        console.print(f"  {count:,} departures, replayed in the order in which they left")
    with section(console, "Run 1: nothing goes wrong"):
        run(console, feed, OUT / "run1", kill_at=None)
    with section(console, "Run 2: a worker is killed half way"):
        run(console, feed, OUT / "run2", kill_at=0.5)
    compare(console)


def run(console: Console, feed: Path, folder: Path, kill_at: float | None) -> None:
    """Run the job to its end; kill one of its workers when this part of the year is done."""
    env = make_environment(folder)
    build_job(env, feed, folder)
    started_s = time.monotonic()
    client = env.execute_async("airline operations")
    result = client.get_job_execution_result()
    with LiveLine(console, folder.name) as line:
        restored = None
        while not result.done():
            progress = client.get_progress()
            line.show(progress)
            if kill_at is not None and year_part(progress) >= kill_at:
                kill_at = None
                victim = progress.worker_pids[1]
                os.kill(victim, signal.SIGKILL)
                line.say(
                    f"killed worker 1 (process {victim}) at {date_of(progress.watermark_ms or 0)}"
                )
            if progress.restored_checkpoint_id != restored:
                restored = progress.restored_checkpoint_id
                new = progress.worker_pids[1]
                line.say(f"restarted from checkpoint {restored}, worker 1 is process {new}")
            time.sleep(LOOK_EVERY_S)
    result.result()
    seconds = time.monotonic() - started_s
    last = client.get_progress().checkpoint_id
    console.print(f"  finished in {seconds:.1f} s with checkpoint {last}")


def compare(console: Console) -> None:
    """Show the results of the first run and that the second has the same."""
    results, others = read_results(OUT / "run1"), read_results(OUT / "run2")
    console.print(carrier_table(summarise_carriers(results["carriers"], results["late"])))
    console.print(silence_table(longest_silences(results["alerts"], 5)))
    for name, table in results.items():
        console.print(f"  {name:9}{table.height:7,} rows   {OUT / 'run1' / name}")
    differences = find_differences(results, others)
    if differences:
        raise SystemExit(f"The two runs differ in: {', '.join(differences)}")
    rows = sum(table.height for table in results.values())
    console.print(f"\n[bold green]Both runs gave the same results: {rows:,} rows are equal.[/]")


if __name__ == "__main__":
    main()
