# area: ds-broadcast
# Broadcast state: read-only view, apply_to_keyed_state, several descriptors, iteration.
from pyflink.common import Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import BroadcastProcessFunction, KeyedBroadcastProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

ONE = MapStateDescriptor("one", Types.STRING(), Types.INT())
TWO = MapStateDescriptor("two", Types.INT(), Types.STRING())


def attempt(function):
    try:
        return function()
    except Exception as error:
        return "raises " + type(error).__name__


class Plain(BroadcastProcessFunction):
    def process_element(self, value, ctx):
        state = ctx.get_broadcast_state(ONE)
        yield "element %s put %s" % (value, attempt(lambda: state.put("x", 1)) is not None)

    def process_broadcast_element(self, value, ctx):
        state = ctx.get_broadcast_state(ONE)
        other = ctx.get_broadcast_state(TWO)
        state.put(value, len(value))
        other.put(len(value), value)
        yield "rules %s %s %s %s" % (value, sorted(state.items()), sorted(other.items()), state.contains("bb"))
        if value == "ccc":
            state.remove("a")
            state.put_all([("p", 7), ("q", 8)])
            yield "removed %s %s %s %s" % (sorted(state.keys()), sorted(state.values()), state.is_empty(), state.get("nope"))
            state.clear()
            yield "cleared %s" % sorted(state.items())
        yield "time %s %s" % (ctx.timestamp(), ctx.current_watermark() < 0)


class Keyed(KeyedBroadcastProcessFunction):
    def open(self, ctx):
        self.total = ctx.get_state(ValueStateDescriptor("total", Types.INT()))

    def process_element(self, value, ctx):
        self.total.update((self.total.value() or 0) + value[1])
        ctx.timer_service().register_event_time_timer(100)
        yield "k element %s" % ctx.get_current_key()

    def process_broadcast_element(self, value, ctx):
        ctx.get_broadcast_state(ONE).put(value, 1)
        yield "k rule %s" % value

    def on_timer(self, timestamp, ctx):
        yield "k timer %s %s %s %s" % (ctx.get_current_key(), self.total.value(), sorted(ctx.get_broadcast_state(ONE).items()), timestamp)


class Stamp(TimestampAssigner):
    def extract_timestamp(self, value, ts):
        return 1


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Stamp())
rules = env.from_collection(["a", "bb", "ccc", "d"], Types.STRING()).assign_timestamps_and_watermarks(strategy)
items = env.from_collection([("x", 1), ("y", 2), ("x", 3)], Types.TUPLE([Types.STRING(), Types.INT()])).assign_timestamps_and_watermarks(strategy)
plain = items.connect(rules.broadcast(ONE, TWO)).process(Plain(), Types.STRING())
lines = list(plain.execute_and_collect())
for line in [l for l in lines if not l.startswith("element")] + sorted(l for l in lines if l.startswith("element")):
    print("OUT", line)
keyed = items.key_by(lambda v: v[0], Types.STRING()).connect(rules.broadcast(ONE)).process(Keyed(), Types.STRING())
for line in sorted(keyed.execute_and_collect()):
    print("OUT", line)
for label, build in (("keyed with plain", lambda: items.key_by(lambda v: v[0]).connect(rules.broadcast(ONE)).process(Plain())),
                     ("plain with keyed", lambda: items.connect(rules.broadcast(ONE)).process(Keyed())),
                     ("no descriptor", lambda: items.connect(rules.broadcast()).process(Plain()))):
    print("OUT", label, "raises" in str(attempt(build)))
