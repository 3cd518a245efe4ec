"""The table that --verbose shows."""

from flott.deploy.operator_table import COLUMNS, render_table, table_rows
from tests.deploy.reports import COUNT, SOURCES, count_report, sample_plan, source_report

REPORTS = {
    SOURCES[0]: source_report(SOURCES[0], "orders", 12_300),
    COUNT: count_report(12_300, 70, busy_ms=250.0, blocked_ms=500.0, state_bytes=2_000),
}


def rows() -> list[tuple[str, ...]]:
    return table_rows(sample_plan(), REPORTS, 43_400_000, 1_000.0)


def test_every_operator_that_has_reported_has_a_row() -> None:
    assert [row[0] for row in rows()] == ["orders", "count", "out"]
    assert all(len(row) == len(COLUMNS) for row in rows())


def test_a_row_tells_counts_watermark_and_load() -> None:
    count = dict(zip(COLUMNS, rows()[1], strict=True))
    assert count["in"] == "12.3 k"
    assert count["out"] == "70"
    assert count["watermark"] == "12:03:10"
    assert (count["busy"], count["blocked"], count["state"]) == ("25%", "50%", "2.00 kB")


def test_what_holds_for_the_whole_task_is_said_once() -> None:
    assert rows()[2][-4:] == ("", "", "", "")


def test_types_are_shown_where_there_is_room() -> None:
    assert "type" in render_table(rows(), 140).splitlines()[0]
    assert "type" not in render_table(rows(), 80).splitlines()[0]


def test_no_line_is_wider_than_the_terminal() -> None:
    assert max(map(len, render_table(rows(), 80).splitlines())) <= 80
