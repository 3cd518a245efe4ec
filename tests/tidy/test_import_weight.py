"""What importing Flott loads, so that a program starts at once."""

import subprocess
import sys

import pytest

from tests.tidy.facts import ROOT

HEAVY = {"IPython", "numpy", "pandas", "polars", "pyarrow", "ray", "rich", "sqlglot", "typer"}

LIGHT_PACKAGES = [
    f"flott.{path.parent.name}"
    for path in sorted((ROOT / "src/flott").glob("*/__init__.py"))
    if path.parent.name not in ("cli", "sql", "table", "web")
]


@pytest.mark.parametrize("package", ["flott", *LIGHT_PACKAGES])
def test_package_loads_no_heavy_library(package: str) -> None:
    program = f"import sys, {package}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert HEAVY.isdisjoint(done.stdout.split())
