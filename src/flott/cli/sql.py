"""``flott sql``: the SQL shell, and scripts of SQL.

Without ``-f`` statements are read from the terminal, or from standard input if that is none.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flott.cli.options import BatchFlag, OptionFlag, ParallelismFlag, parse_options
from flott.common.default_options import set_default_options

_MESSAGE = "Flott SQL. Statements end with ';'. HELP; helps, QUIT; or Ctrl-D leaves."


def sql(
    file: Annotated[
        Path | None,
        typer.Option("-f", "--file", help="Run this script and end.", exists=True, dir_okay=False),
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option("-i", "--init", help="Run this script first.", exists=True, dir_okay=False),
    ] = None,
    execute: Annotated[
        str | None, typer.Option("-e", "--execute", help="Run these statements and end.")
    ] = None,
    batch: BatchFlag = False,
    parallelism: ParallelismFlag = None,
    option: OptionFlag = None,
) -> None:
    """Run SQL: interactively, from a script, or from standard input."""
    from flott.cli.shell.main import run_shell

    options = parse_options(option or [])
    if parallelism is not None:
        options["parallelism.default"] = str(parallelism)
    if batch:
        options["execution.runtime-mode"] = "BATCH"
    text = execute
    if file is None and execute is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    interactive = file is None and text is None
    if interactive:
        # The shell shows how far a job is in its own way.
        options.setdefault("flott.status-line", "off")
    set_default_options(options)
    raise typer.Exit(run_shell(file, init, text, greeting=_MESSAGE if interactive else None))
