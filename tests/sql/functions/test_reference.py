"""The reference page says what the entries say."""

from __future__ import annotations

from pathlib import Path

from flott.sql.functions import function_names
from flott.sql.functions.reference import render_markdown

PAGE = Path(__file__).parents[3] / "docs/reference/sql-functions.md"


def test_the_page_is_that_of_the_entries() -> None:
    assert PAGE.read_text() == render_markdown(), "run python -m flott.sql.functions.reference"


def test_the_page_has_every_function() -> None:
    page = render_markdown()
    missing = [name for name in function_names() if f"`{name}`" not in page]
    assert missing == ["STDDEV", "UNNEST", "VARIANCE"]
