# area: ds-transform
# Key selectors of every kind and what get_current_key gives.
from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, KeySelector, StreamExecutionEnvironment
from pyflink.datastream.state import ValueStateDescriptor


class ByName(KeySelector):
    def get_key(self, value):
        return value[0]


class Keys(KeyedProcessFunction):
    def __init__(self, label):
        self.label = label

    def open(self, ctx):
        self.n = ctx.get_state(ValueStateDescriptor("n", Types.INT()))

    def process_element(self, value, ctx):
        n = (self.n.value() or 0) + 1
        self.n.update(n)
        key = ctx.get_current_key()
        yield "%s %s %r %d" % (self.label, type(key).__name__, key, n)


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([("a", 1, 1.5), ("b", 2, 2.5), ("a", 1, 3.5)], Types.TUPLE([Types.STRING(), Types.INT(), Types.DOUBLE()]))
cases = [
    ("class", ByName(), Types.STRING()), ("untyped", lambda v: v[0], None),
    ("tuple", lambda v: (v[0], v[1]), Types.TUPLE([Types.STRING(), Types.INT()])),
    ("row", lambda v: Row(v[0], v[1]), Types.ROW([Types.STRING(), Types.INT()])),
    ("row named", lambda v: Row(v[0], v[1]), Types.ROW_NAMED(["x", "y"], [Types.STRING(), Types.INT()])),
    ("bool", lambda v: v[1] > 1, Types.BOOLEAN()), ("float", lambda v: float(v[1]), Types.DOUBLE()),
    ("untyped tuple", lambda v: (v[0], v[1]), None), ("long", lambda v: v[1], Types.LONG()),
]
for group in (cases[:3], cases[3:6], cases[6:]):
    streams = [s.key_by(selector, kind).process(Keys(label), Types.STRING()) if kind else s.key_by(selector).process(Keys(label), Types.STRING())
               for label, selector, kind in group]
    for line in sorted(streams[0].union(*streams[1:]).execute_and_collect()):
        print("OUT", line)
