"""``JobHarness``: a whole job under a test's hand.

    env -> job plan -> doubles for sources and sinks -> LocalJob (one life) -> LocalJob ...

Every method that moves the job returns when there is nothing left to do. A snapshot is a savepoint
in memory; from it the next life begins, at any parallelism. With ``restore_at`` every such method
first goes through snapshot, kill and restore, at each of these parallelisms in turn: a test that
passes without must pass with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final, Self

from flott.common.job_status import JobStatus
from flott.deploy.progress import PUBLIC_STATUS
from flott.testing.harness.clock import ManualClock
from flott.testing.harness.inspection import Inspection, PendingTimer
from flott.testing.harness.local_job import LocalJob
from flott.testing.harness.memory_storage import MemoryDisk
from flott.testing.harness.recording_sink import RecordingSink
from flott.testing.harness.substitution import Doubles

if TYPE_CHECKING:
    from flott.datastream import StreamExecutionEnvironment

#: Parallelisms at which every harness that is not told otherwise restores, e.g. ``2,3,1``.
RESTORE_VARIABLE: Final = "FLOTT_TEST_RESTORE"
#: How long ``wait_for`` waits for other threads, in seconds.
WAIT_S_MAX: Final = 10.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A savepoint in memory, for ``JobHarness(..., start_from=snapshot)``.

    Attributes:
        path: Where it is.
        disk: The disk it is on.
    """

    path: str
    disk: MemoryDisk


class JobHarness:
    """Drives a job built with the public API.

    Args:
        env: Holds the program, which reads ``ManualSource`` and writes to ``RecordingSink``.
        sources: Names of sources of the program that manual ones stand in for.
        sinks: Names of sinks of the program that recording ones stand in for.
        now_ms: Processing time at the start.
        start_from: A snapshot to begin with, perhaps that of another version of the program.
        restore_at: Parallelisms at which the job is restored before each move; by default those
            in the environment variable ``FLOTT_TEST_RESTORE``, else none.

    Raises:
        ProgramError: the program cannot run, or a name is not there.

    >>> from flott.common import WatermarkStrategy
    >>> from flott.datastream import StreamExecutionEnvironment
    >>> from flott.testing import ManualSource
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> words = env.from_source(
    ...     ManualSource("words"), WatermarkStrategy.no_watermarks(), "words"
    ... )
    >>> counts = words.map(lambda word: (word, 1)).key_by(lambda pair: pair[0]).sum(1)
    >>> _ = counts.sink_to(RecordingSink("counts"))
    >>> with JobHarness(env) as job:
    ...     job.push("words", "to", "be", "to")
    ...     job.kill_and_restore(parallelism=3)
    ...     job.push("words", "be")
    ...     job.output("counts").values
    [('to', 1), ('be', 1), ('to', 2), ('be', 2)]
    """

    def __init__(
        self,
        env: StreamExecutionEnvironment,
        *,
        sources: Sequence[str] = (),
        sinks: Sequence[str] = (),
        now_ms: int = 0,
        start_from: Snapshot | None = None,
        restore_at: Sequence[int] | None = None,
    ) -> None:
        self._env = env
        self._clock = ManualClock(now_ms)
        self._disk = MemoryDisk() if start_from is None else start_from.disk
        self._doubles = Doubles()
        self._doubles.replace(sources, sinks)
        self._lives = 0
        self._restore_at = cycle(_parallelisms() if restore_at is None else restore_at)
        self._job = self._begin(None if start_from is None else start_from.path)
        self._job.settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the job's functions; nothing further is written."""
        self._job.abandon()

    # --- input ---------------------------------------------------------------------------------

    def push(self, source: str, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Send records through a source.

        Args:
            source: its name.
            values: the records.
            at: their timestamps in epoch ms: one for all, or one each; None for none.
        """
        self._move(lambda: self._source(source).push(*values, at=at))

    def push_timed(self, source: str, *pairs: tuple[Any, int]) -> None:
        """Send records as pairs of record and timestamp in epoch ms."""
        self.push(source, *(value for value, _ in pairs), at=[time for _, time in pairs])

    def watermark(self, source: str, timestamp: int) -> None:
        """Send a watermark through a source, besides those of the program's own strategy."""
        self._move(lambda: self._source(source).watermark(timestamp))

    def idle(self, source: str) -> None:
        """Have a source be idle until its next record."""
        self._move(lambda: self._source(source).idle())

    def end(self, *sources: str) -> None:
        """End these sources, or all if none is named."""

        def end_all() -> None:
            for name in sources or tuple(self._doubles.sources):
                self._source(name).end()

        self._move(end_all)

    # --- time ----------------------------------------------------------------------------------

    @property
    def processing_time(self) -> int:
        """What the clock shows, in epoch ms."""
        return self._clock.now_ms()

    def set_processing_time(self, now_ms: int) -> None:
        """Move the clock to ``now_ms``, going from one thing that is due to the next."""

        def move() -> None:
            while True:
                until = self._clock.monotonic_ms() + now_ms - self._clock.now_ms()
                due = [each for each in self._job.deadlines_ms() if each <= until]
                ahead_ms = min(due, default=until) - self._clock.monotonic_ms()
                if not due or ahead_ms <= 0:
                    break
                # Whole milliseconds, and never none: what is due is due then.
                self._clock.set(self._clock.now_ms() + max(1, int(ahead_ms)))
                self._job.settle()
            self._clock.set(now_ms)

        self._move(move)

    def advance_time(self, duration_ms: int) -> None:
        """Move the clock on by ``duration_ms``."""
        self.set_processing_time(self._clock.now_ms() + duration_ms)

    # --- what can be seen ----------------------------------------------------------------------

    def output(self, sink: str) -> RecordingSink:
        """What a sink has taken.

        Raises:
            KeyError: there is no such sink, or it is the program's own.
        """
        return self._doubles.sinks[sink]

    def state(self, name: str, operator: str | None = None) -> dict[Any, Any]:
        """Keyed state: key to value; key and window to value for state of windows.

        Args:
            name: the name in the state's descriptor.
            operator: name of the operator; all operators if not given.
        """
        return Inspection(self._job.stores, operator).keyed_state(name)

    def timers(self, operator: str | None = None) -> list[PendingTimer]:
        """Timers that have not fired, by time; those of windows too."""
        return Inspection(self._job.stores, operator).timers()

    def broadcast_state(self, name: str, operator: str | None = None) -> dict[Any, Any]:
        """A broadcast state by the name in its descriptor."""
        return Inspection(self._job.stores, operator).broadcast_state(name)

    def list_state(self, name: str, operator: str | None = None) -> list[Any]:
        """Operator list state, subtask by subtask."""
        return Inspection(self._job.stores, operator).list_state(name)

    @property
    def status(self) -> JobStatus:
        """Where the job stands."""
        return PUBLIC_STATUS[self._job.coordinator.phase]

    @property
    def restarts(self) -> int:
        """How often the job was restarted since it was restored last."""
        return self._job.coordinator.restarts

    @property
    def failed_checkpoints(self) -> int:
        """How many checkpoints have failed since the job was restored last."""
        return self._job.coordinator.checkpoints.failed_count

    @property
    def completed_checkpoint(self) -> int | None:
        """Number of the last complete checkpoint; None before the first."""
        last = self._job.coordinator.checkpoints.last
        return None if last is None else last.checkpoint_id

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Run until ``condition`` holds; for asynchronous functions, whose calls run on a thread.

        Raises:
            TimeoutError: it does not within ten seconds.
        """
        while not condition():
            if not self._job.step() and not self._job.woken.wait(WAIT_S_MAX):
                raise TimeoutError("Nothing happened for 10 s, and the condition does not hold")
            self._job.raise_error()

    # --- failures ------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Take a savepoint; the job goes on.

        Raises:
            FlottError: it could not be taken.
        """
        answers: list[str | BaseException] = []
        coordinator = self._job.coordinator
        coordinator.trigger_savepoint(f"memory:/savepoints/{self._lives}", answers.append)
        self._job.settle()
        assert answers, "a job at rest takes a savepoint at once"
        if isinstance(answers[0], BaseException):
            raise answers[0]
        return Snapshot(answers[0], self._disk)

    def kill(self) -> None:
        """End the worker as a crash would. What happens then is up to the restart strategy; the
        job goes on from its last checkpoint, which ``env.enable_checkpointing`` takes as the
        clock moves."""
        self._job.kill_worker("the test killed it")
        self._job.settle()

    def kill_and_restore(
        self, parallelism: int | None = None, snapshot: Snapshot | None = None
    ) -> None:
        """End the job and begin it again, in one go.

        Args:
            parallelism: that of the environment from now on; unchanged if not given.
            snapshot: what to start from; one that is taken now if not given.
        """
        taken = self.snapshot() if snapshot is None else snapshot
        if parallelism is not None:
            self._env.set_parallelism(parallelism)
        self._job.abandon()
        self._job = self._begin(taken.path)
        self._job.settle()

    def fill_disk(self, error: OSError | None) -> None:
        """Have every write of a checkpoint fail with ``error`` from now on; none, if it is None."""
        self._disk.set_write_error(error)

    # --- inside --------------------------------------------------------------------------------

    def _begin(self, restore_path: str | None) -> LocalJob:
        plan = self._doubles.put_into(self._env.get_job_plan())
        self._lives += 1
        return LocalJob(plan, self._clock, self._disk, f"{self._lives:032x}", restore_path)

    def _move(self, action: Callable[[], None]) -> None:
        parallelism = next(self._restore_at, None)
        can_snapshot = self.status is JobStatus.RUNNING and self._disk.write_error is None
        if parallelism is not None and can_snapshot:
            self.kill_and_restore(parallelism)
        action()
        self._job.settle()

    def _source(self, name: str) -> Any:
        if name not in self._doubles.sources:
            known = ", ".join(map(repr, self._doubles.sources)) or "none"
            raise KeyError(f"There is no manual source {name!r}; there are: {known}")
        return self._doubles.sources[name]


def _parallelisms() -> list[int]:
    text = os.environ.get(RESTORE_VARIABLE, "")
    return [int(part) for part in text.split(",") if part.strip()]
