"""Run a whole bounded job in virtual time, killing and restoring it on the way.

Time passes as the job looks at the clock and jumps to what is due next when there is nothing else
to do: a job whose timers wait for an hour is done at once, and every run is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Final

from flott.common.errors import FlottError
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.status import JobPhase
from flott.testing.harness.clock import SteppingClock
from flott.testing.harness.job_harness import WAIT_S_MAX
from flott.testing.harness.local_job import LocalJob
from flott.testing.harness.memory_storage import MemoryDisk

if TYPE_CHECKING:
    from flott.datastream import StreamExecutionEnvironment

#: When virtual time begins: 1 January 2024.
START_MS: Final = 1_704_067_200_000

#: How long asynchronous calls may take, in seconds, before virtual time goes on without them:
#: to a timeout, perhaps, or to the next attempt.
CALL_S_MAX: Final = 0.5


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run went.

    Attributes:
        restores: How often the job was killed and restored.
        restarts: How often it restarted by itself in its last life.
        virtual_ms: How much virtual time passed.
    """

    restores: int
    restarts: int
    virtual_ms: int


def run(
    env: StreamExecutionEnvironment,
    *,
    restore_every: int | None = None,
    parallelism: Sequence[int] = (1,),
    now_ms: int = START_MS,
) -> RunSummary:
    """Run the program in this process to its end.

    Args:
        env: holds the program; its sources end. Sinks are the program's own, or ``RecordingSink``.
        restore_every: after so many rounds (in one each task takes a batch of 64 records at most)
            the job is snapshotted, killed and restored; never if not given. Each life lasts a
            round longer than the one before, so that every job comes to its end.
        parallelism: what the job begins with, and what it is restored at, in turn.
        now_ms: processing time at the start.

    Raises:
        JobExecutionError: the job failed.
        RuntimeError: nothing is left to do, and the job has not ended.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> from flott.testing import RecordingSink
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> sums = RecordingSink("sums")
    >>> pairs = env.from_sequence(1, 500).map(lambda n: (n % 2, n))
    >>> _ = pairs.key_by(lambda pair: pair[0]).sum(1).sink_to(sums)
    >>> run(env, restore_every=2, parallelism=(1, 3, 2)).restores > 1
    True
    >>> max(total for key, total in sums.values if key == 0)
    62750
    """

    def plan(parallel: int) -> JobPlan:
        env.set_parallelism(parallel)
        return env.get_job_plan()

    return run_plans(plan, restore_every, parallelism, now_ms)


def run_plans(
    plan: Callable[[int], JobPlan],
    restore_every: int | None,
    parallelism: Sequence[int],
    now_ms: int,
) -> RunSummary:
    """Run a job whose plan ``plan`` makes for a parallelism; the rest as for ``run``."""
    return _Run(plan, parallelism, now_ms).to_end(restore_every)


class _Run:
    def __init__(
        self, plan: Callable[[int], JobPlan], parallelism: Sequence[int], now_ms: int
    ) -> None:
        self._plan = plan
        self._parallelism = cycle(parallelism)
        self._clock = SteppingClock(now_ms)
        self._start_ms = now_ms
        self._disk = MemoryDisk()
        self._lives = 0
        self._job = self._begin(None)

    def to_end(self, restore_every: int | None) -> RunSummary:
        rounds = 0
        while not self._job.is_over:
            if not self._job.step():
                self._jump()
            rounds += self._job.coordinator.phase is JobPhase.RUNNING
            if restore_every is not None and rounds >= restore_every + self._lives:
                rounds = 0
                self._restore()
        self._job.abandon()
        self._job.raise_error()
        restarts = self._job.coordinator.restarts
        return RunSummary(self._lives - 1, restarts, self._clock.now_ms() - self._start_ms)

    def _begin(self, restore_path: str | None) -> LocalJob:
        self._lives += 1
        plan = self._plan(next(self._parallelism))
        return LocalJob(plan, self._clock, self._disk, f"{self._lives:032x}", restore_path)

    def _restore(self) -> None:
        answers: list[str | BaseException] = []
        coordinator = self._job.coordinator
        coordinator.trigger_savepoint(f"memory:/savepoints/{self._lives}", answers.append)
        while not answers:
            if not self._job.step():
                self._jump()
        path = answers[0]
        if isinstance(path, FlottError):
            return  # the job was at its end, or had just failed: it goes on without
        assert isinstance(path, str), path
        self._job.abandon()
        self._job = self._begin(path)

    def _jump(self) -> None:
        """Go on to what is due next; if that is nothing, wait for other threads."""
        if self._job.has_pending_work and self._job.woken.wait(CALL_S_MAX):
            return
        due_ms = min(self._job.deadlines_ms(), default=None)
        if due_ms is not None:
            self._clock.advance_monotonic(due_ms)
        elif not self._job.woken.wait(WAIT_S_MAX):
            raise RuntimeError("The job has not ended and there is nothing left to do")
