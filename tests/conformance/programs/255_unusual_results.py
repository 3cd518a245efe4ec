# area: ds-transform
# What filter and flat_map make of unusual results.
from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 0], Types.INT())


def run(label, build, *texts):
    try:
        print("OUT", label, list(build().execute_and_collect()))
    except Exception as error:
        print("OUT", label, "raises", [t for t in texts if t in str(error)])


run("filter text", lambda: s.filter(lambda v: "x" if v else ""))
run("filter none", lambda: s.filter(lambda v: None))
run("flat_map text", lambda: s.flat_map(lambda v: "ab", Types.STRING()))
run("flat_map int", lambda: s.flat_map(lambda v: v, Types.INT()))
run("unhashable key", lambda: s.key_by(lambda v: [v]).map(lambda v: v, Types.INT()))
run("true for int", lambda: s.map(lambda v: True, Types.INT()))
run("bytes for string", lambda: s.map(lambda v: b"x", Types.STRING()))
