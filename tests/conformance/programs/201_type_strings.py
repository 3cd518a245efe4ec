# area: types
# Text, equality and parts of type information.
from pyflink.common import Types
from pyflink.common.typeinfo import (BasicArrayTypeInfo, ListTypeInfo, MapTypeInfo, ObjectArrayTypeInfo,
                                     PrimitiveArrayTypeInfo, RowTypeInfo, TupleTypeInfo, TypeInformation)


def show(label, function):
    try:
        print("OUT", label, function())
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


for name in ("STRING", "BYTE", "BOOLEAN", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "CHAR", "BIG_INT", "BIG_DEC",
             "INSTANT", "SQL_DATE", "SQL_TIME", "SQL_TIMESTAMP", "PICKLED_BYTE_ARRAY"):
    show(name, lambda: str(getattr(Types, name)()))
    show(name + " same", lambda: getattr(Types, name)() == getattr(Types, name)())
I, S = Types.INT(), Types.STRING()
show("tuple", lambda: str(Types.TUPLE([I, S])))
show("row", lambda: str(Types.ROW([I, S])))
show("row named", lambda: str(Types.ROW_NAMED(["a", "b"], [I, S])))
show("row names", lambda: Types.ROW_NAMED(["a", "b"], [I, S]).get_field_names())
show("row default names", lambda: Types.ROW([I, S]).get_field_names())
show("row types", lambda: [str(t) for t in Types.ROW([I, S]).get_field_types()])
show("tuple types", lambda: [str(t) for t in Types.TUPLE([I, S]).get_field_types()])
show("list", lambda: str(Types.LIST(I)))
show("map", lambda: str(Types.MAP(S, Types.LIST(Types.DOUBLE()))))
show("basic array", lambda: str(Types.BASIC_ARRAY(S)))
show("object array", lambda: str(Types.OBJECT_ARRAY(Types.TUPLE([I]))))
for name in ("BOOLEAN", "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "CHAR"):
    show("primitive " + name, lambda: str(Types.PRIMITIVE_ARRAY(getattr(Types, name)())))
show("nested", lambda: str(Types.ROW_NAMED(["x", "y"], [Types.ROW([I]), Types.MAP(S, I)])))
show("eq tuple", lambda: Types.TUPLE([I, S]) == Types.TUPLE([Types.INT(), Types.STRING()]))
show("eq tuple other", lambda: Types.TUPLE([I, S]) == Types.TUPLE([S, I]))
show("eq row", lambda: Types.ROW([I, S]) == Types.ROW([I, S]))
show("eq row named", lambda: Types.ROW_NAMED(["a", "b"], [I, S]) == Types.ROW_NAMED(["a", "c"], [I, S]))
show("eq row default", lambda: Types.ROW_NAMED(["f0", "f1"], [I, S]) == Types.ROW([I, S]))
show("eq list", lambda: Types.LIST(I) == Types.LIST(Types.INT()))
show("eq map", lambda: Types.MAP(S, I) == Types.MAP(S, S))
show("eq array", lambda: Types.BASIC_ARRAY(I) == Types.BASIC_ARRAY(I))
show("eq primitive", lambda: Types.PRIMITIVE_ARRAY(I) == Types.PRIMITIVE_ARRAY(I))
show("isinstance", lambda: [isinstance(t, c) for t, c in (
    (Types.TUPLE([I]), TupleTypeInfo), (Types.ROW([I]), RowTypeInfo), (Types.LIST(I), ListTypeInfo),
    (Types.MAP(I, I), MapTypeInfo), (Types.BASIC_ARRAY(I), BasicArrayTypeInfo),
    (Types.OBJECT_ARRAY(I), ObjectArrayTypeInfo), (Types.PRIMITIVE_ARRAY(I), PrimitiveArrayTypeInfo),
    (I, TypeInformation), (Types.PICKLED_BYTE_ARRAY(), TypeInformation))])
show("empty row", lambda: str(Types.ROW([])))
show("empty tuple", lambda: str(Types.TUPLE([])))
show("repr", lambda: repr(Types.INT()) == str(Types.INT()))
show("repr tuple", lambda: repr(Types.TUPLE([I])))
show("repr row", lambda: repr(Types.ROW_NAMED(["a"], [I])))
show("instant", lambda: Types.INSTANT() == Types.SQL_TIMESTAMP())
show("field index", lambda: Types.ROW_NAMED(["a", "b"], [I, S]).get_field_index("b") if hasattr(RowTypeInfo, "get_field_index") else "no method")
show("elem", lambda: str(Types.LIST(I).elem_type))
show("need_conversion", lambda: [t.need_conversion() for t in (I, S, Types.SQL_DATE(), Types.SQL_TIMESTAMP(), Types.INSTANT(), Types.TUPLE([I]), Types.LIST(I), Types.MAP(I, I), Types.BIG_DEC())])
