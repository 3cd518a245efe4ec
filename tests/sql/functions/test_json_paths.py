"""JSON paths: what they find, and what is an error of theirs."""

from typing import Any

import pytest

from flott.sql.functions.json_path import MISSING, parse_path
from tests.sql.functions.evaluation import evaluate

DOCUMENT = {"a": {"b": [10, 20, 30]}, "items": [{"id": 1}, {"id": 2}]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.a.b[1]", 20),
        ("a.b[0]", 10),
        ("$.items[*].id", [1, 2]),
        ("$.items[?(@.id > 1)].id", [2]),
        ("$.a.b[5:]", []),
        ("$.a.b.length()", 3),
        ("$.a.length()", 1),
        ("$.nothing[*]", MISSING),
        ("$.nothing.b[0:2]", MISSING),
    ],
)
def test_path_finds(path: str, found: Any) -> None:
    assert parse_path(path).find(DOCUMENT) == found


def test_json_query_gives_objects_with_their_keys_in_order() -> None:
    assert evaluate("""JSON_QUERY('{"b": {"d": 1, "c": 2}, "a": 3}', '$')""") == (
        '{"a":3,"b":{"c":2,"d":1}}'
    )


def test_what_follows_a_document_is_left_out() -> None:
    assert evaluate("""JSON_VALUE('{"a": 1} and more', '$.a')""") == "1"


def test_a_wrong_path_finds_nothing() -> None:
    assert evaluate("JSON_VALUE('{}', '$[')") is None
    assert evaluate("JSON_EXISTS('{}', '$[')") is False
