# area: ds-exec
# Configuration: typed getters, defaults, text of values, merging.
from pyflink.common import Configuration


def show(label, function):
    try:
        print("OUT", label, function())
    except Exception as error:
        print("OUT", label, "raises")


c = Configuration()
c.set_string("s", "text").set_integer("i", 5).set_boolean("b", True).set_float("f", 1.5)
show("string", lambda: c.get_string("s", None))
show("missing", lambda: c.get_string("none", "fallback"))
show("missing none", lambda: c.get_string("none", None))
show("int", lambda: c.get_integer("i", 0))
show("int missing", lambda: c.get_integer("none", 3))
show("int as text", lambda: c.get_string("i", None))
show("bool", lambda: c.get_boolean("b", False))
show("bool as text", lambda: c.get_string("b", None))
show("float", lambda: c.get_float("f", 0.0))
show("float as text", lambda: c.get_string("f", None))
show("bad int", lambda: c.get_integer("s", 0))
show("bad bool", lambda: c.get_boolean("s", False))
show("bad float", lambda: c.get_float("s", 0.5))
show("contains", lambda: (c.contains_key("s"), c.contains_key("none")))
show("keys", lambda: sorted(c.key_set()))
show("dict", lambda: sorted(c.to_dict().items()))
show("text", lambda: str(Configuration().set_string("a", "b")))
d = Configuration().set_string("s", "other").set_string("t", "x")
c2 = Configuration()
c2.add_all(c)
c2.add_all(d)
show("merged", lambda: sorted(c2.to_dict().items()))
c3 = Configuration()
c3.add_all(d, "pre.")
show("prefix", lambda: sorted(c3.to_dict().items()))
c4 = Configuration()
c4.add_all_to_dict({"x": "1"}) if hasattr(c4, "add_all_to_dict") else None
to = {}
show("add_all_to_dict", lambda: (c.add_all_to_dict(to), sorted(to.items())))
show("remove", lambda: (c2.remove_config("t"), c2.contains_key("t")))
show("remove missing", lambda: c2.remove_config("zzz"))
show("eq", lambda: Configuration().set_string("a", "b") == Configuration().set_string("a", "b"))
show("neq", lambda: Configuration().set_string("a", "b") == Configuration().set_string("a", "c"))
show("copy", lambda: Configuration(c) == c)
show("bytearray", lambda: Configuration().set_bytearray("k", bytearray(b"ab")).get_bytearray("k", bytearray()))
show("int text", lambda: Configuration().set_string("n", "12").get_integer("n", 0))
show("bool text", lambda: (Configuration().set_string("n", "TRUE").get_boolean("n", False)))
show("float text", lambda: Configuration().set_string("n", "2.25").get_float("n", 0.0))
show("int range", lambda: Configuration().set_string("n", "99999999999").get_integer("n", 0))
show("overwrite", lambda: Configuration().set_string("n", "a").set_integer("n", 3).get_string("n", ""))
show("negative", lambda: Configuration().set_integer("n", -3).get_integer("n", 0))
show("float from int", lambda: Configuration().set_integer("n", 3).get_float("n", 0.0))
show("int from float", lambda: Configuration().set_float("n", 3.7).get_integer("n", 0))
show("parse", lambda: Configuration.parse_string("a") if hasattr(Configuration, "parse_string") else "no method")
