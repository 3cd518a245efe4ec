"""Sinks: what a connector implements to write records to an outside system.

Exactly once by two phases. At barrier n the writer hands over ``prepare_commit(n)``:
committables, small descriptions of what has been written but is not visible yet. They are kept
in checkpoint n; once it is complete the committer makes them visible, and after a failure it is
asked to do so again: ``commit`` must be idempotent. A sink without committer is at-least-once,
unless its writes are idempotent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from flott.core.batch import Batch
from flott.core.context import OperatorContext


class SinkWriter(ABC):
    """Writes the batches of one subtask."""

    @abstractmethod
    def write(self, batch: Batch) -> None:
        """Write ``batch``; the writer may buffer."""

    def advance_watermark(self, timestamp: int) -> None:
        """No more records of this time, or before it, are expected."""

    def flush(self, end_of_input: bool) -> None:
        """Hand everything buffered to the outside system; called before each snapshot."""

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        """Committables (picklable) for all that was written since the last call."""
        return []

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        """State items (picklable) from which a new writer can go on; called after
        ``prepare_commit``."""
        return []

    def close(self) -> None:
        """Release resources; called once, also after a failure."""


class Committer(ABC):
    """Makes committables visible.

    Attributes:
        is_slow: Whether ``commit`` may wait for an outside system. It then runs on a thread beside
            the task, one call at a time, while the writer goes on writing; what is committed at
            the start, after a restore, and at the end is waited for.
    """

    is_slow: bool = False

    @abstractmethod
    def commit(self, committables: Sequence[Any]) -> None:
        """Commit in order. Committing again what was committed has no effect.

        Raises:
            Exception: Nothing may be assumed committed; the job fails and tries again.
        """

    def close(self) -> None:
        """Release resources."""


class Sink(ABC):
    """A description of where to write; picklable."""

    @abstractmethod
    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        """A writer for one subtask. ``restored`` are state items of former writers (after a
        change of parallelism: any share of them). ``committer`` is the one made before for the
        same subtask; everything the restored checkpoint covers has been committed by then."""

    def create_committer(self, context: OperatorContext) -> Committer | None:
        """A committer, or ``None`` if written records are visible at once."""
        return None

    def create_commit_sink(self) -> Sink | None:
        """The sink that committables of all subtasks go to, or ``None``: each commits its own.

        It has one subtask. Its writer gets the committables of a checkpoint, of every writer,
        before it is asked to prepare that checkpoint: rows ``(checkpoint id, committable)``. What
        it prepares in turn is committed by its committer. The sink itself then needs none, and its
        writer may begin before what a restored checkpoint covers has been committed.
        """
        return None
