from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Types
from flott.formats.kinds import Kind, Shape, shape_of
from flott.formats.text_values import column_reader, text_writer

INT = Shape(Kind.INT64)
DOUBLE = Shape(Kind.DOUBLE)
numbers = st.sampled_from(
    ["1", "-2", "007", "+3", "1.5", "1e3", "NaN", "x", "", "1_0", " 4 ", "9" * 20]
)


def strict(kind: Any, text: str) -> Any:
    """What Python makes of a number, without its underscores."""
    if "_" in text:
        raise ValueError
    return kind(text)


@pytest.mark.parametrize(("shape", "kind"), [(INT, int), (DOUBLE, float)])
@given(texts=st.lists(numbers, max_size=5))
def test_a_column_of_numbers_is_read_as_python_reads_each(
    shape: Shape, kind: Any, texts: list[str]
) -> None:
    read = column_reader(shape, None, None)
    try:
        expected = [None if not text else strict(kind, text) for text in texts]
        if kind is int and any(abs(value) >= 2**63 for value in expected if value is not None):
            raise ValueError
    except ValueError:
        with pytest.raises(ValueError):
            read(texts)
    else:
        assert repr(list(read(texts))) == repr(expected)


def test_no_values_at_all() -> None:
    assert list(column_reader(INT, None, None)([])) == []
    assert list(column_reader(INT, None, None)(["", ""])) == [None, None]


def test_the_literal_for_none_is_looked_for_in_every_column() -> None:
    assert column_reader(Shape(Kind.STRING), "-", None)(["a", "-", ""]) == ["a", None, ""]
    assert column_reader(INT, "-", None)(["1", "-"]) == [1, None]
    with pytest.raises(ValueError, match="found ''"):
        column_reader(INT, "-", None)([""])


def test_text_without_a_literal_is_not_touched() -> None:
    texts = ["a", ""]
    assert column_reader(Shape(Kind.STRING), None, None)(texts) is texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (1, "1"), (1.5, "1.5"), (True, "true"), ("a", "a"), (b"\x01", "AQ==")],
)
def test_values_of_undeclared_types_are_written_too(value: Any, text: str) -> None:
    assert text_writer(shape_of(Types.LIST(Types.PICKLED_BYTE_ARRAY())))([value]) == text


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="dict cannot"):
        text_writer(Shape(Kind.ANY))({"a": 1})
    with pytest.raises(TypeError, match="declared as String, found int 7"):
        text_writer(Shape(Kind.STRING))(7)
