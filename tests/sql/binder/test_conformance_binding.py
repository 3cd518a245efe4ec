"""The recorded queries of Flink 2.3 bind to the names and types that Flink printed.

Only names, types and errors of meaning are looked at here; ``tests/conformance`` runs the cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flott.common.sql_errors import SqlError
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import Insert, Query
from tests.sql.binder.catalogs import bind, session_with

CASES = Path(__file__).parents[2] / "conformance" / "sql"

#: Cases that a test of the binder alone cannot get right, and why.
KNOWN_DIFFERENCES = {
    "ddl_tables/view_create_or_alter": "the test's catalog alters nothing",
    "ddl_tables/replace_table_as.batch": "the test's catalog fills nothing",
    "ddl_tables/replace_table_as.streaming": "the test's catalog fills nothing",
    "dml/append_sink_refuses_updates": "the planner refuses it",
    "errors/csv_delimiter_of_two_characters": "the connector refuses it",
    "errors/hop_size_not_multiple_of_slide": "the planner refuses it",
    "formats/json_fail_and_ignore_together": "the connector refuses it",
    "formats/json_unknown_timestamp_standard": "the connector refuses it",
    "q_window/hop_size_not_multiple": "the planner refuses it",
    "scalar_string/regexp_replace": "Flink knows that a constant result is not NULL",
}
#: Areas and cases of features that are refused as not supported yet.
UNSUPPORTED = ("q_match/",)


def recorded() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.json")):
        for case in json.loads(path.read_text()):
            name = case["id"]
            if not name.startswith(UNSUPPORTED) and name not in KNOWN_DIFFERENCES:
                yield pytest.param(case, id=name)


def statements(case: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]] | None]]:
    """The queries of a case, each with the columns it must have (``None``: not known)."""
    types = [(each["name"], each["type"]) for each in case.get("columns") or []]
    if not case.get("exprs"):
        return [(case["query"], types or None)]
    by_name = dict(types)
    single = case["single"]
    found: list[tuple[str, list[tuple[str, str]] | None]] = []
    for each in case["exprs"]:
        wanted = [types[0], (each["column"], by_name[each["column"]])] if types else None
        found.append((single.replace("<EXPR>", each["expr"]), wanted))
    return found


@pytest.mark.parametrize("case", list(recorded()))
def test_a_recorded_query_binds_as_in_flink(case: dict[str, Any]) -> None:
    queries = [each for each in statements(case) if _is_query(each[0])]
    session = session_with(
        case["setup"] if queries else (),
        is_streaming=case["mode"] == "streaming",
        options=case.get("config") or {},
    )
    for text, wanted in queries:
        if case.get("error") in ("parse", "validation"):
            with pytest.raises(SqlError):
                bind(text, session)
            continue
        plan = bind(text, session)
        if wanted is not None and isinstance(parse_statement(text), Query):
            assert [str(each.data_type) for each in plan.fields] == [kind for _, kind in wanted]
            if not case.get("exprs"):
                assert [each.name for each in plan.fields] == [name for name, _ in wanted]


def _is_query(text: str) -> bool:
    try:
        return isinstance(parse_statement(text), (Query, Insert))
    except SqlError:
        return False
