# area: ds-exec
# BATCH mode works key by key; the order of keys follows their serialized form.
from pyflink.common import Types
from pyflink.datastream import RuntimeExecutionMode, StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
env.set_runtime_mode(RuntimeExecutionMode.BATCH)
words = ["pear", "fig", "b", "apple", "fig", "a", "kiwi", "b", "aa"]
T = Types.TUPLE([Types.STRING(), Types.INT()])
s = env.from_collection([(w, 1) for w in words], T)
print("OUT string", list(s.key_by(lambda v: v[0], Types.STRING()).sum(1).execute_and_collect()))
print("OUT pickled", list(s.key_by(lambda v: v[0]).sum(1).execute_and_collect()))
n = env.from_collection([3, -1, 300, 0, 70000, 3, 12, -5, 300], Types.INT())
print("OUT int", list(n.key_by(lambda v: v, Types.INT()).reduce(lambda a, b: a).execute_and_collect()))
print("OUT tuple", list(s.key_by(lambda v: (v[1], v[0]), Types.TUPLE([Types.INT(), Types.STRING()])).reduce(lambda a, b: (a[0], a[1] + b[1])).execute_and_collect()))
