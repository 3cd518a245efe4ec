# area: ds-timers
# Processing-time timers that fire while the source still runs or are dropped at its end; deletion; both kinds at once.
from pyflink.common import Types
from pyflink.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.state import ValueStateDescriptor


class P(KeyedProcessFunction):
    def process_element(self, value, ctx):
        timers = ctx.timer_service()
        now = timers.current_processing_time()
        timers.register_processing_time_timer(now + 3600000)
        timers.register_processing_time_timer(now + 7200000)
        timers.delete_processing_time_timer(now + 7200000)
        timers.register_event_time_timer(50)
        timers.delete_event_time_timer(60)
        yield "element %s %s" % (value, ctx.timestamp() is None or ctx.timestamp() < 0)

    def on_timer(self, timestamp, ctx):
        yield "timer %s %s" % (timestamp, ctx.time_domain().name)


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection(["a", "b", "a"], Types.STRING())
for line in sorted(s.key_by(lambda v: v, Types.STRING()).process(P(), Types.STRING()).execute_and_collect()):
    print("OUT", line)
