"""The types of values that have none."""

import json
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.cli.peeking.inference import infer_fields, infer_text_fields, infer_type
from flott.common.logical_types import RowField
from flott.common.table_options import TableOptions
from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.registry import find_format


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], "STRING"),
        ([None], "STRING"),
        ([True, None], "BOOLEAN"),
        ([1], "BIGINT"),
        ([2**63], "DECIMAL(20, 0)"),
        ([1, 2.5], "DOUBLE"),
        ([True, 1], "STRING"),
        (["a", 1], "STRING"),
        ([[1], [], [2.5]], "ARRAY<DOUBLE>"),
        ([[]], "ARRAY<STRING>"),
        ([{}], "MAP<STRING, STRING>"),
        ([{"a": 1}, {"b": "x"}, {}], "ROW<`a` BIGINT, `b` STRING>"),
        ([{"a": {"b": [{"c": 1}]}}], "ROW<`a` ROW<`b` ARRAY<ROW<`c` BIGINT>>>>"),
        ([{"a": 1}, [1]], "STRING"),
    ],
)
def test_type_holds_all_values(values: list[Any], expected: str) -> None:
    assert str(infer_type(values, "SQL")) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", "-2", ""], "BIGINT"),
        (["1", "2.5", "1e3"], "DOUBLE"),
        (["007"], "STRING"),
        (["0"], "BIGINT"),
        (["true", "False"], "BOOLEAN"),
        (["2024-02-29 00:00:00"], "TIMESTAMP(3)"),
        (["", ""], "STRING"),
        (["9" * 30], "DOUBLE"),
    ],
)
def test_type_of_fields_of_csv(texts: list[str], expected: str) -> None:
    fields = infer_text_fields([[text] for text in texts], ["a"], "SQL")
    assert str(fields["a"]) == expected


SCALARS = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.text("xyz", min_size=1, max_size=2)


@given(st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), min_size=1, max_size=4))
def test_the_format_reads_what_types_were_inferred_from(objects: list[dict[str, Any]]) -> None:
    fields = infer_fields(objects, "SQL")
    declared = tuple(RowField(name, data_type) for name, data_type in fields.items())
    json_format = find_format("json").create(TableOptions({}, "seen"))
    decoder = json_format.create_message_decoder(FormatRequest(declared, tuple(fields)))
    messages = pl.Series("f0", [orjson.dumps(each) for each in objects], dtype=pl.Binary)
    decoded = decoder.decode(messages)
    assert not decoded.malformed, (json.dumps(objects), [str(each) for each in declared])
    assert decoded.frame.height == len(objects)
