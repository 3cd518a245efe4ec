"""Retry strategies and predicates."""

from __future__ import annotations

from functools import partial
from typing import Any

import cloudpickle
import pytest

from flott.operators.rows.async_retry import (
    NO_RETRY_STRATEGY,
    AsyncRetryStrategy,
    ExponentialBackoffDelayRetryStrategy,
    FixedDelayRetryStrategy,
    empty_result_predicate,
    exception_type_predicate,
    has_exception_predicate,
)


def test_no_retry_never_tries_again() -> None:
    strategy = AsyncRetryStrategy.no_restart()
    assert strategy is NO_RETRY_STRATEGY
    assert not strategy.can_retry(1)
    assert strategy.get_backoff_time_millis(1) == -1
    predicate = strategy.get_retry_predicate()
    assert predicate.result_predicate() is None
    assert predicate.exception_predicate() is None


def test_fixed_delay_allows_so_many_attempts_after_the_first() -> None:
    strategy = AsyncRetryStrategy.fixed_delay(2, 50, empty_result_predicate, None)
    assert [strategy.can_retry(attempt) for attempt in (1, 2, 3)] == [True, True, False]
    assert [strategy.get_backoff_time_millis(attempt) for attempt in (1, 2)] == [50, 50]
    assert strategy.get_retry_predicate().result_predicate() is empty_result_predicate


def test_exponential_backoff_grows_to_its_limit() -> None:
    strategy = AsyncRetryStrategy.exponential_backoff(9, 100, 1000, 1.5, None, None)
    delays = [strategy.get_backoff_time_millis(attempt) for attempt in range(1, 9)]
    assert delays == [100, 150, 225, 337, 505, 757, 1000, 1000]


def test_exponential_backoff_is_the_same_whoever_asks_in_between() -> None:
    strategy = ExponentialBackoffDelayRetryStrategy(9, 100, 10_000, 2.0)
    assert strategy.get_backoff_time_millis(3) == 400
    assert strategy.get_backoff_time_millis(1) == 100
    assert strategy.get_backoff_time_millis(3) == 400
    assert strategy.get_backoff_time_millis(1_000_000) == 10_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: FixedDelayRetryStrategy(0, 1),
        lambda: FixedDelayRetryStrategy(1, 0),
        lambda: ExponentialBackoffDelayRetryStrategy(0, 1, 1, 1.0),
        lambda: ExponentialBackoffDelayRetryStrategy(1, 0, 1, 1.0),
        lambda: ExponentialBackoffDelayRetryStrategy(1, 1, 0, 1.0),
        lambda: ExponentialBackoffDelayRetryStrategy(1, 1, 1, 0.0),
    ],
)
def test_numbers_must_be_positive(make: Any) -> None:
    with pytest.raises(ValueError, match="must be greater than zero, found 0"):
        make()


def test_predicates_tell_outcomes_apart() -> None:
    assert [empty_result_predicate(result) for result in (None, [], [0])] == [True, True, False]
    assert has_exception_predicate(ValueError())
    assert not has_exception_predicate(None)
    is_timeout = partial(exception_type_predicate, expected_error_type=TimeoutError)
    assert is_timeout(TimeoutError())
    assert not is_timeout(ValueError())


def test_strategies_travel() -> None:
    strategy = FixedDelayRetryStrategy(2, 50, empty_result_predicate, has_exception_predicate)
    copy = cloudpickle.loads(cloudpickle.dumps(strategy))
    assert copy.can_retry(2)
    assert copy.get_retry_predicate().exception_predicate()(ValueError())
