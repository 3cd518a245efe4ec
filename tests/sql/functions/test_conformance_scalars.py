"""Scalar expressions give what Flink 2.3 gave: every recorded one, evaluated alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from flott.sql.functions import EvaluationSettings
from tests.sql.binder.catalogs import session_with
from tests.sql.functions.evaluation import plain, run, same

_FOLDER = Path(__file__).parents[2] / "conformance" / "sql"
_AREAS = ("cast", "collection", "json", "numeric", "string", "temporal")
#: Cases whose answers the recording itself calls errors of Flink's.
_QUIRKS = ("quirk", "before_1970")

#: Answers of ours that stay different.
_OURS = {
    "scalar_temporal/floor_ceil_time:c03": "no column holds 24:00:00",
    "scalar_temporal/floor_ceil_time:c04": "no column holds 24:00:00",
    "scalar_temporal/casts_of_strings:c04": "nanoseconds reach from 1677 to 2262",
}


@lru_cache(maxsize=8)
def _cases(area: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((_FOLDER / f"scalar_{area}.json").read_text()))


def _expressions() -> Iterator[Any]:
    for area in _AREAS:
        for case in _cases(area):
            is_quirk = set(_QUIRKS) & set(case.get("tags", ())) or "before_1970" in case["id"]
            for index, each in enumerate(case.get("exprs") or ()):
                if not is_quirk:
                    name = f"{case['id']}:{each['column']}"
                    reason = _OURS.get(name)
                    marks = (
                        [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
                    )
                    yield pytest.param(case, index, id=name, marks=marks)


@pytest.mark.parametrize(("case", "index"), list(_expressions()))
def test_an_expression_gives_what_flink_gave(case: dict[str, Any], index: int) -> None:
    config = case.get("config") or {}
    zone = config.get("table.local-time-zone", "UTC")
    session = session_with(case["setup"], is_streaming=False, options=config)
    settings = EvaluationSettings(time_zone=zone, is_streaming=False)
    expression, column = case["exprs"][index]["expr"], case["exprs"][index]["column"]
    query = case["single"].replace("<EXPR>", f"{expression} AS {column}")
    node, frame = run(query, session, settings, _FOLDER / "data")
    names = [each["name"] for each in case["columns"]]
    kinds = [each["type"] for each in case["columns"]]
    position = names.index(column)
    keys = names.index(node.fields[0].name)
    values = plain(frame["f1"], node.types[1], zone)
    found = dict(zip(plain(frame["f0"], node.types[0]), values, strict=True))
    expected = {row[keys]: row[position] for row in case["rows"]}
    assert found.keys() == expected.keys()
    is_float32 = kinds[position].startswith("FLOAT")
    wrong = {
        key: (found[key], expected[key])
        for key in expected
        if not same(found[key], expected[key], is_float32)
    }
    assert not wrong, f"{expression}: (found, expected) by id: {wrong}"
    assert str(node.types[1]) == kinds[position]
