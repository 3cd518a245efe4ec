"""Every program of examples/ runs, in a process and a folder of its own, and prints what it should.

An example is `examples/<name>/main.py`. Beside it may lie `expected_output.txt`, which its standard
output must then equal.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.fixtures import need

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted((ROOT / "examples").glob("*/main.py"))
#: What programs need besides Python.
SERVICES = {"kafka": "kafka"}


@pytest.mark.example
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.parent.name)
def test_example_runs(program: Path, tmp_path: Path) -> None:
    if program.parent.name in SERVICES:
        need(SERVICES[program.parent.name])
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        [sys.executable, program],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    expected = program.parent / "expected_output.txt"
    if expected.exists():
        assert done.stdout == expected.read_text()
