# area: ds-timers
# Watermarks seen, timestamps of results, time domains, overdue timers, timers registered in on_timer.
from pyflink.common import Duration, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import KeyedProcessFunction, ProcessFunction, StreamExecutionEnvironment, TimeDomain


class Clock(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value[1]


class T(KeyedProcessFunction):
    def process_element(self, value, ctx):
        ts = ctx.timer_service()
        ts.register_event_time_timer(value[1] - 1000)
        ts.register_event_time_timer(value[1] + 1000)
        yield "element %s %d wm %d" % (value[0], ctx.timestamp(), ts.current_watermark())

    def on_timer(self, timestamp, ctx):
        yield "timer %s %d ctx %s domain %s wm %d" % (ctx.get_current_key(), timestamp, ctx.timestamp(), ctx.time_domain(), ctx.timer_service().current_watermark())
        if timestamp % 1000 == 0 and timestamp < 20000:
            ctx.timer_service().register_event_time_timer(timestamp + 100000)


class Stamp(ProcessFunction):
    def process_element(self, value, ctx):
        yield "%s | ts %s" % (value, ctx.timestamp())


class NoTime(ProcessFunction):
    def process_element(self, value, ctx):
        yield "no time wm %s" % ctx.timer_service().current_watermark()


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
data = [("a", 5000), ("b", 3000), ("a", 9000), ("b", 1000)]
s = env.from_collection(data, Types.TUPLE([Types.STRING(), Types.LONG()]))
one = s.assign_timestamps_and_watermarks(WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(2)).with_timestamp_assigner(Clock())) \
    .key_by(lambda v: v[0], Types.STRING()).process(T(), Types.STRING()).process(Stamp(), Types.STRING())
lines = list(one.execute_and_collect())
for key in "ab":
    for line in lines:
        if line.split()[1] == key:
            print("OUT", line)
for line in s.process(NoTime(), Types.STRING()).execute_and_collect():
    print("OUT", line)
try:
    class Plain(ProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(5)
            yield 1
    print("OUT", list(s.process(Plain(), Types.INT()).execute_and_collect()))
except Exception as error:
    print("OUT plain timer raises")
print("OUT", [d.name for d in TimeDomain], TimeDomain.EVENT_TIME.value)
