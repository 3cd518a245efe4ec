"""Whether and when to restart after a failure. Each strategy is told of failures and decides.

The strategies and their defaults are Flink's: ``none``, ``fixed-delay``, ``failure-rate`` and
``exponential-delay`` (the default when checkpoints are on).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError
from flott.common.options import restart


@dataclass(frozen=True, slots=True)
class RestartAfter:
    """Restart once ``delay_ms`` have passed."""

    delay_ms: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Don't restart; ``reason`` says which limit was reached."""

    reason: str


RestartDecision = RestartAfter | GiveUp


class RestartStrategy(ABC):
    """Decides after each failure."""

    @abstractmethod
    def decide(self, now_ms: float) -> RestartDecision:
        """What to do about a failure that happens now."""


class NoRestart(RestartStrategy):
    """Fail at the first failure."""

    def decide(self, now_ms: float) -> RestartDecision:
        return GiveUp("no restart strategy is set (restart-strategy.type)")


class FixedDelay(RestartStrategy):
    """Restart a number of times, always after the same delay."""

    def __init__(self, attempts: int, delay_ms: int) -> None:
        self._left = self._attempts = attempts
        self._delay_ms = delay_ms

    def decide(self, now_ms: float) -> RestartDecision:
        if self._left <= 0:
            return GiveUp(f"{self._attempts} restarts were used up")
        self._left -= 1
        return RestartAfter(self._delay_ms)


class FailureRate(RestartStrategy):
    """Restart unless failures come too often."""

    def __init__(self, failures_max: int, interval_ms: int, delay_ms: int) -> None:
        self._failures: deque[float] = deque()
        self._max = failures_max
        self._interval_ms = interval_ms
        self._delay_ms = delay_ms

    def decide(self, now_ms: float) -> RestartDecision:
        self._failures.append(now_ms)
        while self._failures[0] <= now_ms - self._interval_ms:
            self._failures.popleft()
        if len(self._failures) > self._max:
            return GiveUp(f"more than {self._max} failures in {self._interval_ms} ms")
        return RestartAfter(self._delay_ms)


class ExponentialDelay(RestartStrategy):
    """Restart after a delay that grows with each failure and falls back after a quiet time.

    The jitter that keeps jobs from restarting in step is drawn from the count of failures by a
    multiplicative hash (Knuth), so that a run can be repeated.
    """

    def __init__(
        self,
        initial_ms: int,
        max_ms: int,
        multiplier: float,
        reset_ms: int,
        jitter: float,
        attempts_max: int | None,
    ) -> None:
        assert initial_ms > 0
        assert multiplier >= 1
        self._initial_ms = float(initial_ms)
        self._max_ms = max_ms
        self._multiplier = multiplier
        self._reset_ms = reset_ms
        self._jitter = jitter
        self._attempts_max = attempts_max
        self._delay_ms = float(initial_ms)
        self._failures = 0
        self._healthy_from_ms: float | None = None

    def decide(self, now_ms: float) -> RestartDecision:
        if self._healthy_from_ms is not None and now_ms - self._healthy_from_ms >= self._reset_ms:
            self._delay_ms, self._failures = self._initial_ms, 0
        self._failures += 1
        if self._attempts_max is not None and self._failures > self._attempts_max:
            return GiveUp(f"{self._attempts_max} restarts were used up")
        share = (self._failures * 2654435761 % 2**32) / 2**31 - 1
        delay = int(self._delay_ms * (1 + self._jitter * share))
        self._delay_ms = min(self._delay_ms * self._multiplier, self._max_ms)
        self._healthy_from_ms = now_ms + delay
        return RestartAfter(delay)


def make_restart_strategy(configuration: Configuration, checkpoints: bool) -> RestartStrategy:
    """The strategy the configuration asks for; without one it depends on whether checkpoints are
    taken: there is little sense in starting from nothing again and again."""
    get = configuration.get
    kind = get(restart.RESTART_STRATEGY) or ("exponential-delay" if checkpoints else "none")
    match kind.lower().replace("_", "-"):
        case "none" | "off" | "disable":
            return NoRestart()
        case "fixed-delay" | "fixeddelay":
            delay = get(restart.FIXED_DELAY_DELAY).to_millis()
            return FixedDelay(get(restart.FIXED_DELAY_ATTEMPTS), delay)
        case "failure-rate" | "failurerate":
            return FailureRate(
                get(restart.FAILURE_RATE_MAX_FAILURES),
                get(restart.FAILURE_RATE_INTERVAL).to_millis(),
                get(restart.FAILURE_RATE_DELAY).to_millis(),
            )
        case "exponential-delay" | "exponentialdelay":
            return _exponential(configuration)
    raise ConfigurationError(
        f"restart-strategy.type is {kind!r}; it may be none, fixed-delay, failure-rate or "
        "exponential-delay",
        key="restart-strategy.type",
    )


def _exponential(configuration: Configuration) -> ExponentialDelay:
    get = configuration.get
    return ExponentialDelay(
        get(restart.EXPONENTIAL_DELAY_INITIAL_BACKOFF).to_millis(),
        get(restart.EXPONENTIAL_DELAY_MAX_BACKOFF).to_millis(),
        get(restart.EXPONENTIAL_DELAY_MULTIPLIER),
        get(restart.EXPONENTIAL_DELAY_RESET_THRESHOLD).to_millis(),
        get(restart.EXPONENTIAL_DELAY_JITTER),
        get(restart.EXPONENTIAL_DELAY_ATTEMPTS),
    )
