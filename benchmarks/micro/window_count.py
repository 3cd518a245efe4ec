"""Rows per second of window operators, without runtime around them.

    python -m benchmarks.micro.window_count [rows]

Each line runs one operator on ready batches, with a watermark after each batch and an incremental
snapshot after every tenth part of the rows; key selectors and functions are ordinary Python.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from flott.core.batch import RowBatch
from flott.core.element import Barrier
from flott.core.operator import OperatorSpec
from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.operators.window import (
    CountTumblingWindowAssigner,
    EventTimeSessionWindows,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
    WindowAssigner,
)
from tests.operators.harness import Harness

KEYS = 1000
BATCH_ROWS = 8192
#: Rows of one millisecond of event time.
ROWS_PER_MS = 10


class Count:
    """Counts records."""

    def create_accumulator(self) -> int:
        return 0

    def add(self, value: Any, accumulator: int) -> int:
        return accumulator + 1

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, a: int, b: int) -> int:
        return a + b


def key_of(value: tuple[int, int]) -> int:
    return value[0]


def latest(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return b if b[1] > a[1] else a


def size_of(key: int, window: Any, rows: list[Any]) -> list[tuple[int, int]]:
    return [(key, len(rows))]


def batches(rows: int, keys: int = KEYS) -> list[RowBatch]:
    made = []
    for first in range(0, rows, BATCH_ROWS):
        numbers = range(first, min(rows, first + BATCH_ROWS))
        values = [(n * 7919 % keys, n) for n in numbers]
        made.append(RowBatch(values, [n // ROWS_PER_MS for n in numbers]))
    return made


def spec(
    assigner: WindowAssigner[Any, Any], kind: WindowFunctionKind, function: Callable[..., Any]
) -> OperatorSpec:
    return WindowSpec(assigner=assigner, function=function, function_kind=kind, key_selector=key_of)


def run(spec: OperatorSpec, input_batches: list[RowBatch]) -> float:
    """Seconds for all batches."""
    harness = Harness(spec)
    operator, store = harness.operator, harness.context.keyed_store
    snapshot_every = max(1, len(input_batches) // 10)
    start = time.process_time()
    for number, batch in enumerate(input_batches):
        operator.process_batch(batch, 0)
        operator.process_watermark(batch.timestamps[-1] - 100)
        if number % snapshot_every == 0:
            operator.prepare_snapshot(Barrier(number, 0))
            store.snapshot(False)
    harness.end()
    return time.process_time() - start


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    aggregate, reduce = WindowFunctionKind.AGGREGATE, WindowFunctionKind.REDUCE
    apply = WindowFunctionKind.APPLY
    tumbling, sliding = TumblingEventTimeWindows.of(10_000), SlidingEventTimeWindows.of
    cases = {
        "tumbling aggregate": spec(tumbling, aggregate, Count()),
        "tumbling reduce": spec(tumbling, reduce, latest),
        "tumbling apply": spec(tumbling, apply, size_of),
        "sliding 2 aggregate": spec(sliding(10_000, 5_000), aggregate, Count()),
        "sliding 60 aggregate": spec(sliding(60_000, 1_000), aggregate, Count()),
        "session aggregate": spec(EventTimeSessionWindows.with_gap(500), aggregate, Count()),
        "count window aggregate": spec(CountTumblingWindowAssigner.of(100), aggregate, Count()),
    }
    given = batches(rows)
    for name, case in cases.items():
        chosen = given if "60" not in name and "session" not in name else given[: len(given) // 4]
        seconds = min(run(case, chosen) for _ in range(3))
        count = sum(batch.row_count for batch in chosen)
        print(f"{name:24} {count / seconds / 1e6:6.2f} M rows/s")
    many = batches(rows, keys=500_000)
    seconds = min(run(cases["tumbling aggregate"], many) for _ in range(3))
    print(f"{'tumbling, 500 k keys':24} {rows / seconds / 1e6:6.2f} M rows/s")


if __name__ == "__main__":
    main()
