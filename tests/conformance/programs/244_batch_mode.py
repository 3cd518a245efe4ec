# area: ds-exec
# BATCH mode: final values only, sorted keys, timers at the end, processing-time timers fire.
from pyflink.common import Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import KeyedProcessFunction, RuntimeExecutionMode, StreamExecutionEnvironment
from pyflink.datastream.state import ValueStateDescriptor


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value[1]


class Timers(KeyedProcessFunction):
    def open(self, ctx):
        self.n = ctx.get_state(ValueStateDescriptor("n", Types.INT()))

    def process_element(self, value, ctx):
        self.n.update((self.n.value() or 0) + 1)
        ctx.timer_service().register_event_time_timer(value[1] + 5)
        yield "element %s %d wm %d" % (value[0], value[1], ctx.timer_service().current_watermark())

    def on_timer(self, timestamp, ctx):
        yield "timer %s %d n %d" % (ctx.get_current_key(), timestamp, self.n.value())


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
env.set_runtime_mode(RuntimeExecutionMode.BATCH)
data = [("b", 11), ("a", 3), ("b", 2), ("a", 14), ("c", 7), ("a", 1)]
s = env.from_collection(data, Types.TUPLE([Types.STRING(), Types.LONG()])).assign_timestamps_and_watermarks(
    WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Stamp()))
k = s.key_by(lambda v: v[0], Types.STRING())
for label, build in (("sum", lambda: k.sum(1)), ("max_by", lambda: k.max_by(1)), ("min", lambda: k.min(1)),
                     ("reduce", lambda: k.reduce(lambda a, b: (a[0], a[1] + b[1])))):
    print("OUT", label, sorted(build().execute_and_collect()))
for line in sorted(k.process(Timers(), Types.STRING()).execute_and_collect()):
    print("OUT", line)
print("OUT", sorted(s.map(lambda v: v[1] * 2, Types.LONG()).execute_and_collect()))
env.set_runtime_mode(RuntimeExecutionMode.AUTOMATIC)
print("OUT", sorted(env.from_collection(data, Types.TUPLE([Types.STRING(), Types.LONG()])).key_by(lambda v: v[0], Types.STRING()).sum(1).execute_and_collect()))
