# area: types
# The type a stream reports for each declared type.
from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
s = env.from_collection([1], Types.INT())
I, S = Types.INT(), Types.STRING()
kinds = [getattr(Types, name)() for name in (
    "STRING", "BYTE", "BOOLEAN", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "CHAR", "BIG_INT", "BIG_DEC", "INSTANT",
    "SQL_DATE", "SQL_TIME", "SQL_TIMESTAMP", "PICKLED_BYTE_ARRAY")] + [
    Types.TUPLE([I, Types.ROW([S])]), Types.ROW([I, S]), Types.ROW_NAMED(["a", "b"], [I, Types.ROW([S])]),
    Types.LIST(I), Types.LIST(Types.ROW([I])), Types.MAP(S, Types.LIST(I)), Types.MAP(S, Types.ROW([I])),
    Types.BASIC_ARRAY(S), Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.PRIMITIVE_ARRAY(I), Types.PRIMITIVE_ARRAY(Types.DOUBLE()),
    Types.OBJECT_ARRAY(Types.TUPLE([I])), Types.OBJECT_ARRAY(Types.ROW([I])), [I, S]]
for number, kind in enumerate(kinds):
    try:
        print("OUT", number, s.map(lambda v: v, output_type=kind).get_type())
    except Exception as error:
        print("OUT", number, kind, "raises", type(error).__name__)
print("OUT", env.from_collection([(1,)], Types.ROW([I])).get_type())
print("OUT", env.from_collection([(1,)], Types.ROW([I])).key_by(lambda r: r[0]).sum(0).get_type())
print("OUT", env.from_collection([(1, 2)], Types.ROW([I, I])).project(1).get_type() if False else "")
print("OUT", s.flat_map(lambda v: [v]).get_type(), s.filter(lambda v: True).get_type(), s.map(str, S).filter(lambda v: True).get_type())
