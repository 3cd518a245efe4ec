# area: ds-async
# Async functions: ordered, unordered, several results, timeout handled, retry.
import asyncio
from pyflink.common import Time, Types
from pyflink.datastream import AsyncDataStream, AsyncFunction, StreamExecutionEnvironment
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.functions import AsyncRetryStrategy


class Reversed(AsyncFunction):
    async def async_invoke(self, value):
        await asyncio.sleep((5 - value) * 0.05)
        return [value * 10]


class Many(AsyncFunction):
    def open(self, ctx: RuntimeContext):
        self.index = ctx.get_index_of_this_subtask()

    async def async_invoke(self, value):
        return ["%d-%d-%d" % (self.index, value, i) for i in range(value)]

    def timeout(self, value):
        return ["timeout %s" % value]


class Slow(AsyncFunction):
    async def async_invoke(self, value):
        if value == 3:
            await asyncio.sleep(20)
        return ["done %d" % value]

    def timeout(self, value):
        return ["timeout %d" % value]


class NeverSlow(AsyncFunction):
    async def async_invoke(self, value):
        await asyncio.sleep(20)
        return [value]


class Fails(AsyncFunction):
    async def async_invoke(self, value):
        raise ValueError("no %d" % value)


class Flaky(AsyncFunction):
    def open(self, ctx):
        self.calls = {}

    async def async_invoke(self, value):
        self.calls[value] = self.calls.get(value, 0) + 1
        if self.calls[value] < value:
            raise ValueError("again")
        return ["%d after %d" % (value, self.calls[value])]


env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1, 2, 3, 4], Types.INT())


def run(label, build, ordered=True):
    try:
        rows = list(build().execute_and_collect())
        print("OUT", label, rows if ordered else sorted(rows))
    except Exception as error:
        print("OUT", label, "raises", [text for text in ("no 1", "imeout") if text in str(error)])


run("ordered", lambda: AsyncDataStream.ordered_wait(s, Reversed(), Time.seconds(5), 10, Types.INT()))
run("unordered", lambda: AsyncDataStream.unordered_wait(s, Reversed(), Time.seconds(5), 10, Types.INT()), False)
run("many", lambda: AsyncDataStream.unordered_wait(s, Many(), Time.seconds(5), 2, Types.STRING()), False)
run("slow", lambda: AsyncDataStream.ordered_wait(s, Slow(), Time.seconds(1), 10, Types.STRING()))
run("retry", lambda: AsyncDataStream.unordered_wait_with_retry(s, Flaky(), Time.seconds(20), AsyncRetryStrategy.fixed_delay(5, 10, None, lambda error: isinstance(error, ValueError)), 100, Types.STRING()), False)
run("name", lambda: AsyncDataStream.unordered_wait(s, Many(), Time.seconds(5), 2, Types.STRING()).filter(lambda v: False))
print("OUT", AsyncDataStream.unordered_wait(s, Many(), Time.seconds(5), 2, Types.STRING()).get_name(), AsyncDataStream.ordered_wait(s, Many(), Time.seconds(5), 2).get_type())
run("fails", lambda: AsyncDataStream.ordered_wait(s, Fails(), Time.seconds(5), 10, Types.INT()))
run("no timeout", lambda: AsyncDataStream.ordered_wait(s, NeverSlow(), Time.seconds(1), 10, Types.INT()))
