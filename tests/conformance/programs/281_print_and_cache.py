# area: ds-exec
# print with and without an identifier, cached streams.
from pyflink.common import Types, Row
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 3], Types.INT())
s.print("OUT plain")
env.execute()
s.map(lambda v: (v, "x", 1.5, True), Types.TUPLE([Types.INT(), Types.STRING(), Types.DOUBLE(), Types.BOOLEAN()])).print("OUT tuple")
env.execute()
s.map(lambda v: Row(v, "x", [1, 2], {"k": 1.5}), Types.ROW([Types.INT(), Types.STRING(), Types.LIST(Types.INT()), Types.MAP(Types.STRING(), Types.DOUBLE())])).print("OUT row")
env.execute()
s.map(lambda v: "OUT text %d" % v, Types.STRING()).print()
env.execute()
s.map(lambda v: {"k": v}).print("OUT pickled")
env.execute()
