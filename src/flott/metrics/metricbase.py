"""The kinds of metrics and the group that makes them, as user functions see them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

__all__ = ["Counter", "Distribution", "Gauge", "Meter", "Metric", "MetricGroup"]


class Metric:
    """What all kinds of metrics share."""

    __slots__ = ()


class Counter(Metric, ABC):
    """A number that goes up and down."""

    __slots__ = ()

    @abstractmethod
    def inc(self, n: int = 1) -> None:
        """Add ``n``."""

    @abstractmethod
    def dec(self, n: int = 1) -> None:
        """Take ``n`` away."""

    @abstractmethod
    def get_count(self) -> int:
        """Return the number."""


class Gauge(Metric, ABC):
    """A value asked of a function when somebody looks."""

    __slots__ = ()

    @abstractmethod
    def get_value(self) -> Any:
        """Ask the function."""


class Meter(Metric, ABC):
    """Counts events and how many of them happen in a second."""

    __slots__ = ()

    @abstractmethod
    def mark_event(self, value: int = 1) -> None:
        """Count ``value`` events."""

    @abstractmethod
    def get_count(self) -> int:
        """Return how many events there were."""

    @abstractmethod
    def get_rate(self) -> float:
        """Return the events per second, averaged over the meter's time span."""


class Distribution(Metric, ABC):
    """Count, sum, smallest and largest of the values it is told."""

    __slots__ = ()

    @abstractmethod
    def update(self, value: Any) -> None:
        """Take one value."""


class MetricGroup(ABC):
    """A named place for metrics, and for groups within it.

    Asking twice for the same name gives the same metric.
    """

    __slots__ = ()

    @abstractmethod
    def add_group(self, name: str, extra: str | None = None) -> MetricGroup:
        """Return the group of this name within this one.

        Args:
            name: the name of the group, or of a variable if ``extra`` is given.
            extra: the value of the variable; all metrics below carry both.
        """

    @abstractmethod
    def counter(self, name: str) -> Counter:
        """Return the counter of this name."""

    @abstractmethod
    def gauge(self, name: str, obj: Callable[[], Any]) -> None:
        """Let a function be asked for the value of this name."""

    @abstractmethod
    def meter(self, name: str, time_span_in_seconds: int = 60) -> Meter:
        """Return the meter of this name, whose rate is an average over the time span."""

    @abstractmethod
    def distribution(self, name: str) -> Distribution:
        """Return the distribution of this name."""
