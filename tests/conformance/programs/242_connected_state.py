# area: ds-connect
# CoMap, CoFlatMap and KeyedCoProcess with shared state and timers on both sides.
from pyflink.common import Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import (CoFlatMapFunction, CoMapFunction, KeyedCoProcessFunction, StreamExecutionEnvironment)
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return value[1]


class Both(KeyedCoProcessFunction):
    def open(self, ctx):
        self.left = ctx.get_list_state(ListStateDescriptor("left", Types.LONG()))
        self.right = ctx.get_state(ValueStateDescriptor("right", Types.LONG()))

    def process_element1(self, value, ctx):
        self.left.add(value[1])
        ctx.timer_service().register_event_time_timer(1000)
        yield "1 %s %d" % (ctx.get_current_key(), ctx.timestamp())

    def process_element2(self, value, ctx):
        self.right.update((self.right.value() or 0) + value[1])
        ctx.timer_service().register_event_time_timer(1000)
        ctx.timer_service().register_event_time_timer(2000)
        yield "2 %s %d" % (ctx.get_current_key(), ctx.timestamp())

    def on_timer(self, timestamp, ctx):
        yield "timer %s %d %s %s %s" % (ctx.get_current_key(), timestamp, sorted(self.left.get()), self.right.value(), ctx.time_domain().name)
        self.left.clear()


class Map(CoMapFunction):
    def open(self, ctx):
        self.count = 0

    def map1(self, value):
        self.count += 1
        return "m1 %s" % value[0]

    def map2(self, value):
        return "m2 %s" % value[1]


class Flat(CoFlatMapFunction):
    def flat_map1(self, value):
        for i in range(2):
            yield "f1 %s %d" % (value[0], i)

    def flat_map2(self, value):
        if value[1] > 5:
            return ["f2 %d" % value[1]]
        return []


class KeyedMap(CoMapFunction):
    def open(self, ctx):
        self.n = ctx.get_state(ValueStateDescriptor("n", Types.INT()))

    def map1(self, value):
        self.n.update((self.n.value() or 0) + 1)
        return "km %s" % value[0]

    def map2(self, value):
        self.n.update((self.n.value() or 0) + 1)
        return "km %s" % value[0]


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
T = Types.TUPLE([Types.STRING(), Types.LONG()])
strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Stamp())
a = env.from_collection([("x", 1), ("y", 4), ("x", 7)], T).assign_timestamps_and_watermarks(strategy)
b = env.from_collection([("x", 2), ("z", 9), ("x", 5)], T).assign_timestamps_and_watermarks(strategy)
c = a.connect(b)
keyed = c.key_by(lambda v: v[0], lambda v: v[0], Types.STRING())
outs = [keyed.process(Both(), Types.STRING()), c.map(Map(), Types.STRING()), c.flat_map(Flat(), Types.STRING()),
        keyed.map(KeyedMap(), Types.STRING())]
for line in sorted(outs[0].union(*outs[1:]).execute_and_collect()):
    print("OUT", line)
