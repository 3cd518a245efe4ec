# area: ds-transform
# The name and type every operation gives its stream.
from pyflink.common import Types, WatermarkStrategy, Row, Duration, Time
from pyflink.datastream import StreamExecutionEnvironment, OutputTag
from pyflink.datastream.functions import *
from pyflink.datastream.window import *
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.datastream.state import MapStateDescriptor


def show(label, function):
    try:
        stream = function()
        print("OUT", label, "|", stream.get_name(), "|", stream.get_type())
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


class P(ProcessFunction):
    def process_element(self, value, ctx):
        yield value


class K(KeyedProcessFunction):
    def process_element(self, value, ctx):
        yield value


class C(CoMapFunction):
    def map1(self, value):
        return value

    def map2(self, value):
        return value


class F(CoFlatMapFunction):
    def flat_map1(self, value):
        yield value

    def flat_map2(self, value):
        yield value


class CP(CoProcessFunction):
    def process_element1(self, value, ctx):
        yield value

    def process_element2(self, value, ctx):
        yield value


class KCP(KeyedCoProcessFunction):
    def process_element1(self, value, ctx):
        yield value

    def process_element2(self, value, ctx):
        yield value


class B(BroadcastProcessFunction):
    def process_element(self, value, ctx):
        yield value

    def process_broadcast_element(self, value, ctx):
        yield value


class W(WindowFunction):
    def apply(self, key, window, inputs):
        yield key


class PW(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield key


class Agg(AggregateFunction):
    def create_accumulator(self):
        return 0

    def add(self, value, accumulator):
        return accumulator + 1

    def get_result(self, accumulator):
        return accumulator

    def merge(self, a, b):
        return a + b


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
T = Types.TUPLE([Types.STRING(), Types.INT()])
s = env.from_collection([("a", 1)], type_info=T)
plain = env.from_collection([("a", 1)])
k = s.key_by(lambda v: v[0], key_type=Types.STRING())
show("source", lambda: s)
show("source untyped", lambda: plain)
show("map", lambda: s.map(lambda v: v))
show("map typed", lambda: s.map(lambda v: v, output_type=T))
show("flat_map", lambda: s.flat_map(lambda v: [v]))
show("flat_map typed", lambda: s.flat_map(lambda v: [v], output_type=T))
show("filter", lambda: s.filter(lambda v: True))
show("filter untyped", lambda: plain.filter(lambda v: True))
show("keyed map", lambda: k.map(lambda v: v, T))
show("keyed filter", lambda: k.filter(lambda v: True))
show("keyed flat_map", lambda: k.flat_map(lambda v: [v], T))
show("reduce", lambda: k.reduce(lambda a, b: a))
show("sum", lambda: k.sum(1))
show("min", lambda: k.min(1))
show("max", lambda: k.max(1))
show("min_by", lambda: k.min_by(1))
show("max_by", lambda: k.max_by(1))
show("process", lambda: s.process(P(), T))
show("process untyped", lambda: s.process(P()))
show("keyed process", lambda: k.process(K(), T))
show("connect map", lambda: s.connect(s).map(C(), T))
show("connect flat_map", lambda: s.connect(s).flat_map(F(), T))
show("connect process", lambda: s.connect(s).process(CP(), T))
show("keyed connect process", lambda: k.connect(k).process(KCP(), T))
show("broadcast process", lambda: s.connect(s.broadcast(MapStateDescriptor("m", Types.INT(), Types.INT()))).process(B(), T))
show("project", lambda: s.project(1))
show("watermarks", lambda: s.assign_timestamps_and_watermarks(WatermarkStrategy.for_monotonous_timestamps()))
show("no watermarks", lambda: s.assign_timestamps_and_watermarks(WatermarkStrategy.no_watermarks()))
w = k.window(TumblingEventTimeWindows.of(Time.seconds(5)))
show("window reduce", lambda: w.reduce(lambda a, b: a))
show("window reduce typed", lambda: w.reduce(lambda a, b: a, output_type=T))
show("window aggregate", lambda: w.aggregate(Agg(), output_type=Types.INT()))
show("window apply", lambda: w.apply(W(), output_type=Types.STRING()))
show("window process", lambda: w.process(PW(), output_type=Types.STRING()))
show("sliding apply", lambda: k.window(SlidingEventTimeWindows.of(Time.seconds(5), Time.seconds(1))).apply(W(), Types.STRING()))
show("session apply", lambda: k.window(EventTimeSessionWindows.with_gap(Time.seconds(5))).apply(W(), Types.STRING()))
show("proc apply", lambda: k.window(TumblingProcessingTimeWindows.of(Time.seconds(5))).apply(W(), Types.STRING()))
show("global apply", lambda: k.window(GlobalWindows.create()).apply(W(), Types.STRING()))
show("count_window apply", lambda: k.count_window(5).apply(W(), Types.STRING()))
show("count_window slide", lambda: k.count_window(5, 2).apply(W(), Types.STRING()))
show("from_source", lambda: env.from_source(NumberSequenceSource(1, 5), WatermarkStrategy.no_watermarks(), "seq"))
show("named", lambda: s.map(lambda v: v).name("hello"))
show("described", lambda: s.map(lambda v: v).set_description("hello"))
show("map of row", lambda: s.map(lambda v: Row(*v), Types.ROW([Types.STRING(), Types.INT()])))
