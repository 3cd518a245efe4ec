# area: ds-exec
# What the program sees when a function fails: the type and the text of the user's error.
from pyflink.common import Types
from pyflink.datastream import KeyedProcessFunction, MapFunction, ProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.state import ValueStateDescriptor


class BadOpen(MapFunction):
    def open(self, ctx):
        raise RuntimeError("cannot open")

    def map(self, value):
        return value


class NoKey(ProcessFunction):
    def open(self, ctx):
        self.state = ctx.get_state(ValueStateDescriptor("s", Types.INT()))

    def process_element(self, value, ctx):
        yield self.state.value()


class ReturnsNone(KeyedProcessFunction):
    def process_element(self, value, ctx):
        pass


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 0], Types.INT())


def run(label, build, *texts):
    try:
        print("OUT", label, list(build().execute_and_collect()))
    except Exception as error:
        print("OUT", label, "raises", [t for t in texts if t in str(error)])


run("division", lambda: s.map(lambda v: 1 // v, Types.INT()), "ZeroDivisionError", "division")
run("key error", lambda: s.map(lambda v: {}["missing"], Types.INT()), "KeyError", "missing")
run("open", lambda: s.map(BadOpen(), Types.INT()), "RuntimeError", "cannot open")
run("state without key", lambda: s.process(NoKey(), Types.INT()))
run("nothing returned", lambda: s.key_by(lambda v: v, Types.INT()).process(ReturnsNone(), Types.INT()))
run("wrong type int", lambda: s.map(lambda v: "text", Types.INT()))
run("wrong type string", lambda: s.map(lambda v: v, Types.STRING()))
run("int for double", lambda: s.map(lambda v: v, Types.DOUBLE()))
