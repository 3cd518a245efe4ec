"""A type checker says nothing about right uses, and shows wrong ones where they are made."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ERROR = re.compile(r"^.*?([a-z_]+)\.py:(\d+): error: (.*?)  \[([a-z-]+)\]$", re.MULTILINE)
EXPECTED = re.compile(r"# error: ([a-z, -]+)$")

Errors = set[tuple[int, str]]


@pytest.fixture(scope="module")
def report() -> str:
    files = [str(HERE / "right_uses.py"), str(HERE / "wrong_uses.py")]
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def found(report: str, name: str) -> Errors:
    return {(int(line), code) for file, line, _, code in ERROR.findall(report) if file == name}


def expected(name: str) -> Errors:
    lines = (HERE / f"{name}.py").read_text().splitlines()
    return {
        (number, code)
        for number, line in enumerate(lines, 1)
        if (match := EXPECTED.search(line))
        for code in match[1].split(", ")
    }


def test_right_uses_give_no_error(report: str) -> None:
    assert found(report, "right_uses") == set(), report


def test_wrong_uses_give_the_errors_that_stand_beside_them(report: str) -> None:
    assert found(report, "wrong_uses") == expected("wrong_uses"), report
