# area: ds-partition
# Which instance gets which record for every partitioning.
from pyflink.common import Types
from pyflink.datastream import MapFunction, StreamExecutionEnvironment


class Where(MapFunction):
    def __init__(self, label):
        self.label = label

    def open(self, ctx):
        self.index = ctx.get_index_of_this_subtask()
        self.count = ctx.get_number_of_parallel_subtasks()

    def map(self, value):
        return self.label, self.index, self.count, value


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(2)
s = env.from_collection(list(range(12)), Types.INT()).map(lambda v: v, Types.INT()).set_parallelism(1)
out = Types.PICKLED_BYTE_ARRAY()
streams = [s.rebalance().map(Where("rebalance"), out), s.broadcast().map(Where("broadcast"), out),
           s.shuffle().map(Where("shuffle"), out), s.rescale().map(Where("rescale"), out)]
rows = list(streams[0].union(*streams[1:]).execute_and_collect())
for label in sorted({r[0] for r in rows}):
    mine = [r for r in rows if r[0] == label]
    counts = [len([r for r in mine if r[1] == i]) for i in range(2)]
    print("OUT", label, len(mine), sorted({r[2] for r in mine}), counts if label != "shuffle" else sum(counts))
    if label in ("rebalance", "rescale"):
        groups = [[r[3] for r in mine if r[1] == i] for i in range(2)]
        print("OUT", label, sorted(groups), [g == sorted(g) for g in groups])


def attempt(label, build):
    try:
        print("OUT", label, len(list(build().execute_and_collect())))
    except Exception as error:
        print("OUT", label, "raises")


attempt("forward", lambda: s.forward().map(lambda v: v, Types.INT()))
attempt("forward equal", lambda: s.map(lambda v: v, Types.INT()).forward().map(lambda v: v, Types.INT()))
attempt("bad partition", lambda: s.partition_custom(lambda key, n: 5, lambda v: v).map(lambda v: v, Types.INT()))
attempt("negative partition", lambda: s.partition_custom(lambda key, n: -1, lambda v: v).map(lambda v: v, Types.INT()))
attempt("no partitioner", lambda: s.partition_custom(5, lambda v: v).map(lambda v: v, Types.INT()))
