"""Calls resolved: types, implicit casts, and what is said about mistakes."""

from __future__ import annotations

import pytest

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import (
    Cast,
    FrameBound,
    InputRef,
    Literal,
    OverWindow,
    SortKey,
)
from flott.sql.functions import (
    can_cast_implicitly,
    common_type,
    comparison_type,
    empty_is_null,
    function_names,
    is_aggregate,
    is_known,
    is_over_only,
    resolve_aggregate,
    resolve_call,
    resolve_cast,
    resolve_over_call,
    resolve_table_function,
    suggest,
)

_INT, _BIGINT, _DOUBLE = t.IntType(), t.BigIntType(), t.DoubleType()


def _column(data_type: t.DataType) -> InputRef:
    return InputRef(data_type, 0)


def test_operands_are_cast_to_the_type_they_meet_in() -> None:
    call = resolve_call("+", [_column(_INT), _column(_BIGINT)])
    assert isinstance(call.args[0], Cast)
    assert call.args[0].is_implicit
    assert call.data_type == _BIGINT


def test_a_bare_null_takes_the_type_of_the_others() -> None:
    call = resolve_call("COALESCE", [_column(_INT), Literal(t.NullType(), None)])
    assert call.args[1] == Literal(_INT, None)


def test_a_bare_null_whose_type_nothing_tells_is_refused() -> None:
    for name, args in (("+", [_column(_INT)]), ("UPPER", []), ("COALESCE", [])):
        with pytest.raises(SqlValidationError, match="Illegal use of 'NULL'"):
            resolve_call(name, [*args, Literal(t.NullType(), None)])


def test_a_result_is_nullable_if_an_operand_is() -> None:
    one = Literal(t.IntType(nullable=False), 1)
    assert not resolve_call("+", [one, one]).data_type.nullable
    assert resolve_call("+", [one, _column(_INT)]).data_type.nullable


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([_INT, _BIGINT], "BIGINT"),
        ([_INT, t.DecimalType(5, 2)], "DECIMAL(12, 2)"),
        ([t.FloatType(), t.DecimalType(5, 2)], "DOUBLE"),
        ([t.FloatType(), _BIGINT], "FLOAT"),
        ([t.CharType(2), t.CharType(5)], "VARCHAR(5)"),
        ([t.CharType(2), t.CharType(2)], "CHAR(2)"),
        ([t.TimestampType(3), t.TimestampType(6)], "TIMESTAMP(6)"),
        ([t.ArrayType(_INT), t.ArrayType(_BIGINT)], "ARRAY<BIGINT>"),
        ([t.DateType(), t.TimestampType(3)], "None"),
        ([_INT, t.STRING], "None"),
        ([_INT, t.BooleanType()], "None"),
    ],
)
def test_values_of_several_types_have_a_common_one(types: list[t.DataType], expected: str) -> None:
    assert str(common_type(types)) == expected


def test_strings_are_compared_as_what_they_are_compared_with() -> None:
    assert comparison_type(t.STRING, _INT) == _INT
    assert comparison_type(t.DateType(), t.STRING) == t.DateType()
    assert comparison_type(t.DateType(), t.TimestampType(3)) is None
    assert comparison_type(_INT, t.DateType()) is None


def test_wrong_operands_are_named_with_their_types() -> None:
    with pytest.raises(SqlValidationError, match=r"UPPER takes \(string\), not \(INT\)"):
        resolve_call("UPPER", [_column(_INT)])


def test_an_unknown_function_is_answered_with_one_like_it() -> None:
    with pytest.raises(SqlValidationError) as caught:
        resolve_call("UPPR", [_column(t.STRING)])
    assert caught.value.hint == "Did you mean 'UPPER'?"
    assert suggest("COUNTT") == "COUNT"
    assert suggest("QQQQQQ") is None


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (_BIGINT, t.TimestampType(3)),
        (_INT, t.ArrayType(_INT)),
        (t.DateType(), _INT),
        (t.RowType.of(("a", _INT)), t.RowType.of(("a", _INT), ("b", _INT))),
        (t.BooleanType(), t.DateType()),
    ],
)
def test_casts_that_mean_nothing_are_refused(source: t.DataType, target: t.DataType) -> None:
    with pytest.raises(SqlValidationError, match="Cannot cast"):
        resolve_cast(_column(source), target)


def test_a_cast_is_as_nullable_as_its_operand() -> None:
    constant = Literal(t.IntType(nullable=False), 1)
    assert str(resolve_cast(constant, _BIGINT).data_type) == "BIGINT NOT NULL"
    assert str(resolve_cast(constant, _BIGINT, is_try=True).data_type) == "BIGINT"
    assert resolve_cast(Literal(t.NullType(), None), _INT) == Literal(_INT, None)


def test_only_casts_that_keep_the_value_are_implicit() -> None:
    assert can_cast_implicitly(_INT, _BIGINT)
    assert not can_cast_implicitly(_BIGINT, _INT)
    assert not can_cast_implicitly(_INT, t.STRING)
    assert can_cast_implicitly(t.CharType(3), t.STRING)
    with pytest.raises(SqlValidationError, match="Cannot implicitly cast BIGINT to INT"):
        resolve_cast(_column(_BIGINT), _INT, is_implicit=True)


@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        ("SUM", _INT, "INT"),
        ("SUM", t.DecimalType(10, 2), "DECIMAL(38, 2)"),
        ("AVG", _INT, "INT"),
        ("AVG", t.DecimalType(10, 2), "DECIMAL(38, 6)"),
        ("AVG", t.DecimalType(38, 18), "DECIMAL(38, 18)"),
        ("STDDEV_POP", _INT, "INT"),
        ("VARIANCE", _DOUBLE, "DOUBLE"),
        ("COUNT", t.STRING, "BIGINT NOT NULL"),
        ("MIN", t.STRING, "STRING"),
        ("COLLECT", t.STRING, "MULTISET<STRING> NOT NULL"),
        ("ARRAY_AGG", _INT, "ARRAY<INT>"),
        ("LISTAGG", t.STRING, "STRING"),
        ("JSON_ARRAYAGG", _INT, "VARCHAR(2000) NOT NULL"),
    ],
)
def test_aggregates_have_flinks_types(name: str, argument: t.DataType, expected: str) -> None:
    assert str(resolve_aggregate(name, [_column(argument)]).data_type) == expected


def test_aliases_of_aggregates_resolve_to_one_name() -> None:
    assert resolve_aggregate("STDDEV", [_column(_DOUBLE)]).function == "STDDEV_SAMP"
    assert is_aggregate("variance")
    assert empty_is_null("SUM")
    assert not empty_is_null("COUNT")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("SUM", [t.STRING]),
        ("MAX", [t.ArrayType(_INT)]),
        ("LISTAGG", [_INT]),
        ("COUNT", [_INT, _INT]),
        ("AVG", []),
        ("NOPE", [_INT]),
    ],
)
def test_wrong_aggregates_are_refused(name: str, arguments: list[t.DataType]) -> None:
    with pytest.raises(SqlValidationError):
        resolve_aggregate(name, [_column(each) for each in arguments])


def _window(ordered: bool = True) -> OverWindow:
    order = (SortKey(_column(_INT)),) if ordered else ()
    return OverWindow((), order, True, FrameBound(None), FrameBound(0))


def test_ranks_are_numbers_and_neighbours_have_the_type_of_the_value() -> None:
    assert str(resolve_over_call("ROW_NUMBER", [], _window()).data_type) == "BIGINT NOT NULL"
    assert str(resolve_over_call("CUME_DIST", [], _window()).data_type) == "DOUBLE NOT NULL"
    assert str(resolve_over_call("LAG", [_column(_INT)], _window()).data_type) == "INT"
    default = [_column(_INT), Literal(_INT, 1), Literal(t.IntType(nullable=False), -1)]
    assert str(resolve_over_call("LAG", default, _window()).data_type) == "INT NOT NULL"
    assert resolve_over_call("SUM", [_column(_INT)], _window()).function == "SUM"
    assert is_over_only("lead")


@pytest.mark.parametrize(
    ("name", "count", "ordered"), [("RANK", 0, False), ("RANK", 1, True), ("NTILE", 0, True)]
)
def test_wrong_calls_over_windows_are_refused(name: str, count: int, ordered: bool) -> None:
    with pytest.raises(SqlValidationError):
        resolve_over_call(name, [_column(_INT)] * count, _window(ordered))


def test_unnest_gives_the_parts_of_a_collection() -> None:
    row = t.RowType.of(("a", _INT), ("b", t.STRING))
    fields, _ = resolve_table_function("UNNEST", [_column(t.ArrayType(row))])
    assert [field.name for field in fields] == ["a", "b"]
    fields, _ = resolve_table_function("UNNEST", [_column(t.MapType(t.STRING, _INT))])
    assert [str(field.data_type) for field in fields] == ["STRING", "INT"]
    with pytest.raises(SqlValidationError, match="UNNEST takes an ARRAY, MAP or MULTISET"):
        resolve_table_function("UNNEST", [_column(_INT)])


def test_there_are_two_hundred_functions() -> None:
    names = function_names()
    assert len(names) >= 200
    assert list(names) == sorted(set(names))
    assert all(is_known(name) for name in names)
