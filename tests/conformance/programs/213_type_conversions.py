# area: types
# What a value of each declared type looks like after it passed an operation.
import datetime
from array import array
from decimal import Decimal
from pyflink.common import Instant, Row, Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
one = env.from_collection([0], Types.INT())
cases = [
    ("float", Types.FLOAT(), 0.1),
    ("float third", Types.FLOAT(), 1 / 3),
    ("double", Types.DOUBLE(), 0.1),
    ("double inf", Types.DOUBLE(), float("inf")),
    ("double nan", Types.DOUBLE(), float("nan")),
    ("short", Types.SHORT(), 32767),
    ("byte", Types.BYTE(), -128),
    ("int max", Types.INT(), 2 ** 31 - 1),
    ("long max", Types.LONG(), 2 ** 63 - 1),
    ("long min", Types.LONG(), -2 ** 63),
    ("big dec", Types.BIG_DEC(), Decimal("1.500")),
    ("big dec small", Types.BIG_DEC(), Decimal("0.000000000000000000000000000001")),
    ("boolean", Types.BOOLEAN(), True),
    ("string", Types.STRING(), "ünï\U0001F600"),
    ("string empty", Types.STRING(), ""),
    ("date", Types.SQL_DATE(), datetime.date(2020, 2, 29)),
    ("date old", Types.SQL_DATE(), datetime.date(1900, 1, 1)),
    ("time", Types.SQL_TIME(), datetime.time(12, 34, 56)),
    ("time ms", Types.SQL_TIME(), datetime.time(12, 34, 56, 789000)),
    ("timestamp ms", Types.SQL_TIMESTAMP(), datetime.datetime(2020, 2, 29, 1, 2, 3, 456000)),
    ("timestamp old", Types.SQL_TIMESTAMP(), datetime.datetime(1950, 2, 28, 1, 2, 3)),
    ("instant", Types.INSTANT(), Instant.of_epoch_milli(1234567)),
    ("instant nanos", Types.INSTANT(), Instant(5, 123456789)),
    ("instant neg", Types.INSTANT(), Instant.of_epoch_milli(-1500)),
    ("list", Types.LIST(Types.INT()), [1, 2, 3]),
    ("list empty", Types.LIST(Types.INT()), []),
    ("list float", Types.LIST(Types.FLOAT()), [0.1]),
    ("map", Types.MAP(Types.STRING(), Types.INT()), {"a": 1, "b": 2}),
    ("primitive bytes", Types.PRIMITIVE_ARRAY(Types.BYTE()), b"abc"),
    ("primitive int", Types.PRIMITIVE_ARRAY(Types.INT()), [1, 2]),
    ("primitive double", Types.PRIMITIVE_ARRAY(Types.DOUBLE()), [1.5]),
    ("primitive float", Types.PRIMITIVE_ARRAY(Types.FLOAT()), [0.1]),
    ("object array", Types.OBJECT_ARRAY(Types.TUPLE([Types.INT(), Types.STRING()])), [(1, "a")]),
    ("tuple", Types.TUPLE([Types.INT(), Types.STRING()]), (1, "a")),
    ("row", Types.ROW([Types.INT(), Types.STRING()]), Row(1, "a")),
    ("row named", Types.ROW_NAMED(["x", "y"], [Types.INT(), Types.STRING()]), Row(1, "a")),
    ("row named swapped", Types.ROW_NAMED(["x", "y"], [Types.INT(), Types.STRING()]), Row(y="a", x=1)),
    ("row nested", Types.ROW_NAMED(["r", "l"], [Types.ROW_NAMED(["q"], [Types.INT()]), Types.LIST(Types.ROW([Types.INT()]))]), Row(Row(5), [Row(6)])),
    ("pickled", Types.PICKLED_BYTE_ARRAY(), {1, 2}),
    ("null string", Types.STRING(), None),
    ("null int", Types.INT(), None),
    ("null double", Types.DOUBLE(), None),
    ("null date", Types.SQL_DATE(), None),
    ("null list", Types.LIST(Types.INT()), None),
    ("null tuple", Types.TUPLE([Types.INT()]), None),
    ("null row", Types.ROW([Types.INT()]), None),
]


labels = [label for label, _, _ in cases]
values = [value for _, _, value in cases]


def show(row):
    for label, value in zip(labels, row):
        yield "%s: %s %r" % (label, type(value).__name__, value)


kind = Types.ROW([kind for _, kind, _ in cases])
seen = one.map(lambda _: Row(*values), output_type=kind)
for line in seen.rebalance().flat_map(show, Types.STRING()).execute_and_collect():
    print("OUT", line)
