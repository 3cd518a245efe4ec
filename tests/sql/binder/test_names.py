"""Names: columns, tables before the dot, fields of rows, and what is said about wrong ones."""

from __future__ import annotations

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, message_of


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM dept",
        "SELECT dept.id FROM dept",
        "SELECT d.id FROM dept AS d",
        "SELECT default_database.dept.id FROM dept",
        "SELECT default_catalog.default_database.dept.id FROM dept",
        "SELECT x.id FROM default_database.dept AS x",
    ],
)
def test_a_column_is_found_by_each_of_its_names(text: str, batch: Session) -> None:
    assert columns_of(text, batch) == [("id", "INT")]


def test_fields_of_rows_are_found_behind_the_column(batch: Session) -> None:
    found = columns_of("SELECT addr.city, n.addr.geo.lat, (addr).city FROM nested n", batch)
    assert found == [("city", "STRING"), ("lat", "DOUBLE"), ("EXPR$2", "STRING")]


def test_an_alias_hides_the_name_of_its_table(batch: Session) -> None:
    assert "Table 'dept' not found" in message_of("SELECT dept.id FROM dept AS d", batch)


def test_names_are_case_sensitive_and_the_hint_knows_the_right_one(batch: Session) -> None:
    said = message_of("SELECT Name FROM dept", batch)
    assert "Column 'Name' not found in any table (line 1, column 8)" in said
    assert "Did you mean 'name'?" in said


def test_the_caret_stands_under_the_name(batch: Session) -> None:
    said = message_of("SELECT id,\n  nmae\nFROM dept", batch)
    assert said.splitlines()[1:3] == ["    nmae", "    ^^^^"]


def test_a_column_of_two_tables_is_ambiguous(batch: Session) -> None:
    said = message_of("SELECT id FROM emp JOIN dept ON emp.dept_id = dept.id", batch)
    assert "Column 'id' is ambiguous" in said
    assert "emp.id" in said


def test_two_tables_of_one_name_are_ambiguous(batch: Session) -> None:
    said = message_of("SELECT a.id FROM emp a CROSS JOIN dept a", batch)
    assert "Two tables of FROM are called 'a'" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT d.nmae FROM dept d", "Column 'nmae' not found in table 'd'"),
        ("SELECT x.id FROM dept d", "Table 'x' not found"),
        ("SELECT addr.street FROM nested", "Column 'addr.street' not found"),
        ("SELECT name.first FROM dept", "has the type STRING, which has no fields"),
        ("SELECT * FROM depp", "Did you mean 'dept'?"),
        ("SELECT NOPE(id) FROM dept", "NOPE"),
        ("SELECT z.* FROM dept d", "Table 'z' not found"),
        ("SELECT name.* FROM dept d", "no fields for a star"),
        ("SELECT *", "SELECT * needs FROM"),
    ],
)
def test_a_wrong_name_is_named(text: str, said: str, batch: Session) -> None:
    assert said in message_of(text, batch)


def test_a_name_of_the_select_list_is_explained_where_it_means_nothing(batch: Session) -> None:
    for text in ("SELECT id + 1 AS x FROM dept WHERE x > 1",
                 "SELECT id + 1 AS x FROM dept GROUP BY x"):  # fmt: skip
        assert "comes first: repeat what it is" in message_of(text, batch)


def test_a_star_may_stand_behind_any_row(batch: Session) -> None:
    assert columns_of("SELECT (n.addr).* FROM nested n", batch)[0] == ("city", "STRING")


def test_every_error_has_a_place(batch: Session) -> None:
    with pytest.raises(SqlValidationError) as caught:
        bind("SELECT id FROM dept WHERE nope > 1", batch)
    assert (caught.value.line, caught.value.column) == (1, 27)
