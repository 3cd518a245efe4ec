"""Which faults strike a run, how often and how hard: drawn from the seed, a set of its own each.

Swarm testing: a run with every fault at once rarely gets far, so each seed leaves most of them
out. Faults end at the horizon; from there on the job has to recover and finish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

from flott.testing.simulation.scheduler import Scheduler

T = TypeVar("T")

#: Moments in the life of a checkpoint and of a job at which the process at hand may be killed.
KILL_POINTS: Final = (
    "deploying",
    "deployed",
    "starting",
    "triggering",
    "acknowledging",
    "declining",
    "assigning a split",
    "requesting a split",
    "completing",
    "aborting",
    "drained",
    "finishing",
    "finished",
    "cancelling",
    "cancelled",
    "before a write",
    "after a write",
    "before a read",
    "before a delete",
    "before a listing",
    "preparing a transaction",
    "before a commit",
    "within a commit",
    "after a commit",
)


class ProcessKilled(BaseException):
    """The process at hand dies here. Not an ``Exception``: nothing in the process notices."""


class InjectedFailure(Exception):
    """A user's function or an outside system fails, as the fault plan wants it."""


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """The faults of a run. Times are means in milliseconds, 0 for never; shares are from 0 to 1.

    Attributes:
        horizon_ms: When faults end.
        worker_crash_ms: Time between crashes of workers.
        coordinator_crash_ms: Time between crashes of the coordinator.
        kill_points: How often each named point is passed before it kills; by point.
        zombie_share: How many lost workers go on unnoticed for a while.
        early_death_share: How many workers die while they start.
        stall_ms: Time between two stops of a process (as by SIGSTOP).
        control_delay_ms: Delay of control messages.
        data_delay_ms: Delay of batches and credits between workers.
        duplicate_share: How many acknowledgements and completions come twice.
        cut_share: How many lost connections lose what was under way.
        storage_delay_ms: Time a blocking call takes.
        storage_failure_share: How much of the time storage fails.
        storage_full_share: How much of the time storage is full.
        lost_answer_share: How many writes take effect and are reported as failed.
        torn_share: How many calls under way leave something half done in a crash.
        late_call_share: How many dead processes have their calls under way done yet.
        hang_share: How many blocking calls hang until faults end.
        clock_jump_ms: Time between two jumps of a wall clock.
        clock_skew_ms: How far the wall clocks of processes differ.
        slow_turn_share: How many turns take a hundred times as long.
        function_failure_share: How many calls of a user's function raise.
        commit_failure_share: How many commits raise.
        rescale_share: How many restarts of the coordinator change the parallelism.
        savepoint_ms: Time between two savepoints that the user asks for; not a fault, but company.
        stop_ms: Time until the user stops the job with a savepoint and starts it from there.
        drain_share: How many of these stops drain first: the job is over then.
        flip_ms: Time between two flips of a bit in a stored file.
    """

    horizon_ms: float = 0.0
    worker_crash_ms: float = 0.0
    coordinator_crash_ms: float = 0.0
    kill_points: dict[str, int] = field(default_factory=dict)
    zombie_share: float = 0.0
    early_death_share: float = 0.0
    stall_ms: float = 0.0
    control_delay_ms: float = 0.2
    data_delay_ms: float = 0.2
    duplicate_share: float = 0.0
    cut_share: float = 0.0
    storage_delay_ms: float = 1.0
    storage_failure_share: float = 0.0
    storage_full_share: float = 0.0
    lost_answer_share: float = 0.0
    torn_share: float = 0.0
    late_call_share: float = 0.0
    hang_share: float = 0.0
    clock_jump_ms: float = 0.0
    clock_skew_ms: float = 0.0
    slow_turn_share: float = 0.0
    function_failure_share: float = 0.0
    commit_failure_share: float = 0.0
    rescale_share: float = 0.0
    savepoint_ms: float = 0.0
    stop_ms: float = 0.0
    drain_share: float = 0.0
    flip_ms: float = 0.0


def draw_fault_plan(random: Random) -> FaultPlan:
    """The faults of a run; one in twenty has none at all."""
    if random.random() < 0.05:
        return FaultPlan()
    share_on = random.uniform(0.1, 0.6)

    def often(least: float, most: float, off: float = 0.0) -> float:
        """A strength, spread evenly over its orders of magnitude; ``off`` if left out."""
        strength = least * (most / least) ** random.random()
        return strength if random.random() < share_on else off

    return FaultPlan(
        horizon_ms=random.uniform(100, 900),
        worker_crash_ms=often(25, 400),
        coordinator_crash_ms=often(40, 600),
        kill_points=_draw_kill_points(random, max(share_on, 0.4)),
        zombie_share=often(0.2, 1.0),
        early_death_share=often(0.05, 0.3),
        stall_ms=often(20, 300),
        control_delay_ms=often(0.5, 20, off=0.2),
        data_delay_ms=often(0.5, 20, off=0.2),
        duplicate_share=often(0.05, 0.5),
        cut_share=often(0.2, 1.0),
        storage_delay_ms=often(2, 60, off=1.0),
        storage_failure_share=often(0.02, 0.3),
        storage_full_share=often(0.02, 0.3),
        lost_answer_share=often(0.01, 0.2),
        torn_share=often(0.2, 1.0),
        hang_share=often(0.005, 0.05),
        clock_jump_ms=often(20, 300),
        clock_skew_ms=often(5, 2000),
        slow_turn_share=often(0.01, 0.2),
        function_failure_share=often(0.0005, 0.005),
        commit_failure_share=often(0.02, 0.3),
        rescale_share=often(0.3, 1.0),
        savepoint_ms=often(20, 200),
        stop_ms=often(40, 400),
        drain_share=often(0.1, 0.5),
        flip_ms=often(40, 600),
        late_call_share=often(0.2, 1.0),
    )


def _draw_kill_points(random: Random, share_on: float) -> dict[str, int]:
    if random.random() > share_on:
        return {}
    points = random.sample(KILL_POINTS, random.randint(1, 6))
    return {point: random.randint(1, 9) for point in points}


class Faults:
    """Injects what the plan says and counts it.

    Attributes:
        active: Whether the horizon lies ahead.
        injected: How many faults of each kind there were.
        give_up: Takes the process at hand for dead while it goes on, if it is a worker.
    """

    def __init__(self, plan: FaultPlan, scheduler: Scheduler) -> None:
        self.plan = plan
        self.active = plan.horizon_ms > 0
        self.injected: Counter[str] = Counter()
        self.give_up: Callable[[], bool] | None = None
        self._scheduler = scheduler
        self._passes = dict(plan.kill_points)
        self._outages: dict[str, tuple[float, bool]] = {}

    def strikes(self, kind: str, share: float) -> bool:
        """Whether a fault of which there is a ``share`` strikes now."""
        if not (self.active and self._scheduler.is_drawn(share)):
            return False
        self.count(kind)
        return True

    def lasts(self, kind: str, share: float) -> bool:
        """Whether a fault that comes and goes, and is there for ``share`` of the time, is there."""
        if not self.active or share <= 0:
            return False
        until_ms, failing = self._outages.get(kind, (0.0, True))
        while self._scheduler.now_ms >= until_ms:
            failing = not failing
            mean = 40.0 * (share if failing else 1 - share)
            until_ms += self._scheduler.draw_delay(mean)
            self._outages[kind] = (until_ms, failing)
        if failing:
            self.count(kind)
        return failing

    def count(self, kind: str) -> None:
        """A fault has struck."""
        self.injected[kind] += 1
        self._scheduler.note(f"fault: {kind}")

    def pass_point(self, point: str) -> None:
        """The process at hand passes a named point and may die there."""
        assert point in KILL_POINTS, point
        left = self._passes.get(point)
        if left is None or not self.active:
            return
        self._passes[point] = left - 1
        if left == 1:
            is_spared = self.strikes("zombie", self.plan.zombie_share)
            if is_spared and self.give_up is not None and self.give_up():
                self.count("given up " + point)
                return
            self.count("killed " + point)
            raise ProcessKilled(point)

    def repeat(self, mean_ms: float, strike: Callable[[], None]) -> None:
        """Have ``strike`` called again and again until faults end."""
        if mean_ms <= 0:
            return

        def due() -> None:
            if self.active:
                strike()
                self._scheduler.after(self._scheduler.draw_delay(mean_ms), due)

        self._scheduler.after(self._scheduler.draw_delay(mean_ms), due)
