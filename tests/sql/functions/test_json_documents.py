"""Documents made and read: what fails the job, what is in order, what stays as it is."""

from __future__ import annotations

import pytest

from flott.common.errors import UnsupportedFeature
from flott.common.sql_errors import RecordError, SqlValidationError
from tests.sql.functions.evaluation import evaluate


def test_a_value_of_another_kind_than_asked_for_fails_the_job() -> None:
    with pytest.raises(RecordError, match="is not INT"):
        evaluate("""JSON_VALUE('{"a":"1"}', '$.a' RETURNING INTEGER NULL ON ERROR)""")


def test_json_value_returns_four_types_only() -> None:
    with pytest.raises(UnsupportedFeature, match="RETURNING BIGINT"):
        evaluate("""JSON_VALUE('{"a":1}', '$.a' RETURNING BIGINT)""")


def test_rows_have_their_keys_in_order() -> None:
    assert evaluate("JSON_STRING(CAST(ROW(1, 2) AS ROW<y INT, x INT>))") == '{"x":2,"y":1}'


def test_a_document_is_not_quoted_again() -> None:
    assert evaluate("JSON_STRING(JSON_ARRAY(1))") == "[1]"


def test_json_null_is_no_document_to_query() -> None:
    query = """JSON_QUERY('{"a":null}', '$.a' EMPTY OBJECT ON ERROR)"""
    assert evaluate(query) == "{}"


@pytest.mark.parametrize(
    "expression",
    [
        "JSON_QUERY('[1]', '$' RETURNING ARRAY<INT>)",
        "JSON_QUERY('[1]', '$' RETURNING ARRAY<STRING> EMPTY OBJECT ON EMPTY)",
        "JSON_VALUE('{}', '$.a' DEFAULT NULL ON EMPTY)",
        "JSON_VALUE(NULL, '$')",
    ],
)
def test_what_flink_refuses(expression: str) -> None:
    with pytest.raises(SqlValidationError):
        evaluate(expression)


def test_quotes_within_a_quoted_text_stay() -> None:
    assert evaluate("""JSON_UNQUOTE('"a"b"')""") == 'a"b'


def test_a_path_does_not_begin_with_a_blank() -> None:
    assert evaluate("""JSON_VALUE('{"a":1}', ' $.a')""") is None
    assert evaluate("""JSON_VALUE('{"a":1}', ' lax $.a')""") == "1"
