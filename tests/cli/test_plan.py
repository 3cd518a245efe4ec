"""`flott plan`: what a program would do, without doing it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flott.cli.main import app
from flott.deploy.job_hooks import HOOKS

PROGRAM = """
import sys
from flott.datastream import StreamExecutionEnvironment

def shout(word: str) -> str:
    raise AssertionError("planned, not run")

env = StreamExecutionEnvironment.get_execution_environment()
words = env.from_collection(["to", "be"]).map(shout).name("shout")
words.key_by(len).reduce(max).name("{name}").print()
env.execute("first")
print("rows", list(env.from_collection([1]).execute_and_collect("second")))
client = env.from_collection([1]).print() and env.execute_async("third")
print("status", client.get_job_status().result().name, sys.argv[1:])
"""


def flott(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments])


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "job.py"
    path.write_text(PROGRAM.format(name="longest"))
    return str(path)


def test_every_job_is_shown_and_none_is_run(program: str) -> None:
    result = flott("plan", program, "--mine")
    assert result.exit_code == 0, result.output
    assert [line for line in result.output.splitlines() if line.startswith("Job ")] == [
        f"Job '{name}': STREAMING mode, parallelism 1" for name in ("first", "second", "third")
    ]
    assert "rows []" in result.output
    assert "status FINISHED ['--mine']" in result.output


def test_operators_have_types_and_lines(program: str) -> None:
    line = next(x for x in flott("plan", program).output.splitlines() if "shout" in x)
    assert "String (" in line
    assert "job.py:9" in line


def test_a_plan_can_be_a_picture(program: str) -> None:
    assert "flowchart LR" in flott("plan", "--format", "mermaid", program).output


def test_a_plan_can_be_read_by_machines(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(
        "from flott.datastream import StreamExecutionEnvironment as E\n"
        "env = E.get_execution_environment()\n"
        "env.from_collection([1]).print()\n"
        "env.execute()\n"
    )
    nodes = json.loads(flott("plan", "--format", "json", "-p", "2", str(path)).output)["nodes"]
    assert [node["parallelism"] for node in nodes] == [1, 2]


def test_an_unknown_format_is_refused(program: str) -> None:
    assert flott("plan", "--format", "svg", program).exit_code == 2


def test_a_program_without_jobs_says_so(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text("x = 1\n")
    result = flott("plan", str(path))
    assert result.exit_code == 1
    assert "starts no job" in result.output


def test_jobs_run_again_afterwards(program: str) -> None:
    flott("plan", program)
    assert HOOKS.plan_reader is None


def test_two_programs_are_compared(program: str, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(PROGRAM.format(name="longest").replace("key_by(len)", "key_by(hash)"))
    result = flott("plan", "diff", program, str(other))
    assert result.exit_code == 0, result.output
    assert "keep     shout" in result.output
    assert "longest" in result.output


def test_a_comparison_needs_two_programs(program: str) -> None:
    assert flott("plan", "diff", program).exit_code == 2
