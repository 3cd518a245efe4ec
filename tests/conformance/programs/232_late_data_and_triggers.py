# area: ds-windows
# Allowed lateness with updated results, late side output, and triggers.
from pyflink.common import Duration, Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import OutputTag, StreamExecutionEnvironment
from pyflink.datastream.functions import ProcessWindowFunction
from pyflink.datastream.window import *
from pyflink.datastream.state import ValueStateDescriptor


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value


class Show(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield "[%d,%d) %s" % (context.window().start, context.window().end, sorted(elements))


class ShowGlobal(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield "%s %s %s" % (key, context.window(), sorted(elements))


class EveryThird(Trigger):
    def __init__(self):
        self.descriptor = ValueStateDescriptor("n", Types.INT())

    def on_element(self, element, timestamp, window, ctx):
        state = ctx.get_partitioned_state(self.descriptor)
        n = (state.value() or 0) + 1
        state.update(n % 3)
        if n == 1:
            ctx.register_event_time_timer(window.max_timestamp())
        return TriggerResult.FIRE if n % 3 == 0 else TriggerResult.CONTINUE

    def on_processing_time(self, time, window, ctx):
        return TriggerResult.CONTINUE

    def on_event_time(self, time, window, ctx):
        return TriggerResult.FIRE_AND_PURGE

    def on_merge(self, window, ctx):
        pass

    def clear(self, window, ctx):
        ctx.get_partitioned_state(self.descriptor).clear()
        ctx.delete_event_time_timer(window.max_timestamp())


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
LATE = OutputTag("late", Types.LONG())


def run(label, build, side=False):
    stream = build()
    out = stream.map(lambda v: str(v), Types.STRING())
    if side:
        out = out.union(stream.get_side_output(LATE).map(lambda v: "late %d" % v, Types.STRING()))
    for line in out.execute_and_collect():
        print("OUT", label, line)


class Punctual(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value


values = [1, 5, 12, 3, 25, 4, 14, 100, 24, 2]
timed = env.from_collection(values, Types.LONG()).assign_timestamps_and_watermarks(
    WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Stamp()))
k = timed.key_by(lambda v: "k", Types.STRING())
tumbling = TumblingEventTimeWindows.of(Time.milliseconds(10))
run("end", lambda: k.window(tumbling).process(Show(), Types.STRING()))
run("late", lambda: k.window(tumbling).allowed_lateness(20).side_output_late_data(LATE).process(Show(), Types.STRING()), True)
run("count 2", lambda: k.window(tumbling).trigger(CountTrigger.of(2)).process(Show(), Types.STRING()))
run("purging count 2", lambda: k.window(tumbling).trigger(PurgingTrigger.of(CountTrigger.of(2))).process(Show(), Types.STRING()))
run("custom", lambda: k.window(TumblingEventTimeWindows.of(Time.milliseconds(1000))).trigger(EveryThird()).process(Show(), Types.STRING()))
run("global count 3", lambda: k.window(GlobalWindows.create()).trigger(CountTrigger.of(3)).process(ShowGlobal(), Types.STRING()))
run("global purging 3", lambda: k.window(GlobalWindows.create()).trigger(PurgingTrigger.of(CountTrigger.of(3))).process(ShowGlobal(), Types.STRING()))
run("global never", lambda: k.window(GlobalWindows.create()).process(ShowGlobal(), Types.STRING()))
