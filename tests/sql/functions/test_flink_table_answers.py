"""Expressions over the columns of a table, and what Flink 2.3 answered: type and values by row.

``flink_table_answers.json`` is a list of tables: how each is declared, the FROM it is read with,
the zone of the session, and ``answers``: an expression with ``[type, {id: value}]``, or ``null``
where Flink's planner refuses it. Values are in the form of the recorded cases (see
``evaluation.plain``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from flott.common.sql_errors import SqlError
from flott.sql.functions import EvaluationSettings
from flott.sql.session import Session
from tests.conformance.sql_case import FOLDER
from tests.sql.binder.catalogs import bind, session_with
from tests.sql.functions.evaluation import plain, run, same

_TABLES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("flink_table_answers.json").read_text()
)
_AT_ONCE = 20


def _batches() -> Iterator[Any]:
    for number, table in enumerate(_TABLES):
        given = [text for text, answer in table["answers"].items() if answer is not None]
        for start in range(0, len(given), _AT_ONCE):
            name = f"{table['source'].split()[0]}-{table['zone']}-{number}-{start}"
            yield pytest.param(number, given[start : start + _AT_ONCE], id=name)


def _refused() -> Iterator[Any]:
    for number, table in enumerate(_TABLES):
        for text, answer in table["answers"].items():
            if answer is None:
                yield pytest.param(number, text, id=text)


@lru_cache(maxsize=32)
def _session(number: int) -> Session:
    table = _TABLES[number]
    options = {"table.local-time-zone": table["zone"]}
    return session_with([table["table"]], is_streaming=False, options=options)


def _query(number: int, expressions: list[str]) -> str:
    columns = ", ".join(f"{text} AS c{place}" for place, text in enumerate(expressions))
    return f"SELECT id, {columns} FROM {_TABLES[number]['source']}"


@pytest.mark.parametrize(("number", "expressions"), list(_batches()))
def test_the_answers_are_flinks(number: int, expressions: list[str]) -> None:
    table = _TABLES[number]
    settings = EvaluationSettings(is_streaming=False, time_zone=table["zone"])
    node, frame = run(_query(number, expressions), _session(number), settings, data=FOLDER / "data")
    ids = [str(each) for each in frame.to_series(0).to_list()]
    for place, text in enumerate(expressions, 1):
        data_type = node.fields[place].data_type
        kind, expected = table["answers"][text]
        found = dict(zip(ids, plain(frame.to_series(place), data_type), strict=True))
        wrong = {
            row: (found[row], value)
            for row, value in expected.items()
            if not same(found[row], value, kind.startswith("FLOAT"))
        }
        assert (text, str(data_type), wrong) == (text, kind, {})


@pytest.mark.parametrize(("number", "expression"), list(_refused()))
def test_what_flink_refuses_is_refused(number: int, expression: str) -> None:
    with pytest.raises(SqlError):
        bind(_query(number, [expression]), _session(number))
