"""A job's way to its end: drained or stopped, the last savepoint, the last checkpoint.

    asked to drain -> all tasks drained -> savepoint -> checkpoint that commits it -> finish
    asked to stop  -> savepoint, tasks stand still   -> checkpoint that commits it -> finish
    all tasks drained                                -> checkpoint                 -> finish

On this way no periodic checkpoint is taken, and no second end is begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flott.common.errors import CheckpointError
from flott.core.clock import Clock
from flott.core.element import SnapshotKind

#: Answers a request for a savepoint: its path, or what went wrong.
SavepointDone = Callable[[str | BaseException], None]
#: Begins a snapshot of a kind, for a savepoint below a place.
BeginSnapshot = Callable[[SnapshotKind, str | None, SavepointDone], None]
#: A final checkpoint that was declined is tried again after this long.
FINAL_RETRY_MS: Final = 1000


class Ending:
    """How far a job has come on its way to the end, in each attempt anew.

    Args:
        clock: For the time between two tries.
        commits: Whether a checkpoint commits what the savepoint covers.
        begin: Begins a snapshot.

    Attributes:
        stopped_into: The savepoint after which all tasks stand still, once it is complete.
        is_draining: Whether sources were told to end before their input does.
    """

    def __init__(self, clock: Clock, commits: bool, begin: BeginSnapshot) -> None:
        self.stopped_into: str | None = None
        self.is_draining = False
        self._clock = clock
        self._commits = commits
        self._begin = begin
        self._is_active = False
        self._asked: SavepointDone | None = None
        self._finish: Callable[[], None] | None = None
        self._retry_ms: float | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the job is on its way to the end, by the user's will or because all drained."""
        return self._finish is not None or self._asked is not None or self.is_draining

    @property
    def retry_ms(self) -> float | None:
        """When the last checkpoint is tried again, by the monotonic clock."""
        return self._retry_ms

    def start(self) -> None:
        """The job runs."""
        assert self._asked is None, "who asked for the end of a former attempt has been answered"
        self.stopped_into, self.is_draining = None, False
        self._finish, self._retry_ms = None, None
        self._is_active = True

    def stop(self, finished: bool) -> None:
        """The job no longer runs, perhaps because it is ``finished``."""
        self._is_active = False
        if self._asked is not None and self.stopped_into is not None:
            path = self.stopped_into
            text = f"savepoint {path} is complete, but the job failed before it had ended"
            self._answer(path if finished else CheckpointError(text))

    def begin_drain(self) -> None:
        """Sources are told to end before their input does.

        Until the savepoint that follows no checkpoint is taken: it would hold windows and timers
        that fired early, and after a failure the job would go on from there as if time had ended.
        """
        assert self._is_active, "a job drains while it runs"
        assert not self.is_under_way, "a job ends once"
        self.is_draining = True

    def stop_into(self, place: str, finish: Callable[[], None], done: SavepointDone) -> None:
        """Take a savepoint after which tasks do nothing more, then ``finish``; ``done`` is called
        once the job has ended.

        What it covers is committed by a checkpoint of its own: if the job fails before it has
        ended, it goes on from there. With the savepoint alone it would go on from an older one and
        do again what had been committed.
        """
        assert self._asked is None, "a job is stopped once at a time"
        self._asked = done

        def taken(result: str | BaseException) -> None:
            if isinstance(result, BaseException):
                self._answer(result)
                return
            self.stopped_into = result
            if self._commits:
                self.take_last(finish)
            else:
                finish()

        self._begin(SnapshotKind.STOP_SAVEPOINT, place, taken)

    def take_last(self, finish: Callable[[], None]) -> None:
        """All tasks have drained, or stand still: take the last checkpoint, then ``finish``. It is
        tried again as long as failures are tolerated."""
        if self._finish is not None:
            return  # tasks have drained while they were being stopped, and one is enough
        self._finish = finish
        self._begin_last()

    def advance(self, now_ms: float) -> bool:
        """Try the last checkpoint again if it is time; whether it was."""
        if self._retry_ms is None or now_ms < self._retry_ms:
            return False
        self._begin_last()
        return True

    def _begin_last(self) -> None:
        self._retry_ms = None

        def taken(result: str | BaseException) -> None:
            finish = self._finish
            if finish is None or not self._is_active:
                return
            if isinstance(result, BaseException):
                self._retry_ms = self._clock.monotonic_ms() + FINAL_RETRY_MS
            else:
                self._finish = None
                finish()

        self._begin(SnapshotKind.CHECKPOINT, None, taken)

    def _answer(self, result: str | BaseException) -> None:
        done, self._asked = self._asked, None
        assert done is not None, "a request to stop is answered once"
        done(result)
