"""PyFlink programs, run unchanged, print what they printed under Flink 2.3.

``programs/expected.json`` holds the lines that begin with OUT, as real PyFlink printed them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
EXPECTED: dict[str, list[str]] = json.loads((PROGRAMS / "expected.json").read_text())


def run_program(name: str, folder: Path, *flags: str) -> list[str]:
    """The OUT lines of a program."""
    command = [sys.executable, "-m", "flott", "run", "--pyflink", *flags, str(PROGRAMS / name)]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("OUT")]


@pytest.mark.parametrize("name", EXPECTED)
def test_program_prints_what_it_printed_under_flink(name: str, tmp_path: Path) -> None:
    assert run_program(name, tmp_path) == EXPECTED[name]


@pytest.mark.parametrize("name", ["022_partition_custom.py", "024_key_groups.py"])
def test_parallel_program_prints_the_same_when_embedded(name: str, tmp_path: Path) -> None:
    assert run_program(name, tmp_path, "-t", "embedded") == EXPECTED[name]


def test_every_program_is_listed() -> None:
    assert {path.name for path in PROGRAMS.glob("*.py")} == set(EXPECTED)
