"""The outside system that jobs write to: a store with transactions, and two sinks for it.

``staged``: the writer stages rows in a transaction of the store and the committable is its name,
as with Kafka. ``marked``: the committable holds the rows, and a marker beside them tells what has
been committed, as with a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from flott.testing.simulation.faults import InjectedFailure

if TYPE_CHECKING:
    from flott.testing.simulation.world import World


@dataclass(frozen=True, slots=True)
class Committable:
    """A transaction to be committed.

    Attributes:
        name: Tells it from all others.
        checkpoint_id: The checkpoint it was prepared for.
        rows: What it holds; ``None`` if the store has them staged.
    """

    name: str
    checkpoint_id: int
    rows: tuple[Any, ...] | None


class OutsideStore:
    """What users of the outside system see.

    Attributes:
        rows: Committed rows, in the order they became visible.
        committed: The rows of each committed transaction.
    """

    def __init__(self, world: World) -> None:
        self.rows: list[Any] = []
        self.committed: dict[str, tuple[Any, ...]] = {}
        self.complete_id = 0
        self._world = world
        self._staged: dict[str, tuple[Any, ...]] = {}

    def stage(self, name: str, rows: tuple[Any, ...]) -> None:
        """Keep rows, invisible, in transaction ``name``."""
        if name in self._staged or name in self.committed:
            self._world.violate(f"transaction {name} is staged twice")
        self._staged[name] = rows

    def commit(self, transaction: Committable) -> None:
        """Make the rows of a transaction visible, once."""
        if transaction.checkpoint_id > self.complete_id:
            self._world.violate(
                f"{transaction.name} is committed; the newest complete checkpoint is "
                f"{self.complete_id}"
            )
        rows = transaction.rows
        if rows is None:
            rows = self._staged.get(transaction.name)
            if rows is None:
                self._world.violate(f"transaction {transaction.name} is unknown")
                return
        before = self.committed.get(transaction.name)
        if before is None:
            self._world.scheduler.note(f"{transaction.name} is committed, {len(rows)} rows")
            self.committed[transaction.name] = rows
            self.rows.extend(rows)
        elif before != rows:
            self._world.violate(f"{transaction.name} is committed twice with different rows")


class SimulatedSink(Sink):
    """Writes to the store.

    Args:
        world: Where faults come from.
        store: Where rows go.
        stages: Whether the store stages rows, or committables hold them.
        is_slow: Whether commits run beside the tasks.
    """

    def __init__(self, world: World, store: OutsideStore, stages: bool, is_slow: bool) -> None:
        self.world = world
        self.store = store
        self.stages = stages
        self.is_slow = is_slow

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return _Writer(self, context)

    def create_committer(self, context: OperatorContext) -> Committer:
        return _Committer(self)


class _Writer(SinkWriter):
    def __init__(self, sink: SimulatedSink, context: OperatorContext) -> None:
        self._sink = sink
        self._name = f"{context.operator_id[:6]}-{context.subtask_index}"
        self._rows: list[Any] = []

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        self._rows.extend(batch.values)

    def prepare_commit(self, checkpoint_id: int) -> list[Committable]:
        if not self._rows:
            return []
        sink = self._sink
        sink.world.faults.pass_point("preparing a transaction")
        rows, self._rows = tuple(self._rows), []
        if not sink.stages:
            return [Committable(f"{self._name}-{checkpoint_id}", checkpoint_id, rows)]
        assert sink.world.current is not None
        name = f"{self._name}-{checkpoint_id}-{sink.world.current.name}"
        sink.store.stage(name, rows)
        return [Committable(name, checkpoint_id, None)]


class _Committer(Committer):
    def __init__(self, sink: SimulatedSink) -> None:
        self.is_slow = sink.is_slow
        self._sink = sink

    def commit(self, committables: Sequence[Committable]) -> None:
        faults = self._sink.world.faults
        faults.pass_point("before a commit")
        for committable in committables:
            if faults.strikes("commit fails", faults.plan.commit_failure_share):
                raise InjectedFailure("the outside store does not answer")
            self._sink.store.commit(committable)
            faults.pass_point("within a commit")
        faults.pass_point("after a commit")
