# area: ds-exec
# open and close of every function kind, runtime context fields, cached objects, several operations in one task.
from pyflink.common import Types
from pyflink.datastream import (FilterFunction, FlatMapFunction, MapFunction, ProcessFunction, ReduceFunction, StreamExecutionEnvironment,
                                CoMapFunction, KeyedProcessFunction)


class M(MapFunction):
    def open(self, ctx):
        self.name = ctx.get_task_name().split(" ")[0] != ""
        self.place = (ctx.get_index_of_this_subtask(), ctx.get_number_of_parallel_subtasks(), ctx.get_attempt_number(),
                      ctx.get_task_name_with_subtasks().endswith("(1/1)#0"))
        self.opened = True

    def map(self, value):
        return value, self.opened, self.name, self.place


class F(FilterFunction):
    def open(self, ctx):
        self.seen = set()

    def filter(self, value):
        fresh = value not in self.seen
        self.seen.add(value)
        return fresh


class FM(FlatMapFunction):
    def open(self, ctx):
        self.n = 0

    def flat_map(self, value):
        self.n += 1
        for i in range(self.n):
            yield value * 10 + i


class NoOpen(MapFunction):
    def map(self, value):
        return -value


class Callable:
    def __call__(self, value):
        return value + 100


def outer(n):
    def inner(value):
        return value + n
    return inner


import functools
env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 2, 3, 1], Types.INT())
print("OUT", sorted(s.map(M(), Types.PICKLED_BYTE_ARRAY()).execute_and_collect()))
chain = s.filter(F()).flat_map(FM(), Types.INT()).map(NoOpen(), Types.INT()).map(outer(5), Types.INT())
print("OUT", list(chain.execute_and_collect()))
try:
    print("OUT", list(s.map(Callable(), Types.INT()).execute_and_collect()))
except Exception as error:
    print("OUT callable raises", type(error).__name__)
try:
    print("OUT", list(s.map(functools.partial(max, 2), Types.INT()).execute_and_collect()))
except Exception as error:
    print("OUT partial raises", type(error).__name__)
