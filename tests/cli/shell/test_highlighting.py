"""Colours of SQL while it is typed."""

from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.document import Document

from flott.cli.shell.highlighting import SqlLexer, coloured


def _kinds(text: str) -> dict[str, str]:
    return {piece: kind for kind, piece in coloured(text) if kind}


def test_words_are_told_apart() -> None:
    kinds = _kinds("select count(a), `b` from t where c = 'x' -- why")
    assert kinds == {
        "select": "keyword", "count": "function", "`b`": "name", "from": "keyword",
        "where": "keyword", "'x'": "string", "-- why": "comment",
    }  # fmt: skip


def test_what_is_not_finished_is_coloured_to_the_end() -> None:
    assert _kinds("'abc; FROM") == {"'abc; FROM": "string"}
    assert _kinds("/* abc; FROM") == {"/* abc; FROM": "comment"}


@given(st.text())
def test_no_character_is_lost(text: str) -> None:
    assert "".join(piece for _, piece in coloured(text)) == text


def test_lines_are_coloured_one_by_one() -> None:
    line = SqlLexer().lex_document(Document("SELECT 'a\nb' FROM t"))
    assert "".join(piece for _, piece, *_ in line(0)) == "SELECT 'a"
    assert line(1)[0] == ("ansigreen", "b'")
    assert line(9) == []
