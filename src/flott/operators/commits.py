"""What a sink has prepared and not committed yet, in the order of checkpoints.

Always equal to what is in state, so that every checkpoint holds it and a restarted job commits it,
perhaps for the second time. A slow committer works on a thread beside the task, one call at a time;
what it reports is taken note of in the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from flott.common.errors import SinkError
from flott.core.context import OperatorContext
from flott.core.operator_store import OperatorListState
from flott.core.sink import Committer

#: A checkpoint's number and one of its committables.
_Pending = tuple[int, Any]


class Commits:
    """The committables of one subtask.

    Args:
        committer: Makes them visible; ``None`` for a sink that has none.
        sink_name: For messages.
        state: Where they are kept; what is there already was restored.
        context: Runs slow commits.
    """

    def __init__(
        self,
        committer: Committer | None,
        sink_name: str,
        state: OperatorListState,
        context: OperatorContext,
    ) -> None:
        self._committer = committer
        self._guarded = _Guarded(committer) if committer is not None else None
        self._sink_name = sink_name
        self._state = state
        self._context = context
        self._pending: list[_Pending] = [item for pending in state.get() for item in pending]
        self._completed = -1
        self._under_way: list[_Pending] = []
        self._failure: BaseException | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a slow commit has not reported yet."""
        return bool(self._under_way)

    @property
    def newest(self) -> int | None:
        """The checkpoint of the newest committable that is pending."""
        return self._pending[-1][0] if self._pending else None

    def add(self, checkpoint_id: int, committables: Sequence[Any]) -> None:
        """Keep committables until ``checkpoint_id``, or a later one, is complete."""
        if not committables:
            return
        if self._committer is None:
            raise SinkError(
                f"The writer of {self._sink_name} prepared {len(committables)} "
                "committables, but the sink has no committer. Return one from create_committer()."
            )
        self._keep(self._pending + [(checkpoint_id, item) for item in committables])

    def complete(self, checkpoint_id: int) -> None:
        """Commit what checkpoints up to this one cover; a slow committer only begins to."""
        if self._failure is not None:
            return  # the task fails in its next turn
        self._completed = max(self._completed, checkpoint_id)
        if self._committer is not None and self._committer.is_slow:
            self._begin()
        else:
            self._commit([item for item in self._pending if item[0] <= checkpoint_id])

    def commit_all(self) -> None:
        """Commit everything, and wait for it."""
        assert not self._under_way, "at the start and at the end nothing is under way"
        self._commit(self._pending)

    def close(self) -> None:
        """Release the committer, once it has done what it is doing.

        Raises:
            BaseException: What a slow commit failed with, if the task has not failed by it yet.
        """
        if self._guarded is not None:
            self._guarded.close()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _commit(self, items: list[_Pending]) -> None:
        if not items:
            return
        if self._guarded is None:
            raise SinkError(
                f"The restored state holds {len(items)} committables, but "
                f"{self._sink_name} has no committer."
            )
        self._guarded.commit([committable for _, committable in items])
        self._drop(items)

    def _begin(self) -> None:
        if self._under_way:
            return
        ready = [item for item in self._pending if item[0] <= self._completed]
        if not ready:
            return
        assert self._guarded is not None
        guarded, committables = self._guarded, [committable for _, committable in ready]
        self._under_way = ready
        self._context.blocking.submit(lambda: guarded.commit(committables), self._on_done)

    def _on_done(self, result: BaseException | None) -> None:
        done, self._under_way = self._under_way, []
        if isinstance(result, BaseException):
            self._failure = result
            self._context.run_in_task(self._fail)
            return
        self._drop(done)
        self._begin()

    def _fail(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _drop(self, items: list[_Pending]) -> None:
        assert self._pending[: len(items)] == items, "commits are in order"
        self._keep(self._pending[len(items) :])

    def _keep(self, pending: list[_Pending]) -> None:
        self._pending = pending
        # One item, so that after a change of parallelism one subtask gets all of it, in order.
        self._state.update([pending] if pending else [])


class _Guarded:
    """A committer that is closed after its last commit, whichever thread that is on."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer
        self._lock = Lock()
        self._is_busy = False
        self._is_closed = False

    def commit(self, committables: Sequence[Any]) -> None:
        with self._lock:
            if self._is_closed:
                return  # the task is gone; whoever comes after it commits
            self._is_busy = True
        try:
            self._committer.commit(committables)
        finally:
            with self._lock:
                self._is_busy = False
                closes = self._is_closed
            if closes:
                self._committer.close()

    def close(self) -> None:
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
            if was_closed or self._is_busy:
                return
        self._committer.close()
