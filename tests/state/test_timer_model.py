"""Timers against a sorted list, through snapshots and restores."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from flott.state.compaction import compact
from tests.state.test_timer_service import Timers

TIMES = st.integers(0, 12)
KEYS = st.sampled_from("abc")
NAMESPACES = st.sampled_from([None, 1])


class TimerMachine(RuleBasedStateMachine):
    """A callback at an even time registers one timer and deletes another."""

    @initialize()
    def begin(self) -> None:
        self.open([])
        self.model: dict[Any, None] = {}
        self.chain: list[Any] = []
        self.watermark = -1

    def open(self, parts: list[Any]) -> None:
        self.timers = Timers(parts)
        self.timers.on_event = self.react

    def react(self, timestamp: int, key: Any, namespace: Any) -> None:
        if timestamp % 2 == 0:
            self.timers.service.register_event_time(timestamp + 3, key, namespace)
            self.timers.service.delete_event_time(timestamp + 1, key, namespace)

    @rule(timestamp=TIMES, key=KEYS, namespace=NAMESPACES)
    def register(self, timestamp: int, key: Any, namespace: Any) -> None:
        self.timers.service.register_event_time(timestamp, key, namespace)
        self.model.setdefault((timestamp, key, namespace))

    @rule(timestamp=TIMES, key=KEYS, namespace=NAMESPACES)
    def delete(self, timestamp: int, key: Any, namespace: Any) -> None:
        self.timers.service.delete_event_time(timestamp, key, namespace)
        self.model.pop((timestamp, key, namespace), None)

    @rule(step=st.integers(0, 5))
    def advance(self, step: int) -> None:
        self.watermark += step
        expected = []
        while due := [timer for timer in self.model if timer[0] <= self.watermark]:
            timer = min(due, key=lambda timer: timer[0])
            del self.model[timer]
            expected.append(timer)
            timestamp, key, namespace = timer
            if timestamp % 2 == 0:
                self.model.setdefault((timestamp + 3, key, namespace))
                self.model.pop((timestamp + 1, key, namespace), None)
        self.timers.fired.clear()
        self.timers.service.advance_watermark(self.watermark)
        assert self.timers.fired == expected

    @rule(full=st.booleans(), merge=st.booleans())
    def restart(self, full: bool, merge: bool) -> None:
        part = self.timers.store.snapshot(full)
        if part is not None:
            self.chain = [part] if part.full else [*self.chain, part]
        if merge and self.chain:
            self.chain = [compact(self.chain)]
        self.open(self.chain)

    @rule()
    def snapshot(self) -> None:
        part = self.timers.store.snapshot(False)
        if part is not None:
            self.chain = [part] if part.full else [*self.chain, part]

    @invariant()
    def pending_timers_equal_model(self) -> None:
        assert self.timers.service.has_timers() == bool(self.model)


TimerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestTimersAgainstModel = TimerMachine.TestCase
