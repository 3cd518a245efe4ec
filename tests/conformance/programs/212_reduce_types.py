# area: ds-transform
# reduce over ints, tuples, rows, lists, dicts; ReduceFunction class; order per key.
from pyflink.common import Row, Types
from pyflink.datastream import ReduceFunction, StreamExecutionEnvironment


class Sum(ReduceFunction):
    def open(self, ctx):
        self.calls = 0

    def reduce(self, a, b):
        self.calls += 1
        return a[0], a[1] + b[1], a[2] + b[2]


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
data = [("a", 1, [1]), ("b", 2, [2]), ("a", 3, [3]), ("a", 4, [4])]
T = Types.TUPLE([Types.STRING(), Types.INT(), Types.LIST(Types.INT())])
one = env.from_collection(data, T).key_by(lambda v: v[0], Types.STRING()).reduce(Sum()).map(lambda v: "class %s %d %s" % v, Types.STRING())
two = env.from_collection([5, 1, 7, 2], Types.INT()).key_by(lambda v: v % 2, Types.INT()).reduce(lambda a, b: max(a, b)).map(lambda v: "max %d" % v, Types.STRING())
three = env.from_collection([Row("k", 2), Row("k", 3), Row("l", 4)], Types.ROW_NAMED(["k", "v"], [Types.STRING(), Types.INT()])) \
    .key_by(lambda r: r.k, Types.STRING()).reduce(lambda a, b: Row(k=a.k, v=a.v * b.v)).map(lambda r: "row %s %d" % (r.k, r.v), Types.STRING())
four = env.from_collection([{"k": 1, "n": 1}, {"k": 1, "n": 2}, {"k": 2, "n": 9}]).key_by(lambda r: r["k"]) \
    .reduce(lambda a, b: {"k": a["k"], "n": a["n"] + b["n"]}).map(lambda r: "dict %d %d" % (r["k"], r["n"]), Types.STRING())
five = env.from_collection(["x", "y", "z"], Types.STRING()).key_by(lambda v: None).reduce(lambda a, b: a + b).map(lambda v: "none key " + v, Types.STRING())
six = env.from_collection([(1, 2), (1, 3)], Types.TUPLE([Types.INT(), Types.INT()])).key_by(lambda v: (v[0], "c"), Types.TUPLE([Types.INT(), Types.STRING()])) \
    .reduce(lambda a, b: (a[0], a[1] + b[1])).map(lambda v: "tuple key %d %d" % v, Types.STRING())
for line in sorted(one.union(two, three, four, five, six).execute_and_collect()):
    print("OUT", line)
