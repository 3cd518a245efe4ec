"""The outputs of a task: a router divides the batches of one edge among its receivers.

Everything that is not a batch (watermarks, barriers, the end) goes to every receiver.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import length_hint
from typing import Any, NamedTuple

from flott.common.errors import ProgramError
from flott.core.batch import Batch, RowBatch
from flott.core.column_batch import ColumnBatch
from flott.core.element import ACTIVE, IDLE, Element, Watermark
from flott.core.partitioner import (
    Broadcast,
    Custom,
    Forward,
    Global,
    HashColumns,
    HashKey,
    Partitioner,
    Rebalance,
    Rescale,
    Shuffle,
)
from flott.kernels.partition import hash_partition
from flott.runtime.task.column_scatter import ColumnScatter, NextReceiver, scatter_by_columns
from flott.runtime.task.failure import attach_place, attach_record
from flott.runtime.task.isolation import separate
from flott.runtime.task.sender import Sender

#: Divides a batch in as many parts as there are receivers; ``None`` stands for an empty part.
RowScatter = Callable[[RowBatch, int], Sequence[RowBatch | None]]


class Scatter(NamedTuple):
    """How an edge divides batches of either kind; ``None`` where its records are of the other."""

    rows: RowScatter | None
    columns: ColumnScatter | None

    def divide(self, batch: Batch, receivers: int) -> Sequence[Batch | None]:
        """The part of each receiver."""
        if isinstance(batch, RowBatch):
            assert self.rows is not None, "rows on an edge of columns"
            return self.rows(batch, receivers)
        assert isinstance(batch, ColumnBatch), f"unknown batch {batch!r}"
        assert self.columns is not None, "columns on an edge of rows"
        return self.columns(batch, receivers)


class Router:
    """Sends the output of one edge."""

    def __init__(
        self,
        senders: Sequence[Sender],
        partitioner: Partitioner,
        scatter: Scatter | None,
        receiver: str = "",
    ) -> None:
        assert senders
        self.senders = tuple(senders)
        self.records_out = 0
        self._scatter = scatter
        self._to_all = isinstance(partitioner, Broadcast)
        what = "partitioner" if isinstance(partitioner, Custom) else "key selector"
        self._place = f"{what} of {receiver}"

    def emit(self, batch: Batch) -> None:
        """Send ``batch`` to the receivers its records belong to."""
        assert batch.row_count > 0
        self.records_out += batch.row_count
        senders = self.senders
        if self._to_all:
            for sender in senders[1:]:
                sender.put(separate(batch))
            senders[0].put(batch)
        elif self._scatter is None:
            senders[0].put(batch)
        else:
            try:
                parts = self._scatter.divide(batch, len(senders))
            except Exception as error:
                attach_place(error, self._place)
                raise
            for sender, part in zip(senders, parts, strict=True):
                if part is not None:
                    sender.put(part)

    def broadcast(self, element: Element) -> None:
        """Send a watermark, status, barrier or end to every receiver."""
        for sender in self.senders:
            sender.put(element)

    def emit_watermark(self, timestamp: int) -> None:
        """Send a watermark to every receiver."""
        self.broadcast(Watermark(timestamp))

    def emit_status(self, idle: bool) -> None:
        """Tell every receiver that this sender is idle, or active again."""
        self.broadcast(IDLE if idle else ACTIVE)

    @property
    def records(self) -> int:
        """Records that came to be sent."""
        return self.records_out

    @property
    def has_room(self) -> bool:
        """Whether every receiver can take another batch."""
        return all(sender.has_room for sender in self.senders)


def make_scatter(
    partitioner: Partitioner,
    receivers: int,
    subtask: int,
    max_parallelism: int,
) -> Scatter | None:
    """How to divide batches; ``None`` if they go to the first receiver whole."""
    assert receivers > 0
    match partitioner:
        case HashKey() if receivers > 1:
            return Scatter(_scatter_by_key(partitioner.key_selector, max_parallelism), None)
        case HashColumns() if receivers > 1:
            return Scatter(None, scatter_by_columns(partitioner.positions, max_parallelism))
        case Rebalance() | Rescale() if receivers > 1:
            return Scatter(_RoundRobin(subtask % receivers), NextReceiver(subtask))
        case Shuffle() if receivers > 1:
            return Scatter(_Shuffled(subtask), NextReceiver(subtask))
        case Custom():
            return Scatter(_scatter_custom(partitioner), None)
        case (
            HashKey()
            | HashColumns()
            | Rebalance()
            | Rescale()
            | Shuffle()
            | Forward()
            | Global()
            | Broadcast()
        ):
            return None
        case _:
            raise AssertionError(f"unknown partitioner {partitioner!r}")


def _scatter_by_key(selector: Callable[[Any], Any], max_parallelism: int) -> RowScatter:
    def scatter(batch: RowBatch, receivers: int) -> Sequence[RowBatch | None]:
        keys = select_keys(selector, batch.values)
        parts = hash_partition(keys, batch.values, batch.timestamps, max_parallelism, receivers)
        return [RowBatch(values, times) if values else None for values, times in parts]

    return scatter


def select_keys(selector: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    """The key of each record; an error in the selector carries the record."""
    remaining = iter(values)
    try:
        return list(map(selector, remaining))
    except Exception as error:
        attach_record(error, values[len(values) - length_hint(remaining) - 1])
        raise


class _RoundRobin:
    """Record by record to the next receiver, going on where the last batch stopped."""

    def __init__(self, cursor: int) -> None:
        self._cursor = cursor

    def __call__(self, batch: RowBatch, receivers: int) -> Sequence[RowBatch | None]:
        values, times = batch.values, batch.timestamps
        parts: list[RowBatch | None] = [None] * receivers
        for offset in range(min(receivers, len(values))):
            parts[(self._cursor + offset) % receivers] = RowBatch(
                values[offset::receivers], None if times is None else times[offset::receivers]
            )
        self._cursor = (self._cursor + len(values)) % receivers
        return parts


class _Shuffled:
    """Each record to a receiver drawn by a small generator (Marsaglia's xorshift32).

    It is seeded by the subtask, so that a run can be repeated.
    """

    def __init__(self, subtask: int) -> None:
        self._state = (subtask + 1) * 2654435761 & 0xFFFFFFFF

    def __call__(self, batch: RowBatch, receivers: int) -> Sequence[RowBatch | None]:
        state = self._state
        targets = []
        for _ in range(len(batch.values)):
            state ^= state << 13 & 0xFFFFFFFF
            state ^= state >> 17
            state ^= state << 5 & 0xFFFFFFFF
            targets.append(state % receivers)
        self._state = state
        return scatter_to(batch, targets, receivers)


def _scatter_custom(partitioner: Custom) -> RowScatter:
    def scatter(batch: RowBatch, receivers: int) -> Sequence[RowBatch | None]:
        partition = partitioner.partition
        targets = []
        for value, key in zip(
            batch.values, select_keys(partitioner.key_selector, batch.values), strict=True
        ):
            target = partition(key, receivers)
            if not (isinstance(target, int) and 0 <= target < receivers):
                raise ProgramError(
                    f"The partitioner returned {target!r} for key {key!r}; it must return an int "
                    f"from 0 to {receivers - 1}, for there are {receivers} receivers "
                    f"(record {value!r:.200})"
                )
            targets.append(target)
        return scatter_to(batch, targets, receivers)

    return scatter


def scatter_to(batch: RowBatch, targets: list[int], receivers: int) -> list[RowBatch | None]:
    """Divide ``batch`` by the receiver of each record."""
    assert len(targets) == batch.row_count
    values: list[list[Any]] = [[] for _ in range(receivers)]
    for value, target in zip(batch.values, targets, strict=True):
        values[target].append(value)
    if batch.timestamps is None:
        return [RowBatch(part) if part else None for part in values]
    times: list[list[int]] = [[] for _ in range(receivers)]
    for time, target in zip(batch.timestamps, targets, strict=True):
        times[target].append(time)
    return [
        RowBatch(part, when) if part else None for part, when in zip(values, times, strict=True)
    ]


def rescale_receivers(senders: int, receivers: int, sender: int) -> range:
    """The receivers that ``sender`` reaches under ``Rescale``: a contiguous local share, so that
    shares are as even as possible on both sides.

    >>> [list(rescale_receivers(2, 4, i)) for i in range(2)]
    [[0, 1], [2, 3]]
    >>> [list(rescale_receivers(4, 2, i)) for i in range(4)]
    [[0], [0], [1], [1]]
    """
    assert 0 <= sender < senders
    if senders >= receivers:
        target = sender * receivers // senders
        return range(target, target + 1)
    start = (sender * receivers + senders - 1) // senders
    stop = ((sender + 1) * receivers + senders - 1) // senders
    return range(start, stop)
