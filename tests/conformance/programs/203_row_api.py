# area: types
# Row: text, equality, access, kinds, names.
from pyflink.common import Row, RowKind


def show(label, function):
    try:
        print("OUT", label, function())
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


named = Row(name="ann", age=7)
plain = Row("ann", 7)
nested = Row(a=1, b=Row(c=2, d=[Row(e=3), Row(e=4)]), m={"k": Row(z=9)})
Person = Row("name", "age")
show("named", lambda: named)
show("plain", lambda: plain)
show("repr", lambda: repr(plain))
show("template", lambda: Person)
show("from template", lambda: Person("bob", 8))
show("template short", lambda: Person("bob"))
show("template long", lambda: Person("bob", 1, 2))
show("eq", lambda: Person("ann", 7) == named)
show("eq plain", lambda: named == plain)
show("eq tuple", lambda: plain == ("ann", 7))
show("eq list", lambda: plain == ["ann", 7])
show("eq names", lambda: Row(a=1) == Row(b=1))
show("lt", lambda: Row(1, 2) < Row(1, 3))
show("sorted", lambda: sorted([Row(3), Row(1), Row(2)]))
show("as_dict", lambda: named.as_dict())
show("as_dict plain", lambda: plain.as_dict())
show("as_dict nested", lambda: nested.as_dict())
show("as_dict recursive", lambda: nested.as_dict(True))
show("len", lambda: len(named))
show("iter", lambda: list(named))
show("index", lambda: (plain[0], plain[-1], plain[0:2]))
show("index name", lambda: named["age"])
show("attr", lambda: (named.name, named.age))
show("attr missing", lambda: named.none)
show("item missing", lambda: named["none"])
show("index out", lambda: plain[5])
show("in name", lambda: ("name" in named, "ann" in named))
show("in plain", lambda: ("ann" in plain, 9 in plain))
show("kind", lambda: plain.get_row_kind())
show("kinds", lambda: [str(k) for k in RowKind])
show("kinds value", lambda: [k.value for k in RowKind])


def with_kind(kind):
    row = Row(1, "x")
    row.set_row_kind(kind)
    return row, row.get_row_kind()


for kind in RowKind:
    show(kind.name, lambda: with_kind(kind))
show("eq kind", lambda: with_kind(RowKind.DELETE)[0] == Row(1, "x"))


def set_item():
    row = Row(name="ann", age=7)
    row["age"] = 8
    row[0] = "eve"
    return row


def set_attr():
    row = Row(name="ann", age=7)
    row.age = 9
    return row, row.as_dict()


def set_names():
    row = Row("ann", 7)
    row.set_field_names(["n", "a"])
    return row, row.n, row["a"], row.as_dict()


show("set item", set_item)
show("set attr", set_attr)
show("set names", set_names)
show("field names", lambda: named.get_fields_by_names(["age"]) if hasattr(Row, "get_fields_by_names") else "none")
show("_fields", lambda: named._fields)
show("mixed", lambda: Row(1, a=2))
show("empty", lambda: Row())
show("hash", lambda: hash(Row(1, 2)) == hash(Row(1, 2)))
show("set", lambda: len({Row(1), Row(1), Row(2)}))
show("none", lambda: Row(None, None))
show("nested repr", lambda: nested)
show("of_kind", lambda: Row.of_kind(RowKind.UPDATE_AFTER, 1, 2))
show("bool", lambda: bool(Row()))
show("copy", lambda: __import__("copy").copy(named))
show("pickle", lambda: __import__("pickle").loads(__import__("pickle").dumps(named)))
show("pickle eq", lambda: __import__("pickle").loads(__import__("pickle").dumps(plain)) == plain)
show("row kind str", lambda: (str(RowKind.INSERT), repr(RowKind.UPDATE_BEFORE)))
show("kwargs order", lambda: Row(z=1, a=2))
show("unpack", lambda: (lambda a, b: (a, b))(*plain))
show("count", lambda: plain.count(7) if hasattr(plain, "count") else "no")
show("add", lambda: plain + plain)
show("str subs", lambda: "%s" % plain)
show("tuple", lambda: tuple(plain))
show("type", lambda: type(plain).__mro__[1].__name__)
