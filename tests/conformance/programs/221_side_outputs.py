# area: ds-side-output
# Side outputs from every kind of process function and from windows.
from pyflink.common import Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import OutputTag, StreamExecutionEnvironment
from pyflink.datastream.functions import *
from pyflink.datastream.state import MapStateDescriptor
from pyflink.datastream.window import TumblingEventTimeWindows

SIDE = OutputTag("side", Types.STRING())
NUM = OutputTag("num", Types.INT())


class Clock(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value[1]


class P(ProcessFunction):
    def process_element(self, value, ctx):
        yield SIDE, "p %s" % value[0]
        yield NUM, value[1]
        yield value[1] * 2


class K(KeyedProcessFunction):
    def process_element(self, value, ctx):
        ctx.timer_service().register_event_time_timer(value[1] + 10)
        yield SIDE, "k %s" % ctx.get_current_key()

    def on_timer(self, timestamp, ctx):
        yield SIDE, "k timer %s %d" % (ctx.get_current_key(), timestamp)
        yield timestamp


class KC(KeyedCoProcessFunction):
    def process_element1(self, value, ctx):
        ctx.timer_service().register_event_time_timer(value[1] + 20)
        yield SIDE, "kc1 %s" % (value,)

    def process_element2(self, value, ctx):
        yield SIDE, "kc2 %s" % (value,)
        yield 2

    def on_timer(self, timestamp, ctx):
        yield SIDE, "kc timer %s" % timestamp


class B(BroadcastProcessFunction):
    def process_element(self, value, ctx):
        yield SIDE, "b1 %s" % (value,)

    def process_broadcast_element(self, value, ctx):
        yield SIDE, "b2 %s" % (value,)
        yield 9


class KB(KeyedBroadcastProcessFunction):
    def process_element(self, value, ctx):
        yield SIDE, "kb1 %s %s" % (value, ctx.get_current_key())

    def process_broadcast_element(self, value, ctx):
        yield SIDE, "kb2 %s" % (value,)


class W(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield SIDE, "w %s %d" % (key, context.window().start)
        yield len(list(elements))


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
T = Types.TUPLE([Types.STRING(), Types.LONG()])
s = env.from_collection([("a", 1), ("b", 25), ("a", 7)], T).assign_timestamps_and_watermarks(
    WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Clock()))
k = s.key_by(lambda v: v[0], Types.STRING())
D = MapStateDescriptor("d", Types.STRING(), Types.STRING())
outs = []
for label, stream in (
        ("p", s.process(P(), Types.LONG())), ("k", k.process(K(), Types.LONG())),
        ("kc", k.connect(k).process(KC(), Types.LONG())), ("b", s.connect(s.broadcast(D)).process(B(), Types.LONG())),
        ("kb", k.connect(s.broadcast(D)).process(KB(), Types.LONG())),
        ("w", k.window(TumblingEventTimeWindows.of(Time.milliseconds(10))).process(W(), Types.LONG()))):
    outs.append(stream.map(lambda v, label=label: "%s main %s" % (label, v), Types.STRING()))
    outs.append(stream.get_side_output(SIDE).map(lambda v, label=label: "%s side %s" % (label, v), Types.STRING()))
    outs.append(stream.get_side_output(NUM).map(lambda v, label=label: "%s num %s" % (label, v), Types.STRING()))
for line in sorted(outs[0].union(*outs[1:]).execute_and_collect()):
    print("OUT", line)
