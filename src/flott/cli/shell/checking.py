"""Plans scripts and programs without running a job."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flott.cli.program import ProgramCall, frame_of_program, run_program
from flott.cli.shell.errors import show_error
from flott.cli.shell.scripts import pieces_of
from flott.common.errors import FlottError
from flott.deploy.job_hooks import HOOKS
from flott.plan.job_plan import JobPlan
from flott.table import EnvironmentSettings, TableEnvironment
from flott.table.execution.checking import check_statement


def check_file(path: Path) -> int:
    """Check a script or program; prints what is wrong and gives the number of problems."""
    console = Console(file=sys.stdout, highlight=False)
    if path.suffix == ".py":
        return _check_program(path, console)
    return check_script(path.read_text(), str(path), console)


def check_script(text: str, source: str, console: Console) -> int:
    """Check the statements of a script, all of them; gives the number of problems."""
    environment = TableEnvironment.create(EnvironmentSettings.new_instance().build())
    problems = planned = 0
    try:
        pieces = [piece for piece in pieces_of(text) if piece.command is None]
    except FlottError as error:
        show_error(console, error, source)
        return 1
    for piece in pieces:
        try:
            planned += check_statement(piece.parse(), environment._context, text)
        except FlottError as error:
            problems += 1
            show_error(console, error, source)
    if not problems:
        statements = _counted(len(pieces), "statement")
        said = f"{source}: {statements}, {planned} planned, no problems"
        console.print(Text(said, "green"), soft_wrap=True)
    return problems


def _check_program(path: Path, console: Console) -> int:
    jobs: list[JobPlan] = []
    former, HOOKS.plan_reader = HOOKS.plan_reader, jobs.append
    try:
        run_program(ProgramCall(str(path)))
    except Exception as error:
        parts = ((_place(error, path), "bold"), ("error: ", "bold red"), _text_of(error))
        console.print(Text.assemble(*parts), soft_wrap=True)
        return 1
    finally:
        HOOKS.plan_reader = former
    said = f"{path}: {_counted(len(jobs), 'job')} planned, no problems"
    console.print(Text(said, "green"), soft_wrap=True)
    return 0


def _place(error: Exception, path: Path) -> str:
    """The line of the program, as ``job.py:12: ``."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or path}:{error.lineno or 1}: "
    frame = frame_of_program(error)
    return f"{path}: " if frame is None else f"{frame.filename}:{frame.lineno}: "


def _text_of(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    return str(error) if isinstance(error, FlottError) else f"{type(error).__name__}: {error}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
