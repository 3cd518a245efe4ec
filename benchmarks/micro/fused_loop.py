"""Records a second of row functions, three ways of running them, without source and sink.

    python -m benchmarks.micro.fused_loop

The generated loop is what the runtime does with neighbouring row functions. A pass for each
operator has a loop per operator and a list in between. A call for each record hands every record
from operator to operator through a method, as engines of single records do. The fastest run counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from flott.core.batch import Batch, RowBatch
from flott.core.operator import Operator, RowStep, RowStepKind
from flott.core.output import Output
from flott.runtime.task.fused import FusedSteps

BATCH_ROWS = 4096
BATCHES = 250
RUNS = 7


Process = Callable[[RowBatch], None]


def add_one(value: int) -> int:
    return value + 1


def is_third(value: int) -> bool:
    return value % 3 == 0


SHORT = [RowStep(RowStepKind.MAP, add_one), RowStep(RowStepKind.FILTER, is_third)]
LONG = [*[RowStep(RowStepKind.MAP, add_one)] * 5, RowStep(RowStepKind.FILTER, is_third)]


class Count(Output):
    """Counts what comes out."""

    def __init__(self) -> None:
        self.rows = 0

    def emit(self, batch: Batch) -> None:
        self.rows += batch.row_count

    def emit_side(self, tag_id: str, batch: Batch) -> None: ...
    def emit_watermark(self, timestamp: int) -> None: ...
    def emit_status(self, idle: bool) -> None: ...


class Link:
    """An operator that takes records one by one and hands them on."""

    def __init__(self, step: RowStep, following: Callable[[Any], None]) -> None:
        self._function = step.function
        self._following = following

    def map(self, value: Any) -> None:
        self._following(self._function(value))

    def filter(self, value: Any) -> None:
        if self._function(value):
            self._following(value)


def generated_loop(steps: list[RowStep]) -> Process:
    nobody = [cast("Operator", None)] * len(steps)  # asked only when a function fails
    return FusedSteps(nobody, steps, Count()).emit


def pass_for_each_operator(steps: list[RowStep]) -> Process:
    emit = Count().emit

    def process(batch: RowBatch) -> None:
        for step in steps:
            function = step.function
            if step.kind is RowStepKind.MAP:
                batch = RowBatch([function(value) for value in batch.values])
            else:
                batch = RowBatch([value for value in batch.values if function(value)])
        emit(batch)

    return process


def call_for_each_record(steps: list[RowStep]) -> Process:
    emit = Count().emit

    def process(batch: RowBatch) -> None:
        values: list[Any] = []
        first = values.append
        for step in reversed(steps):
            link = Link(step, first)
            first = link.map if step.kind is RowStepKind.MAP else link.filter
        for value in batch.values:
            first(value)
        emit(RowBatch(values))

    return process


def compare(label: str, steps: list[RowStep]) -> None:
    """Print a line for each way."""
    batch = RowBatch(list(range(BATCH_ROWS)))
    ways = (generated_loop, pass_for_each_operator, call_for_each_record)
    cases = {way.__name__.replace("_", " "): way(steps) for way in ways}
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(RUNS):
        for name, process in cases.items():
            started = time.perf_counter()
            for _ in range(BATCHES):
                process(batch)
            best[name] = min(best[name], time.perf_counter() - started)
    for name, seconds in best.items():
        print(f"{label:<16}{name:<26}{BATCH_ROWS * BATCHES / seconds / 1e6:6.1f} M records/s")


if __name__ == "__main__":
    compare("map, filter", SHORT)
    compare("5 maps, filter", LONG)
