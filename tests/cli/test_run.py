"""`flott run`: flags, arguments, and errors as users want to see them."""

import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from flott.cli.options import parse_options
from tests.deploy.programs import run_program

FLOTT = (sys.executable, "-m", "flott", "run")
JOB = """
import sys
from flott.datastream import StreamExecutionEnvironment

def parse(record):
    return check(record["n"])

def check(n):
    return 10 // (n - 3)

env = StreamExecutionEnvironment.get_execution_environment()
records = env.from_collection([{"n": n, "password": "hunter2"} for n in range(5)])
"""
FAILING = JOB + 'records.map(parse).name("Parse").print()\nenv.execute("bad")\n'


def flott_run(folder: Path, text: str, *flags: str) -> CompletedProcess[str]:
    return run_program(folder, text, *FLOTT, *flags)


def test_a_failing_function_is_shown_with_record_and_operator(tmp_path: Path) -> None:
    done = flott_run(tmp_path, FAILING)
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[1].endswith('job.py", line 6, in parse')
    assert "ZeroDivisionError: integer division or modulo by zero" in lines
    assert lines[-2] == f"  in operator: Parse, made at {tmp_path}/job.py:13"
    assert lines[-1] == "  on record: {'n': 3, 'password': ******}"
    assert "/src/flott/" not in done.stderr


def test_without_the_command_line_it_is_as_short(tmp_path: Path) -> None:
    done = run_program(tmp_path, FAILING)
    assert len(done.stderr.splitlines()) <= 25
    assert "/src/flott/" not in done.stderr
    assert "hunter2" not in done.stderr


def test_the_engines_frames_are_there_for_the_asking(tmp_path: Path) -> None:
    done = flott_run(tmp_path, FAILING, "--engine-frames")
    assert "/src/flott/runtime/" in done.stderr


def test_the_record_is_as_long_as_wanted(tmp_path: Path) -> None:
    done = flott_run(tmp_path, FAILING, "-D", "flott.errors.record-length=8")
    assert "on record: {'n':..." in done.stderr


def test_deep_recursion_stays_short(tmp_path: Path) -> None:
    text = JOB + (
        "def odd(n): return even(n)\n"
        "def even(n): return odd(n)\n"
        "records.map(odd).print()\nenv.execute()\n"
    )
    done = flott_run(tmp_path, text)
    assert "RecursionError" in done.stderr
    assert len(done.stderr.splitlines()) <= 25


def test_other_mistakes_name_the_line_of_the_program(tmp_path: Path) -> None:
    done = flott_run(tmp_path, JOB + "env.set_parallelism(0)\n")
    assert done.returncode == 1
    assert done.stderr.startswith("ProgramError: ")
    assert done.stderr.endswith("job.py:13: env.set_parallelism(0)\n")


def test_the_programs_own_errors_look_as_in_python(tmp_path: Path) -> None:
    done = flott_run(tmp_path, "def f():\n    return {}['x']\n\nf()\n")
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{tmp_path}/job.py", line 4, in <module>'
    assert lines[-1] == "KeyError: 'x'"


def test_a_program_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    assert flott_run(tmp_path, "import sys; sys.exit(7)").returncode == 7


def test_a_breakpoint_stops_in_the_function(tmp_path: Path) -> None:
    text = JOB + (
        "def look(record):\n    n = record['n'] * 100\n    breakpoint()\n    return n\n"
        "env.from_collection([{'n': 4}]).map(look).print()\nenv.execute()\n"
    )
    done = run_program(tmp_path, text, given="p n + 5\nc\n")
    assert "(Pdb) 405" in done.stdout
    assert done.stdout.endswith("400\n")


@pytest.mark.parametrize("pair", ["novalue", "=1"])
def test_an_option_needs_key_and_value(pair: str) -> None:
    with pytest.raises(Exception, match="takes key=value"):
        parse_options([pair])
