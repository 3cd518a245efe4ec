# area: ds-time
# Watermarks and timestamps seen by functions, assigners given twice, timestamps after windows, processing time.
from pyflink.common import Duration, Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import KeyedProcessFunction, ProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.functions import ProcessWindowFunction
from pyflink.datastream.window import TumblingEventTimeWindows


class First(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value


class Later(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return ts + 1000


class Stamps(ProcessFunction):
    def __init__(self, label):
        self.label = label

    def process_element(self, value, ctx):
        yield "%s %s ts %s now %s" % (self.label, value, ctx.timestamp(), ctx.timer_service().current_processing_time() > 10 ** 12)


class Fire(KeyedProcessFunction):
    def process_element(self, value, ctx):
        ctx.timer_service().register_event_time_timer(-5)
        ctx.timer_service().register_event_time_timer(value)

    def on_timer(self, timestamp, ctx):
        yield "timer %d" % timestamp


class Windowed(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield len(list(elements))


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([5, 17, 3, 25, 40], Types.LONG())
one = s.assign_timestamps_and_watermarks(WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(First()))
two = one.assign_timestamps_and_watermarks(WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(10)).with_timestamp_assigner(Later()))
three = one.key_by(lambda v: 0, Types.INT()).window(TumblingEventTimeWindows.of(Time.milliseconds(10))).process(Windowed(), Types.INT())
outs = [one.process(Stamps("one"), Types.STRING()), two.process(Stamps("two"), Types.STRING()), three.process(Stamps("window"), Types.STRING())]
for line in sorted(outs[0].union(*outs[1:]).execute_and_collect()):
    print("OUT", line)
for line in one.key_by(lambda v: 0, Types.INT()).process(Fire(), Types.STRING()).execute_and_collect():
    print("OUT", line)
