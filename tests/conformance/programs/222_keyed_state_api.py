# area: state
# All five kinds of keyed state: reading empty, add, update, clear, iteration, order of calls.
from pyflink.common import Types
from pyflink.datastream import AggregateFunction, KeyedProcessFunction, ReduceFunction, StreamExecutionEnvironment
from pyflink.datastream.state import (AggregatingStateDescriptor, ListStateDescriptor, MapStateDescriptor,
                                      ReducingStateDescriptor, ValueStateDescriptor)


class Avg(AggregateFunction):
    def create_accumulator(self):
        return 0, 0

    def add(self, value, acc):
        return acc[0] + value, acc[1] + 1

    def get_result(self, acc):
        return acc[0] / acc[1]

    def merge(self, a, b):
        return a[0] + b[0], a[1] + b[1]


class Add(ReduceFunction):
    def reduce(self, a, b):
        return a + b


class Try(KeyedProcessFunction):
    def open(self, ctx):
        self.value = ctx.get_state(ValueStateDescriptor("v", Types.INT()))
        self.items = ctx.get_list_state(ListStateDescriptor("l", Types.INT()))
        self.mapping = ctx.get_map_state(MapStateDescriptor("m", Types.STRING(), Types.INT()))
        self.sum = ctx.get_reducing_state(ReducingStateDescriptor("r", Add(), Types.INT()))
        self.max = ctx.get_reducing_state(ReducingStateDescriptor("r2", lambda a, b: max(a, b), Types.INT()))
        self.avg = ctx.get_aggregating_state(AggregatingStateDescriptor("a", Avg(), Types.TUPLE([Types.INT(), Types.INT()])))

    def process_element(self, value, ctx):
        out = []

        def show(label, function):
            try:
                out.append("%s=%r" % (label, function()))
            except Exception as error:
                out.append("%s raises %s" % (label, type(error).__name__))

        show("value", self.value.value)
        show("list", lambda: list(self.items.get()))
        show("list raw type", lambda: self.items.get() is None)
        show("reducing", self.sum.get)
        show("aggregating", self.avg.get)
        show("map empty", self.mapping.is_empty)
        show("map get", lambda: self.mapping.get("none"))
        show("map contains", lambda: self.mapping.contains("x"))
        show("map keys", lambda: sorted(self.mapping.keys()))
        show("map values", lambda: sorted(self.mapping.values()))
        show("map items", lambda: sorted(self.mapping.items()))
        show("map iter", lambda: sorted(self.mapping))
        self.value.update(value)
        self.items.add(value)
        self.items.add_all([value + 1, value + 2])
        self.sum.add(value)
        self.max.add(value)
        self.avg.add(value)
        self.mapping.put("x", value)
        self.mapping.put_all({("y", 1), ("z", 2)})
        show("value", self.value.value)
        show("list", lambda: list(self.items.get()))
        show("reducing", self.sum.get)
        show("max", self.max.get)
        show("aggregating", self.avg.get)
        show("map items", lambda: sorted(self.mapping.items()))
        show("map getitem", lambda: self.mapping["x"])
        show("map in", lambda: "x" in self.mapping)
        show("map setitem", lambda: self.mapping.__setitem__("w", 5))
        show("map delitem", lambda: self.mapping.__delitem__("w"))
        show("map remove", lambda: self.mapping.remove("y"))
        show("map keys", lambda: sorted(self.mapping.keys()))
        show("map iter type", lambda: sorted(self.mapping))
        if value == 3:
            self.items.update([9, 8])
            self.mapping.clear()
            self.sum.clear()
            self.avg.clear()
            self.value.clear()
            show("after clear", lambda: (self.value.value(), list(self.items.get()), self.sum.get(), self.mapping.is_empty()))
            show("after clear avg", self.avg.get)
        if value == 5:
            self.items.clear()
            show("cleared list", lambda: list(self.items.get()))
            show("add none", lambda: self.items.add(None))
            show("update none", lambda: self.value.update(None))
            show("value none", self.value.value)
            show("list update empty", lambda: (self.items.update([]), list(self.items.get())))
        for number, line in enumerate(out):
            yield "%s %d %02d %s" % (ctx.get_current_key(), value, number, line)


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 3, 5, 7], Types.INT()).key_by(lambda v: "odd" if v % 2 else "even", Types.STRING())
for line in s.process(Try(), Types.STRING()).execute_and_collect():
    print("OUT", line)
