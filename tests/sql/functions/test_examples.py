"""The examples of every function give what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flott.sql.functions.entry import FunctionEntry
from flott.sql.functions.registry import entries
from tests.sql.functions.evaluation import evaluate, same


def _examples() -> Iterator[Any]:
    for entry in {id(entry): entry for entry in entries().values()}.values():
        for text, expected in entry.examples:
            yield pytest.param(text, expected, id=f"{entry.name}: {text}")


@pytest.mark.parametrize(("text", "expected"), list(_examples()))
def test_an_example_gives_what_it_says(text: str, expected: Any) -> None:
    found = evaluate(text)
    assert same(found, expected), f"{text} gives {found!r}"


@pytest.mark.parametrize("name", sorted(entries()))
def test_a_function_says_what_it_gives(name: str) -> None:
    entry: FunctionEntry = entries()[name]
    assert entry.doc.endswith(".")
    assert len(entry.doc) < 120
