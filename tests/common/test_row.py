"""Rows behave as in PyFlink: by position, by name, as a class of rows, as records of changes."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Row, RowKind
from flott.common.types import pack_rows, unpack_rows

names = st.lists(st.text("abcdef", min_size=1), min_size=1, max_size=6, unique=True)
values = st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers()))


def test_named_row_is_reached_by_position_name_and_attribute() -> None:
    row = Row(name="Alice", age=11)
    assert (row[0], row["age"], row.name, row[-1], row[0:2]) == ("Alice", 11, "Alice", 11, row[:])
    assert ("name" in row, "Alice" in row) == (True, False)


def test_positional_row_contains_values() -> None:
    row = Row("Alice", 11)
    assert 11 in row
    assert list(row) == ["Alice", 11]
    assert len(row) == 2


def test_mixing_both_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        Row(1, a=2)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Row(name="Alice", age=11), "Row(name='Alice', age=11)"),
        (Row("Alice", 11), "<Row('Alice', 11)>"),
        (Row(), "<Row()>"),
        (Row(a=Row(b=1)), "Row(a=Row(b=1))"),
    ],
)
def test_repr(row: Row, text: str) -> None:
    assert repr(row) == str(row) == text


def test_row_of_names_makes_rows() -> None:
    person = Row("name", "age")
    assert person("Alice", 11) == Row(name="Alice", age=11)
    with pytest.raises(ValueError, match="names 2 fields"):
        person(1, 2, 3)


def test_rows_made_from_names_inherit_the_kind() -> None:
    assert Row.of_kind(RowKind.DELETE, "a")(1).get_row_kind() is RowKind.DELETE


def test_as_dict() -> None:
    row = Row(key=1, value=Row(name="a", more=[Row(x=1)], map={"k": Row(y=2)}))
    assert row.as_dict()["value"] == row.value
    assert row.as_dict(True) == {
        "key": 1,
        "value": {"name": "a", "more": [{"x": 1}], "map": {"k": {"y": 2}}},
    }


def test_as_dict_without_names_is_refused() -> None:
    with pytest.raises(TypeError, match="field names"):
        Row(1).as_dict()


def test_field_names_can_be_given_later() -> None:
    row = Row(1, 2)
    row.set_field_names(["a", "b"])
    assert (row.b, row.as_dict()) == (2, {"a": 1, "b": 2})


@pytest.mark.parametrize(("kind", "sign"), [*zip(RowKind, ("+I", "-U", "+U", "-D"), strict=True)])
def test_kinds(kind: RowKind, sign: str) -> None:
    row = Row.of_kind(kind, 1)
    assert str(row.get_row_kind()) == sign
    assert row._is_retract_msg() == (sign[0] == "-")
    assert row._is_accumulate_msg() == (sign[0] == "+")


def test_kind_must_be_one() -> None:
    with pytest.raises(TypeError, match="RowKind"):
        Row(1).set_row_kind("+I")  # type: ignore[arg-type]


def test_java_row_kind_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="without a JVM"):
        RowKind.INSERT.to_j_row_kind()


def test_values_can_be_replaced_by_position_and_name() -> None:
    row = Row(a=1, b=2)
    row[0], row["b"] = 10, 20
    assert list(row) == [10, 20]


def test_attributes_cannot_be_set() -> None:
    row = Row(a=1)
    with pytest.raises(AttributeError):
        row.a = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        row.other = 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("row", "key", "error"),
    [
        (Row(a=1), "b", ValueError),
        (Row(1), "b", AttributeError),
        (Row(a=1), 5, IndexError),
        (Row("a", "b")(1), "b", KeyError),
    ],
)
def test_missing_fields(row: Row, key: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        row[key]


@pytest.mark.parametrize(
    ("row", "key", "error"),
    [(Row(a=1), "b", ValueError), (Row(1), "b", KeyError), (Row("a", "b")(1), "b", KeyError)],
)
def test_missing_fields_cannot_be_set(row: Row, key: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        row[key] = 1


def test_missing_attributes() -> None:
    for row in (Row(a=1), Row(1), Row("a", "b")(1)):
        assert not hasattr(row, "b")
        assert not hasattr(row, "_other")


def test_private_name_of_pyflink_tells_whether_there_are_names() -> None:
    assert Row(a=1)._fields == ["a"]
    assert not hasattr(Row(1), "_fields")


def test_get_fields_by_names() -> None:
    row = Row(a=1, b=2)
    assert row.get_fields_by_names(["b", "a"]) == [2, 1]
    assert row.get_fields_by_names(["a", "b"]) == [1, 2]
    assert Row(1, 2).get_fields_by_names(["x", "y"]) == [1, 2]
    with pytest.raises(ValueError, match=r"\['c'\]"):
        row.get_fields_by_names(["a", "c"])


def test_equality_ignores_the_order_of_names() -> None:
    assert Row(a=1, b=2) == Row(b=2, a=1)
    assert Row(a=1, b=2) != Row(b=1, a=2)


@pytest.mark.parametrize(
    "other",
    [Row(1), Row(a=2), Row(b=1), Row(a=1, b=2), Row.of_kind(RowKind.DELETE, a=1), (1,), None],
)
def test_rows_that_differ(other: object) -> None:
    assert Row(a=1) != other


def test_rows_of_other_classes_differ() -> None:
    class Other(Row):
        pass

    assert Other(1) != Row(1)


def test_equal_rows_hash_alike() -> None:
    assert hash(Row(1, "a")) == hash(Row(1, "a")) == hash((1, "a"))
    with pytest.raises(TypeError):
        hash(Row([]))


def test_copies_do_not_share_values() -> None:
    for make in (copy.copy, copy.deepcopy):
        row = Row(a=1)
        other = make(row)
        other[0] = 2
        assert row == Row(a=1)


@given(names, st.data(), st.sampled_from(RowKind), st.booleans())
def test_pickling_keeps_everything(
    field_names: list[str], data: st.DataObject, kind: RowKind, named: bool
) -> None:
    row = Row(*[data.draw(values) for _ in field_names])
    if named:
        row.set_field_names(field_names)
    row.set_row_kind(kind)
    again = pickle.loads(pickle.dumps(row))
    assert again == row
    assert again.get_row_kind() is kind
    assert repr(again) == repr(row)


@given(names, st.data())
def test_named_row_is_a_dict_in_order(field_names: list[str], data: st.DataObject) -> None:
    model = {name: data.draw(values) for name in field_names}
    row = Row(**model)
    assert row.as_dict() == model
    assert all(row[name] == getattr(row, name) == model[name] for name in field_names)


@given(st.lists(st.tuples(values, values), max_size=5), st.booleans())
def test_packed_rows_come_back(records: list[tuple[object, object]], named: bool) -> None:
    rows = [Row(a=a, b=b) if named else Row(a, b) for a, b in records]
    packed = pack_rows(rows)
    assert packed is not None
    assert unpack_rows(pickle.loads(pickle.dumps(packed))) == rows


def test_rows_that_differ_are_not_packed() -> None:
    assert pack_rows([Row(a=1), Row(b=1)]) is None
    assert pack_rows([Row.of_kind(RowKind.DELETE, 1)]) is None
