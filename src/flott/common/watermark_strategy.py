"""``WatermarkStrategy``: where timestamps come from, and how watermarks follow from them.

A strategy is a description that travels with the plan; each split of a source makes its own
generator from it (``create_generator``).
"""

from __future__ import annotations

import copy
import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

from flott.common.errors import UnsupportedFeature
from flott.common.time import Duration, Time, to_milliseconds
from flott.common.watermark_generators import (
    AscendingTimestampsWatermarks,
    BoundedOutOfOrdernessWatermarks,
    NoWatermarks,
    WatermarkGenerator,
    WatermarkOutput,
)

__all__ = [
    "AscendingTimestampsWatermarks",
    "AssignerWithPeriodicWatermarksWrapper",
    "BoundedOutOfOrdernessWatermarks",
    "NoWatermarks",
    "TimestampAssigner",
    "WatermarkAlignment",
    "WatermarkGenerator",
    "WatermarkOutput",
    "WatermarkStrategy",
]

_Length = Duration | Time | datetime.timedelta


class TimestampAssigner(ABC):
    """Gives each record its event time."""

    @abstractmethod
    def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
        """Return the event time of a record, in milliseconds since the epoch.

        Args:
            value: the record.
            record_timestamp: the timestamp it had so far; ``constants.MIN_LONG_VALUE`` if none.
        """


class WatermarkAlignment(NamedTuple):
    """Sources of one group wait for the slowest, so that none runs far ahead."""

    group: str
    max_drift_ms: int
    update_interval_ms: int


class WatermarkStrategy:
    """Says how timestamps and watermarks arise.

    >>> from flott.common import Duration
    >>> strategy = (
    ...     WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(20))
    ...     .with_timestamp_assigner(lambda event: event["time_ms"])
    ...     .with_idleness(Duration.of_minutes(1))
    ... )
    >>> strategy.idle_timeout_ms
    60000

    Attributes:
        idle_timeout_ms: after how much silence an input counts as idle; None for never.
        alignment: the alignment group; None for none.
    """

    __slots__ = ("_factory", "_timestamp_assigner", "alignment", "idle_timeout_ms")

    def __init__(self, factory: Callable[[], WatermarkGenerator]) -> None:
        if not callable(factory):
            raise TypeError(
                f"Expected a callable that makes a WatermarkGenerator, found {factory!r}. "
                "Use WatermarkStrategy.for_bounded_out_of_orderness(...) and its like."
            )
        self._factory = factory
        self._timestamp_assigner: TimestampAssigner | Callable[..., int] | None = None
        self.idle_timeout_ms: int | None = None
        self.alignment: WatermarkAlignment | None = None

    @staticmethod
    def for_monotonous_timestamps() -> WatermarkStrategy:
        """Expect timestamps never to fall within one split."""
        return WatermarkStrategy(AscendingTimestampsWatermarks)

    @staticmethod
    def for_bounded_out_of_orderness(max_out_of_orderness: _Length) -> WatermarkStrategy:
        """Expect records to be at most this much older than the newest one seen.

        Raises:
            ValueError: if the length is negative.
        """
        delay_ms = _checked_length("out-of-orderness", max_out_of_orderness, least_ms=0)
        return WatermarkStrategy(_BoundedFactory(delay_ms))

    @staticmethod
    def no_watermarks() -> WatermarkStrategy:
        """Make no watermarks at all, for programs that use processing time only."""
        return WatermarkStrategy(NoWatermarks)

    @staticmethod
    def for_generator(factory: Callable[[], WatermarkGenerator]) -> WatermarkStrategy:
        """Use a generator of your own; goes beyond PyFlink.

        Args:
            factory: makes a new generator, one for each split; the generator's class will do.
        """
        return WatermarkStrategy(factory)

    def with_timestamp_assigner(
        self, timestamp_assigner: TimestampAssigner | Callable[..., int]
    ) -> WatermarkStrategy:
        """Take timestamps from the records. Changes this strategy and returns it, as PyFlink does.

        Args:
            timestamp_assigner: a TimestampAssigner, or a function of the record, or of the record
                and its timestamp so far, giving milliseconds since the epoch.
        """
        if not isinstance(timestamp_assigner, TimestampAssigner) and not callable(
            timestamp_assigner
        ):
            raise TypeError(
                f"Expected a TimestampAssigner or a function, found {timestamp_assigner!r}"
            )
        if TimestampAssigner in getattr(timestamp_assigner, "__mro__", ()):
            name = getattr(timestamp_assigner, "__name__", "")
            raise TypeError(f"Expected an instance, found the class {name}. Write {name}().")
        self._timestamp_assigner = timestamp_assigner
        return self

    def with_idleness(self, idle_timeout: _Length) -> WatermarkStrategy:
        """Let an input that was silent for this long no longer hold the others back.

        Raises:
            ValueError: if the length is not positive.
        """
        strategy = copy.copy(self)
        strategy.idle_timeout_ms = _checked_length("idle timeout", idle_timeout, least_ms=1)
        return strategy

    def with_watermark_alignment(
        self,
        watermark_group: str,
        max_allowed_watermark_drift: _Length,
        update_interval: _Length | None = None,
    ) -> WatermarkStrategy:
        """Pause splits that run ahead of the slowest in the group.

        Args:
            watermark_group: name of the group; sources of any kind may share it.
            max_allowed_watermark_drift: how far a split may be ahead before it pauses.
            update_interval: how often progress is compared; one second if not given.

        Raises:
            ValueError: if a length is negative, or the interval zero, or the group has no name.
        """
        if not isinstance(watermark_group, str) or not watermark_group:
            raise ValueError(f"The watermark group needs a name, found {watermark_group!r}")
        drift_ms = _checked_length("watermark drift", max_allowed_watermark_drift, least_ms=0)
        interval_ms = (
            1000
            if update_interval is None
            else _checked_length("update interval", update_interval, least_ms=1)
        )
        strategy = copy.copy(self)
        strategy.alignment = WatermarkAlignment(watermark_group, drift_ms, interval_ms)
        return strategy

    @property
    def timestamp_assigner(self) -> TimestampAssigner | Callable[..., int] | None:
        """What gives the records their timestamps; None to keep the source's own."""
        return self._timestamp_assigner

    def timestamp_function(self) -> tuple[Callable[..., int], int] | None:
        """Return the function that extracts timestamps, and how many arguments it takes.

        With one argument it is called with the record, with two also with the timestamp the record
        had so far. None if the source's own timestamps stand.
        """
        assigner = self._timestamp_assigner
        if assigner is None:
            return None
        if isinstance(assigner, TimestampAssigner):
            return assigner.extract_timestamp, 2
        return assigner, _count_arguments(assigner)

    def create_generator(self) -> WatermarkGenerator:
        """Make a generator for one split.

        Raises:
            TypeError: if the factory given to ``for_generator`` made something else.
        """
        generator = self._factory()
        if not isinstance(generator, WatermarkGenerator):
            raise TypeError(
                f"The watermark generator factory made {generator!r}, not a WatermarkGenerator"
            )
        return generator


class AssignerWithPeriodicWatermarksWrapper:
    """A name PyFlink keeps for Java assigners."""

    def __init__(self, *args: Any) -> None:
        raise UnsupportedFeature(
            "AssignerWithPeriodicWatermarksWrapper", successor="WatermarkStrategy"
        )


class _BoundedFactory:
    """Makes generators with a fixed delay; a class, so that plain pickle can carry it."""

    __slots__ = ("_delay_ms",)

    def __init__(self, delay_ms: int) -> None:
        self._delay_ms = delay_ms

    def __call__(self) -> WatermarkGenerator:
        return BoundedOutOfOrdernessWatermarks(self._delay_ms)


def _checked_length(name: str, length: _Length, *, least_ms: int) -> int:
    if not isinstance(length, (Duration, Time, datetime.timedelta)):
        raise TypeError(
            f"The {name} must be a Duration, found {length!r}. Write Duration.of_seconds(...)."
        )
    milliseconds = to_milliseconds(length)
    if milliseconds < least_ms:
        bound = "must not be negative" if least_ms == 0 else "must be at least 1 ms"
        raise ValueError(f"The {name} {bound}, found {milliseconds} ms")
    return milliseconds


def _count_arguments(function: Callable[..., int]) -> int:
    """Return whether a timestamp function takes the record alone (1) or two arguments (2)."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some C functions do not tell
        return 1
    positional = [
        p
        for p in parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]
    many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(positional) > 2 or (not positional and not many and not parameters):
        raise TypeError(
            "A timestamp function takes the record, or the record and its timestamp so far; "
            f"this one takes {len(positional)} arguments: {function!r}"
        )
    return 2 if len(positional) == 2 or many else 1
