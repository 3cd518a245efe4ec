"""A source at a fixed rate: what is due is made when it is due, however long the engine took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

#: Makes the records of some numbers, of which record ``i`` is due at ``begin + i * period``
#: nanoseconds: from first number, number behind the last, begin and period.
MakeBatch = Callable[[int, int, int, int], Batch]


class Paced(Source):
    """``rate`` records a second for ``seconds``, divided among the readers."""

    def __init__(self, rate: int, seconds: float, make_batch: MakeBatch) -> None:
        self.rate, self.seconds, self.make_batch = rate, seconds, make_batch

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(self, context: EnumeratorContext, restored: Any) -> SplitEnumerator:
        return PacedEnumerator(context)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return PacedReader(self, context)


class PacedSplit:
    def __init__(self, split_id: str) -> None:
        self.split_id = split_id


class PacedEnumerator(SplitEnumerator):
    def __init__(self, context: EnumeratorContext) -> None:
        self.context = context

    def start(self) -> None:
        for subtask in range(self.context.parallelism):
            self.context.assign({subtask: [PacedSplit(f"reader-{subtask}")]})
            self.context.no_more_splits(subtask)

    def handle_split_request(self, subtask: int) -> None:
        pass

    def snapshot(self, checkpoint_id: int) -> Any:
        return None


class PacedReader(SourceReader):
    def __init__(self, source: Paced, context: OperatorContext) -> None:
        self.period_ns = int(1e9 * context.parallelism / source.rate)
        self.total = int(source.rate * source.seconds / context.parallelism)
        self.context, self.sent, self.splits = context, 0, []
        self.make_batch = source.make_batch

    def add_splits(self, splits: Sequence[Any]) -> None:
        self.splits, self.begin_ns = list(splits), time.perf_counter_ns()

    def poll(self, rows_max: int) -> SplitBatch | None:
        if not self.splits:
            return None
        due = min((time.perf_counter_ns() - self.begin_ns) // self.period_ns, self.total)
        if due <= self.sent:
            self.context.schedule(self.context.clock.now_ms() + 1, lambda: None)
            return None
        stop = min(due, self.sent + rows_max)
        batch = self.make_batch(self.sent, stop, self.begin_ns, self.period_ns)
        self.sent = stop
        name = self.splits[0].split_id
        if stop == self.total:
            self.splits = []
        return SplitBatch(name, batch, not self.splits)

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return self.splits
