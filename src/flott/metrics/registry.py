"""Metrics that live in this process: plain numbers, read all at once by ``snapshot``.

The owner of a group touches its metrics from one thread, so there are no locks. Counting costs one
addition; rates are worked out when somebody looks.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flott.common.errors import ProgramError
from flott.metrics.metricbase import Counter, Distribution, Gauge, Meter, Metric, MetricGroup

__all__ = [
    "InProcessMetricGroup",
    "SimpleCounter",
    "SimpleDistribution",
    "SimpleGauge",
    "SimpleMeter",
]

M = TypeVar("M", bound=Metric)


class SimpleCounter(Counter):
    """A counter; ``count`` may be read and added to directly where speed matters.

    >>> counter = SimpleCounter()
    >>> counter.inc(); counter.inc(10); counter.dec()
    >>> counter.get_count()
    10
    """

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def inc(self, n: int = 1) -> None:
        self.count += n

    def dec(self, n: int = 1) -> None:
        self.count -= n

    def get_count(self) -> int:
        return self.count

    def read(self) -> int:
        """Return the number, for a snapshot."""
        return self.count


class SimpleGauge(Gauge):
    """A gauge around a function."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], Any]) -> None:
        if not callable(function):
            raise ProgramError(f"A gauge needs a function without arguments, found {function!r}")
        self._function = function

    def get_value(self) -> Any:
        return self._function()

    def read(self) -> Any:
        """Return the value, for a snapshot; None if the function fails, which must stop nothing."""
        try:
            return self._function()
        except Exception:  # the function is user code, and nobody waits for it
            return None


class SimpleMeter(Meter):
    """A meter over a sliding time span.

    Args:
        time_span_s: how many seconds the rate is averaged over.
        clock_s: gives the seconds now, on any scale that only goes forward.
    """

    __slots__ = ("_clock_s", "_samples", "_time_span_s", "count")

    def __init__(self, time_span_s: int, clock_s: Callable[[], float]) -> None:
        if time_span_s <= 0:
            raise ProgramError(f"The time span of a meter must be positive, found {time_span_s} s")
        self._time_span_s = time_span_s
        self._clock_s = clock_s
        self.count = 0
        # (when, count then); the first is the newest that is at least one time span old.
        self._samples: deque[tuple[float, int]] = deque([(clock_s(), 0)])

    def mark_event(self, value: int = 1) -> None:
        self.count += value

    def get_count(self) -> int:
        return self.count

    def get_rate(self) -> float:
        now_s = self._clock_s()
        samples = self._samples
        while len(samples) > 1 and now_s - samples[1][0] >= self._time_span_s:
            samples.popleft()
        since_s, count_then = samples[0]
        # One sample a second is fine enough, and bounds how many there are.
        if now_s - samples[-1][0] >= 1:
            samples.append((now_s, self.count))
        elapsed_s = now_s - since_s
        return (self.count - count_then) / elapsed_s if elapsed_s > 0 else 0.0

    def read(self) -> dict[str, float]:
        """Return count and rate, for a snapshot."""
        return {"count": self.count, "rate": self.get_rate()}


class SimpleDistribution(Distribution):
    """A distribution of numbers.

    >>> distribution = SimpleDistribution()
    >>> for value in (5, 6, 7): distribution.update(value)
    >>> distribution.read()
    {'count': 3, 'sum': 18, 'min': 5, 'max': 7, 'mean': 6.0}
    """

    __slots__ = ("count", "max", "min", "sum")

    def __init__(self) -> None:
        self.count = 0
        self.sum: Any = 0
        self.min: Any = None
        self.max: Any = None

    def update(self, value: Any) -> None:
        if self.count == 0:
            self.min = self.max = value
        elif value < self.min:
            self.min = value
        elif value > self.max:
            self.max = value
        self.count += 1
        self.sum += value

    def read(self) -> dict[str, Any]:
        """Return what is known of the values, for a snapshot."""
        mean = self.sum / self.count if self.count else None
        return {
            "count": self.count,
            "sum": self.sum,
            "min": self.min,
            "max": self.max,
            "mean": mean,
        }


class InProcessMetricGroup(MetricGroup):
    """A group whose metrics are plain objects of this process.

    >>> root = InProcessMetricGroup("job", "map")
    >>> root.add_group("mine").counter("records").inc(3)
    >>> root.snapshot()
    {'job.map.mine.records': 3}

    Args:
        scope: the names from the outermost to this group.
        variables: what all metrics of this group are about, such as the subtask's index.
        clock_s: gives the seconds now, for meters; handed down to all groups within.
    """

    __slots__ = ("_clock_s", "_groups", "_metrics", "scope", "variables")

    def __init__(
        self,
        *scope: str,
        variables: dict[str, str] | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scope = scope
        self.variables = dict(variables or {})
        self._clock_s = clock_s
        self._metrics: dict[str, Any] = {}
        self._groups: dict[tuple[str, str | None], InProcessMetricGroup] = {}

    def add_group(self, name: str, extra: str | None = None) -> InProcessMetricGroup:
        group = self._groups.get((name, extra))
        if group is None:
            names = (name,) if extra is None else (name, extra)
            variables = self.variables if extra is None else {**self.variables, name: extra}
            group = InProcessMetricGroup(
                *self.scope, *map(str, names), variables=variables, clock_s=self._clock_s
            )
            self._groups[name, extra] = group
        return group

    def counter(self, name: str) -> SimpleCounter:
        return self._metric(name, SimpleCounter, SimpleCounter)

    def gauge(self, name: str, obj: Callable[[], Any]) -> None:
        """Let a function be asked for the value of this name; a later one takes its place."""
        self._metric(name, SimpleGauge, lambda: SimpleGauge(obj))
        self._metrics[name] = SimpleGauge(obj)

    def meter(self, name: str, time_span_in_seconds: int = 60) -> SimpleMeter:
        return self._metric(
            name, SimpleMeter, lambda: SimpleMeter(time_span_in_seconds, self._clock_s)
        )

    def distribution(self, name: str) -> SimpleDistribution:
        return self._metric(name, SimpleDistribution, SimpleDistribution)

    def _metric(self, name: str, kind: type[M], make: Callable[[], M]) -> M:
        metric = self._metrics.get(name)
        if metric is None:
            if not isinstance(name, str) or not name:
                raise ProgramError(f"A metric needs a name, found {name!r}")
            metric = self._metrics[name] = make()
        if not isinstance(metric, kind):
            found = type(metric).__name__.removeprefix("Simple").lower()
            raise ProgramError(
                f"The metric '{name}' in the group '{'.'.join(self.scope)}' is a {found} already"
            )
        return metric

    def metrics(self) -> Iterator[tuple[InProcessMetricGroup, str, Any]]:
        """Iterate over all metrics of this group and those within: (group, name, metric)."""
        for name, metric in self._metrics.items():
            yield self, name, metric
        for group in self._groups.values():
            yield from group.metrics()

    def snapshot(self) -> dict[str, Any]:
        """Read all metrics of this group and those within.

        Returns:
            By scope and name joined with dots: a counter's number, a gauge's value (None if its
            function failed), a dict for meters and distributions.
        """
        return {
            ".".join((*group.scope, name)): metric.read() for group, name, metric in self.metrics()
        }
