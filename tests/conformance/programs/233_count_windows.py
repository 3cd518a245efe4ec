# area: ds-windows
# Count windows, keyed and for all, with and without slide, all function kinds.
from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.functions import *


class W(WindowFunction):
    def apply(self, key, window, inputs):
        yield "%s %s" % (key, list(inputs))


class P(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield "%s %s" % (key, list(elements))


class AW(AllWindowFunction):
    def apply(self, window, inputs):
        yield "all %s" % list(inputs)


class AP(ProcessAllWindowFunction):
    def process(self, context, elements):
        yield "all %s" % list(elements)


class Sum(AggregateFunction):
    def create_accumulator(self):
        return 0

    def add(self, value, acc):
        return acc + value

    def get_result(self, acc):
        return acc

    def merge(self, a, b):
        return a + b


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection(list(range(1, 12)), Types.INT())
k = s.key_by(lambda v: "odd" if v % 2 else "even", Types.STRING())


def run(label, stream):
    try:
        for line in stream().execute_and_collect():
            print("OUT", label, line)
    except Exception as error:
        print("OUT", label, "raises")


run("2", lambda: k.count_window(2).apply(W(), Types.STRING()))
run("4,2", lambda: k.count_window(4, 2).process(P(), Types.STRING()))
run("2,3", lambda: k.count_window(2, 3).apply(W(), Types.STRING()))
run("sum", lambda: k.count_window(2).aggregate(Sum(), output_type=Types.INT()))
run("reduce", lambda: k.count_window(3).reduce(lambda a, b: a * b))
run("sum 3,1", lambda: k.count_window(3, 1).aggregate(Sum(), output_type=Types.INT()))
