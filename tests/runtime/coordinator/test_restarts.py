import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Configuration
from flott.runtime.coordinator.restarts import (
    ExponentialDelay,
    FailureRate,
    FixedDelay,
    GiveUp,
    NoRestart,
    RestartAfter,
    make_restart_strategy,
)


def exponential(jitter: float = 0.0, attempts: int | None = None) -> ExponentialDelay:
    return ExponentialDelay(100, 1000, 2.0, 5000, jitter, attempts)


def delays(strategy: ExponentialDelay, count: int) -> list[int]:
    found, now = [], 0.0
    for _ in range(count):
        decision = strategy.decide(now)
        assert isinstance(decision, RestartAfter)
        found.append(decision.delay_ms)
        now += decision.delay_ms
    return found


def test_none_gives_up() -> None:
    assert isinstance(NoRestart().decide(0), GiveUp)


@given(st.integers(0, 20))
def test_fixed_delay_allows_as_many_as_it_says(attempts: int) -> None:
    strategy = FixedDelay(attempts, 7)
    assert [strategy.decide(i) for i in range(attempts)] == [RestartAfter(7)] * attempts
    assert isinstance(strategy.decide(99), GiveUp)


@given(st.lists(st.integers(0, 3000), max_size=30), st.integers(1, 4))
def test_failure_rate_counts_those_of_the_last_interval(gaps: list[int], most: int) -> None:
    strategy = FailureRate(most, 5000, 1)
    now, times = 0, []
    for gap in gaps:
        now += gap
        times.append(now)
        recent = [time for time in times if time > now - 5000]
        assert isinstance(strategy.decide(now), GiveUp) == (len(recent) > most)


def test_exponential_delay_grows_to_its_limit() -> None:
    assert delays(exponential(), 6) == [100, 200, 400, 800, 1000, 1000]


def test_exponential_delay_falls_back_after_a_quiet_time() -> None:
    strategy = exponential()
    strategy.decide(0)
    assert strategy.decide(200) == RestartAfter(200)
    assert strategy.decide(5399) == RestartAfter(400)
    assert strategy.decide(5799 + 5000) == RestartAfter(100)


@given(st.floats(0, 1))
def test_jitter_stays_within_its_share(jitter: float) -> None:
    plain = delays(exponential(), 20)
    for delay, base in zip(delays(exponential(jitter), 20), plain, strict=True):
        assert base * (1 - jitter) - 1 <= delay <= base * (1 + jitter) + 1


def test_exponential_delay_may_have_a_last_attempt() -> None:
    strategy = exponential(attempts=2)
    delays(strategy, 2)
    assert isinstance(strategy.decide(500), GiveUp)


@pytest.mark.parametrize(
    ("kind", "checkpoints", "expected"),
    [
        (None, False, NoRestart),
        (None, True, ExponentialDelay),
        ("none", True, NoRestart),
        ("off", True, NoRestart),
        ("disable", True, NoRestart),
        ("fixed-delay", False, FixedDelay),
        ("failure-rate", False, FailureRate),
        ("exponential-delay", False, ExponentialDelay),
    ],
)
def test_strategy_is_chosen_by_option(kind: str | None, checkpoints: bool, expected: type) -> None:
    configuration = Configuration()
    if kind is not None:
        configuration.set_string("restart-strategy.type", kind)
    assert type(make_restart_strategy(configuration, checkpoints)) is expected
