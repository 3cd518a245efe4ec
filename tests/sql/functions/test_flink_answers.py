"""Expressions of constants, and what Flink 2.3 answered: type and value, or that it refused.

``flink_answers.json`` maps an expression to ``[type, value]``, or to ``null`` where Flink's
planner refuses it. Values are in the form of the recorded cases (see ``evaluation.plain``).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from flott.common.sql_errors import SqlError
from tests.sql.binder.catalogs import session_with
from tests.sql.functions.evaluation import plain, run, same

ANSWERS: dict[str, Any] = json.loads(Path(__file__).with_name("flink_answers.json").read_text())
GIVEN = {text: answer for text, answer in ANSWERS.items() if answer is not None}


@pytest.mark.parametrize("expression", GIVEN)
def test_the_answer_is_flinks(expression: str) -> None:
    data_type, expected = GIVEN[expression]
    node, frame = run(f"SELECT {expression}", session_with(is_streaming=False))
    found = node.fields[0].data_type
    assert str(found) == data_type
    assert same(plain(frame.to_series(), found)[0], expected)


@pytest.mark.parametrize("expression", [text for text in ANSWERS if text not in GIVEN])
def test_what_flink_refuses_is_refused(expression: str) -> None:
    with pytest.raises(SqlError):
        run(f"SELECT {expression}", session_with(is_streaming=False))
