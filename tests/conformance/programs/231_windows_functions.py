# area: ds-windows
# Tumbling, sliding and session windows with reduce, aggregate, apply, process and both together.
from pyflink.common import Duration, Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.functions import AggregateFunction, ProcessWindowFunction, ReduceFunction, WindowFunction
from pyflink.datastream.window import EventTimeSessionWindows, SlidingEventTimeWindows, TumblingEventTimeWindows


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value[1]


class Avg(AggregateFunction):
    def create_accumulator(self):
        return 0, 0

    def add(self, value, acc):
        return acc[0] + value[2], acc[1] + 1

    def get_result(self, acc):
        return acc[0] / acc[1]

    def merge(self, a, b):
        return a[0] + b[0], a[1] + b[1]


class Apply(WindowFunction):
    def apply(self, key, window, inputs):
        inputs = list(inputs)
        yield "apply %s [%d,%d) %s" % (key, window.start, window.end, inputs)


class Process(ProcessWindowFunction):
    def process(self, key, context, elements):
        elements = list(elements)
        yield "process %s %s max %d wm>=end %s %s" % (key, context.window().start, context.window().max_timestamp(),
                                                      context.current_watermark() >= context.window().max_timestamp(), elements)


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
data = [("a", 1, 5), ("b", 4, 2), ("a", 9, 1), ("a", 12, 7), ("a", 10, 3), ("b", 30, 8), ("a", 42, 2), ("a", 19, 1)]
s = env.from_collection(data, Types.TUPLE([Types.STRING(), Types.LONG(), Types.INT()])).assign_timestamps_and_watermarks(
    WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(5)).with_timestamp_assigner(Stamp()))
k = s.key_by(lambda v: v[0], Types.STRING())
tag = lambda label, stream: stream.map(lambda v: "%s %s" % (label, v), Types.STRING())
for name, assigner in (("tumbling", TumblingEventTimeWindows.of(Time.milliseconds(10))),
                       ("sliding", SlidingEventTimeWindows.of(Time.milliseconds(10), Time.milliseconds(5))),
                       ("uneven", SlidingEventTimeWindows.of(Time.milliseconds(10), Time.milliseconds(15))),
                       ("session", EventTimeSessionWindows.with_gap(Time.milliseconds(8)))):
    w = k.window(assigner)
    outs = [
        tag("reduce", w.reduce(lambda a, b: (a[0], max(a[1], b[1]), a[2] + b[2]))),
        tag("reduce+apply", w.reduce(lambda a, b: (a[0], max(a[1], b[1]), a[2] + b[2]), window_function=Apply(), output_type=Types.STRING())),
        tag("aggregate", w.aggregate(Avg(), output_type=Types.DOUBLE())),
        tag("aggregate+process", w.aggregate(Avg(), window_function=Process(), accumulator_type=Types.TUPLE([Types.INT(), Types.INT()]), output_type=Types.STRING())),
        tag("apply", w.apply(Apply(), Types.STRING())),
        tag("process", w.process(Process(), Types.STRING())),
    ]
    for line in sorted(outs[0].union(*outs[1:]).execute_and_collect()):
        print("OUT", name, line)
