"""The connector of examples/connector passes its own tests, which the page on connectors shows."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "examples" / "connector"


def test_connector_of_the_page_passes_its_tests(tmp_path: Path) -> None:
    flags = ["-q", "-p", "no:cacheprovider", f"--rootdir={FOLDER}", "-c", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", *flags, str(FOLDER / "test_flott_sqlite.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "2 passed" in done.stdout
