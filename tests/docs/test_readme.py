"""The programs in the README print what the README says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
PROGRAMS = re.findall(r"```python\n(.*?)```\s*```text\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.mark.parametrize(("program", "expected"), PROGRAMS, ids=["streams", "sql"])
def test_program_in_readme_prints_what_it_says(program: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected
