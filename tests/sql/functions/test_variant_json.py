"""VARIANT from JSON texts, right and wrong ones."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.sql.functions.variant_json import WrongJson, variant_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts, max_size=3)
    ),
    max_leaves=8,
)


@given(
    VALUES, st.lists(st.tuples(st.integers(0, 200), st.characters(max_codepoint=127)), max_size=2)
)
def test_a_text_is_refused_or_is_a_variant_that_reads_as_itself(
    value: object, changes: list[tuple[int, str]]
) -> None:
    text = list(json.dumps(value))
    for position, character in changes:
        text[position % len(text)] = character
    try:
        found = variant_of("".join(text), allows_duplicates=True)
    except WrongJson:
        assert changes, "what was written by a library is JSON"
        return
    if "Infinity" not in found:
        assert variant_of(found) == found
    found.encode()


@pytest.mark.parametrize("depth", [600, 5_000, 200_000])
def test_a_text_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    with pytest.raises(WrongJson, match="nested too deeply"):
        variant_of("[" * depth + "]" * depth)


def test_half_a_character_is_a_question_mark() -> None:
    assert variant_of('"\\ud83d"') == '"?"'
    assert variant_of('"\\ud83d\\ude00"') == '"😀"'
