"""The command `flott`: reads its arguments and hands over to one module per command."""

from typing import Annotated

import typer

from flott import __version__
from flott.cli.check import check
from flott.cli.connectors import connectors
from flott.cli.peek import peek
from flott.cli.plan import plan
from flott.cli.run import run
from flott.cli.sql import sql

# The user's exceptions are shown as Python shows them, not framed and with every local variable.
app = typer.Typer(
    name="flott",
    help="Run stream processing jobs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"flott {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Run stream processing jobs."""


#: What follows the program's name belongs to the program.
_PROGRAM_LAST = {"allow_extra_args": True, "allow_interspersed_args": False}
app.command(context_settings=_PROGRAM_LAST)(run)
app.command(context_settings=_PROGRAM_LAST)(plan)
app.command()(sql)
app.command()(check)
app.command()(peek)
app.command()(connectors)


def main() -> None:
    """Run the command line."""
    app()
