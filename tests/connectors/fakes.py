"""Short names for what ``flott.testing.connectors`` has, and a clock whose time is an attribute."""

from __future__ import annotations

from flott.testing.connectors.context import (
    START_MS,
    ImmediateCalls,
    RecordedCoordinator,
    SubtaskContext,
    travel,
)
from flott.testing.harness import clock as manual

__all__ = ["FakeContext", "FakeCoordinator", "InlineCalls", "ManualClock", "travel"]

FakeContext = SubtaskContext
FakeCoordinator = RecordedCoordinator
InlineCalls = ImmediateCalls


class ManualClock(manual.ManualClock):
    """A clock whose time is an attribute."""

    def __init__(self, now_ms: int = START_MS) -> None:
        super().__init__(now_ms)

    @property
    def time_ms(self) -> int:
        return self.now_ms()

    @time_ms.setter
    def time_ms(self, now_ms: int) -> None:
        self.set(now_ms)
