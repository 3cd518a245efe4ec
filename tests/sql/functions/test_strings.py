"""Strings: patterns and parts against plain Python."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.sql_errors import RecordError, SqlValidationError
from flott.sql.functions.families.encoding import java_format, parse_url
from flott.sql.functions.families.patterns import like_pieces
from flott.sql.functions.families.string import initcap, overlay, pad
from flott.sql.functions.similar import similar_regex
from tests.sql.binder.catalogs import session_with
from tests.sql.functions.evaluation import evaluate, run

_TEXT = st.text("ab%_.\\", max_size=6)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _like(text: str, pattern: str) -> bool:
    """LIKE by trying every way."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(_like(text[i:], pattern[1:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and _like(text[1:], pattern[1:])


@settings(deadline=None)
@given(_TEXT, _TEXT)
def test_like_matches_what_trying_every_way_matches(text: str, pattern: str) -> None:
    expression = f"{_quoted(text)} LIKE {_quoted(pattern)}"
    assert evaluate(expression) is _like(text, pattern)


def test_an_escape_makes_wildcards_plain() -> None:
    assert like_pieces("a!%!!_", "!") == ("a%!", 1)
    with pytest.raises(SqlValidationError, match="Wrong ESCAPE"):
        like_pieces("a!b", "!")
    with pytest.raises(SqlValidationError, match="one character"):
        like_pieces("a", "!!")


def test_a_pattern_of_another_column_is_matched_row_by_row() -> None:
    query = "SELECT s LIKE p FROM (VALUES ('ab', 'a%'), ('ab', 'b%')) AS v (s, p)"
    _, frame = run(query, session_with(is_streaming=False))
    assert frame.to_series().to_list() == [True, False]


@pytest.mark.parametrize("pattern", ["(a", "[a"])
def test_wrong_patterns_of_similar_to_are_named(pattern: str) -> None:
    with pytest.raises(RecordError, match="Wrong pattern"):
        similar_regex(pattern)


@settings(deadline=None)
@given(st.text(max_size=8), st.integers(-12, 12), st.one_of(st.none(), st.integers(0, 9)))
def test_a_substring_counts_from_either_end(text: str, start: int, length: int | None) -> None:
    text = text.replace("\x00", "")
    offset = start - 1 if start > 0 else len(text) + start if start < 0 else 0
    end = None if length is None else max(offset, 0) + length
    expected = "" if offset < 0 else text[offset:end]
    arguments = ", ".join(map(str, [start] if length is None else [start, length]))
    assert evaluate(f"SUBSTRING({_quoted(text)}, {arguments})") == expected


@settings(deadline=None)
@given(st.text("ab", max_size=6), st.text("ab", max_size=2))
def test_position_is_where_the_text_is_found(text: str, part: str) -> None:
    assert evaluate(f"POSITION({_quoted(part)} IN {_quoted(text)})") == text.find(part) + 1


def test_padding_counts_in_units_of_utf_16() -> None:
    assert pad("日本語🙂", 4, "x", True) == "日本語?"
    assert pad("a", -1, "x", True) is None
    assert pad("abc", 5, "", False) is None


def test_overlay_leaves_a_text_that_is_too_short() -> None:
    assert overlay("abc", "X", 9) == "abc"
    assert overlay("abcdef", "XX", 2, 3) == "aXXef"


def test_words_begin_with_ascii_letters() -> None:
    assert initcap("éa b-c 2X") == "éA B-C 2x"


@pytest.mark.parametrize(
    ("part", "expected"),
    [("HOST", "a.b"), ("PATH", "/p"), ("QUERY", "k=v&l=w"), ("REF", "r"), ("PROTOCOL", "http"),
     ("FILE", "/p?k=v&l=w"), ("AUTHORITY", "u:p@a.b:8"), ("USERINFO", "u:p"), ("OTHER", None)],
)  # fmt: skip
def test_parts_of_a_url(part: str, expected: str | None) -> None:
    assert parse_url("http://u:p@a.b:8/p?k=v&l=w#r", part) == expected


def test_a_template_that_does_not_fit_gives_null() -> None:
    assert java_format("%d", "a") is None
    assert java_format("%s %s", "a") is None
    assert java_format("%2$s %1$s %x %c %b %e", "a", 255, 65, True, 1.5) is None
    assert java_format("%x %c %b %e", 255, 65, True, 1.5) == "ff A true 1.500000e+00"


@settings(deadline=None)
@given(st.text("abé", max_size=8), st.sampled_from(["a", "ab", "é"]), st.sampled_from(["", "xy"]))
def test_the_length_of_a_replacement_is_counted(text: str, old: str, new: str) -> None:
    query = f"SELECT CHAR_LENGTH(REPLACE(s, '{old}', '{new}')) FROM (VALUES ('{text}')) AS v (s)"
    _, frame = run(query, session_with(is_streaming=False))
    assert frame.item() == len(text.replace(old, new))


def test_nothing_stands_between_the_characters_of_java() -> None:
    assert evaluate("SPLIT('a🙂', '')") == ["a", "?", "?"]
    assert evaluate("REPLACE('a🙂', '', '-')") == "-a-?-?-"
    assert evaluate("OVERLAY('🙂' PLACING 'x' FROM 2)") == "?x"
