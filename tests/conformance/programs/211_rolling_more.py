# area: ds-transform
# min_by, max_by, sum on tuples, rows, strings and decimals, by position and by name.
from decimal import Decimal
from pyflink.common import Row, Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
data = [("a", 5, 1.5, "x"), ("b", 2, 9.0, "y"), ("a", 3, 2.5, "b"), ("a", 3, 0.5, "z"), ("b", 2, -1.0, "c"), ("a", 9, 7.5, "k")]
T = Types.TUPLE([Types.STRING(), Types.INT(), Types.DOUBLE(), Types.STRING()])
R = Types.ROW_NAMED(["k", "n", "d", "s"], [Types.STRING(), Types.INT(), Types.DOUBLE(), Types.STRING()])
tuples = env.from_collection(data, T).key_by(lambda t: t[0], Types.STRING())
rows = env.from_collection([Row(*d) for d in data], R).key_by(lambda t: t.k, Types.STRING())
def run(streams):
    per = {}
    for line in streams[0].union(*streams[1:]).execute_and_collect():
        per.setdefault(tuple(line.split()[:4]), []).append(line)
    for group in sorted(per):
        for line in per[group]:
            print("OUT", line)


streams = []


def tag(label, build):
    try:
        streams.append(build().map(lambda t: "%s %s %r" % (label, t[0] if not isinstance(t, int) else t % 2, t), Types.STRING()))
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


tag("t min_by 1", lambda: tuples.min_by(1))
tag("t max_by 1", lambda: tuples.max_by(1))
tag("t max_by 3", lambda: tuples.max_by(3))
tag("t min 3", lambda: tuples.min(3))
run(streams)
streams = []
tag("t max 3", lambda: tuples.max(3))
tag("t sum 2", lambda: tuples.sum(2))
tag("r min_by n", lambda: rows.min_by("n"))
tag("r max_by d", lambda: rows.max_by("d"))
run(streams)
streams = []
tag("r min s", lambda: rows.min("s"))
tag("r sum d", lambda: rows.sum("d"))
tag("r sum n", lambda: rows.sum("n"))
tag("r sum 1", lambda: rows.sum(1))
tag("r max 2", lambda: rows.max(2))
run(streams)
streams = []
ints = env.from_collection([3, 1, 2, 5], Types.INT()).key_by(lambda v: v % 2, Types.INT())
tag("i sum", lambda: ints.sum())
tag("i min", lambda: ints.min())
tag("i max_by", lambda: ints.max_by())
decimals = env.from_collection([("k", Decimal("1.10")), ("k", Decimal("2.25"))], Types.TUPLE([Types.STRING(), Types.BIG_DEC()])).key_by(lambda t: t[0], Types.STRING())
tag("dec sum", lambda: decimals.sum(1))
tag("dec max", lambda: decimals.max(1))
run(streams)
streams = []
booleans = env.from_collection([("k", True), ("k", False)], Types.TUPLE([Types.STRING(), Types.BOOLEAN()])).key_by(lambda t: t[0], Types.STRING())
tag("bool min", lambda: booleans.min(1))
try:
    run(streams)
except Exception as error:
    print("OUT bool raises")
