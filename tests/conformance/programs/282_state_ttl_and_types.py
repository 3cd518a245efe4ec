# area: state
# TTL that has not passed, state of tuples and rows, map state with tuple keys, state cleaned by timers.
from pyflink.common import Row, Time, Types
from pyflink.datastream import KeyedProcessFunction, MapFunction, StreamExecutionEnvironment
from pyflink.datastream.state import ListStateDescriptor, MapStateDescriptor, StateTtlConfig, ValueStateDescriptor


class Typed(KeyedProcessFunction):
    def open(self, ctx):
        ttl = StateTtlConfig.new_builder(Time.hours(1)).build()
        pair = ValueStateDescriptor("pair", Types.TUPLE([Types.INT(), Types.STRING()]))
        pair.enable_time_to_live(ttl)
        rows = ListStateDescriptor("rows", Types.ROW_NAMED(["a", "b"], [Types.INT(), Types.STRING()]))
        names = MapStateDescriptor("names", Types.TUPLE([Types.INT(), Types.INT()]), Types.LIST(Types.STRING()))
        names.enable_time_to_live(ttl)
        self.pair, self.rows, self.names = ctx.get_state(pair), ctx.get_list_state(rows), ctx.get_map_state(names)
        self.any = ctx.get_state(ValueStateDescriptor("any", Types.PICKLED_BYTE_ARRAY()))

    def process_element(self, value, ctx):
        yield "%s before %s %s %s" % (ctx.get_current_key(), self.pair.value(), sorted(self.names.items()), self.any.value())
        self.pair.update((value, "v%d" % value))
        self.rows.add(Row(value, "r"))
        self.names.put((value, 0), ["x", str(value)])
        self.any.update({"n": value, "s": {1}})
        yield "%s rows %s" % (ctx.get_current_key(), [(r[0], r[1]) for r in self.rows.get()])


class InMap(MapFunction):
    def open(self, ctx):
        self.n = ctx.get_state(ValueStateDescriptor("n", Types.INT()))

    def map(self, value):
        n = (self.n.value() or 0) + 1
        self.n.update(n)
        return "map %d %d" % (value, n)


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
k = env.from_collection([1, 2, 3, 5], Types.INT()).key_by(lambda v: v % 2, Types.INT())
for line in k.process(Typed(), Types.STRING()).execute_and_collect():
    print("OUT", line)
for line in k.map(InMap(), Types.STRING()).execute_and_collect():
    print("OUT", line)
