"""Latency of single records at a fixed rate on Flott; prints percentiles in ms as JSON.

Each record carries the moment at which it was due, not at which it was sent, so that a pause of
the engine shows in every record it delays (no coordinated omission).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from flott.common import Configuration, WatermarkStrategy
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)
from flott.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from flott.datastream.functions import RuntimeContext
from flott.datastream.state import ValueStateDescriptor

WARM_UP_S = 1.0


class Paced(Source):
    """``rate`` records a second for ``seconds``, divided among the readers."""

    def __init__(self, rate: int, seconds: float) -> None:
        self.rate, self.seconds = rate, seconds

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
        batch = [self.begin_ns + i * self.period_ns for i in range(self.sent, stop)]
        self.sent = stop
        name = self.splits[0].split_id
        if stop == self.total:
            self.splits = []
        return SplitBatch(name, RowBatch(batch), not self.splits)

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return self.splits


class Measure(KeyedProcessFunction):
    """Counts per key and gives the latency of each record in microseconds."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))

    def process_element(self, value: int, ctx: KeyedProcessFunction.Context) -> Iterator[int]:
        self.count.update((self.count.value() or 0) + 1)
        yield value


def main() -> None:
    rate, seconds, parallelism = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    env = StreamExecutionEnvironment.get_execution_environment(Configuration())
    env.set_parallelism(parallelism)
    source = Paced(rate, seconds + WARM_UP_S)
    stream = env.from_source(source, WatermarkStrategy.no_watermarks(), "paced")
    arrived = (
        stream.key_by(lambda due: due % 997)
        .process(Measure())
        .map(lambda due: (due, time.perf_counter_ns() - due))
    )
    with arrived.execute_and_collect() as rows:
        pairs = list(rows)
    first = min(due for due, _ in pairs) + WARM_UP_S * 1e9
    latencies = sorted(latency / 1e6 for due, latency in pairs if due >= first)

    def percentile(share: float) -> float:
        return latencies[min(len(latencies) - 1, int(len(latencies) * share))]

    names = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    print(json.dumps({name: round(percentile(share), 3) for name, share in names.items()}))


if __name__ == "__main__":
    main()
