"""The programs in the pages print what the pages say: a `python` block, then a `text` block."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = re.compile(r"```python\n(?!>>> )((?:(?!```).)*?)```\s*```text\n(.*?)```", re.DOTALL)

PROGRAMS = [
    pytest.param(program, expected, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.rglob("*.md"))
    for number, (program, expected) in enumerate(PROGRAM.findall(page.read_text()))
]


@pytest.mark.parametrize(("program", "expected"), PROGRAMS)
def test_program_of_page_prints_what_the_page_says(
    program: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected


def test_there_are_programs() -> None:
    assert PROGRAMS
