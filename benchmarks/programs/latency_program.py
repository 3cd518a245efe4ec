"""Latency of single records at a fixed rate on Flott; prints percentiles in ms as JSON.

Each record carries the moment at which it was due, not at which it was sent, so that a pause of
the engine shows in every record it delays (no coordinated omission).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

from paced import Paced

from flott.common import Configuration, WatermarkStrategy
from flott.core.batch import RowBatch
from flott.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from flott.datastream.functions import RuntimeContext
from flott.datastream.state import ValueStateDescriptor

WARM_UP_S = 1.0


def make_batch(first: int, stop: int, begin_ns: int, period_ns: int) -> RowBatch:
    """The moments at which records are due."""
    return RowBatch([begin_ns + number * period_ns for number in range(first, stop)])


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
    source = Paced(rate, seconds + WARM_UP_S, make_batch)
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
