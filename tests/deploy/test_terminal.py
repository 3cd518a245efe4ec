"""What a program shows in a terminal, and that it shows nothing where there is none."""

import sys
from pathlib import Path

from tests.deploy.programs import run_in_terminal, run_program

FLOTT = [sys.executable, "-m", "flott"]

SLOW = """
import time
from flott.datastream import StreamExecutionEnvironment

started = []

# A second of work, so that there is something to show.
def work(value):
    if not started:
        started.append(time.monotonic())
    while time.monotonic() - started[0] < 1.2:
        pass
    return value

env = StreamExecutionEnvironment.get_execution_environment()
env.from_sequence(1, 70_000).map(work).filter(lambda value: value == 7).print()
env.execute("slow")
"""


def test_a_job_that_takes_a_while_shows_a_line_and_sums_up(tmp_path: Path) -> None:
    shown = run_in_terminal(tmp_path, SLOW)
    assert "/s in · " in shown
    assert shown.endswith("/s)\n")
    assert "slow finished: 70,000 records in, 1 out in " in shown


def test_verbose_shows_a_table(tmp_path: Path) -> None:
    shown = run_in_terminal(tmp_path, SLOW, *FLOTT, "run", "--verbose")
    assert "operator" in shown
    assert "Map -> Filter" in shown


def test_quiet_shows_nothing(tmp_path: Path) -> None:
    assert run_in_terminal(tmp_path, SLOW, *FLOTT, "run", "--quiet") == "7\n"


def test_without_a_terminal_nothing_is_shown(tmp_path: Path) -> None:
    done = run_program(tmp_path, SLOW)
    assert (done.stdout, done.stderr) == ("7\n", "")


def test_lines_of_workers_come_through_the_status_line(tmp_path: Path) -> None:
    program = SLOW.replace("env.from", "env.set_parallelism(2); env.from")
    shown = run_in_terminal(tmp_path, program)
    assert "> 7\n" in shown
    assert "slow finished: 70,000 records in, 1 out in " in shown
