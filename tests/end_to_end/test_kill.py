"""Real processes die, and nothing is lost or doubled."""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from flott.common.errors import JobExecutionError
from flott.common.job_client import JobClient
from flott.datastream import MapFunction
from tests.end_to_end.counting_program import build, check
from tests.end_to_end.every_state import numbers
from tests.end_to_end.support import (
    LIMIT_S,
    children_of,
    environment,
    is_running,
    lines_of,
    result,
    start_program,
    wait_until,
    write_lines,
)

PROGRAM = Path(__file__).parent / "counting_program.py"
NUMBERS = 100_000


def start(tmp_path: Path, parallelism: int, target: str, **options: Any) -> JobClient:
    env = environment(
        parallelism,
        target,
        execution__checkpointing__interval="50 ms",
        **{"restart_strategy__type": "fixed-delay", **options},
        restart_strategy__fixed_delay__attempts=10,
        restart_strategy__fixed_delay__delay="10 ms",
    )
    build(env, str(tmp_path / "out"), NUMBERS, str(tmp_path / "gate"))
    client: JobClient = env.execute_async("counting")
    return client


def progress(client: JobClient) -> Any:
    assert not client.get_job_execution_result().done()
    return client.get_progress()  # type: ignore[attr-defined]


def wait_for_checkpoint(client: JobClient, number: int) -> None:
    wait_until(lambda: (progress(client).checkpoint_id or 0) >= number, f"checkpoint {number}")


@pytest.mark.parametrize("parallelism", [1, 2])
def test_killed_workers_lose_and_double_nothing(tmp_path: Path, parallelism: int) -> None:
    client = start(tmp_path, parallelism, "processes")
    wait_for_checkpoint(client, 2)
    for kill in range(1, 3):
        victim = progress(client).worker_pids[-1]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda kill=kill: progress(client).restarts >= kill, f"restart {kill}")
        wait_for_checkpoint(client, (progress(client).checkpoint_id or 0) + 1)
    (tmp_path / "gate").touch()
    result(client)
    check(lines_of(tmp_path / "out"), NUMBERS)
    assert children_of(os.getpid()) == []


def test_worker_that_hangs_for_a_while_loses_nothing(tmp_path: Path) -> None:
    client = start(tmp_path, 2, "processes")
    wait_for_checkpoint(client, 2)
    victim = progress(client).worker_pids[0]
    os.kill(victim, signal.SIGSTOP)
    (tmp_path / "gate").touch()
    os.kill(progress(client).worker_pids[1], signal.SIGKILL)
    wait_until(lambda: len(progress(client).worker_pids) == 2, "the other worker is back")
    os.kill(victim, signal.SIGCONT)
    result(client)
    check(lines_of(tmp_path / "out"), NUMBERS)


class Severs(MapFunction):
    """On one record of the first attempt, breaks every connection between workers; nothing is
    sent after that."""

    def open(self, ctx: Any) -> None:
        self.is_first = ctx.get_attempt_number() == 0

    def map(self, value: int) -> int:
        if value == LAST and self.is_first:
            for name in os.listdir("/proc/self/fd"):
                with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as sock:
                    if "worker-" in str(sock.getpeername()) + str(sock.getsockname()):
                        sock.shutdown(socket.SHUT_RDWR)
        return value


LAST = 99


def test_connection_that_breaks_after_its_last_element_is_noticed(tmp_path: Path) -> None:
    env = environment(
        2,
        "processes",
        restart_strategy__type="fixed-delay",
        restart_strategy__fixed_delay__delay="0 ms",
    )
    write_lines(tmp_path / "in" / "numbers", range(LAST + 1))
    values = numbers(env, tmp_path / "in", "numbers")
    values.key_by(lambda n: n).map(Severs()).key_by(lambda n: n).map(str).print()
    client = env.execute_async()
    wait_until(lambda: progress(client).restarts == 1, "the restart")
    client.cancel().result(LIMIT_S)


def test_all_workers_may_die_at_once(tmp_path: Path) -> None:
    client = start(tmp_path, 2, "processes")
    wait_for_checkpoint(client, 2)
    for victim in progress(client).worker_pids:
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: progress(client).restarts >= 1, "a restart")
    (tmp_path / "gate").touch()
    result(client)
    check(lines_of(tmp_path / "out"), NUMBERS)


def test_without_a_restart_strategy_a_lost_worker_is_told(tmp_path: Path) -> None:
    client = start(tmp_path, 2, "processes", restart_strategy__type="none")
    wait_for_checkpoint(client, 1)
    os.kill(progress(client).worker_pids[0], signal.SIGKILL)
    with pytest.raises(JobExecutionError, match=r"worker 0 was lost.*exit code -9"):
        result(client)
    assert children_of(os.getpid()) == []


def test_cancelled_job_leaves_no_process(tmp_path: Path) -> None:
    client = start(tmp_path, 2, "processes")
    wait_for_checkpoint(client, 1)
    pids = progress(client).worker_pids
    assert len(pids) == 2
    client.cancel().result(LIMIT_S)
    wait_until(lambda: not any(map(is_running, pids)), "the workers have ended")


def started(tmp_path: Path, *flags: str, option: str = "") -> Any:
    common = (
        "-Dexecution.checkpointing.interval=50ms",
        f"-Dexecution.checkpointing.dir={tmp_path / 'checkpoints'}",
        "-Dexecution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION",
    )
    return start_program(
        PROGRAM,
        str(tmp_path / "out"),
        str(NUMBERS),
        str(tmp_path / "gate"),
        flags=(*common, *flags),
    )


def manifests(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "checkpoints"
    return sorted(folder.glob("*/chk-*/manifest")) if folder.exists() else []


def wait_for_manifest(tmp_path: Path, number: int) -> None:
    def is_there() -> bool:
        return any(int(path.parent.name.split("-")[1]) >= number for path in manifests(tmp_path))

    wait_until(is_there, f"checkpoint {number}")


@pytest.mark.parametrize("flags", [(), ("-t", "processes", "-p", "2")])
def test_interrupt_ends_cleanly_and_leaves_no_process(tmp_path: Path, flags: Any) -> None:
    process = started(tmp_path, *flags)
    wait_for_manifest(tmp_path, 2)
    children = children_of(process.pid)
    assert len(children) == (2 if flags else 0)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not any(map(is_running, children))


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("2", "1")])
def test_job_whose_coordinator_was_killed_goes_on_elsewhere(
    tmp_path: Path, before: str, after: str
) -> None:
    process = started(tmp_path, "-t", "processes", "-p", before)
    wait_for_manifest(tmp_path, 3)
    children = children_of(process.pid)
    process.kill()
    process.communicate(timeout=LIMIT_S)
    wait_until(lambda: not any(map(is_running, children)), "the workers have ended")
    (tmp_path / "gate").touch()
    former = manifests(tmp_path)[-1].parents[1]
    process = started(tmp_path, "-p", after, "-s", str(former))
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, errors
    check(lines_of(tmp_path / "out"), NUMBERS)


def damage(path: Path) -> None:
    """Flip a bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("part", ["manifest", "state"])
def test_damaged_checkpoint_is_skipped_for_the_one_before(tmp_path: Path, part: str) -> None:
    process = started(
        tmp_path,
        "-Dexecution.checkpointing.num-retained=3",
        "-Dexecution.checkpointing.data-inline-threshold=0b",
    )
    wait_for_manifest(tmp_path, 4)
    process.kill()
    process.communicate(timeout=LIMIT_S)
    (tmp_path / "gate").touch()
    newest = max(manifests(tmp_path), key=lambda path: int(path.parent.name.split("-")[1]))
    for path in [newest] if part == "manifest" else newest.parent.glob("*.state"):
        damage(path)
    process = started(tmp_path, "-s", str(newest.parents[1]))
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, errors
    check(lines_of(tmp_path / "out"), NUMBERS)


def test_worker_that_cannot_start_ends_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no Python starts with that
    client = start(tmp_path, 2, "processes")
    with pytest.raises(JobExecutionError, match=r"worker . was lost"):
        result(client)
    assert children_of(os.getpid()) == []
