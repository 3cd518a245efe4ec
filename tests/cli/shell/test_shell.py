"""`flott sql` and `flott check`: scripts, statements typed, exit codes."""

import io
from pathlib import Path

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console
from typer.testing import CliRunner, Result

from flott.cli.main import app
from flott.cli.shell.main import read_and_run, statements_of
from flott.cli.shell.reading import StatementReader, is_complete
from flott.cli.shell.session import Leave, ShellSession, plan_text
from flott.cli.shell.viewer import Taking, table_fragments
from flott.common.errors import JobExecutionError
from flott.table import EnvironmentSettings, TableEnvironment


def flott(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments], input=text)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "job.sql"
    path.write_text(
        f"CREATE TABLE t (a INT) WITH ('connector'='filesystem', 'path'='{tmp_path}/t', "
        "'format'='json');\nINSERT INTO t VALUES (1), (2);\nSELECT a * 2 AS b FROM t;\n"
    )
    return path


def test_a_script_runs_statement_by_statement(script: Path) -> None:
    result = flott("sql", "--batch", "-f", str(script))
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "OK"
    assert "2 records in" in lines[1]
    assert lines[2:4] == ["+-------------+", "|           b |"]


def test_an_init_script_comes_first(tmp_path: Path) -> None:
    init = tmp_path / "init.sql"
    init.write_text("CREATE VIEW v AS SELECT 7 AS a;")
    result = flott("sql", "-i", str(init), "-e", "SELECT a FROM v")
    assert result.exit_code == 0, result.output
    assert "| +I |           7 |" in result.output


def test_standard_input_is_a_script() -> None:
    result = flott("sql", text="SHOW CURRENT CATALOG; QUIT; SHOW VIEWS")
    assert result.exit_code == 0
    assert "default_catalog" in result.output
    assert "Empty set" not in result.output


def test_a_script_is_read_as_a_whole_before_it_runs() -> None:
    result = flott("sql", text="SHOW CURRENT CATALOG; SHOW NOTHING")
    assert result.exit_code == 1
    assert "'NOTHING'" in result.output
    assert "default_catalog" not in result.output


def test_a_job_that_fails_in_a_script_names_its_statement(tmp_path: Path) -> None:
    path = tmp_path / "failing.sql"
    path.write_text("SHOW VIEWS;\n\nSELECT 10 / a\nFROM (VALUES (1), (0)) AS t (a);\n")
    result = flott("sql", "-f", str(path))
    assert result.exit_code == 1
    assert f"{path}:3:1: error: Job" in result.output.replace("\n", "")


def test_check_finds_wrong_options_and_places_within_declarations(tmp_path: Path) -> None:
    path = tmp_path / "tables.sql"
    path.write_text(
        "CREATE TABLE t (a INT,\n  b AS c + 1) WITH ('connector' = 'datagen');\n"
        "CREATE TABLE u (a INT) WITH ('connector' = 'datagn');\nQUIT;\n"
    )
    said = flott("check", str(path)).output.replace("\n", "")
    assert f"{path}:2:8: error: In column 'b': Column 'c' not found" in said
    assert f"{path}:3:14: error: " in said
    assert "Did you mean 'datagen'?" in said


def test_options_without_effect_are_noted() -> None:
    result = flott("sql", "-e", "SET 'sql-client.verbose' = 'true'; SELECT 1 AS a")
    assert "Note: 'sql-client.verbose' has no effect" in result.output
    assert "UserWarning" not in result.output


def test_an_error_names_file_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "wrong.sql"
    path.write_text("SHOW TABLES;\n\nSELECT nme\nFROM (VALUES ('x')) AS t (name);\nSHOW VIEWS;")
    result = flott("sql", "-f", str(path))
    assert result.exit_code == 1
    assert f"{path}:3:8: error: " in result.output.replace("\n", "")
    assert " 3 | SELECT nme\n   |        ^^^" in result.output
    assert "Did you mean 'name'?" in result.output
    assert "view name" not in result.output


def test_check_plans_everything_and_runs_nothing(script: Path, tmp_path: Path) -> None:
    result = flott("check", str(script))
    assert result.exit_code == 0, result.output
    assert "3 statements, 2 planned, no problems" in result.output.replace("\n", "")
    assert not (tmp_path / "t").exists()


def test_check_tells_all_problems(tmp_path: Path) -> None:
    path = tmp_path / "wrong.sql"
    path.write_text(
        "CREATE TABLE t WITH ('connector'='filesystem', 'path'='/nowhere', 'format'='json') AS "
        "SELECT 1 AS a;\nSELECT b FROM t;\nSELEC 1;\n"
        "EXPLAIN SELECT a FROM t;\nINSERT INTO nope SELECT 1;\n"
    )
    result = flott("check", str(path))
    assert result.exit_code == 1
    text = result.output.replace("\n", "")
    assert [f"{path}:{place}: error" in text for place in ("2:8", "3:1", "5:13")] == [True] * 3


def test_check_plans_programs(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(
        "from flott.table import TableEnvironment\n"
        "print('rows', list(TableEnvironment.create().execute_sql('SELECT 1').collect()))\n"
    )
    result = flott("check", str(path))
    assert result.exit_code == 0, result.output
    assert "1 job planned" in result.output.replace("\n", "")
    path.write_text("1 / 0")
    assert flott("check", str(path)).exit_code == 1


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "from flott.table import TableEnvironment\n"
            "TableEnvironment.create().sql_query(\n    'SELECT nme FROM (VALUES (1)) AS t (name)')",
            ":2: error: Column 'nme' not found in any table (line 1, column 8)",
        ),
        ("import nowhere_at_all", ":1: error: ModuleNotFoundError: No module named"),
        ("x = 1\ndef f(:", ":2: error: SyntaxError: invalid syntax"),
    ],
)
def test_check_names_the_line_of_a_program(tmp_path: Path, program: str, said: str) -> None:
    path = tmp_path / "job.py"
    path.write_text(program)
    result = flott("check", str(path))
    assert result.exit_code == 1
    assert f"{path}{said}" in result.output.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("", True), ("SELECT 1", False), ("SELECT 1;", True), ("SELECT ';", False), ("quit", True),
        ("SELECT 1; -- why", True), ("/* ; ", False), ("HELP;", True),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1;", False),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; END;", True),
    ],
)  # fmt: skip
def test_enter_runs_what_is_complete(text: str, complete: bool) -> None:
    assert is_complete(text) is complete


@pytest.fixture
def session() -> ShellSession:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    console = Console(file=io.StringIO(), width=100, highlight=False)
    environment.get_config().set("sql-client.execution.result-mode", "tableau")
    return ShellSession(environment, console)


def _output(session: ShellSession) -> str:
    assert isinstance(session.console.file, io.StringIO)
    return session.console.file.getvalue()


def test_statements_are_typed_over_several_lines(session: ShellSession) -> None:
    with create_pipe_input() as pipe:
        pipe.send_text("SELECT 1 AS a,\r2 AS b;\rQUIT;\r")
        reader = StatementReader(session.environment, input=pipe, output=DummyOutput())
        with pytest.raises(Leave):
            read_and_run(session, reader)
    assert "| +I |           1 |           2 |" in _output(session)


def test_several_statements_of_a_line_run_until_one_fails(session: ShellSession) -> None:
    assert statements_of("SELECT 1; SELECT 2;") == ["SELECT 1", "SELECT 2"]
    assert statements_of("SELECT '") == ["SELECT '"]
    assert session.run_text("SHOW VIEWS;")
    assert not session.run_text("SELECT nope;")
    assert "^^^^" in _output(session)


def test_the_shell_has_commands_of_its_own(session: ShellSession) -> None:
    assert session.run_text("help;")
    assert "leaves the shell" in _output(session)
    with pytest.raises(Leave):
        session.run_text("exit")


def test_the_mode_of_results_is_an_option_of_the_shell(session: ShellSession) -> None:
    assert session.run_text("SET 'sql-client.execution.result-mode' = 'changelog';")
    assert session.result_mode == "changelog"
    assert not session.run_text("SET 'sql-client.execution.result-mode' = 'x';")
    assert "Expected one of table, changelog, tableau" in _output(session)
    assert session.run_text("RESET 'sql-client.execution.result-mode';")
    assert session.result_mode == "table"


def test_a_statement_set_is_typed_insert_by_insert(session: ShellSession) -> None:
    session.run_text("CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');")
    for text in ("BEGIN STATEMENT SET;", "INSERT INTO t SELECT 1;", "INSERT INTO t SELECT 2;"):
        assert session.run_text(text)
    assert not session.environment._context.jobs
    assert session.run_text("END;"), _output(session)
    assert len(session.environment._context.jobs) == 1


def test_a_query_in_table_mode_leaves_its_rows_on_the_terminal(session: ShellSession) -> None:
    session.run_text("SET 'sql-client.execution.result-mode' = 'table';")
    session.is_interactive = True
    assert session.run_text("SELECT 1 AS a;")
    assert "| 1 |" in _output(session)
    assert "1 row ·" in _output(session)


def test_taking_rows_passes_errors_on(session: ShellSession) -> None:
    query = "SELECT CAST(s AS INT) FROM (VALUES ('x')) AS t (s)"
    taking = Taking(session.environment.execute_sql(query), [])
    taking.start()
    assert taking.wait(30)
    assert taking.error is not None


def test_a_job_that_fails_in_the_background_is_told_once(session: ShellSession) -> None:
    tables = session.environment
    tables.execute_sql("CREATE TABLE t (a INT) WITH ('connector' = 'blackhole')")
    query = "INSERT INTO t SELECT CAST(s AS INT) FROM (VALUES ('x')) AS v (s)"
    client = tables.execute_sql(query).get_job_client()
    assert client is not None
    session.background.append(client)
    with pytest.raises(JobExecutionError):
        client.get_job_execution_result().result()
    session.tell_failures()
    session.tell_failures()
    assert _output(session).count("Cannot cast 'x'") == 1


def test_an_error_of_a_running_query_is_said_once(session: ShellSession) -> None:
    assert not session.run_text("SELECT CAST(s AS INT) FROM (VALUES ('x')) AS t (s);")
    assert _output(session).count("Cannot cast 'x'") == 1


def test_rows_are_laid_out_in_columns() -> None:
    fragments = table_fragments(
        ["op", "n", "s"], [("+I", "1", "a"), ("-U", "10", "b")], [0, 1, 2], {1}, styled=True
    )
    assert [text for _, text, *_ in fragments][2:] == [" +I   1  a\n", " -U  10  b\n"]
    assert [style for style, *_ in fragments][2:] == ["class:added", "class:removed"]


def test_plans_are_coloured_but_not_changed() -> None:
    plan = "== Physical ==\nCalc(a)\n+- Scan(b) unbounded\n"
    assert plan_text(plan).plain == plan
