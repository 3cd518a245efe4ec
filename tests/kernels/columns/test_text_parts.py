"""Kernels of strings against Python's own strings."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns.text_parts import count_parts, key_values, lower, split_parts

_TEXTS = st.lists(st.one_of(st.none(), st.text("ab/=&é", max_size=20)), max_size=12)


def _series(texts: list[str | None]) -> pl.Series:
    return pl.Series("t", texts, dtype=pl.String)


@settings(deadline=None)
@given(_TEXTS, st.text("ab/é", min_size=1, max_size=2), st.integers(0, 4))
def test_parts_are_those_between_separators(
    texts: list[str | None], separator: str, index: int
) -> None:
    parts = [text.split(separator) if text else [] for text in texts]
    expected = [part[index] if index < len(part) else None for part in parts]
    assert split_parts(_series(texts), separator, index).to_list() == expected


@settings(deadline=None)
@given(_TEXTS, st.sampled_from(["a=", "ab=", "é="]))
def test_a_key_stands_at_the_start_or_behind_an_end(texts: list[str | None], key: str) -> None:
    pattern = re.compile(f"(?:&|^){key}([^&]*)")
    found = [None if text is None else pattern.search(text) for text in texts]
    expected = [None if match is None else match[1] for match in found]
    assert key_values(_series(texts), key, "&").to_list() == expected


@settings(deadline=None)
@given(_TEXTS, st.text("ab/é", min_size=1, max_size=2))
def test_counts_do_not_overlap(texts: list[str | None], part: str) -> None:
    expected = [None if text is None else text.count(part) for text in texts]
    assert count_parts(_series(texts), part).to_list() == expected


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("aBZ[@`é", max_size=20)), max_size=8))
def test_small_letters_are_those_of_polars(texts: list[str | None]) -> None:
    series = _series(texts)
    assert lower(series).to_list() == series.str.to_lowercase().to_list()
    assert lower(series).name == "t"


def test_several_chunks_are_one_column() -> None:
    texts = pl.concat([_series(["a/b"]), _series([None, "c/d"])], rechunk=False)
    assert split_parts(texts, "/", 1).to_list() == ["b", None, "d"]
    assert lower(_series([])).to_list() == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: split_parts(_series(["a"]), "", 0),
        lambda: split_parts(_series(["a"]), "/", -1),
        lambda: key_values(_series(["a"]), "k", "&&"),
        lambda: count_parts(_series(["a"]), ""),
    ],
)
def test_what_means_nothing_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"needed|nothing"):
        wrong()
