"""PyFlink's own DataStream examples run unchanged."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(str(path.relative_to(PROGRAMS)) for path in PROGRAMS.rglob("*.py"))


def run_program(name: str, *arguments: str) -> list[str]:
    """The lines a program prints, without those about its own arguments."""
    command = [sys.executable, "-m", "flott", "run", "--pyflink", str(PROGRAMS / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    about = ("Printing result", "Use --", "Executing word")
    return [line for line in done.stdout.splitlines() if not line.startswith(about)]


@pytest.mark.parametrize("name", NAMES)
def test_program_prints_what_it_should(name: str) -> None:
    expected = (PROGRAMS / name).with_suffix(".txt").read_text().splitlines()
    found = run_program(name)
    if name == "word_count.py":  # BATCH mode promises no order among keys
        found, expected = sorted(found), sorted(expected)
    assert found == expected


def test_word_count_writes_files(tmp_path: Path) -> None:
    assert run_program("word_count.py", "--output", str(tmp_path)) == []
    written = [line for path in tmp_path.rglob("*.ext") for line in path.read_text().splitlines()]
    expected = (PROGRAMS / "word_count.txt").read_text().splitlines()
    assert sorted(written) == sorted(expected)


def test_word_count_reads_files(tmp_path: Path) -> None:
    text = tmp_path / "input.txt"
    text.write_text("to be\nor not to be\n")
    counts = sorted(run_program("word_count.py", "--input", str(text)))
    assert counts == ["(be,2)", "(not,1)", "(or,1)", "(to,2)"]
