# area: ds-windows
# A window assigner written in Python; session borders; dynamic gaps; lateness with sessions; evictor-less global windows.
from pyflink.common import Duration, Time, Types, WatermarkStrategy
from pyflink.common.typeinfo import TypeInformation
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import OutputTag, StreamExecutionEnvironment
from pyflink.datastream.functions import ProcessWindowFunction, WindowFunction
from pyflink.datastream.window import *


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value[1]


class Two(WindowAssigner):
    def assign_windows(self, element, timestamp, context):
        return [TimeWindow(0, 50), TimeWindow(timestamp, timestamp + 1)]

    def get_default_trigger(self, env):
        return EventTimeTrigger.create()

    def get_window_serializer(self):
        return TimeWindowSerializer()

    def is_event_time(self):
        return True


class Show(WindowFunction):
    def apply(self, key, window, inputs):
        yield "%s [%d,%d) %s" % (key, window.start, window.end, sorted(v[1] for v in inputs))


class Gap(SessionWindowTimeGapExtractor):
    def extract(self, element):
        return 3 if element[0] == "a" else 20


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
LATE = OutputTag("late", Types.STRING())
data = [("a", 1), ("a", 11), ("a", 6), ("b", 3), ("b", 24), ("a", 22), ("a", 60), ("a", 15), ("b", 40), ("a", 61), ("a", 200), ("a", 62)]
s = env.from_collection(data, Types.TUPLE([Types.STRING(), Types.LONG()])).assign_timestamps_and_watermarks(
    WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(30)).with_timestamp_assigner(Stamp()))
k = s.key_by(lambda v: v[0], Types.STRING())


def run(label, build):
    try:
        for row in sorted(build().execute_and_collect()):
            print("OUT", label, row)
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


def with_late(stream):
    return stream.union(stream.get_side_output(LATE).map(lambda v: "late", Types.STRING()))


run("custom", lambda: k.window(Two()).apply(Show(), Types.STRING()))
run("gap 5", lambda: k.window(EventTimeSessionWindows.with_gap(Time.milliseconds(5))).apply(Show(), Types.STRING()))
run("gap 10", lambda: k.window(EventTimeSessionWindows.with_gap(Time.milliseconds(10))).apply(Show(), Types.STRING()))
run("dynamic", lambda: k.window(EventTimeSessionWindows.with_dynamic_gap(Gap())).apply(Show(), Types.STRING()))
run("late session", lambda: k.window(EventTimeSessionWindows.with_gap(Time.milliseconds(5))).allowed_lateness(150).apply(Show(), Types.STRING()))
run("session count", lambda: k.window(EventTimeSessionWindows.with_gap(Time.milliseconds(10))).trigger(CountTrigger.of(2)).apply(Show(), Types.STRING()))
run("session purge", lambda: k.window(EventTimeSessionWindows.with_gap(Time.milliseconds(10))).trigger(PurgingTrigger.of(EventTimeTrigger.create())).apply(Show(), Types.STRING()))
run("processing", lambda: k.window(TumblingProcessingTimeWindows.of(Time.hours(5))).apply(Show(), Types.STRING()))
run("processing count", lambda: k.window(TumblingProcessingTimeWindows.of(Time.days(5))).trigger(CountTrigger.of(3)).apply(Show(), Types.STRING()).map(lambda v: v[v.index(")"):], Types.STRING()))
run("processing session", lambda: k.window(ProcessingTimeSessionWindows.with_gap(Time.hours(1))).trigger(CountTrigger.of(4)).apply(Show(), Types.STRING()).map(lambda v: v[v.index(")"):], Types.STRING()))
