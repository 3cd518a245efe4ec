"""What the tests of whole jobs share: environments, waiting with a limit, results of file sinks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flott.common import Configuration, Encoder
from flott.common.job_client import JobClient
from flott.datastream import DataStream, StreamExecutionEnvironment
from flott.datastream.connectors.file_system import FileSink
from tests.services.java import GUARD

ROOT = Path(__file__).parents[2]
#: No step of a test takes longer, on a busy machine either; a job that hangs is noticed by it.
LIMIT_S = 180.0


def environment(parallelism: int = 1, target: str = "embedded", **options: Any) -> Any:
    """An environment; in option names ``__`` stands for ``.`` and ``_`` for ``-``."""
    configuration = Configuration()
    configuration.set_string("execution.target", target)
    for name, value in options.items():
        key = name.replace("__", ".").replace("_", "-")
        configuration.set_string(key, str(value))
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    return env.set_parallelism(parallelism)


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Look again and again until ``condition`` is true; give what it gave."""
    pause = threading.Event()
    for _ in range(int(LIMIT_S / 0.01)):
        result = condition()
        if result:
            return result
        pause.wait(0.01)
    raise TimeoutError(f"not within {LIMIT_S:.0f} s: {what}")


def wait_read(client: JobClient, records: int) -> None:
    """Wait until the sources have read ``records``."""
    progress: Callable[[], Any] = client.get_progress  # type: ignore[attr-defined]

    def has_read() -> bool:
        assert not client.get_job_execution_result().done(), "the job has ended"
        return bool(progress().records_read >= records)

    wait_until(has_read, f"{records} records read")


def result(client: JobClient) -> Any:
    """The job's result, or its error."""
    return client.get_job_execution_result().result(LIMIT_S)


def write_lines(path: Path, lines: Iterable[Any]) -> None:
    """A file that appears at once and whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}")
    hidden.write_text("".join(f"{line}\n" for line in lines))
    hidden.rename(path)


def to_files(stream: DataStream, folder: Path) -> None:
    """Write the records as lines, exactly once."""
    encoder = Encoder.simple_string_encoder()
    stream.map(str).sink_to(FileSink.for_row_format(str(folder), encoder).build())


def lines_of(folder: Path) -> list[str]:
    """The lines of all committed files."""
    return [
        line
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_"))
        for line in path.read_text().splitlines()
    ]


def start_program(path: Path, *arguments: str, flags: Iterable[str] = ()) -> subprocess.Popen[str]:
    """Start ``flott run`` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flott", "run", *flags, str(path), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def children_of(pid: int) -> list[int]:
    """Process ids of the running children, theirs included; services of the tests are left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z" and not is_guard(int(entry.name)):
            found += [int(entry.name), *children_of(int(entry.name))]
    return found


def is_guard(pid: int) -> bool:
    """Whether a process guards a broker or the like, which the whole run shares."""
    try:
        return str(GUARD).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def is_running(pid: int) -> bool:
    """Whether a process exists and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
