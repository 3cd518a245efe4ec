"""What the shell does with a statement: runs it, and shows what it gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.syntax import Syntax
from rich.text import Text

from flott.cli.shell.errors import show_error
from flott.cli.shell.messages import kept_messages
from flott.cli.shell.runs import Run, watched_runs
from flott.cli.shell.viewer import Taking, Viewer
from flott.cli.shell.words import COMMANDS
from flott.common.errors import FlottError, JobCancelledError
from flott.common.job_client import JobClient
from flott.common.logical_types import STRING
from flott.common.options.table import RESULT_MODE
from flott.common.types import Row
from flott.sql.dialect import parse_statement
from flott.sql.dialect import statements as s
from flott.table import TableEnvironment
from flott.table.execution.executor import execute
from flott.table.printing import fitted_lines
from flott.table.table_result import TableResult

#: A query that ends this soon, and fits, is printed in place of a screen of its own.
_PATIENCE_SECONDS = 0.6
_POLL_SECONDS = 0.1


class Leave(Exception):
    """The user wants to leave the shell."""


@dataclass
class ShellSession:
    """One session of the shell.

    Attributes:
        environment: Runs the statements.
        console: Where results are shown.
        is_interactive: Whether somebody sits there who can press keys.
        source: The name of the script, for errors.
        inserts: The inserts since BEGIN STATEMENT SET; ``None`` outside of one.
        background: Jobs that nobody waits for.
    """

    environment: TableEnvironment
    console: Console
    is_interactive: bool = False
    source: str | None = None
    inserts: list[s.Insert] | None = field(default=None)
    background: list[JobClient] = field(default_factory=list)

    def run_text(self, text: str) -> bool:
        """Run a statement that was typed; tells whether it succeeded.

        Raises:
            Leave: It says so.
        """
        word = text.strip().rstrip(";").strip().upper()
        if word in (*COMMANDS, "EXIT"):
            self.command(word)
            return True
        try:
            self.run(parse_statement(text), text)
        except (FlottError, KeyboardInterrupt, OSError) as error:
            self.show(error)
            return False
        return True

    def show(self, error: BaseException, place: s.Place | None = None) -> None:
        """Show what went wrong, in a script with the place of the statement."""
        if isinstance(error, KeyboardInterrupt | JobCancelledError):
            self.console.print(Text("Cancelled.", "yellow"))
        else:
            show_error(self.console, error, self.source, place)

    def tell_failures(self) -> None:
        """Say which jobs of the background have failed since this was asked last."""
        ended = [each for each in self.background if each.get_job_execution_result().done()]
        for client in ended:
            self.background.remove(client)
            error = client.get_job_execution_result().exception()
            if error is not None and not isinstance(error, JobCancelledError):
                self.console.print(Text(f"Job {client.get_job_id()} in the background:", "yellow"))
                self.show(error)

    def command(self, word: str) -> None:
        """Do what a command of the shell says.

        Raises:
            Leave: It says so.
        """
        if word in ("QUIT", "EXIT"):
            raise Leave
        if word == "CLEAR":
            self.console.clear()
            return
        self.console.print("A statement ends with ';'. Beyond SQL there are:")
        for name, what in COMMANDS.items():
            self.console.print(f"  [bold]{name:6}[/bold] {what}")
        choices = "|".join(map(str, RESULT_MODE.choices or ()))
        self.console.print(f"  [bold]SET[/bold] '{RESULT_MODE.key}' = '{choices}'", highlight=False)

    def run(self, statement: s.Statement, text: str) -> None:
        """Run a statement and show what it gives.

        Raises:
            FlottError: It failed.
        """
        if self._kept_for_later(statement, text):
            return
        if isinstance(statement, s.EndStatementSet) and self.inserts is not None:
            statement, self.inserts = s.StatementSet(tuple(self.inserts)), None
        with watched_runs() as runs:
            result = execute(statement, self.environment._context, text)
            self._show_result(statement, result, runs)

    def _kept_for_later(self, statement: s.Statement, text: str) -> bool:
        if isinstance(statement, s.BeginStatementSet) and self.inserts is None:
            self.inserts = []
        elif isinstance(statement, s.Insert) and self.inserts is not None:
            self.inserts.append(statement)
        else:
            return False
        count = len(self.inserts or ())
        self.console.print(Text(f"Statement set of {count}; END; runs it.", "dim"))
        return True

    def _show_result(self, statement: s.Statement, result: TableResult, runs: list[Run]) -> None:
        if isinstance(statement, s.Query):
            self._show_query(result, runs)
        elif result.get_job_client() is not None:
            self._show_job(result, runs)
        elif isinstance(statement, s.Explain):
            self.console.print(plan_text(_single(result)), highlight=False, soft_wrap=True)
        elif isinstance(statement, s.Show) and statement.what.startswith("CREATE"):
            syntax = Syntax(_single(result).rstrip(), "sql", background_color="default")
            self.console.print(syntax)
        else:
            self._print_lines(result)

    def _print_lines(self, result: TableResult) -> None:
        for line in result.lines():
            style = "green" if line == "OK" else ""
            self.console.print(Text(line, style), soft_wrap=True)

    @property
    def result_mode(self) -> str:
        """``table``, ``changelog`` or ``tableau``."""
        return str(self.environment._context.configuration.get(RESULT_MODE))

    def _show_query(self, result: TableResult, runs: list[Run]) -> None:
        if not self.is_interactive or self.result_mode == "tableau":
            self._print_lines(result)
            return
        taking = Taking(result, runs)
        taking.start()
        with kept_messages() as messages:
            try:
                ended = taking.wait(_PATIENCE_SECONDS)
                room = shutil.get_terminal_size().lines - 6
                if not (ended and taking.live.row_count <= room) and taking.error is None:
                    Viewer(
                        taking,
                        messages,
                        shows_changes=self.result_mode == "changelog",
                        is_streaming=self.environment._context.session().is_streaming,
                    ).run()
            finally:
                taking.stop()
        if taking.error is not None:
            raise taking.error
        self._print_table(taking)
        if messages.last:
            self.console.print(Text(messages.last, "yellow"), soft_wrap=True)

    def _print_table(self, taking: Taking) -> None:
        """What is left on the terminal after a query: its last rows, and what it did."""
        live = taking.live
        room = max(5, shutil.get_terminal_size().lines - 8)
        start = max(0, live.row_count - room)
        for line in text_table(taking.names, live.table(start, room)):
            self.console.print(Text(line), soft_wrap=True, no_wrap=True, overflow="ellipsis")
        run = taking.run
        said = f"{live.row_count:,} {'row' if live.row_count == 1 else 'rows'}"
        said += f", the last {room} are shown" if start else ""
        self.console.print(Text(said + ("" if run is None else f" · {run.summary()}"), "dim"))

    def _show_job(self, result: TableResult, runs: list[Run]) -> None:
        client = result.get_job_client()
        assert client is not None
        run = runs[-1] if runs else None
        if run is None or not self.is_interactive:
            result.wait()
            if run is not None:
                self.console.print(Text(run.summary(), "dim"), soft_wrap=True)
            return
        self.console.print(
            Text(f"Job {client.get_job_id()}. Ctrl-C leaves it running in the background.", "dim")
        )
        try:
            self._follow(result, run.line)
        except KeyboardInterrupt:
            self.background.append(client)
            said = f"It goes on. STOP JOB '{client.get_job_id()}'; ends it, SHOW JOBS; lists all."
            self.console.print(Text(said, "yellow"))
            return
        result.wait()
        self.console.print(Text(run.summary(), "dim"), soft_wrap=True)

    def _follow(self, result: TableResult, line: Callable[[int], str]) -> None:
        with Live(console=self.console, refresh_per_second=4, transient=True) as live:
            while True:
                live.update(Text(line(self.console.width - 1), "cyan"))
                try:
                    result.wait(int(_POLL_SECONDS * 1000))
                except TimeoutError:
                    continue
                return


def _single(result: TableResult) -> str:
    with result.collect() as rows:
        return str(rows.next()[0])


def text_table(names: list[str], rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of text as a table; nothing if there are none.

    >>> text_table(["a"], [("x",)])
    ['+---+', '| a |', '+---+', '| x |', '+---+']
    """
    if not rows:
        return []
    types = [STRING] * len(names)
    return list(fitted_lines(names, types, [Row(*row) for row in rows]))[:-1]


def plan_text(plan: str) -> Text:
    """A plan with its headings and operators coloured."""
    text = Text()
    for line in plan.splitlines():
        style = "bold cyan" if line.startswith("==") else ""
        text.append(line + "\n", style)
    text.highlight_regex(r"(?<=[+\-:| ])([A-Z][A-Za-z]+)(?=\()", "bold")
    text.highlight_regex(r"\bunbounded\b", "bold red")
    return text
