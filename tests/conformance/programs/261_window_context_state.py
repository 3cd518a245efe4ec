# area: ds-windows
# Per-window and global state in window functions, clear(), trigger context, window times.
from pyflink.common import Duration, Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.functions import ProcessAllWindowFunction, ProcessWindowFunction, AllWindowFunction, AggregateFunction, ReduceFunction
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor
from pyflink.datastream.window import *


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value


class Counting(ProcessWindowFunction):
    def open(self, ctx):
        self.subtask = ctx.get_index_of_this_subtask()

    def process(self, key, context, elements):
        fired = context.window_state().get_state(ValueStateDescriptor("fired", Types.INT()))
        total = context.global_state().get_state(ValueStateDescriptor("total", Types.INT()))
        fired.update((fired.value() or 0) + 1)
        total.update((total.value() or 0) + 1)
        yield "%s %d fired %d total %d %s" % (key, context.window().start, fired.value(), total.value(), sorted(elements))

    def clear(self, context):
        context.window_state().get_state(ValueStateDescriptor("fired", Types.INT())).clear()


class AllProcess(ProcessAllWindowFunction):
    def process(self, context, elements):
        yield "all process %d %s" % (context.window().start, sorted(elements))


class AllApply(AllWindowFunction):
    def apply(self, window, inputs):
        yield "all apply %d %s" % (window.start, sorted(inputs))


class Count(AggregateFunction):
    def create_accumulator(self):
        return 0

    def add(self, value, acc):
        return acc + 1

    def get_result(self, acc):
        return acc

    def merge(self, a, b):
        return a + b


class Stamped(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield context.window().end


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)


def run(label, build, order=False):
    try:
        rows = list(build().execute_and_collect())
        for row in rows if not order else sorted(rows):
            print("OUT", label, row)
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


s = env.from_collection([1, 5, 12, 3, 25, 4, 14, 100, 24, 2], Types.LONG()).assign_timestamps_and_watermarks(
    WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Stamp()))
k = s.key_by(lambda v: v % 2, Types.LONG())
ten = TumblingEventTimeWindows.of(Time.milliseconds(10))
run("count trigger", lambda: k.window(ten).trigger(CountTrigger.of(2)).process(Counting(), Types.STRING()), True)
run("purging", lambda: k.window(ten).trigger(PurgingTrigger.of(CountTrigger.of(2))).process(Counting(), Types.STRING()), True)
run("all", lambda: s.window_all(ten).process(AllProcess(), Types.STRING()))
run("all apply", lambda: s.window_all(ten).apply(AllApply(), Types.STRING()))
run("all aggregate", lambda: s.window_all(ten).aggregate(Count(), output_type=Types.INT()))
run("all aggregate process", lambda: s.window_all(ten).aggregate(Count(), AllProcess(), Types.INT(), Types.STRING()))
run("all reduce", lambda: s.window_all(ten).reduce(lambda a, b: a + b))
run("all sliding", lambda: s.window_all(SlidingEventTimeWindows.of(Time.milliseconds(20), Time.milliseconds(10))).apply(AllApply(), Types.STRING()))
run("all session", lambda: s.window_all(EventTimeSessionWindows.with_gap(Time.milliseconds(5))).apply(AllApply(), Types.STRING()))
run("twice", lambda: k.window(ten).process(Stamped(), Types.LONG()).window_all(TumblingEventTimeWindows.of(Time.milliseconds(50))).reduce(lambda a, b: a + b))
