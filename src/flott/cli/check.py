"""``flott check``: plan a script of SQL or a program without starting it; exit codes for CI.

0: everything can run. 1: something cannot, and what it is stands in the output, as
``file:line:column: message``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flott.cli.options import BatchFlag, OptionFlag, parse_options
from flott.common.default_options import set_default_options


def check(
    files: Annotated[
        list[Path], typer.Argument(help="Scripts (.sql) and programs (.py).", exists=True)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse state that grows without bound.")
    ] = False,
    batch: BatchFlag = False,
    option: OptionFlag = None,
) -> None:
    """Tell what is wrong with scripts of SQL and programs; nothing is run but Python itself.

    Tables and views are created in memory, queries and inserts are planned.
    """
    from flott.cli.shell.checking import check_file

    options = parse_options(option or [])
    if strict:
        options["flott.strict"] = "true"
    if batch:
        options["execution.runtime-mode"] = "BATCH"
    set_default_options(options)
    problems = sum(check_file(path) for path in files)
    raise typer.Exit(1 if problems else 0)
