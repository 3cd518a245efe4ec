"""State of every kind goes on from savepoints and retained checkpoints, at any parallelism."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flott.common.errors import FlottError, JobExecutionError
from flott.common.job_client import JobClient
from flott.common.job_status import JobStatus
from flott.testing import RecordingSink
from tests.end_to_end.every_state import (
    Remember,
    build,
    expected_told,
    expected_windows,
    numbers,
)
from tests.end_to_end.support import (
    LIMIT_S,
    environment,
    result,
    wait_read,
    wait_until,
    write_lines,
)

FIRST, SECOND = range(100), range(100, 200)


def start(folder: Path, parallelism: int, **options: Any) -> tuple[JobClient, Any]:
    env = environment(
        parallelism,
        execution__checkpointing__interval="20 ms",
        execution__checkpointing__dir=folder / "checkpoints",
        execution__checkpointing__externalized_checkpoint_retention="RETAIN_ON_CANCELLATION",
        execution__checkpointing__savepoint_dir=folder / "savepoints",
        **options,
    )
    outputs = build(env, folder)
    return env.execute_async("every state"), outputs


def stop(client: JobClient) -> str:
    return str(client.stop_with_savepoint(False).result(LIMIT_S))


def trigger_and_cancel(client: JobClient) -> str:
    path = client.trigger_savepoint().result(LIMIT_S)
    client.cancel().result(LIMIT_S)
    return str(path)


def wait_covered(client: JobClient) -> None:
    """Wait until a checkpoint covers all that has been read."""
    taken = client.get_progress().checkpoint_id or 0  # type: ignore[attr-defined]
    wait_until(
        lambda: (client.get_progress().checkpoint_id or 0) > taken + 1,  # type: ignore[attr-defined]
        "two checkpoints more",
    )


def cancel(client: JobClient) -> str:
    """The job's folder of retained checkpoints, with one that covers all that was read."""
    wait_covered(client)
    client.cancel().result(LIMIT_S)
    return str(client.get_job_id())


def first_half(folder: Path, parallelism: int, end: Callable[[JobClient], str]) -> str:
    write_lines(folder / "values" / "first", FIRST)
    write_lines(folder / "limits" / "first", [120])
    client, _ = start(folder, parallelism)
    wait_read(client, len(FIRST) + 1)
    path = end(client)
    assert wait_until(lambda: client.get_job_execution_result().done(), "the end of the job")
    return str(folder / "checkpoints" / path) if end is cancel else path


@pytest.mark.parametrize(
    ("end", "before", "after"),
    [
        (stop, 1, 2),
        (stop, 2, 3),
        (stop, 3, 1),
        (trigger_and_cancel, 2, 2),
        (trigger_and_cancel, 3, 2),
        (cancel, 1, 3),
        (cancel, 2, 1),
    ],
)
def test_every_kind_of_state_is_restored(
    tmp_path: Path, end: Callable[[JobClient], str], before: int, after: int
) -> None:
    path = first_half(tmp_path, before, end)
    write_lines(tmp_path / "values" / "second", SECOND)
    client, outputs = start(tmp_path, after, execution__state_recovery__path=path)
    wait_read(client, len(SECOND))
    client.stop_with_savepoint(True).result(LIMIT_S)
    result(client)
    everything = [*FIRST, *SECOND]
    assert sorted(outputs.told.values) == expected_told(everything)
    assert sorted(outputs.windows.values) == expected_windows(everything)
    assert sorted(outputs.limited.values) == list(range(121, 200))


def test_stop_without_drain_fires_no_timer(tmp_path: Path) -> None:
    write_lines(tmp_path / "values" / "first", FIRST)
    client, outputs = start(tmp_path, 1)
    wait_read(client, len(FIRST))
    stop(client)
    result(client)
    assert client.get_job_status().result() is JobStatus.FINISHED
    assert outputs.told.values == []


def test_stop_with_drain_fires_timers_and_windows(tmp_path: Path) -> None:
    write_lines(tmp_path / "values" / "first", FIRST)
    client, outputs = start(tmp_path, 2)
    wait_read(client, len(FIRST))
    client.stop_with_savepoint(True).result(LIMIT_S)
    result(client)
    assert sorted(outputs.told.values) == expected_told(FIRST)


def test_savepoint_of_a_job_leaves_it_running(tmp_path: Path) -> None:
    write_lines(tmp_path / "values" / "first", FIRST)
    client, outputs = start(tmp_path, 1)
    wait_read(client, len(FIRST))
    assert Path(client.trigger_savepoint().result(LIMIT_S)).is_dir()
    assert client.get_job_status().result() is JobStatus.RUNNING
    write_lines(tmp_path / "values" / "second", SECOND)
    wait_read(client, len(FIRST) + len(SECOND))
    client.stop_with_savepoint(True).result(LIMIT_S)
    assert sorted(outputs.told.values) == expected_told([*FIRST, *SECOND])


def smaller_program(folder: Path, path: str, **options: Any) -> JobClient:
    env = environment(1, execution__state_recovery__path=path, **options)
    values = numbers(env, folder / "values", "values")
    values.key_by(lambda n: n % 10).process(Remember()).uid("remember").print()
    client: JobClient = env.execute_async()
    return client


def test_state_that_nobody_claims_is_refused_by_name(tmp_path: Path) -> None:
    path = first_half(tmp_path, 1, stop)
    with pytest.raises(JobExecutionError, match=r"allow.?non.?restored|ignore-unclaimed-state"):
        result(smaller_program(tmp_path, path))


def test_state_that_nobody_claims_may_be_left_behind(tmp_path: Path) -> None:
    path = first_half(tmp_path, 1, stop)
    client = smaller_program(
        tmp_path, path, execution__state_recovery__ignore_unclaimed_state="true"
    )
    wait_until(lambda: client.get_job_status().result() is JobStatus.RUNNING, "the job runs")
    client.cancel().result(LIMIT_S)


def test_missing_savepoint_is_refused(tmp_path: Path) -> None:
    client, _ = start(tmp_path, 1, execution__state_recovery__path=tmp_path / "nothing")
    with pytest.raises(JobExecutionError, match="nothing"):
        result(client)


@pytest.mark.parametrize(("mode", "stays"), [("CLAIM", False), ("NO_CLAIM", True)])
def test_a_claimed_savepoint_goes_when_it_is_no_longer_needed(
    tmp_path: Path, mode: str, stays: bool
) -> None:
    path = first_half(tmp_path, 1, stop)
    write_lines(tmp_path / "values" / "second", SECOND)
    client, _ = start(
        tmp_path,
        1,
        execution__state_recovery__path=path,
        execution__state_recovery__claim_mode=mode,
    )
    wait_read(client, len(SECOND))
    wait_covered(client)
    client.stop_with_savepoint(True).result(LIMIT_S)
    assert (Path(path) / "manifest").exists() is stays


@pytest.mark.parametrize("drain", [False, True])
def test_stop_whose_savepoint_fails_lets_the_job_go_on(tmp_path: Path, drain: bool) -> None:
    (tmp_path / "file").write_text("in the way")
    write_lines(tmp_path / "values" / "first", FIRST)
    client, outputs = start(
        tmp_path,
        2,
        restart_strategy__type="fixed-delay",
        restart_strategy__fixed_delay__delay="0 ms",
    )
    wait_read(client, len(FIRST))
    wait_covered(client)
    with pytest.raises(FlottError):
        client.stop_with_savepoint(drain, str(tmp_path / "file" / "below")).result(LIMIT_S)
    if drain:  # sources that had ended come back by a restart
        wait_until(lambda: client.get_progress().restarts == 1, "the restart")  # type: ignore[attr-defined]
    write_lines(tmp_path / "values" / "second", SECOND)
    # A job that had drained restarts from the checkpoint, and counts from there.
    wait_read(client, len(SECOND) if drain else len(FIRST) + len(SECOND))
    cover = client.trigger_savepoint().result(LIMIT_S)
    assert Path(cover).is_dir()
    client.stop_with_savepoint(True).result(LIMIT_S)
    assert sorted(outputs.told.values) == expected_told([*FIRST, *SECOND])


@pytest.mark.parametrize("drain", [False, True])
def test_savepoint_without_a_place_is_refused_and_the_job_goes_on(
    tmp_path: Path, drain: bool
) -> None:
    env = environment(1)
    outputs = build(env, tmp_path)
    client = env.execute_async()
    wait_until(lambda: client.get_job_status().result() is JobStatus.RUNNING, "the job runs")
    with pytest.raises(FlottError, match="savepoint-dir"):
        client.stop_with_savepoint(drain).result(LIMIT_S)
    write_lines(tmp_path / "values" / "first", FIRST)
    wait_read(client, len(FIRST))
    client.stop_with_savepoint(True, str(tmp_path / "savepoints")).result(LIMIT_S)
    assert sorted(outputs.told.values) == expected_told(FIRST)


def test_sinks_that_keep_nothing_may_be_left_out(tmp_path: Path) -> None:
    path = None
    for end, lines in enumerate(([7], [3])):
        write_lines(tmp_path / "in" / str(end), lines)
        options = {} if path is None else {"execution__state_recovery__path": path}
        env = environment(1, **options)
        greatest = numbers(env, tmp_path / "in", "in").key_by(lambda n: 0).reduce(max)
        out = RecordingSink("out")
        if path is None:
            greatest.uid("max").print().uid("print")
        else:
            greatest.uid("max").sink_to(out)
        client = env.execute_async()
        wait_read(client, 1)
        path = client.stop_with_savepoint(False, str(tmp_path / "savepoints")).result(LIMIT_S)
    assert out.values == [7]
