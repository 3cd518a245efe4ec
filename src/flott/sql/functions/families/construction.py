"""Values made of values, and their parts: ROW, ARRAY, MAP, ``array[1]``, ``row.field``."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.functions.calls.literals import literal_expression
from flott.sql.functions.calls.site import Site
from flott.sql.functions.coercion import common_type
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, FunctionEntry, Resolution
from flott.sql.functions.rows import in_python, of_rows
from flott.sql.functions.signatures import ANY, INT, STRING, Kind, signature
from flott.sql.functions.variant_json import variant_part

_COLLECTIONS = (t.ArrayType, t.MapType, t.MultisetType)


def _infer_array(call: Arguments) -> Resolution | None:
    if not len(call):
        raise SqlValidationError("ARRAY[] has no type", hint="Write CAST(NULL AS ARRAY<...>).")
    element = common_type(call.types)
    if element is None:
        return None
    return Resolution(t.ArrayType(element, nullable=False), (element,) * len(call))


def _array(site: Site) -> pl.Expr:
    return pl.concat_list(*(pl.concat_list(arg) for arg in _wrapped(site)))


def _wrapped(site: Site) -> list[pl.Expr]:
    """Operands as lists of one; lists themselves would be joined else."""
    wrapped = []
    for arg, given in zip(site.args(), site.types, strict=True):
        nested = isinstance(given, _COLLECTIONS)
        wrapped.append(pl.struct(arg.alias("v")) if nested else arg)
    return wrapped


def _make_array(site: Site) -> pl.Expr:
    lists = _array(site)
    if isinstance(site.types[0], _COLLECTIONS):
        lists = lists.list.eval(pl.element().struct.field("v"))
    return lists.cast(site.result_type)


def _infer_map(call: Arguments) -> Resolution | None:
    if len(call) % 2 or not len(call):
        raise SqlValidationError("MAP[...] takes keys and values in turn")
    key, value = common_type(call.types[::2]), common_type(call.types[1::2])
    if key is None or value is None:
        return None
    return Resolution(t.MapType(key, value, nullable=False), (key, value) * (len(call) // 2))


def _map(site: Site) -> pl.Expr:
    args = site.args()
    last: dict[Any, pl.Expr] = {}
    for index in range(0, len(args), 2):
        entry = pl.struct(args[index].alias("key"), args[index + 1].alias("value"))
        # Of equal constant keys the last one counts.
        last[site.operands[index]] = entry
    entries = list(last.values())
    return pl.concat_list(*(pl.concat_list(entry) for entry in entries)).cast(site.result_type)


def _infer_row(call: Arguments) -> Resolution | None:
    names = call.settings.get("names") or tuple(f"EXPR${i}" for i in range(len(call)))
    fields = tuple(t.RowField(name, each) for name, each in zip(names, call.types, strict=True))
    return Resolution(t.RowType(fields, nullable=False), call.types)


def _row(site: Site) -> pl.Expr:
    assert isinstance(site.data_type, t.RowType)
    named = zip(site.args(), site.data_type.field_names(), strict=True)
    return pl.struct(*(arg.alias(name) for arg, name in named))


def _infer_item(call: Arguments) -> Resolution | None:
    if len(call) != 2:
        return None
    value, key = call.types
    match value:
        case t.ArrayType():
            if not isinstance(key, t.IntegralType):
                return None
            index = call.constant(1)
            if isinstance(index, int) and index < 1:
                raise SqlValidationError(f"Elements of an array are numbered from 1, not {index}")
            return Resolution(
                value.element_type.nullable_(), (value, INT.with_nullable(key.nullable))
            )
        case t.MapType():
            if common_type((value.key_type, key)) is None:
                return None
            return Resolution(value.value_type.nullable_(), (value, value.key_type))
        case t.VariantType():
            fits = isinstance(key, t.IntegralType | t.CharType | t.VarCharType)
            return Resolution(value.nullable_(), call.types) if fits else None
        case t.RowType():
            index = call.constant(1)
            if isinstance(index, str) and index in value.field_names():
                index = value.field_names().index(index) + 1
            if isinstance(index, int) and 1 <= index <= len(value):
                part = value.fields[index - 1].data_type
                return Resolution(part.with_nullable(part.nullable or value.nullable), call.types)
    return None


def _item(site: Site) -> pl.Expr:
    value, key = site.arg(0), site.arg(1)
    if isinstance(site.types[0], t.RowType):
        part = site.constant(1)
        name = part if isinstance(part, str) else site.types[0].fields[part - 1].name
        return value.struct.field(name)
    if isinstance(site.types[0], t.VariantType):
        return _variant_part(site)
    if isinstance(site.types[0], t.ArrayType):
        position = pl.when(key > 0).then(key - 1)
        return value.list.get(position, null_on_oob=True)
    constant = site.constant(1)
    if constant is NOT_CONSTANT:
        return of_rows([value, key], _find_key, site.result_type)
    found = value.list.filter(
        pl.element().struct.field("key") == literal_expression(constant, site.types[1])
    )
    return found.list.get(0, null_on_oob=True).struct.field("value")


def _variant_part(site: Site) -> pl.Expr:
    wanted = "array" if isinstance(site.types[1], t.IntegralType) else "object"

    def is_other(text: str) -> bool:
        return not text.startswith("[" if wanted == "array" else "{")

    wrong = in_python(lambda text, _: is_other(text), pl.Boolean())(site)
    site.fail_where(wrong, f"A VARIANT that is not a {wanted} has no such part")
    return in_python(lambda text, key: None if is_other(text) else variant_part(text, key))(site)


def _find_key(entries: list[dict[str, Any]], key: Any) -> Any:
    return next((entry["value"] for entry in entries if entry["key"] == key), None)


def _infer_field(call: Arguments) -> Resolution | None:
    name = call.settings.get("name")
    given = call.types[0] if len(call) == 1 else None
    if not isinstance(given, t.RowType):
        return None
    for field in given:
        if field.name == name:
            nullable = given.nullable or field.data_type.nullable
            return Resolution(field.data_type.with_nullable(nullable), call.types)
    raise SqlValidationError(
        f"No field '{name}'", hint=f"The row has {', '.join(given.field_names())}."
    )


def _field(site: Site) -> pl.Expr:
    return site.arg(0).struct.field(str(site.keywords["name"]))


def _collection(given: t.DataType) -> t.DataType | None:
    return given if isinstance(given, _COLLECTIONS) else None


def _cardinality(site: Site) -> pl.Expr:
    return site.arg(0).list.len().cast(pl.Int32)


def _infer_element(call: Arguments) -> Resolution | None:
    given = call.types[0] if len(call) == 1 else None
    if not isinstance(given, (t.ArrayType, t.MultisetType)):
        return None
    nullable = given.nullable or given.element_type.nullable
    return Resolution(given.element_type.with_nullable(nullable), call.types)


def _element(site: Site) -> pl.Expr:
    value = site.arg(0)
    site.fail_where(value.list.len() > 1, "ELEMENT of more than one element")
    first = value.list.get(0, null_on_oob=True)
    return first.struct.field("key") if isinstance(site.types[0], t.MultisetType) else first


def _typeof(site: Site) -> pl.Expr:
    return pl.lit(str(site.types[0]), dtype=pl.String())


def _infer_multiset(call: Arguments) -> Resolution | None:
    element = common_type(call.types) if len(call) else None
    if element is None:
        return None
    return Resolution(t.MultisetType(element, nullable=False), (element,) * len(call))


def _multiset(site: Site) -> pl.Expr:
    def count(*values: Any) -> list[dict[str, Any]]:
        distinct = list(dict.fromkeys(values))
        return [{"key": each, "value": values.count(each)} for each in distinct]

    return of_rows(site.args(), count, site.result_type, keeps_null=True)


_ELEMENTS = "values of one type"

ENTRIES: Final = (
    FunctionEntry("ARRAY", _infer_array, _make_array, "An array of values.", _ELEMENTS,
                  [("ARRAY[1, 2]", [1, 2])]),
    FunctionEntry("MAP", _infer_map, _map, "A map of keys and values.", "key, value, ...",
                  [("MAP['a', 1]['a']", 1)]),
    FunctionEntry("MULTISET", _infer_multiset, _multiset, "Values with their number.", _ELEMENTS,
                  [("CARDINALITY(MULTISET[1, 1, 2])", 2)]),
    FunctionEntry("ROW", _infer_row, _row, "A row of values.", "values",
                  [("CAST(ROW(1, 'a') AS STRING)", "(1, a)")]),
    FunctionEntry("ITEM", _infer_item, _item, "An element of an array, from 1; a value of a map.",
                  "array, index or map, key", [("ARRAY[5, 6][2]", 6)]),
    FunctionEntry("FIELD", _infer_field, _field, "A field of a row.", "row"),
    FunctionEntry("CARDINALITY", signature(Kind("collection", _collection), returns=INT),
                  _cardinality, "The number of elements.", "array, map or multiset",
                  [("CARDINALITY(ARRAY[1, 2])", 2)]),
    FunctionEntry("ELEMENT", _infer_element, _element, "The one element of an array.", "array",
                  [("ELEMENT(ARRAY[7])", 7)]),
    FunctionEntry("TYPEOF", signature(ANY, optional=(ANY,), returns=STRING, nullable=True),
                  _typeof, "The name of a type.", "anything", [("TYPEOF(1)", "INT NOT NULL")]),
)  # fmt: skip
