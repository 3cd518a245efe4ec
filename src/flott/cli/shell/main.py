"""The loop of the shell, and scripts."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flott.cli.shell.reading import StatementReader, history_path
from flott.cli.shell.scripts import pieces_of
from flott.cli.shell.session import Leave, ShellSession
from flott.common.errors import FlottError
from flott.table import EnvironmentSettings, TableEnvironment

#: The exit code of a script that Ctrl-C has ended, as shells have it.
_INTERRUPTED = 130


def run_shell(file: Path | None, init: Path | None, text: str | None, greeting: str | None) -> int:
    """Run scripts, then what is typed; gives the exit code.

    Args:
        file: a script to run in place of reading.
        init: a script to run first.
        text: statements to run in place of reading.
        greeting: what to say before reading from the terminal; ``None`` if it is not read.
    """
    environment = TableEnvironment.create(EnvironmentSettings.new_instance().build())
    console = Console(file=sys.stdout, highlight=False)
    session = ShellSession(environment, console)
    with warnings.catch_warnings():
        warnings.showwarning = _note_on(console)
        return _run(session, file, init, text, greeting)


def _note_on(console: Console) -> Callable[..., None]:
    """What shows warnings as notes: the line of the engine that warns says nothing to anybody."""

    def show(message: Warning | str, *_: object) -> None:
        console.print(Text(f"Note: {message}", "yellow"), soft_wrap=True)

    return show


def _run(
    session: ShellSession, file: Path | None, init: Path | None, text: str | None, hello: str | None
) -> int:
    environment, console = session.environment, session.console
    try:
        if init is not None and not run_script(session, init.read_text(), str(init)):
            return 1
        if file is not None:
            return 0 if run_script(session, file.read_text(), str(file)) else 1
        if text is not None:
            return 0 if run_script(session, text, None) else 1
        console.print(hello or "", style="dim")
        read_and_run(session, StatementReader(environment, history_path()))
    except Leave:
        pass
    except KeyboardInterrupt as error:
        session.show(error)
        return _INTERRUPTED
    return 0


def run_script(session: ShellSession, text: str, source: str | None) -> bool:
    """Run the statements of a script; stops at the first that fails, and tells whether none did.

    Raises:
        Leave: The script says so.
    """
    session.source = source
    place = None
    try:
        # All of it is read before any of it runs.
        steps = [piece.command or piece.parse() for piece in pieces_of(text)]
        for step in steps:
            if isinstance(step, str):
                session.command(step)
            else:
                place = step.place
                session.run(step, text)
    except (FlottError, OSError) as error:
        session.show(error, place)
        return False
    finally:
        session.source = None
    return True


def read_and_run(session: ShellSession, reader: StatementReader) -> None:
    """Run what is typed until the end of input.

    Raises:
        Leave: The user says so.
    """
    session.is_interactive = True
    for text in reader:
        for statement in statements_of(text):
            if not session.run_text(statement):
                break
        session.tell_failures()


def statements_of(text: str) -> list[str]:
    """The statements that were typed at once; all of it if it cannot be split."""
    from flott.sql.dialect import split_statements

    try:
        return split_statements(text) or [text]
    except FlottError:
        return [text]
