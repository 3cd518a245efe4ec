# area: ds-exec
# Job clients, results, accumulators, iterators of results, execution plan.
from pyflink.common import Types, JobStatus
from pyflink.datastream import StreamExecutionEnvironment


def show(label, function):
    try:
        print("OUT", label, function())
    except Exception as error:
        print("OUT", label, "raises")


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 3, 4], Types.INT())
s.map(lambda v: v + 1, Types.INT()).name("add one").filter(lambda v: True).name("all").uid("all-id").print()
result = env.execute("my job")
show("accumulators", lambda: result.get_all_accumulator_results())
show("accumulator", lambda: result.get_accumulator_result("none"))
show("str", lambda: str(result).split("\n")[0].split(" ")[:3])
s.map(lambda v: v * 2, Types.INT()).filter(lambda v: False).print()
client = env.execute_async("async job")
show("client", lambda: len(str(client.get_job_id())))
outcome = client.get_job_execution_result().result()
show("outcome", lambda: (type(outcome).__name__, str(outcome.get_job_id()) == str(client.get_job_id())))
show("accumulators", lambda: client.get_accumulators().result())
iterator = s.execute_and_collect()
print("OUT", next(iterator), iterator.next(), list(iterator), list(iterator))
iterator.close()
with s.execute_and_collect("named") as rows:
    print("OUT", [r for r in rows])
show("limit", lambda: s.execute_and_collect(limit=3))
show("limit name", lambda: s.execute_and_collect("n", 2))
show("limit big", lambda: s.execute_and_collect(limit=100))
show("type", lambda: type(s.execute_and_collect()).__name__)
show("nothing", lambda: list(s.filter(lambda v: False).execute_and_collect()))
show("twice", lambda: (env.execute("empty"),))
