"""What is found of objects in which a value has another structure than its column; as recorded of
Flink for the same lines."""

from __future__ import annotations

import pytest

from flott.common import logical_types as t
from tests.formats.columns.decoding import make_format
from tests.formats.columns.messaging import Columns, read, read_rows

LINES = [
    b'{"id":1,"s":{"a":1,"b":[1,2]},"n":"7"}',
    b'{"id":2,"s":[1,"x",null],"n":8.9}',
    b'{"id":3,"s":true,"n":1e2}',
    b'{"id":4,"s":12.50,"n":null}',
    b'{"id":5,"s":"plain","n":"12"}',
]
IGNORING = {"ignore-parse-errors": "true"}


@pytest.mark.parametrize(
    ("data_type", "rows"),
    [
        (
            t.IntType(),
            [(1, None, None), (2, None, 8), (3, None, 100), (4, 12, None), (5, None, 12)],
        ),
        (
            t.BooleanType(),
            [
                (1, False, None),
                (2, False, False),
                (3, True, False),
                (4, False, None),
                (5, False, False),
            ],
        ),
        (
            t.STRING,
            [
                (1, '{"a":1,"b":[1,2]}', "7"),
                (2, '[1,"x",null]', "8.9"),
                (3, "true", "1e2"),
                (4, "12.50", None),
                (5, "plain", "12"),
            ],
        ),
    ],
)
def test_an_object_for_a_single_value_hides_what_follows(
    data_type: t.DataType, rows: list[object]
) -> None:
    columns: Columns = {"id": t.IntType(), "s": data_type, "n": data_type}
    assert read_rows(make_format("json", IGNORING), columns, LINES) == rows


def test_an_inner_field_may_be_taken_for_one_of_the_row() -> None:
    columns: Columns = {"a": t.IntType(), "b": t.IntType()}
    assert read_rows(make_format("json", IGNORING), columns, [b'{"a":{"b":2},"b":1}']) == [
        (None, 2)
    ]


def test_an_array_may_hide_the_end_of_the_row() -> None:
    columns: Columns = {"a": t.IntType(), "b": t.IntType()}
    assert not read(make_format("json", IGNORING), columns, [b'{"a":[1,2],"b":1}']).frame.height


def test_the_reader_of_whole_objects_loses_nothing() -> None:
    options = IGNORING | {"decode.json-parser.enabled": "false"}
    columns: Columns = {"a": t.IntType(), "b": t.IntType()}
    assert read_rows(make_format("json", options), columns, [b'{"a":{"b":2},"b":1}']) == [(None, 1)]
