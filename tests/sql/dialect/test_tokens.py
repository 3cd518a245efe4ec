"""Text to tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.sql_errors import SqlParserError
from flott.sql.dialect import split_statements
from flott.sql.dialect.tokens import TokenKind, tokenize


def _texts(sql: str) -> list[str]:
    return [token.text for token in tokenize(sql)[:-1]]


def test_comments_of_all_kinds_vanish() -> None:
    assert _texts("a -- b; c\n/* d\n e */ f // g\nh") == ["a", "f", "h"]


def test_a_block_comment_ends_at_its_first_end() -> None:
    assert _texts("/* a /* b */ c") == ["c"]


def test_doubled_quotes_stand_for_one() -> None:
    assert _texts("'it''s' `a``b`") == ["it's", "a`b"]


def test_a_hint_is_no_comment() -> None:
    assert [token.upper for token in tokenize("/*+ X */")[:-1]] == ["/*+", "X", "*/"]


def test_a_star_before_a_slash_is_two_signs_outside_of_a_hint() -> None:
    assert _texts("a */ b") == ["a", "*", "/", "b"]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"E'a\nb\t\x41B\101\\'", "a\nb\tABA\\"),
        (r"e'it''s'", "it's"),
        (r"U&'\00e4x'", "äx"),
        (r"U&'!00e4!!' UESCAPE '!'", "ä!"),
        ("N'x'", "x"),
        ("_UTF8'ü'", "ü"),
    ],
)
def test_strings_come_decoded(literal: str, value: str) -> None:
    assert _texts(literal) == [value]


@pytest.mark.parametrize("number", ["1", "1.5", ".5", "5.", "1e3", "1.5E-3", "5.e0"])
def test_numbers_keep_their_text(number: str) -> None:
    (token, _) = tokenize(number)
    assert (token.kind, token.text) == (TokenKind.NUMBER, number)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("'abc", "string does not end"),
        ("E'abc", "string does not end"),
        ("`abc", "name does not end"),
        ("/* abc", "comment does not end"),
        ('"abc"', "double quotes"),
        ("x'0'", "even number"),
        (r"U&'\00zz'", "four hexadecimal"),
        ("a \x01", "no meaning"),
    ],
)
def test_what_is_no_token_is_refused_at_its_place(sql: str, message: str) -> None:
    with pytest.raises(SqlParserError, match=message) as caught:
        tokenize(sql)
    assert caught.value.line == 1
    assert caught.value.column == (3 if sql.startswith("a ") else 1)


def test_tokens_know_line_and_column() -> None:
    places = [(token.line, token.column) for token in tokenize("a\n  b /* \n */ c")]
    assert places == [(1, 1), (2, 3), (3, 5), (3, 6)]


@given(st.text())
def test_any_text_gives_tokens_or_an_error(text: str) -> None:
    try:
        tokens = tokenize(text)
    except SqlParserError:
        return
    assert tokens[-1].kind is TokenKind.END
    ends = [token.end for token in tokens]
    assert ends == sorted(ends)


@given(st.text(st.characters(exclude_characters="`", exclude_categories=["Cs"]), min_size=1))
def test_any_name_survives_back_ticks(name: str) -> None:
    (token, _) = tokenize(f"`{name}`")
    assert token.text == name


def test_statements_split_at_semicolons_only() -> None:
    script = "SET 'a;' = ';'; -- x;\nSELECT `;` /* ; */; ;"
    assert split_statements(script) == ["SET 'a;' = ';'", "SELECT `;`"]


def test_a_statement_set_stays_whole() -> None:
    script = (
        "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN b THEN 1 END; END; SELECT 1"
    )
    assert len(split_statements(script)) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [(r"U&'\d83d\de42'", "\U0001f642"), ("_UTF16'abc'", "abc"), ("N'abc'", "abc")],
)
def test_strings_of_all_spellings_are_decoded(text: str, value: str) -> None:
    assert tokenize(text)[0].text == value


@pytest.mark.parametrize("text", ["_NOPE'abc'", "U&'+0041' UESCAPE '+'", "``"])
def test_what_no_string_or_name_can_be_is_refused(text: str) -> None:
    with pytest.raises(SqlParserError):
        tokenize(text)
