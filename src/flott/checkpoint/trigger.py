"""When the next periodic checkpoint is due, when one takes too long, and when too many failed.

Time is handed in as milliseconds of a clock that never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TriggerPolicy:
    """The options of periodic checkpoints; keys below ``execution.checkpointing``.

    Attributes:
        interval_ms: Time between two triggers (``interval``); ``None`` for no periodic ones.
        min_pause_ms: Least time between the end of one and the trigger of the next.
        concurrent_max: How many may be under way (``max-concurrent-checkpoints``).
        timeout_ms: A checkpoint that takes longer is aborted.
        failures_tolerable: How many may fail in a row before the job does.
    """

    interval_ms: int | None
    min_pause_ms: int = 0
    concurrent_max: int = 1
    timeout_ms: int = 600_000
    failures_tolerable: int = 0


@dataclass(frozen=True, slots=True)
class TriggerNow:
    """Trigger a checkpoint."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing to trigger before this time."""

    time_ms: float


@dataclass(frozen=True, slots=True)
class WaitForEnd:
    """Nothing to trigger before a checkpoint under way ends."""


@dataclass(frozen=True, slots=True)
class Never:
    """There are no periodic checkpoints."""


TriggerDecision = TriggerNow | WaitUntil | WaitForEnd | Never


class CheckpointTrigger:
    """Keeps the times that decide.

    Args:
        policy: The options.
        now_ms: When the job began to run; the first checkpoint is due one interval later.
    """

    def __init__(self, policy: TriggerPolicy, now_ms: float) -> None:
        assert policy.concurrent_max >= 1
        assert policy.interval_ms is None or policy.interval_ms > 0
        self._policy = policy
        self._due_ms = now_ms + (policy.interval_ms or 0)
        self._last_end_ms: float | None = None
        self._running: dict[int, float] = {}
        self._failures = 0

    def decide(self, now_ms: float) -> TriggerDecision:
        """Say whether a periodic checkpoint is to be triggered now."""
        policy = self._policy
        if policy.interval_ms is None:
            return Never()
        if len(self._running) >= policy.concurrent_max:
            return WaitForEnd()
        due_ms = self._due_ms
        if policy.min_pause_ms > 0:
            if self._running:
                return WaitForEnd()  # a pause after the end of each leaves no room for two
            if self._last_end_ms is not None:
                due_ms = max(due_ms, self._last_end_ms + policy.min_pause_ms)
        return TriggerNow() if now_ms >= due_ms else WaitUntil(due_ms)

    def started(self, checkpoint_id: int, now_ms: float, *, periodic: bool = True) -> None:
        """A checkpoint has been triggered; savepoints and those asked for are not ``periodic``
        and do not delay the periodic ones, except by being under way."""
        assert checkpoint_id not in self._running
        self._running[checkpoint_id] = now_ms
        if periodic and self._policy.interval_ms is not None:
            # From the time it was due, so that intervals don't grow by small delays; but after a
            # long delay those missed are not made up for.
            next_ms = self._due_ms + self._policy.interval_ms
            self._due_ms = next_ms if next_ms > now_ms else now_ms + self._policy.interval_ms

    def completed(self, checkpoint_id: int, now_ms: float) -> None:
        """A checkpoint is complete."""
        if self._running.pop(checkpoint_id, None) is not None:
            self._last_end_ms = now_ms
            self._failures = 0

    def failed(self, checkpoint_id: int, now_ms: float, *, counts: bool = True) -> bool:
        """A checkpoint was declined, timed out or could not be stored; whether the job must fail.

        One that ``counts`` not failed for a reason that is not a fault: it was subsumed, or the job
        was about to end or to restart.
        """
        if self._running.pop(checkpoint_id, None) is None:
            return False
        self._last_end_ms = now_ms
        self._failures += counts
        return counts and self._failures > self._policy.failures_tolerable

    def expired(self, now_ms: float) -> list[int]:
        """Checkpoints under way for longer than the timeout."""
        limit_ms = now_ms - self._policy.timeout_ms
        return [number for number, start_ms in self._running.items() if start_ms <= limit_ms]

    def next_expiry_ms(self) -> float | None:
        """When the oldest checkpoint under way times out."""
        starts = self._running.values()
        return min(starts) + self._policy.timeout_ms if starts else None

    def restarted(self, now_ms: float) -> None:
        """The job runs again after a failure: nothing is under way."""
        self._running.clear()
        self._last_end_ms = None
        self._failures = 0
        self._due_ms = now_ms + (self._policy.interval_ms or 0)
