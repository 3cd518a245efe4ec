from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Types
from flott.connectors.datagen import DataGeneratorSource
from flott.connectors.rate_limit import RateLimiterStrategy
from flott.core.source import Boundedness
from flott.testing.connectors import SourceJob, check_source
from tests.connectors.fakes import ManualClock


def square(n: int) -> int:
    return n * n


class Tripler:
    """A generator with a life of its own."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def open(self, context: Any) -> None:
        self.log.append(f"open {context.subtask_index}")

    def map(self, n: int) -> int:
        return 3 * n

    def close(self) -> None:
        self.log.append("close")


def test_records_are_made_from_their_numbers() -> None:
    assert SourceJob(DataGeneratorSource(square, 5)).finish() == [0, 1, 4, 9, 16]


def test_no_records_at_all() -> None:
    assert SourceJob(DataGeneratorSource(square, 0), 2).finish() == []


def test_a_generator_object_is_opened_and_closed() -> None:
    job = SourceJob(DataGeneratorSource(Tripler(), 3))
    assert job.finish() == [0, 3, 6]
    assert job.source._generator.log == ["open 0", "close"]  # type: ignore[attr-defined]


def test_without_a_count_it_goes_on_for_ever() -> None:
    source = DataGeneratorSource(square)
    assert source.boundedness is Boundedness.CONTINUOUS_UNBOUNDED
    job = SourceJob(source)
    job.step(0, 3)
    assert job.records == [0, 1, 4]


def test_the_declared_type_is_told() -> None:
    assert DataGeneratorSource(square, 1, type_info=int).get_produced_type() == Types.LONG()


@given(data=st.data(), count=st.integers(0, 40))
def test_each_record_comes_once_whatever_happens(data: st.DataObject, count: int) -> None:
    limits = [
        RateLimiterStrategy.no_op(),
        RateLimiterStrategy.per_second(data.draw(st.integers(1, 1000))),
        RateLimiterStrategy.per_checkpoint(data.draw(st.integers(1, 20))),
    ]
    source = DataGeneratorSource(square, count, data.draw(st.sampled_from(limits)))
    check_source(data, source, [n * n for n in range(count)])


def limited(strategy: RateLimiterStrategy, parallelism: int = 1) -> SourceJob:
    return SourceJob(DataGeneratorSource(square, None, strategy), parallelism)


def test_records_come_at_the_rate_asked_for() -> None:
    job = limited(RateLimiterStrategy.per_second(1000))
    for _ in range(100):
        job.step(0, 1000)
        job.pass_time(10)
    assert 980 <= len(job.records) <= 1000


def test_the_rate_is_that_of_all_readers_together() -> None:
    job = limited(RateLimiterStrategy.per_second(1000), parallelism=4)
    for _ in range(100):
        for subtask in range(4):
            job.step(subtask, 1000)
        job.pass_time(10)
    assert 950 <= len(job.records) <= 1000


def test_after_a_stop_little_is_caught_up() -> None:
    job = limited(RateLimiterStrategy.per_second(1000))
    job.pass_time(60_000)
    job.step(0, 100_000)
    assert len(job.records) == 100


def test_a_reader_that_must_wait_asks_for_a_turn_in_time() -> None:
    job = limited(RateLimiterStrategy.per_second(4))
    context = job.tasks[0].context
    assert [job.step(0, 10), job.step(0, 10), job.step(0, 10)] == [True, False, False]
    assert [at for at, _ in context.scheduled] == [context.clock.now_ms() + 250]
    job.pass_time(250)
    assert context.wakes == 1
    assert job.step(0, 10)


def test_so_many_records_a_checkpoint() -> None:
    job = limited(RateLimiterStrategy.per_checkpoint(5))
    for _ in range(3):
        while job.step(0, 2):
            pass
        job.take_checkpoint()
    assert len(job.records) == 15


@given(rate=st.floats(0.001, 1e9), waits=st.lists(st.integers(0, 10_000), max_size=20))
def test_the_limit_is_never_exceeded(rate: float, waits: list[int]) -> None:
    clock = ManualClock(0)
    limiter = RateLimiterStrategy.per_second(rate).create_rate_limiter(1, clock)
    sent = 0
    for wait_ms in waits:
        permits = limiter.permits()
        assert permits is not None
        assert permits >= 0
        limiter.used(permits)
        sent += permits
        clock.time_ms += wait_ms
        assert sent <= clock.time_ms * rate / 1000 * 1.000001 + 1


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_rates_that_are_not_positive_are_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        RateLimiterStrategy.per_second(rate)
    with pytest.raises(ValueError, match="must be positive"):
        RateLimiterStrategy.per_checkpoint(rate)  # type: ignore[arg-type]


def test_what_makes_no_records_is_refused() -> None:
    with pytest.raises(TypeError, match="function of a record's number"):
        DataGeneratorSource("records", 3)
    with pytest.raises(ValueError, match="must not be negative"):
        DataGeneratorSource(square, -1)
