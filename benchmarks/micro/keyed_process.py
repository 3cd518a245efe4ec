"""Rows a second of one keyed process operator, without source, exchange or sink.

    python -m benchmarks.micro.keyed_process

A running count per key: key selector, current key, generator, state read and write, result. Each
case is run several times and the median is given.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from flott.common.state import ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.core.batch import RowBatch
from flott.core.element import Barrier
from flott.core.operator import OperatorSpec
from flott.operators.rows import KeyedProcessSpec, KeyedReduceSpec
from tests.operators.harness import Harness

ROWS = 500_000
BATCH_ROWS = 4096
RUNS = 5


class Count:
    """Counts the records of a key."""

    def open(self, runtime_context: Any) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value: int, ctx: Any) -> Any:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield value, count


class Pass:
    """Does nothing but hand the record on."""

    def process_element(self, value: int, ctx: Any) -> Any:
        yield value


def key_of(value: int) -> int:
    return value % 1000


def main() -> None:
    pair = Types.TUPLE([Types.LONG(), Types.LONG()])
    count = KeyedProcessSpec(Count(), key_of)
    cases: list[tuple[str, OperatorSpec, bool, bool]] = [
        ("pass on", KeyedProcessSpec(Pass(), key_of), False, False),
        ("count", count, False, False),
        ("count, declared type", KeyedProcessSpec(Count(), key_of, pair), False, False),
        ("count, timestamps", count, True, False),
        ("count, snapshots", count, False, True),
        ("reduce", KeyedReduceSpec(max, key_of), False, False),
    ]
    for name, spec, timed, snapshots in cases:
        rates = [_rate(Harness(spec), timed, snapshots) for _ in range(RUNS)]
        rate = statistics.median(rates)
        print(f"{name:24} {rate / 1e6:6.2f} M rows/s  {1e9 / rate:6.0f} ns a row")


def _rate(harness: Harness, timed: bool, snapshots: bool) -> float:
    batches = [
        RowBatch(
            list(range(start, min(start + BATCH_ROWS, ROWS))),
            list(range(start, min(start + BATCH_ROWS, ROWS))) if timed else None,
        )
        for start in range(0, ROWS, BATCH_ROWS)
    ]
    operator, events = harness.operator, harness.output.events
    started = time.perf_counter()
    for number, batch in enumerate(batches):
        operator.process_batch(batch, 0)
        events.clear()
        if snapshots and number % 40 == 0:
            operator.prepare_snapshot(Barrier(number, 0))
            harness.context.keyed_store.snapshot(False)
    return ROWS / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
