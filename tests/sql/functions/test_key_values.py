"""Lookups of keys find what the regular expression finds."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.sql.functions.key_values import key_lookup
from tests.sql.functions.evaluation import evaluate

_PATTERN = "(&|^)k=([^&]*)"


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("k=&a", max_size=8)), min_size=1, max_size=8))
def test_a_lookup_finds_what_the_pattern_finds(texts: list[str | None]) -> None:
    lookup = key_lookup(_PATTERN, 2)
    assert lookup is not None
    found = lookup.values(pl.Series("t", texts, dtype=pl.String)).to_list()
    matches = [None if text is None else re.search(_PATTERN, text) for text in texts]
    assert found == [None if match is None else match[2] for match in matches]


@pytest.mark.parametrize(
    ("pattern", "group"),
    [(_PATTERN, 1), ("(&|^)k=([^;]*)", 2), ("(&|^)k.=([^&]*)", 2), ("k=([^&]*)", 1)],
)
def test_other_patterns_are_no_lookups(pattern: str, group: int) -> None:
    assert key_lookup(pattern, group) is None


def test_regexp_extract_looks_keys_up() -> None:
    call = "REGEXP_EXTRACT('https://a.b/c?q=1&channel_id=77&x=2', '(&|^)channel_id=([^&]*)', 2)"
    assert evaluate(call) == "77"
