"""One case of the DataStream benchmark on PyFlink; prints records and seconds as JSON.

Seconds are the job's own: the start of the Java process and of its local cluster are left out.
"""

import json
import os
import sys

from pyflink.common import Configuration, Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.connectors.base import Sink
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.datastream.functions import AggregateFunction
from pyflink.datastream.state import ValueStateDescriptor
from pyflink.datastream.window import TumblingEventTimeWindows
from pyflink.java_gateway import get_gateway


class CountPerKey(KeyedProcessFunction):
    def open(self, runtime_context):
        self.count = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value, ctx):
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield ctx.get_current_key(), count


class Count(AggregateFunction):
    def create_accumulator(self):
        return 0

    def add(self, value, accumulator):
        return accumulator + 1

    def get_result(self, accumulator):
        return accumulator

    def merge(self, left, right):
        return left + right


class ByValue(TimestampAssigner):
    def extract_timestamp(self, value, record_timestamp):
        return value


def build(case, numbers):
    if case == "map_filter":
        doubled = numbers.map(lambda x: x * 2, output_type=Types.LONG())
        return doubled.filter(lambda x: x % 3 == 0)
    if case == "keyed_count":
        keyed = numbers.key_by(lambda x: x % 1000, key_type=Types.LONG())
        return keyed.process(CountPerKey(), Types.TUPLE([Types.LONG(), Types.LONG()]))
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(ByValue())
    timed = numbers.assign_timestamps_and_watermarks(strategy)
    keyed = timed.key_by(lambda x: x % 100, key_type=Types.LONG())
    windows = keyed.window(TumblingEventTimeWindows.of(Time.seconds(1)))
    return windows.aggregate(Count(), accumulator_type=Types.LONG(), output_type=Types.LONG())


def main():
    # Workers run what is called python in PATH; thread mode finds its modules in no other way.
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    case, records, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    configuration = Configuration()
    configuration.set_string("python.execution-mode", mode)
    configuration.set_string("execution.checkpointing.interval", "1 s")
    configuration.set_string("restart-strategy.type", "none")  # else one that cannot start hangs
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(1)
    source = NumberSequenceSource(1, records)
    numbers = env.from_source(source, WatermarkStrategy.no_watermarks(), "numbers", Types.LONG())
    package = get_gateway().jvm.org.apache.flink.streaming.api.functions.sink.v2
    build(case, numbers).sink_to(Sink(package.DiscardingSink()))
    result = env.execute(case)
    print(json.dumps({"records": records, "seconds": result.get_net_runtime() / 1000}))


if __name__ == "__main__":
    main()
