"""cache() keeps the records of a stream from one job to the next."""

from pathlib import Path
from typing import Any

import pytest

from flott.common.errors import JobExecutionError, ProgramError
from flott.datastream import CachedDataStream, RuntimeExecutionMode, StreamExecutionEnvironment

Env = StreamExecutionEnvironment


class Traced:
    """Doubles numbers and leaves a mark in a file for each call."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, value: int) -> int:
        with self.file.open("a") as file:
            file.write("x")
        return 2 * value

    @property
    def calls(self) -> int:
        return len(self.file.read_text()) if self.file.exists() else 0


@pytest.fixture
def traced(tmp_path: Path) -> Traced:
    return Traced(tmp_path / "calls")


@pytest.fixture
def batch(env: Env) -> Env:
    return env.set_runtime_mode(RuntimeExecutionMode.BATCH)


def sorted_results(stream: Any) -> list[Any]:
    return sorted(stream.execute_and_collect())


@pytest.mark.parametrize("parallelism", [1, 2])
def test_the_second_job_reads_what_the_first_kept(
    batch: Env, traced: Traced, parallelism: int
) -> None:
    batch.set_parallelism(parallelism)
    cached = batch.from_collection([1, 2, 3]).rebalance().map(traced).cache()
    assert isinstance(cached, CachedDataStream)
    assert sorted_results(cached) == [2, 4, 6]
    assert sorted_results(cached.map(str)) == ["2", "4", "6"]
    assert traced.calls == 3


def test_execute_keeps_too(batch: Env, traced: Traced) -> None:
    cached = batch.from_collection([1, 2]).map(traced).cache()
    cached.print()
    batch.execute()
    assert sorted_results(cached) == [2, 4]
    assert traced.calls == 2


def test_invalidate_computes_again(batch: Env, traced: Traced) -> None:
    cached = batch.from_collection([1]).map(traced).cache()
    assert sorted_results(cached) == [2]
    cached.invalidate()
    assert sorted_results(cached) == [2]
    assert traced.calls == 2


def test_a_job_that_fails_or_is_cut_short_keeps_nothing(batch: Env, traced: Traced) -> None:
    cached = batch.from_collection([1, 0]).map(traced).cache()
    with pytest.raises(JobExecutionError):
        sorted_results(cached.map(lambda n: 1 / n))
    cached.execute_and_collect(limit=1)
    before = traced.calls
    assert sorted_results(cached) == [0, 2]
    assert traced.calls == before + 2


def test_files_go_with_the_environment(batch: Env, traced: Traced) -> None:
    cached = batch.from_collection([1]).map(traced).cache()
    assert sorted_results(cached) == [2]
    folder = cached._cache.folder
    assert folder is not None
    assert [path.name for path in Path(folder).iterdir()] == ["part-0"]
    batch.close()
    assert not Path(folder).exists()


def test_caching_needs_batch_mode(env: Env, traced: Traced) -> None:
    cached = env.from_collection([1]).map(traced).cache()
    with pytest.raises(ProgramError, match=r"cache\(\) keeps .* in BATCH mode"):
        cached.execute_and_collect()


def test_a_cached_stream_has_no_settings(batch: Env) -> None:
    with pytest.raises(ProgramError, match=r"A cached stream has no name .* before cache\(\)"):
        batch.from_collection([1]).cache().name("x")
